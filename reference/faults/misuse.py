"""Faults of both services in what they do with messages that have a fault (facts 2 and 4)."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from typing import Any

from protocol.json_values import Json
from reference.alterations import Close, Memory, Sent, SessionStep
from reference.channels.status import GrpcCode
from reference.differences import Difference, service_differs
from reference.edits import after, at_path, both, has, instead, with_value
from reference.faults.tts_steps import asked_otherwise, open_contexts

_tts, _stt = partial(service_differs, "tts"), partial(service_differs, "stt")
_INVALID = has("status.code", GrpcCode.INVALID_ARGUMENT)
_VOICE = {"voiceId": "Dennis", "modelId": "inworld-tts-2"}
_MODEL = {"modelId": "inworld/inworld-stt-1"}
_RATE = "body.audioConfig.speakingRate"
_CONFIDENCE = "body.endOfTurnConfidenceThreshold"


def _completed(usual: Mapping[str, Any]) -> Any:
    """Return a change that gives a message what it lacks of what is required."""
    return lambda event: {**event, "body": {**usual, **event["body"]}}


def _typed(usual: Mapping[str, Any]) -> Any:
    """Return a change that gives a message what is `usual` in place of what is no string."""

    def change(event: Json) -> Json:
        wrong = {n: v for n, v in usual.items() if not isinstance(event["body"].get(n, ""), str)}
        return {**event, "body": {**event["body"], **wrong}}

    return change


def _spoiled(path: str) -> Any:
    """Return a change after which a setting is wrong, where it is given."""

    def change(event: Json) -> Json:
        found = at_path(event, path)
        given = isinstance(found, int | float) and not isinstance(found, bool)
        return with_value(event, path, "wrong") if given else event

    return change


def _hang_up(_event: Json, _memory: Memory) -> list[Sent]:
    return [Close(1011, "error")]


def _others_closed(event: Json, memory: Memory) -> list[Sent]:
    others = [id_ for id_ in open_contexts(memory) if id_ != event.get("contextId")]
    return [{"type": "contextClosed", "contextId": id_, "body": {}} for id_ in others]


class _Mute(SessionStep):
    """After the first message that is invalid nothing is said any more."""

    def __init__(self, memory: Memory) -> None:
        super().__init__(memory)
        self._over = False

    def outgoing(self, event: Json) -> list[Sent]:
        wrong = at_path(event, "status.code") == GrpcCode.INVALID_ARGUMENT
        self._over = self._over or (wrong and "contextId" in event)
        return [] if self._over else [event]


FAULTS: tuple[Difference, ...] = (
    _tts(
        "types-unchecked",
        "TC-01",
        "A voice or a model that is no string is taken for the usual one.",
        asked_otherwise("create", _typed(_VOICE)),
    ),
    _tts(
        "voice-by-default",
        "TC-01",
        "A `create` without a voice or a model gets the usual one.",
        asked_otherwise("create", _completed(_VOICE)),
    ),
    _tts(
        "misuse-ends-connection",
        "TO-10 TC-19",
        "An invalid message of a context ends the connection without an error.",
        instead("status", _hang_up, both(_INVALID, has("contextId"))),
    ),
    _tts(
        "misuse-mutes",
        "TO-10 TC-19",
        "After an invalid message of a context nothing is said any more.",
        _Mute,
    ),
    _tts(
        "error-closes-others",
        "TO-08",
        "What is refused of one context as invalid closes all others.",
        after("status", _others_closed, both(_INVALID, has("contextId"))),
    ),
    _tts(
        "setting-refused",
        "TC-10",
        "A `speakingRate` is refused.",
        asked_otherwise("create", _spoiled(_RATE)),
    ),
    _stt(
        "types-unchecked",
        "SC-03",
        "A model that is no string is taken for the usual one.",
        asked_otherwise("transcribeConfig", _typed(_MODEL)),
    ),
    _stt(
        "model-by-default",
        "SC-03",
        "A `transcribeConfig` without a model gets the usual one.",
        asked_otherwise("transcribeConfig", _completed(_MODEL)),
    ),
    _stt(
        "setting-refused",
        "SC-03",
        "An `endOfTurnConfidenceThreshold` is refused.",
        asked_otherwise("transcribeConfig", _spoiled(_CONFIDENCE)),
    ),
)
