"""Variants that show more, or less: events and fields that nobody has to send (facts 8.3, 1 and 2)."""

from __future__ import annotations

from protocol.json_values import Json
from reference.alterations import Memory, Sent, SessionStep, invent
from reference.differences import Difference, differs
from reference.edits import after, before, drop, has, put, unset

_MANY = "session.updated conversation.item.done response.output_item.added response.content_part.done"
_DELTAS = "response.*.delta conversation.item.input_audio_transcription.delta"
_ITEMS = "conversation.item.added conversation.item.done conversation.item.retrieved response.output_item.*"


def _ping(_event: Json, _memory: Memory) -> Json:
    return invent("ping", timestamp=1_800_000_000_000)


def _unknown(_event: Json, _memory: Memory) -> Json:
    return invent("server.mood.updated", mood="cheerful")


def _conversation(_event: Json, _memory: Memory) -> Json:
    return invent("conversation.created", conversation={"id": "conv_1", "object": "realtime.conversation"})


def _limits(_event: Json, _memory: Memory) -> Json:
    entry = {"name": "tokens", "limit": 40_000, "remaining": 39_000, "reset_seconds": 1.5}
    return invent("rate_limits.updated", rate_limits=[entry])


def _calls_with_role(event: Json, _memory: Memory) -> list[Json]:
    return [
        {**item, "role": "assistant"} if item["type"] == "function_call" else item
        for item in event["response"]["output"]
    ]


class _MoreFields(SessionStep):
    """Every event, every item and every response has a field that the protocol does not know."""

    def outgoing(self, event: Json) -> list[Sent]:
        event["x_trace"] = {"node": "eu-1"}
        for key in ("session", "response", "item", "part"):
            if isinstance(event.get(key), dict):
                event[key]["x_note"] = "hello"
        return [event]


VARIANTS: tuple[Difference, ...] = (
    differs(
        "ping",
        "`ping` comes between any events.",
        before(f"{_MANY} response.*.delta", _ping),
        models="D-35 D-36",
    ),
    differs("unknown-events", "Events come that nobody knows.", before(_MANY, _unknown), models="D-36"),
    differs("unknown-fields", "Events, items and responses have fields that nobody knows.", _MoreFields),
    differs(
        "conversation-created",
        "`conversation.created` comes behind `session.created`.",
        after("session.created", _conversation),
        models="D-35 D-71",
    ),
    differs(
        "without-rate-limits",
        "`rate_limits.updated` is never sent.",
        drop("rate_limits.updated"),
        models="D-67",
    ),
    differs(
        "rate-limits-first",
        "`rate_limits.updated` comes behind `response.created`.",
        drop("rate_limits.updated"),
        after("response.created", _limits),
        models="D-71",
    ),
    differs(
        "rate-limits-empty",
        "`rate_limits.updated` comes behind `response.done` and lists nothing.",
        drop("rate_limits.updated"),
        after("response.done", lambda _event, _memory: invent("rate_limits.updated", rate_limits=[])),
    ),
    differs("without-obfuscation", "Deltas have no `obfuscation`.", unset(_DELTAS, "obfuscation")),
    differs(
        "items-with-object",
        "Items have `object`.",
        put(_ITEMS, "item.object", "realtime.item", has("item.id")),
    ),
    differs("items-without-object", "Items have no `object`.", unset(_ITEMS, "item.object")),
    differs(
        "items-with-phase",
        "Messages of the assistant have a `phase`.",
        put(_ITEMS, "item.phase", "final_answer", has("item.role", "assistant")),
        put("response.done", "response.output.*.phase", "final_answer"),
    ),
    differs(
        "null-for-optional",
        "An item of the user has `status: null` where the field could be left out.",
        put("conversation.item.added conversation.item.done", "item.status", None, has("item.role", "user")),
        only="openai",
    ),
    differs(
        "role-on-calls",
        "Function calls have a `role`, and events a `previous_item_id` where none is due.",
        put(_ITEMS, "item.role", "assistant", has("item.type", "function_call")),
        put("response.done", "response.output", _calls_with_role),
        put("input_audio_buffer.cleared response.created", "previous_item_id", "0"),
        models="D-50",
    ),
    differs(
        "cancelled-event",
        "`response.cancelled` comes ahead of the `response.done` of a cancelled response.",
        before(
            "response.done",
            lambda event, _memory: invent("response.cancelled", response_id=event["response"]["id"]),
            has("response.status", "cancelled"),
        ),
    ),
)
