"""Variants of servers of other providers: what each was seen to do, and does not always (facts FX, FV)."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

from protocol.json_values import Json, value_at
from reference.alterations import Memory, Sent, invent
from reference.differences import Difference, by_name, differs
from reference.edits import Condition, after, drop, has, put, repeat, unset
from reference.providers import EXTRAS, extra

_CALL = has("item.type", "function_call")
_FINISHED = "response.output_item.done"


def _item_of_response(event: Json, memory: Memory) -> bool:
    """Tell whether an event is about an item of a response that is not its first."""
    return bool(event.get("output_index")) and memory.last_told("response.created") != {}


def _created(kind: str) -> Condition:
    """Tell whether an item of a kind is one that the client has put into the conversation."""

    def holds(event: Json, memory: Memory) -> bool:
        item: Any = event["item"]
        given = memory.last_asked("conversation.item.create").get("item", {})
        return bool(item.get("type") == kind == given.get("type"))

    return holds


def _done_beside(event: Json, _memory: Memory) -> Json:
    return invent("conversation.item.done", previous_item_id=event["previous_item_id"], item=event["item"])


def _extras(event: Json, _memory: Memory) -> list[Sent]:
    return [extra(name, event) for name in EXTRAS]


def _heartbeat(_event: Json, _memory: Memory) -> Json:
    return {"type": "heartbeat"}


_SHOWN = "session.created session.updated"
_FORMAT = "session.audio.output.format"


def _format_not_set(_event: Json, memory: Memory) -> bool:
    return all(value_at(asked, _FORMAT) is None for asked in memory.asked)


_USUAL: dict[str, Any] = {
    "session.audio.input.noise_reduction": None,
    "session.audio.output.speed": 1.0,
    "session.tracing": None,
}
"""Settings that servers of the beta's dialect may lack, as long as nobody has set them."""

_BETA = (
    differs(
        "heartbeats",
        "A `heartbeat` follows each `session.created` and `session.updated`; it has no id (BD-02).",
        after(_SHOWN, _heartbeat),
        only="beta",
    ),
    differs(
        "session-finished",
        "`session.finished` comes when a response is done (BD-01).",
        after("response.done", lambda _event, _memory: invent("session.finished")),
        only="beta",
    ),
    differs(
        "session-of-few-settings",
        "A session has `pcm24` as its output format until another is set, and shows few settings (BD-01).",
        put(_SHOWN, _FORMAT, "pcm24", _format_not_set),
        unset(_SHOWN, "session.expires_at"),
        *(unset(_SHOWN, setting, has(setting, usual)) for setting, usual in _USUAL.items()),
        only="beta",
    ),
    differs(
        "responses-with-temperature",
        "A response shows its `temperature` (5.3).",
        put("response.created response.done", "response.temperature", 0.8),
        only="beta",
    ),
)

_AZURE = (
    differs(
        "own-events",
        "Each stream of audio is followed by one of each event of Azure Voice Live's own (FV-01).",
        after("response.output_audio.done", _extras),
        only="azure-voice-live",
    ),
    differs(
        "stray-item-done",
        "`conversation.item.done` comes beside `conversation.item.created` (D-56).",
        after("conversation.item.added", _done_beside, _created("message")),
        only="azure-voice-live",
    ),
    differs(
        "finished-parts-without-text",
        "`part.text` is empty in `response.content_part.done` though the text is not (FV-02).",
        put("response.content_part.done", "part.text", "", has("part.type", "text")),
        only="azure-voice-live",
    ),
    differs(
        "empty-conversation-id",
        "`conversation_id` of a response is empty, as that of a cascade is (FV-03).",
        put("response.created response.done", "response.conversation_id", ""),
        only="azure-voice-live",
    ),
)

_XAI = (
    differs(
        "item-announced-twice",
        "An item that the client has created is announced twice (FX-04).",
        repeat("conversation.item.added", _created("message")),
        only="xai",
    ),
    differs(
        "replayed-call-without-arguments",
        "A function call that the client puts into the conversation is shown without its arguments (FX-04).",
        put("conversation.item.added", "item.arguments", "", _created("function_call")),
        only="xai",
    ),
    differs(
        "every-item-at-index-0",
        "Each item of a response has `output_index` 0 (D-26).",
        put("response.*", "output_index", 0, _item_of_response),
        only="xai",
    ),
    differs(
        "finished-items-without-content",
        "`response.output_item.done` does not show the content (D-44).",
        unset(_FINISHED, "item.content"),
        only="xai",
    ),
    differs(
        "deleted-without-item-id",
        "`conversation.item.deleted` has an empty `item_id` (D-23).",
        put("conversation.item.deleted", "item_id", ""),
        only="xai",
    ),
    differs(
        "heads-only",
        "`previous_item_id` is null for every item (D-22).",
        put("conversation.item.added input_audio_buffer.committed", "previous_item_id", None),
        only="xai",
    ),
    differs(
        "truncation-unanswered",
        "A truncation is not answered (FX-02).",
        drop("conversation.item.truncated"),
        only="xai",
    ),
    differs(
        "without-conversation-id",
        "A response has neither `conversation_id` nor `metadata` (D-43).",
        unset("response.created response.done", "response.conversation_id"),
        unset("response.created response.done", "response.metadata"),
        only="xai",
    ),
)

VARIANTS: Mapping[str, Difference] = MappingProxyType(by_name((*_BETA, *_AZURE, *_XAI)))
"""These variants by their names; none of them means anything in a main dialect."""
