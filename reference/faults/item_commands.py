"""Faults of what is done with items that exist: retrieving, deleting, truncating (facts 4.3)."""

from __future__ import annotations

from protocol.json_values import Json
from reference.alterations import Memory, Sent, SessionStep, invent
from reference.differences import Difference, differs
from reference.edits import drop, has, lacks, put, repeat
from reference.faults.answers import accept, refusing


def _deleted(asked_event: Json, _memory: Memory) -> Json:
    return invent("conversation.item.deleted", item_id=asked_event["item_id"])


def _truncated(asked_event: Json, _memory: Memory) -> Json:
    kept = {key: asked_event[key] for key in ("item_id", "content_index", "audio_end_ms")}
    return invent("conversation.item.truncated", **kept)


def _retrieved(asked_event: Json, _memory: Memory) -> Json:
    item = {"id": asked_event["item_id"], "type": "message", "role": "user", "content": []}
    return invent("conversation.item.retrieved", item=item)


def _of_unknown(event: Json, memory: Memory) -> bool:
    return isinstance(event.get("item_id"), str) and not memory.added(event["item_id"])


def _of_known(event: Json, memory: Memory) -> bool:
    return bool(memory.added(str(event.get("item_id"))))


def _of_deleted(event: Json, memory: Memory) -> bool:
    gone = [each["item_id"] for each in memory.told if each["type"] == "conversation.item.deleted"]
    return event.get("item_id") in gone


def _spoken(event: Json, memory: Memory) -> bool:
    return any(
        each["type"] == "response.output_audio.done" and each["item_id"] == event.get("item_id")
        for each in memory.told
    )


def _not_spoken(event: Json, memory: Memory) -> bool:
    return _of_known(event, memory) and not _spoken(event, memory)


class _ForgetsNothing(SessionStep):
    """Truncation is confirmed, but an item looked at afterwards still has all its words."""

    def outgoing(self, event: Json) -> list[Sent]:
        if event["type"] != "conversation.item.retrieved":
            return [event]
        said = {
            each["item_id"]: each["transcript"]
            for each in self.memory.told
            if each["type"] == "response.output_audio_transcript.done"
        }
        for part in event["item"]["content"]:
            if event["item"]["id"] in said:
                part["transcript"] = said[event["item"]["id"]]
        return [event]


_COMMANDS = (
    differs(
        "delete-unanswered",
        "`conversation.item.delete` is never answered.",
        drop("conversation.item.deleted"),
    ),
    differs(
        "deleted-twice",
        "`conversation.item.deleted` is sent twice for one item.",
        repeat("conversation.item.deleted", nth=1),
    ),
    differs(
        "deleted-names-nothing",
        "`conversation.item.deleted` has an empty `item_id`.",
        put("conversation.item.deleted", "item_id", ""),
        models="D-23",
    ),
    differs(
        "deleted-names-another",
        "`conversation.item.deleted` names another item.",
        put("conversation.item.deleted", "item_id", "item_of_another"),
    ),
    differs(
        "second-delete-confirmed",
        "Deleting an item again is confirmed again.",
        accept("conversation.item.delete", _deleted, _of_deleted),
    ),
    differs(
        "deleted-item-retrieved",
        "An item that was deleted can still be retrieved.",
        accept("conversation.item.retrieve", _retrieved, _of_deleted),
    ),
    differs(
        "unknown-delete-confirmed",
        "Deleting an unknown item is confirmed.",
        accept("conversation.item.delete", _deleted, _of_unknown),
    ),
    differs(
        "unknown-item-retrieved",
        "Retrieving an unknown item yields an empty one.",
        accept("conversation.item.retrieve", _retrieved, _of_unknown),
        models="D-12",
    ),
    differs(
        "unknown-truncate-confirmed",
        "Truncating an unknown item is confirmed.",
        accept("conversation.item.truncate", _truncated, _of_unknown, lacks("audio_end_ms", -1)),
    ),
    differs(
        "retrieve-unanswered",
        "`conversation.item.retrieve` is never answered.",
        drop("conversation.item.retrieved"),
    ),
    differs(
        "another-item-retrieved",
        "`conversation.item.retrieved` holds another item.",
        put("conversation.item.retrieved", "item.id", "item_of_another"),
    ),
    differs(
        "retrieved-twice",
        "`conversation.item.retrieved` is sent twice.",
        repeat("conversation.item.retrieved", nth=1),
    ),
    differs(
        "retrieved-without-content",
        "`conversation.item.retrieved` holds an item without its content.",
        put("conversation.item.retrieved", "item.content", []),
    ),
    differs(
        "retrieved-without-audio",
        "`conversation.item.retrieved` holds a spoken item without its audio.",
        put(
            "conversation.item.retrieved",
            "item.content.0.audio",
            "",
            has("item.content.0.type", "output_audio"),
        ),
    ),
    differs(
        "truncate-unanswered",
        "`conversation.item.truncate` is never answered.",
        drop("conversation.item.truncated"),
        models="D-37",
    ),
    differs(
        "truncate-not-implemented",
        "`conversation.item.truncate` is answered with `server_error`.",
        refusing(
            "conversation.item.truncate", "conversation.item.truncated", has("item_id"), type="server_error"
        ),
        models="D-17",
    ),
    differs(
        "truncated-says-other-time",
        "`conversation.item.truncated` names another `audio_end_ms` than was asked for.",
        put("conversation.item.truncated", "audio_end_ms", lambda event, _memory: event["audio_end_ms"] + 7),
    ),
    differs(
        "truncation-without-effect",
        "Truncation is confirmed, but the item keeps its transcript.",
        _ForgetsNothing,
        models="D-68",
    ),
    differs(
        "truncate-beyond-audio-confirmed",
        "An `audio_end_ms` beyond the audio is confirmed.",
        accept("conversation.item.truncate", _truncated, _spoken),
    ),
    differs(
        "truncate-of-text-confirmed",
        "Truncating a text is confirmed.",
        accept("conversation.item.truncate", _truncated, _not_spoken),
    ),
)


FAULTS: tuple[Difference, ...] = (*_COMMANDS,)
