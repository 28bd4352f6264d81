"""Dialects of other providers: profiles that differ from a main one by words and habits (FX, FV, FS).

How they spell events and fields is said by the dialect (`protocol.words`); here stands what they do.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from protocol.dialect import DialectName
from protocol.json_values import Json
from reference.alterations import Memory, Sent, SessionStep, StepFactory, invent
from reference.edits import drop, put, unset
from reference.profiles import DIALECTS, OPENAI, Profile

_ITEMS = "response.output_item.added response.output_item.done conversation.item.added"


class _Greeting(SessionStep):
    """``conversation.created`` and a ``ping`` come ahead of the first answer (FX-01, D-35)."""

    def __init__(self, memory: Memory) -> None:
        super().__init__(memory)
        self._greeted = False

    def outgoing(self, event: Json) -> list[Sent]:
        if self._greeted or event["type"] in ("session.created", "error"):
            return [event]
        self._greeted = True
        conversation = {"id": "conv_of_this_session", "object": "realtime.conversation"}
        return [
            invent("conversation.created", conversation=conversation),
            invent("ping", timestamp=1785214080296),
            event,
        ]


class _UsageBeside(SessionStep):
    """``usage`` stands beside the response, and what is in its place is empty (FX-03, D-41)."""

    def outgoing(self, event: Json) -> list[Sent]:
        response = event.get("response")
        if event["type"] not in ("response.created", "response.done") or not isinstance(response, dict):
            return [event]
        beside = {"usage": response["usage"]} if response.get("usage") else {}
        return [{**event, "response": {**response, "usage": {}}, **beside}]


def _is_call(event: Json, _memory: Memory) -> bool:
    item: Any = event.get("item")
    return isinstance(item, dict) and item.get("type") in ("function_call", "function_call_output")


XAI_HABITS: tuple[StepFactory, ...] = (
    _Greeting,
    _UsageBeside,
    drop("conversation.item.done"),  # D-25
    put("response.created response.done", "response.status_details", "unimplemented"),  # D-42
    put(_ITEMS, "item.role", "tool", _is_call),  # FX-03
)

XAI = replace(
    OPENAI,
    name="xai",
    kin="openai",
    strict=False,
    requires_session_type=False,
    fixed_model=True,
    locks_voice=False,
    pads_deltas=False,
    sends_rate_limits=False,
    model="grok-voice-latest",
    voice="ara",
    transcription_model="grok-transcribe",
    longest_tool_description=None,
    habits=XAI_HABITS,
)

BETA = replace(
    OPENAI,
    name="beta",
    kin="openai",
    strict=False,
    requires_session_type=False,
    fixed_model=True,
    locks_voice=False,
    pads_deltas=False,
    model="gpt-4o-realtime-preview",
    transcription_model="whisper-1",
    session={"temperature": 0.8},
    habits=(
        # openai 5.2: `conversation.item.created` is all that is said of an item.
        drop("conversation.item.done"),
        unset("response.function_call_arguments.done", "name"),  # openai 5.3
        unset("session.created session.updated", "session.truncation"),
        unset("session.created session.updated", "session.prompt"),
        unset("session.created session.updated", "session.include"),
    ),
)
"""The beta as section 5 of the facts tells of it; the flat session and the names are its words."""

STREAM = {"response_id": "", "item_id": "", "output_index": 0, "content_index": 0}
EXTRAS: dict[str, Json] = {
    "warning": {"warning": {"message": "The locale is not supported.", "code": None, "param": None}},
    "session.avatar.connecting": {"server_sdp": "dj0w"},
    "session.avatar.switch_to_speaking": {},
    "session.avatar.switch_to_idle": {},
    "response.animation_blendshapes.delta": {**STREAM, "frames": [[0.1, 0.2]], "frame_index": 0},
    "response.animation_blendshapes.done": {**STREAM},
    "response.animation_viseme.delta": {**STREAM, "audio_offset_ms": 0, "viseme_id": 3},
    "response.animation_viseme.done": {**STREAM},
    "response.audio_timestamp.delta": {
        **STREAM,
        "audio_offset_ms": 0,
        "audio_duration_ms": 90,
        "text": "Well",
        "timestamp_type": "word",
    },
    "response.audio_timestamp.done": {**STREAM},
    "response.video.delta": {"output_index": 0, "codec": "h264", "delta": "AAAA"},
}
"""Server events of Azure Voice Live's own, with their members (FV-01)."""


def extra(name: str, event: Json) -> Sent:
    """Return an event of Azure Voice Live's own, beside ``event``, the end of a stream of audio."""
    return invent(name, **{key: event.get(key) or value for key, value in EXTRAS[name].items()})


VOICE_LIVE = replace(
    BETA,
    name="azure-voice-live",
    kin="openai",
    both_modalities=True,
    model="gpt-realtime",
    voice="alloy",
    session={"temperature": 0.8, "animation": None, "avatar": None, "input_audio_echo_cancellation": None},
)
"""Azure Voice Live: the beta's events with a session of its own (FV-01 to FV-03)."""

PROFILES: dict[DialectName, Profile] = {**DIALECTS, "azure-voice-live": VOICE_LIVE, "beta": BETA, "xai": XAI}
"""All profiles, by the names of their dialects."""
