"""Faults of what is refused, and of how (facts 2, 3 and 8)."""

from __future__ import annotations

from functools import partial

from protocol.json_values import Json
from reference.alterations import Close, Memory, Sent, SessionStep
from reference.channels.status import GrpcCode, StatusError
from reference.differences import Difference, service_differs
from reference.edits import Condition, after, both, drop, has, instead, lacks, put

_tts = partial(service_differs, "tts")
_OF_CONTEXT = has("contextId")
_LIMIT = has("status.code", GrpcCode.RESOURCE_EXHAUSTED)
_UNKNOWN = has("status.code", GrpcCode.NOT_FOUND)


def _asked_last(*kinds: str) -> Condition:
    """Tell whether the client's last message is of one of some types."""
    return lambda _event, memory: bool(memory.asked) and memory.asked[-1]["type"] in kinds


def _hang_up(_event: Json, _memory: Memory) -> list[Sent]:
    return [Close(1011, "error")]


def _never_began(event: Json, memory: Memory) -> bool:
    """Tell whether a ``contextClosed`` is that of a `create` that was refused just now."""
    last = memory.told[-1] if memory.told else {}
    return last.get("type") == "status" and last.get("contextId") == event["contextId"]


class _EmptyTextRefused(SessionStep):
    def reaction(self, event: Json) -> list[Sent]:
        if event["type"] != "sendText" or event["body"].get("text") != "" or "contextId" not in event:
            return []
        return [StatusError(GrpcCode.INVALID_ARGUMENT, "text is empty.", event["contextId"]).message()]


FAULTS: tuple[Difference, ...] = (
    _tts(
        "sixth-context-accepted",
        "TO-09",
        "A connection may have any number of contexts.",
        policy={"contexts": None},
    ),
    _tts(
        "sixth-context-ends-connection",
        "TO-09",
        "One context too many ends the connection.",
        after("status", _hang_up, _LIMIT),
    ),
    _tts(
        "sixth-context-ignored",
        "TO-09",
        "One context too many is neither created nor refused.",
        drop("status", _LIMIT),
        drop("contextClosed", _never_began),
    ),
    _tts("fewer-contexts", "TO-09", "A connection has room for four contexts.", policy={"contexts": 4}),
    _tts(
        "unknown-context-ignored",
        "TO-10",
        "Messages about a context that is unknown or closed are ignored.",
        drop("status", both(_UNKNOWN, lambda e, m: not _asked_last("create")(e, m))),
    ),
    _tts(
        "unknown-context-ends-connection",
        "TO-10",
        "A message about a context that is unknown or closed ends the connection.",
        after("status", _hang_up, both(_UNKNOWN, lambda e, m: not _asked_last("create")(e, m))),
    ),
    _tts(
        "unknown-context-code",
        "TO-10 TS-10",
        "A message about an unknown context is refused with code 2.",
        put("status", "status.code", 2, both(_UNKNOWN, lambda e, m: not _asked_last("create")(e, m))),
    ),
    _tts(
        "error-ends-connection",
        "TS-09 TO-08",
        "What is refused of one context ends the connection.",
        after("status", _hang_up, both(_OF_CONTEXT, lambda e, m: not (_LIMIT(e, m) or _UNKNOWN(e, m)))),
    ),
    _tts(
        "error-at-the-top",
        "TS-09 TS-16",
        "Errors of a context come as a top-level `error`.",
        instead("status", lambda event, _memory: {"type": "error", "body": event["status"]}, _OF_CONTEXT),
    ),
    _tts(
        "error-in-chunk",
        "TS-16",
        "Errors of a context come inside an `audioChunk`.",
        instead(
            "status",
            lambda event, _memory: {
                "type": "audioChunk",
                "contextId": event["contextId"],
                "body": {"status": event["status"]},
            },
            _OF_CONTEXT,
        ),
    ),
    _tts(
        "error-beside-created",
        "TS-16",
        "The error of a `create` that is refused stands beside a `contextCreated`.",
        instead(
            "status",
            lambda event, _memory: {**event, "type": "contextCreated", "body": {}},
            both(_OF_CONTEXT, _asked_last("create")),
        ),
    ),
    _tts(
        "error-without-closed",
        "TS-16",
        "Behind the error of a `create` comes no `contextClosed`.",
        drop("contextClosed", _never_began),
    ),
    _tts(
        "error-without-id",
        "TS-09 TO-08",
        "Errors of a context do not name it.",
        instead("status", lambda event, _memory: {"type": "status", "status": event["status"]}, _OF_CONTEXT),
    ),
    _tts(
        "status-code-text",
        "CN-15",
        "`status.code` is the name of the code.",
        put("status", "status.code", lambda event, _memory: GrpcCode(event["status"]["code"]).name),
    ),
    _tts(
        "any-voice-spoken",
        "TO-17",
        "Voices and models that do not exist are spoken with.",
        policy={"any_voice": True},
    ),
    _tts(
        "long-text-accepted",
        "TC-03",
        "A text of more than 1000 characters is spoken.",
        policy={"longest_text": None},
    ),
    _tts(
        "shorter-texts",
        "TC-03",
        "A text of 1000 characters is refused.",
        policy={"longest_text": 999},
    ),
    _tts("empty-text-refused", "TC-18", "An empty text is refused.", _EmptyTextRefused),
    _tts(
        "lone-context-needs-id",
        "TC-08",
        "A message without `contextId` is refused although one context is open.",
        policy={"lone_context_needs_id": True},
    ),
    _tts(
        "text-without-id-ends-connection",
        "TC-19",
        "A text that is of no context ends the connection.",
        after("status", _hang_up, lacks("contextId")),
    ),
    _tts(
        "text-without-id-ignored",
        "TC-19",
        "A text that is of no context is ignored.",
        drop("status", lacks("contextId")),
    ),
)
