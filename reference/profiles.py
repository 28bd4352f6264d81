"""What the two main dialects of the protocol do differently, as data; `reference.providers` has the others.

OpenAI's is general availability (GA) as OpenAI serves it. Inworld's follows it and differs in what is
listed here; where Inworld's facts are silent the GA behaviour is kept.
"""

from __future__ import annotations

import copy
from dataclasses import dataclass, field
from typing import Any

from protocol.dialect import DialectName
from reference.alterations import StepFactory

SERVER_VAD: dict[str, Any] = {
    "type": "server_vad",
    "threshold": 0.5,
    "prefix_padding_ms": 300,
    "silence_duration_ms": 500,
    "idle_timeout_ms": None,
    "create_response": True,
    "interrupt_response": True,
}
SEMANTIC_VAD: dict[str, Any] = {
    "type": "semantic_vad",
    "eagerness": "auto",
    "create_response": True,
    "interrupt_response": True,
}
TURN_DETECTION = {"server_vad": SERVER_VAD, "semantic_vad": SEMANTIC_VAD}
"""The complete object that a partial one is filled up from, by ``type`` (SE-08)."""

PCM_24K: dict[str, Any] = {"type": "audio/pcm", "rate": 24000}
DEFAULT_INSTRUCTIONS = "You are a helpful assistant. Be brief and friendly, and call a function when you can."
"""Shown where the client has set none, or has cleared its own with an empty string (SE-07)."""


@dataclass(frozen=True, slots=True)
class Profile:
    """One dialect: its defaults, and its answer to each question the two answer differently."""

    name: DialectName
    strict: bool
    """Members that the protocol does not have are refused; otherwise they are ignored."""
    requires_session_type: bool
    """``session.update`` must say ``type: "realtime"`` (SE-14)."""
    fixed_model: bool
    """``session.model`` is what the URL said, for good (SE-12)."""
    locks_voice: bool
    """The voice may not change once audio was produced (SE-11)."""
    both_modalities: bool
    """Text and audio may be asked for together; otherwise exactly one of them (SE-13)."""
    string_formats: bool
    """Formats may be written as ``"pcm16"`` and the like; they are shown as objects."""
    refreshes_expiry: bool
    """``session.updated`` shows a later ``expires_at``; otherwise it stays as at the beginning."""
    pads_deltas: bool
    """Text deltas carry ``obfuscation``."""
    sends_rate_limits: bool
    """``rate_limits.updated`` follows each ``response.done`` (RL-02)."""
    clears_output: bool
    """``output_audio_buffer.clear`` means something on a WebSocket."""
    model: str | None
    """The model of a session that has named none; None where the URL must name one."""
    voice: str
    transcription_model: str
    turn_detection: dict[str, Any]
    longest_tool_description: int | None = None
    audio_output: dict[str, Any] = field(default_factory=dict)
    """Members of ``audio.output`` that only this dialect has, with their defaults."""
    session: dict[str, Any] = field(default_factory=dict)
    """Members of the session that only this dialect has, with their defaults."""
    kin: DialectName = ""
    """The dialect it was derived from, whose shapes, faults and variants are its, too."""
    habits: tuple[StepFactory, ...] = ()
    """What becomes of its events beside what its relative would send; faults and variants come before."""

    @property
    def family(self) -> tuple[DialectName, ...]:
        """Its name, and that of the dialect it was derived from."""
        return (self.name, *filter(None, (self.kin,)))


OPENAI = Profile(
    name="openai",
    strict=True,
    requires_session_type=True,
    fixed_model=True,
    locks_voice=True,
    both_modalities=False,
    string_formats=False,
    refreshes_expiry=False,
    pads_deltas=True,
    sends_rate_limits=True,
    clears_output=False,
    model=None,
    voice="alloy",
    transcription_model="gpt-transcribe",
    turn_detection=SERVER_VAD,
    longest_tool_description=1024,
)

INWORLD = Profile(
    name="inworld",
    strict=False,
    requires_session_type=False,
    fixed_model=False,
    locks_voice=False,
    both_modalities=True,
    string_formats=True,
    refreshes_expiry=True,
    pads_deltas=False,
    sends_rate_limits=False,
    clears_output=True,
    model="google-ai-studio/gemini-2.5-flash",
    voice="Dennis",
    transcription_model="inworld/inworld-stt-1",
    turn_detection=SEMANTIC_VAD,
    audio_output={"model": "inworld-tts-1.5-mini"},
    session={"temperature": 0.8, "providerData": {}},
)

DIALECTS: dict[DialectName, Profile] = {"inworld": INWORLD, "openai": OPENAI}


def default_session(
    dialect: Profile, *, session_id: str, model: str | None, expires_at: int
) -> dict[str, Any]:
    """Return the configuration a session starts with (SE-04).

    It has the 15 members that live services show, and those of the dialect's own.
    """
    session = {
        "type": "realtime",
        "object": "realtime.session",
        "id": session_id,
        "model": model or dialect.model,
        "output_modalities": ["audio"],
        "instructions": DEFAULT_INSTRUCTIONS,
        "tools": [],
        "tool_choice": "auto",
        "max_output_tokens": "inf",
        "tracing": None,
        "truncation": "auto",
        "prompt": None,
        "expires_at": expires_at,
        "audio": {
            "input": {
                "format": PCM_24K,
                "transcription": None,
                "noise_reduction": None,
                "turn_detection": dialect.turn_detection,
            },
            "output": {"format": PCM_24K, "voice": dialect.voice, "speed": 1.0, **dialect.audio_output},
        },
        "include": None,
        **dialect.session,
    }
    return copy.deepcopy(session)
