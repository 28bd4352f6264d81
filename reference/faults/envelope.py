"""Faults of the envelope that every event comes in (facts 4.1)."""

from __future__ import annotations

from typing import Any

from protocol.json_values import MISSING, Json
from reference.alterations import Memory, Sent, SessionStep
from reference.differences import Difference, differs
from reference.edits import Overtaken, at_path, before, put, unset

_ANSWERS = (
    "conversation.item.added conversation.item.deleted conversation.item.truncated input_audio_buffer.cleared"
)


def _untyped(_event: Json, _memory: Memory) -> Json:
    return {"errorType": "SESSION_RESOURCES_EXHAUSTED"}


def _made_by_client(event: Json, _memory: Memory) -> bool:
    return bool(at_path(event, "item.role") == "user")


def _clients_id(_event: Json, memory: Memory) -> Any:
    return memory.asked[-1].get("event_id") if memory.asked else "event_of_nobody"


class _NullsLeftOut(SessionStep):
    """A serialiser that drops what is null."""

    _PLACES = (
        "previous_item_id",
        "response.status_details",
        "response.usage",
        "response.metadata",
        "response.conversation_id",
    )

    def outgoing(self, event: Json) -> list[Sent]:
        for path in self._PLACES:
            if at_path(event, path) is None:
                *way, last = path.split(".")
                node = at_path(event, ".".join(way)) if way else event
                if node is not MISSING:
                    del node[last]
        return [event]


FAULTS: tuple[Difference, ...] = (
    differs(
        "frame-without-type",
        "A frame holds an object without `type`.",
        before("conversation.item.added", lambda _event, _memory: {"status": "busy"}, nth=1),
    ),
    differs(
        "resources-exhausted-without-type",
        "A frame without `type` announces that resources are exhausted.",
        before("conversation.item.added", _untyped, nth=1),
        models="D-82",
        only="openai",
    ),
    differs(
        "event-id-left-out",
        "`response.created` has no `event_id`.",
        unset("response.created", "event_id"),
        models="D-05",
    ),
    differs(
        "event-id-empty",
        "`conversation.item.added` has an empty `event_id`.",
        put("conversation.item.added", "event_id", ""),
    ),
    differs(
        "event-id-constant",
        "Deltas and item events all carry the same placeholder as `event_id`.",
        put("conversation.item.* response.output_*", "event_id", "event_TODO"),
        models="D-04",
    ),
    differs(
        "client-event-id-sent-back",
        "Answers carry the `event_id` of the client event they answer as their own.",
        put(_ANSWERS, "event_id", _clients_id),
        models="D-06",
    ),
    differs(
        "answers-out-of-order",
        "An item is added after the answer to the `input_audio_buffer.clear` behind it.",
        Overtaken(
            "conversation.item.added conversation.item.done",
            "input_audio_buffer.clear",
            "input_audio_buffer.cleared",
            _made_by_client,
        ),
    ),
    differs(
        "nulls-left-out",
        "Fields that are null are left out, `previous_item_id` and `status_details` among them.",
        _NullsLeftOut,
        models="D-21",
        only="openai",
    ),
    differs(
        "output-index-changes-midway",
        "A delta names another `output_index` than its item was announced with.",
        put("response.output_text.delta response.output_audio_transcript.delta", "output_index", 7, nth=1),
    ),
    differs(
        "call-id-changes-midway",
        "A delta of a call's arguments names another `call_id` than the call was announced with.",
        put("response.function_call_arguments.delta", "call_id", "call_of_another", nth=1),
    ),
)
