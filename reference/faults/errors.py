"""Faults of errors, of what they leave behind, of rate limits and of the dialect (facts 4.9, 4.11, 5)."""

from __future__ import annotations

from protocol.json_values import Json
from reference.absence.connection_ends import dying
from reference.alterations import Close, Memory, Sent, SessionStep, again, invent
from reference.differences import Difference, differs
from reference.edits import (
    after,
    answers_to,
    at_path,
    both,
    drop,
    has,
    instead,
    put,
    repeat,
)

_UNKNOWN_TYPE = has("error.param", "type")
_ACTIVE = has("error.code", "conversation_already_has_active_response")
_BETA = {
    "response.output_text": "response.text",
    "response.output_audio": "response.audio",
    "response.output_audio_transcript": "response.audio_transcript",
}


def _then_closed(event: Json, _memory: Memory) -> list[Sent]:
    return [event, Close(1011, "internal error")]


def _of_nothing(event: Json, memory: Memory) -> bool:
    """Tell whether an error answers a frame that was no event, and that no fence stands behind."""
    return bool(at_path(event, "error.code") == "invalid_event" and not memory.offender(event))


def _duplicate(event: Json, memory: Memory) -> bool:
    asked = memory.offender(event)
    return asked.get("type") == "conversation.item.create" and bool(
        memory.added(str(at_path(asked, "item.id")))
    )


def _of_nobodys_type(event: Json, memory: Memory) -> bool:
    return memory.offender(event).get("type") != "output_audio_buffer.clear"


def _by_id(event: Json, memory: Memory) -> bool:
    return "response_id" in memory.offender(event)


def _of_named(event: Json, memory: Memory) -> bool:
    return bool(memory.offender(event).get("event_id"))


_BUSY = "conversation_already_has_active_response"


class _AfterCancelRefused(SessionStep):
    def __init__(self, memory: Memory) -> None:
        super().__init__(memory)
        self._lost = ""
        self._items: set[str] = set()

    def outgoing(self, event: Json) -> list[Sent]:
        response = event.get("response_id") or at_path(event, "response.id")
        before = self.memory.last_told("response.done")
        cancelled = at_path(before, "response.status_details.reason") == "client_cancelled"
        if event["type"] == "response.created" and cancelled:
            self._lost = str(response)
            asked = self.memory.last_asked("response.create").get("event_id")
            error = {"type": "invalid_request_error", "code": _BUSY, "message": "Not now.", "param": None}
            return [invent("error", error={**error, "event_id": asked})]
        if self._lost and response == self._lost:
            self._items |= {str(at_path(event, "item.id"))}
            return []
        return [] if at_path(event, "item.id") in self._items else [event]


class _FirstCancelled(SessionStep):
    """When a second response is refused, the first one is cancelled."""

    def __init__(self, memory: Memory) -> None:
        super().__init__(memory)
        self._cut = False

    def outgoing(self, event: Json) -> list[Sent]:
        if _ACTIVE(event, self.memory):
            self._cut = True
        elif self._cut and event["type"] == "response.done":
            self._cut = False
            details = {"type": "cancelled", "reason": "client_cancelled"}
            output = [{**item, "status": "incomplete"} for item in event["response"]["output"]]
            event["response"] |= {"status": "cancelled", "status_details": details, "output": output}
        elif self._cut and at_path(event, "item.status") == "completed" and self._told(event):
            event["item"]["status"] = "incomplete"
        return [event]

    def _told(self, event: Json) -> bool:
        return bool(at_path(event, "item.role") == "assistant")


class _Beta(SessionStep):
    """The server speaks the retired beta dialect in conversations."""

    def __init__(self, memory: Memory) -> None:
        super().__init__(memory)
        self._transcribing = False

    def outgoing(self, event: Json) -> list[Sent]:
        if event["type"] == "session.created":
            self._transcribing = event["session"]["type"] == "transcription"
        if self._transcribing:  # the beta has other events for that
            return [event]
        family, _, suffix = event["type"].rpartition(".")
        if family in _BETA:
            return [{**event, "type": f"{_BETA[family]}.{suffix}"}]
        if event["type"] == "conversation.item.added":
            return [{**event, "type": "conversation.item.created"}]
        if event["type"] == "conversation.item.done":
            return []
        if event["type"] in ("session.created", "session.updated"):
            shown = event["session"]
            beta = {
                "id": shown["id"],
                "object": "realtime.session",
                "model": shown["model"],
                "modalities": ["text", "audio"],
                "instructions": shown["instructions"],
                "voice": "alloy",
                "input_audio_format": "pcm16",
                "output_audio_format": "pcm16",
                "turn_detection": None,
            }
            return [{**event, "session": beta}]
        return [event]


def _backwards(_event: Json, _memory: Memory) -> Json:
    entry = {"name": "tokens", "limit": 100, "remaining": 50, "reset_seconds": -1.0}
    return invent("rate_limits.updated", rate_limits=[entry])


def _twin(event: Json, _memory: Memory) -> Json:
    return again(event, type="response.text.delta")


_ERRORS = (
    differs("error-without-message", "An `error` has an empty `message`.", put("error", "error.message", "")),
    differs(
        "error-names-nobody",
        "An `error` does not name the client event that caused it.",
        put("error", "error.event_id", None, _of_named),
        models="D-14 D-59",
    ),
    differs(
        "error-names-placeholder",
        "An `error` has a placeholder as `error.event_id`.",
        put("error", "error.event_id", "event_TODO", _of_named),
        models="D-14",
        wide=True,
    ),
    differs(
        "error-ends-session",
        "The connection ends after an `error` that a client event caused.",
        instead("error", _then_closed, answers_to("conversation.item.delete")),
        models="D-61",
    ),
    differs(
        "idle-cancel-ends-session",
        "The connection ends after the `error` for cancelling nothing.",
        instead("error", _then_closed, has("error.code", "response_cancel_not_active")),
    ),
    differs(
        "refused-response-cancels-first",
        "When a second `response.create` is refused, the first response is cancelled.",
        _FirstCancelled,
    ),
    differs("error-twice", "A refused client event gets two errors.", repeat("error", _of_named, nth=1)),
    differs(
        "unknown-type-ignored",
        "A client event of unknown `type` is not answered.",
        drop("error", both(_UNKNOWN_TYPE, _of_nobodys_type)),
        only="openai",
    ),
    differs(
        "broken-frame-ignored",
        "A frame that is no event is not answered.",
        drop("error", _of_nothing),
        only="openai",
    ),
    differs(
        "invalid-event-ignored",
        "An item without its text is not refused.",
        drop("error", has("error.param", "item.content[0].text")),
        only="openai",
    ),
    differs(
        "client-mistake-called-server-error",
        "A mistake of the client gives an error of type `server_error`.",
        put("error", "error.type", "server_error", _of_named),
    ),
    differs(
        "errors-swallowed",
        "No `error` ever reaches the client.",
        drop("error"),
        models="D-64",
        wide=True,
    ),
    differs(
        "closes-without-a-word",
        "The server ends the connection without saying why.",
        instead("input_audio_buffer.cleared", _then_closed, nth=1),
        models="D-67",
    ),
    differs(
        "duplicate-id-ignored",
        "An item whose id is in use is neither added nor refused.",
        drop("error", _duplicate),
        only="openai",
    ),
    differs(
        "idle-cancel-ignored",
        "`response.cancel` of a response that is done is not answered.",
        drop("error", both(has("error.code", "response_cancel_not_active"), _by_id)),
        models="D-37",
    ),
    differs(
        "clear-ends-connection",
        "At every `input_audio_buffer.clear`, the server ends the connection.",
        dying("input_audio_buffer.clear", "1000"),
    ),
    differs(
        "create-after-cancel-refused",
        "After a cancelled response is done, the next one is refused.",
        _AfterCancelRefused,
    ),
)


_OTHER = (
    differs(
        "rate-limits-contradict",
        "In `rate_limits.updated` more is remaining than the limit.",
        put("rate_limits.updated", "rate_limits.*.remaining", 10**12),
        only="openai",
    ),
    differs(
        "rate-limits-run-backwards",
        "`rate_limits.updated` comes with a negative `reset_seconds`.",
        after("input_audio_buffer.cleared", _backwards, nth=1),
    ),
    differs("speaks-beta", "The server speaks the retired beta dialect.", _Beta, models="D-54 D-60 D-56"),
    differs(
        "beta-delta-beside-ga",
        "A text delta is sent under its GA name and under that of the beta.",
        after("response.output_text.delta", _twin, nth=1),
        models="D-03",
    ),
)

FAULTS: tuple[Difference, ...] = (*_ERRORS, *_OTHER)
