"""Counts what a run has spent: sessions, responses, seconds of audio, tokens."""

from __future__ import annotations

from dataclasses import dataclass

from wire.frames import Event

_BYTES_PER_SECOND = 48_000  # PCM16 at 24 kHz; G.711 is a sixth of it, and so never counted as less than it is


@dataclass(slots=True)
class Meter:
    """What was spent so far, over all sessions that share this meter. `audio_s` counts both directions."""

    sessions: int = 0
    responses: int = 0
    audio_s: float = 0.0
    tokens: int = 0
    heard: int = 0  # server events of any kind

    def client_event(self, event: Event) -> None:
        """Count what the client just sent."""
        audio = event.get("audio")
        if event.get("type") == "input_audio_buffer.append" and isinstance(audio, str):
            self.audio_s += len(audio) * 3 / 4 / _BYTES_PER_SECOND

    def server_event(self, event: Event) -> None:
        """Count what the server just sent."""
        self.heard += 1
        type_ = event.get("type")
        if type_ == "response.created":
            self.responses += 1
        elif type_ == "response.output_audio.delta":
            delta = event.get("delta")
            if isinstance(delta, str):
                self.audio_s += len(delta) * 3 / 4 / _BYTES_PER_SECOND
        elif type_ == "response.done":
            response = event.get("response")
            usage = response.get("usage") if isinstance(response, dict) else None
            total = usage.get("total_tokens") if isinstance(usage, dict) else None
            if isinstance(total, int) and not isinstance(total, bool) and total > 0:
                self.tokens += total

    def spent(self) -> dict[str, float | int]:
        """Return the counts as reports show them."""
        return {
            "sessions": self.sessions,
            "responses": self.responses,
            "audio_s": round(self.audio_s, 1),
            "tokens": self.tokens,
        }
