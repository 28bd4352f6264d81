"""Faults of transcription, and of sessions that only transcribe (facts 4.7)."""

from __future__ import annotations

from protocol.json_values import Json
from reference.alterations import Close, Memory, Sent, SessionStep, again, invent
from reference.differences import Difference, differs
from reference.edits import (
    after,
    at_path,
    both,
    drop,
    has,
    instead,
    lacks,
    put,
    repeat,
    unset,
)
from reference.faults.situations import (
    session_has,
)
from reference.faults.turns import untold_response

_STEM = "conversation.item.input_audio_transcription"
_DELTA, _COMPLETED, _FAILED = f"{_STEM}.delta", f"{_STEM}.completed", f"{_STEM}.failed"
_UNTRANSCRIBED = session_has("audio.input.transcription", None)
_SPOKEN = has("item.content.0.type", "input_audio")


def _transcribed(event: Json, _memory: Memory) -> Json:
    place = {"item_id": event["item"]["id"], "content_index": 0}
    return invent(_COMPLETED, **place, transcript="Hm.", usage={"type": "duration", "seconds": 1})


def _growing(event: Json, _memory: Memory) -> Json:
    return again(event, transcript=event["transcript"] + " And more.")


def _late_delta(event: Json, _memory: Memory) -> Json:
    return invent(_DELTA, item_id=event["item_id"], content_index=0, delta="")


def _failed_and_closed(event: Json, _memory: Memory) -> list[Sent]:
    place = {key: event[key] for key in ("item_id", "content_index")}
    error = {"type": "transcription_error", "code": "audio_unintelligible", "message": "No."}
    return [invent(_FAILED, **place, error=error), Close(1011, "transcription failed")]


def _transcribes_only(_event: Json, memory: Memory) -> bool:
    return bool(at_path(memory.last_asked("session.update"), "session.type") == "transcription")


class _Rolling(SessionStep):
    """Each transcription delta repeats all that came before it."""

    def __init__(self, memory: Memory) -> None:
        super().__init__(memory)
        self._so_far: dict[str, str] = {}

    def outgoing(self, event: Json) -> list[Sent]:
        if event["type"] != _DELTA:
            return [event]
        text = self._so_far.get(event["item_id"], "") + event["delta"]
        self._so_far[event["item_id"]] = text
        return [{**event, "delta": text}]


_TRANSCRIPTION = (
    differs(
        "transcription-missing",
        "With transcription on, an item gets neither `completed` nor `failed`.",
        drop(f"{_STEM}.*"),
    ),
    differs("transcription-never-ends", "Transcription sends deltas and no end.", drop(_COMPLETED)),
    differs(
        "transcription-growing",
        "`completed` comes several times for one item, with growing text.",
        after(_COMPLETED, _growing),
        models="D-34 D-78",
        only="openai",
    ),
    differs(
        "transcription-completed-twice",
        "`completed` comes twice for one item.",
        repeat(_COMPLETED),
        only="openai",
    ),
    differs(
        "transcription-when-off",
        "With transcription off, an item is transcribed.",
        after("conversation.item.done", _transcribed, both(_SPOKEN, _UNTRANSCRIBED)),
    ),
    differs(
        "transcription-delta-late",
        "A transcription delta comes behind `completed`.",
        after(_COMPLETED, _late_delta),
        only="openai",
    ),
    differs(
        "transcription-delta-altered",
        "A transcription delta says something else than `completed`.",
        put(_DELTA, "delta", " Nonsense.", nth=1),
        only="openai",
    ),
    differs(
        "transcription-rolling",
        "Each transcription delta holds the whole text so far.",
        _Rolling,
        models="D-79",
        only="openai",
    ),
    differs(
        "transcription-without-usage",
        "`completed` has no `usage`.",
        unset(_COMPLETED, "usage"),
        models="D-34 D-56 D-78",
        only="openai",
    ),
    differs(
        "transcription-without-transcript",
        "`completed` has no `transcript`.",
        unset(_COMPLETED, "transcript"),
    ),
    differs(
        "transcription-without-item",
        "`completed` has no `item_id`.",
        unset(_COMPLETED, "item_id"),
        models="D-73",
    ),
    differs(
        "transcription-failure-ends-session",
        "A transcription that fails takes the connection with it.",
        instead(_COMPLETED, _failed_and_closed),
    ),
    differs(
        "logprobs-unasked",
        "Transcriptions carry `logprobs` although nobody asked.",
        put(_COMPLETED, "logprobs", [{"token": "a", "logprob": -0.1, "bytes": [97]}], lacks("logprobs")),
    ),
)

_SESSION = (
    differs(
        "transcription-session-answers",
        "A transcription session creates a response.",
        after(_COMPLETED, untold_response, _transcribes_only),
        only="openai",
    ),
)

FAULTS: tuple[Difference, ...] = (*_TRANSCRIPTION, *_SESSION)
