"""Speech recognition as one client sees it: settings, audio, turns, the end (SC-01, SO-01 to SO-13)."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Iterable, Mapping
from typing import Any

from protocol.json_values import Json
from reference.channels.session import Outlet
from reference.channels.status import GrpcCode, StatusError
from reference.stt.hearing import HeardEvent, Hearing
from reference.stt.listen_settings import ListenSettings, listen_settings
from reference.stt.policy import SttPolicy
from reference.stt.recognition import HeardWord

_CONFIDENCE = 0.95
_LABELS = {
    "age": ("adult", "young", "old", "kid"),
    "gender": ("female", "male"),
    "emotion": ("neutral", "calm", "happy", "sad"),
    "vocalStyle": ("normal", "whispering", "shouting"),
    "accent": ("american", "british", "australian"),
    "pitch": ("medium", "low", "high"),
}
"""What a voice profile says of a voice made by machine: the likeliest labels of each kind first (SO-12)."""

UNCONFIGURED = ListenSettings("inworld/inworld-stt-1")
"""The settings of a client that has sent none, for a service that listens all the same."""


class SttService:
    """Listens to one connection."""

    types: tuple[str, ...] = ("transcribeConfig", "audioChunk", "endTurn", "closeStream")

    def __init__(self, outlet: Outlet, policy: Mapping[str, Any], seed: int) -> None:
        del seed  # What is heard depends on the audio alone.
        self._outlet = outlet
        self._policy = SttPolicy(**policy)
        self._settings: ListenSettings | None = None
        self._hearing: Hearing | None = None
        self._ended = False

    def take(self, message: Json) -> None:
        """Answer one message. Raise ``StatusError`` for one that is refused."""
        if self._ended:
            return  # No audio is accepted any more (SO-10).
        try:
            self._take(message["type"], message["body"])
        except StatusError as refusal:
            if not self._policy.refusal_closes:
                raise
            self._outlet.refuse(refusal)
            self._outlet.close()

    def stop(self) -> None:
        """Hear nothing any more."""
        self._ended = True

    def _take(self, kind: str, body: Json) -> None:
        if kind == "transcribeConfig":
            self._configure(body)
        elif kind == "audioChunk":
            self._listen(body)
        elif kind == "endTurn":
            self._tell(self._heard().end_turn())
        else:
            self._close()

    def _configure(self, body: Json) -> None:
        """Take the settings, without an answer (SO-02)."""
        if self._settings is not None:
            raise StatusError(GrpcCode.FAILED_PRECONDITION, "transcribeConfig has been sent already.")
        self._settings = listen_settings(body)
        self._hearing = Hearing(self._settings, self._policy)

    def _listen(self, body: Json) -> None:
        hearing = self._heard()
        content = body.get("content")
        try:
            audio = base64.b64decode(content, validate=True) if isinstance(content, str) else None
        except (binascii.Error, ValueError):
            audio = None
        if audio is None:
            raise StatusError(GrpcCode.INVALID_ARGUMENT, "audioChunk.content must be audio in Base64.")
        if self._policy.whole_samples and len(audio) % 2:
            raise StatusError(GrpcCode.INVALID_ARGUMENT, "audioChunk.content ends within a sample.")
        self._tell(hearing.feed(audio))

    def _heard(self) -> Hearing:
        """Return what hears. Raise ``StatusError`` before the settings have come (SC-02, SO-01)."""
        if self._hearing is None and not self._policy.needs_config:
            self._settings = UNCONFIGURED
            self._hearing = Hearing(self._settings, self._policy)
        if self._hearing is None:
            raise StatusError(
                GrpcCode.FAILED_PRECONDITION, "transcribeConfig must be the first message of a stream."
            )
        return self._hearing

    def _close(self) -> None:
        """Say what is still to be said, then ``usage``, and end the connection (SO-10, SO-11, ST-07)."""
        if self._hearing is not None and self._settings is not None:
            self._tell(self._hearing.end_turn())
            milliseconds = self._hearing.received_ms
            self._outlet.send("usage", {"transcribedAudioMs": milliseconds, "modelId": self._settings.model})
        self._ended = True
        if self._policy.closes:
            self._outlet.close()

    def _tell(self, events: Iterable[HeardEvent]) -> None:
        for event in events:
            if event.kind == "started":
                self._outlet.send("speechStarted", {"startTimeMs": event.at_ms, "confidence": _CONFIDENCE})
            elif event.kind == "stopped":
                self._outlet.send("speechStopped", {})
            else:
                self._outlet.send("transcription", self._transcription(event))

    def _transcription(self, event: HeardEvent) -> Json:
        """Return a text, with times and a voice profile only where they were asked for (ST-02, SO-12)."""
        settings = self._settings
        assert settings is not None
        is_final = event.kind == "final"
        words = [_word(word, event.at_ms, settings) for word in event.words] if settings.word_times else []
        body: Json = {
            "transcript": " ".join(word.text for word in event.words),
            "isFinal": is_final,
            "wordTimestamps": words,
        }
        if settings.profile_labels and is_final:
            body["voiceProfile"] = _profile(settings.profile_labels)
        return body


def _word(word: HeardWord, at_ms: int, settings: ListenSettings) -> Json:
    """Return a word as it is told, its speaker only with diarization (ST-03, SO-14)."""
    told: Json = {
        "word": word.text,
        "confidence": _CONFIDENCE,
        "startTimeMs": at_ms + word.start_ms,
        "endTimeMs": at_ms + word.end_ms,
    }
    return {**told, "speaker": 0} if settings.diarization else told


def _profile(labels: int) -> Json:
    """Return what the voice is like, as with Realtime: labels with a confidence, the likeliest first."""
    return {
        kind: [
            {"label": label, "confidence": round(0.9 / 2**place, 3)}
            for place, label in enumerate(names[:labels])
        ]
        for kind, names in _LABELS.items()
    }
