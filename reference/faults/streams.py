"""Faults of output items, their parts, and the streams in them (facts 4.4)."""

from __future__ import annotations

import base64
from typing import Any

from protocol.json_values import Json
from reference.alterations import Memory, Sent, SessionStep, again, invent
from reference.differences import Difference, differs
from reference.edits import (
    Condition,
    Hold,
    after,
    asked,
    before,
    both,
    drop,
    has,
    lacks,
    put,
    repeat,
    unset,
)
from reference.faults.situations import in_conversation, out_of_band, undisturbed

_ADDED, _DONE = "response.output_item.added", "response.output_item.done"
_PART_ADDED, _PART_DONE = "response.content_part.added", "response.content_part.done"
_TEXT, _TEXT_DONE = "response.output_text.delta", "response.output_text.done"
_WORDS, _WORDS_DONE = "response.output_audio_transcript.delta", "response.output_audio_transcript.done"
_AUDIO, _AUDIO_DONE = "response.output_audio.delta", "response.output_audio.done"
_ARGUMENTS, _ARGUMENTS_DONE = (
    "response.function_call_arguments.delta",
    "response.function_call_arguments.done",
)
_FINALS = f"{_DONE} conversation.item.done"
_MESSAGE = has("item.role", "assistant")
_IN_CONVERSATION: Condition = lacks("response.conversation", "none")
_CUT = has("item.status", "incomplete")


def restated(status: str, other: str, *, messages: bool = False) -> Any:
    """Make the items in ``response.done`` that have one status have another."""

    def items(event: Json, _memory: Memory) -> list[Json]:
        return [
            {**item, "status": other}
            if item.get("status") == status and ("role" in item or not messages)
            else item
            for item in event["response"]["output"]
        ]

    return items


def _one_byte_more(event: Json, _memory: Memory) -> str:
    return base64.b64encode(base64.b64decode(event["delta"]) + b"\0").decode()


def _spoilt(event: Json, _memory: Memory) -> str:
    return "*" + str(event["delta"])[1:]


class _SameIndex(SessionStep):
    """All items of a response have ``output_index`` 0, in every event."""

    def outgoing(self, event: Json) -> list[Sent]:
        return [{**event, "output_index": 0}] if "output_index" in event else [event]


def generated(event: Json, memory: Memory) -> bool:
    """Tell whether a conversation item is one that a response produces."""
    return any(each["type"] == _ADDED and each["item"]["id"] == event["item"]["id"] for each in memory.told)


def _audio_done(event: Json, _memory: Memory) -> Json:
    return invent(
        _AUDIO_DONE,
        response_id=event["response_id"],
        item_id=event["item_id"],
        output_index=event["output_index"],
        content_index=0,
    )


def _audio_delta(event: Json, _memory: Memory) -> list[Sent]:
    place = {key: event[key] for key in ("response_id", "item_id", "output_index", "content_index")}
    return [invent(_AUDIO, **place, delta="AAAAAAAA"), invent(_AUDIO_DONE, **place)]


def _text_stream(event: Json, _memory: Memory) -> list[Sent]:
    place = {key: event[key] for key in ("response_id", "item_id", "output_index", "content_index")}
    return [
        invent(_TEXT, **place, delta=event["transcript"]),
        invent(_TEXT_DONE, **place, text=event["transcript"]),
    ]


def _late_delta(event: Json, _memory: Memory) -> Json:
    place = {key: event[key] for key in ("response_id", "item_id", "output_index", "content_index")}
    return invent(event["type"].replace(".done", ".delta"), **place, delta="")


_ITEMS = (
    differs(
        "output-items-unannounced", "`response.output_item.added` is never sent.", drop(_ADDED), models="D-30"
    ),
    differs(
        "output-item-added-late",
        "`response.output_item.added` comes behind the item's first content part.",
        Hold(_ADDED, _PART_ADDED, out_of_band, until_where=out_of_band),
        only="openai",
    ),
    differs(
        "items-and-parts-unannounced",
        "There are no `response.output_item.*` and no `response.content_part.*`.",
        drop("response.output_item.* response.content_part.*"),
        models="D-30",
        wide=True,
    ),
    differs(
        "output-index-always-zero",
        "A second output item has `output_index` 0 again.",
        _SameIndex,
        models="D-13 D-26",
    ),
    differs(
        "output-index-from-one",
        "`output_index` counts from 1.",
        put(
            "response.*",
            "output_index",
            lambda event, _memory: event["output_index"] + 1,
            has("output_index"),
        ),
        models="D-29",
    ),
    differs(
        "generated-item-not-added",
        "The item of a response with `input` of its own is never added to the conversation.",
        drop(
            "conversation.item.added conversation.item.done",
            both(generated, asked("response.create", both(has("response.input"), _IN_CONVERSATION))),
        ),
    ),
    differs(
        "generated-item-added-late",
        "A generated item is added to the conversation behind its first content.",
        Hold("conversation.item.added", f"{_TEXT} {_WORDS}", both(generated, _MESSAGE)),
    ),
    differs(
        "generated-item-added-first",
        "A generated item is added to the conversation ahead of `response.output_item.added`.",
        Hold(
            _ADDED,
            "conversation.item.added",
            both(in_conversation, has("item.status", "in_progress")),
            until_where=has("item.status", "in_progress"),
        ),
    ),
    differs(
        "conversation-item-done-last",
        "`conversation.item.done` of a generated item comes behind `response.done`.",
        Hold("conversation.item.done", "response.done", generated),
    ),
    differs(
        "output-item-done-missing",
        "`response.output_item.done` is never sent.",
        drop(_DONE, both(_MESSAGE, undisturbed)),
    ),
    differs("output-item-done-twice", "`response.output_item.done` is sent twice.", repeat(_DONE, nth=1)),
    differs(
        "output-item-done-early",
        "`response.output_item.done` comes ahead of its part's end.",
        Hold(_PART_DONE, _DONE),
    ),
    differs(
        "twins-differ",
        "`conversation.item.done` shows an item with other words than `response.output_item.done`.",
        put(
            "conversation.item.done",
            "item.content.0.text",
            "Something else.",
            both(generated, has("item.content.0.type", "output_text")),
        ),
    ),
    differs(
        "item-status-cancelled",
        "An item that was cut off has the status `cancelled`.",
        put(_FINALS, "item.status", "cancelled", _CUT),
        put("response.done", "response.output", restated("incomplete", "cancelled")),
        models="D-28",
    ),
    differs(
        "item-status-unknown",
        "The items of the user have the status `done`.",
        put(
            "conversation.item.added conversation.item.done", "item.status", "done", has("item.role", "user")
        ),
    ),
    differs(
        "output-item-added-completed",
        "`response.output_item.added` shows the status `completed`.",
        put(_ADDED, "item.status", "completed"),
    ),
    differs(
        "output-item-done-in-progress",
        "A finished item is still `in_progress`.",
        put(
            "response.done",
            "response.output",
            restated("completed", "in_progress", messages=True),
            undisturbed,
        ),
        put(_FINALS, "item.status", "in_progress", both(_MESSAGE, generated, undisturbed)),
    ),
    differs(
        "completed-item-rewritten",
        "An item that ended completed is `incomplete` in `response.done`.",
        put(
            "response.done",
            "response.output.0.status",
            "incomplete",
            has("response.output.0.status", "completed"),
        ),
        models="D-69",
    ),
    differs(
        "item-without-content-at-done",
        "`response.output_item.done` lacks the content that `response.done` shows.",
        put(_DONE, "item.content", [], _MESSAGE),
        models="D-44",
    ),
    differs(
        "item-content-other-words",
        "A finished item holds other words than were streamed.",
        put(_DONE, "item.content.0.text", "Something else.", has("item.content.0.type", "output_text")),
        put(
            "conversation.item.done",
            "item.content.0.text",
            "Something else.",
            both(generated, has("item.content.0.type", "output_text")),
        ),
        put(
            "response.done",
            "response.output.0.content.0.text",
            "Something else.",
            has("response.output.0.content.0.type", "output_text"),
        ),
    ),
)

_PARTS = (
    differs("part-added-missing", "`response.content_part.added` is never sent.", drop(_PART_ADDED)),
    differs(
        "part-added-late",
        "`response.content_part.added` comes behind the part's first delta.",
        Hold(_PART_ADDED, f"{_TEXT} {_WORDS}"),
    ),
    differs(
        "part-done-missing", "`response.content_part.done` is never sent.", drop(_PART_DONE, undisturbed)
    ),
    differs("part-done-twice", "`response.content_part.done` is sent twice.", repeat(_PART_DONE, nth=1)),
    differs(
        "content-index-from-one",
        "`content_index` counts from 1.",
        put(
            "response.*",
            "content_index",
            lambda event, _memory: event["content_index"] + 1,
            has("content_index"),
        ),
    ),
    differs(
        "part-type-of-its-own",
        "`part.type` is `output_markdown`.",
        put(f"{_PART_ADDED} {_PART_DONE}", "part.type", "output_markdown"),
    ),
    differs(
        "part-begins-full",
        "A part is added with text in it.",
        put(_PART_ADDED, "part.text", "Well,", has("part.type", "text")),
    ),
    differs(
        "part-left-out-at-done",
        "`response.content_part.done` carries no `part`.",
        unset(_PART_DONE, "part"),
        models="D-27",
    ),
    differs(
        "part-left-out-at-start",
        "`response.content_part.added` carries no `part`.",
        unset(_PART_ADDED, "part"),
    ),
    differs(
        "part-holds-other-words",
        "The part in `response.content_part.done` holds other words than its stream.",
        put(_PART_DONE, "part.text", "Something else.", both(has("part.type", "text"), undisturbed)),
    ),
    differs(
        "part-holds-other-transcript",
        "The part in `response.content_part.done` holds another transcript than its stream.",
        put(_PART_DONE, "part.transcript", "Something else.", has("part.type", "audio")),
    ),
)

_STREAMS = (
    differs("text-never-done", "`response.output_text.done` is never sent.", drop(_TEXT_DONE, undisturbed)),
    differs(
        "audio-never-done",
        "`response.output_audio.done` is never sent.",
        drop(_AUDIO_DONE, undisturbed),
        models="D-57",
    ),
    differs(
        "transcript-done-twice",
        "`response.output_audio_transcript.done` is sent twice.",
        repeat(_WORDS_DONE, nth=1),
    ),
    differs(
        "transcript-done-per-chunk",
        "Each piece of the transcript is sent as `response.output_audio_transcript.done`, too.",
        after(
            _WORDS, lambda event, _memory: {**again(event, type=_WORDS_DONE), "transcript": event["delta"]}
        ),
        models="D-40",
        wide=True,
    ),
    differs(
        "delta-after-text-done",
        "A text delta comes behind `response.output_text.done`.",
        after(_TEXT_DONE, _late_delta, nth=1),
    ),
    differs(
        "text-delta-altered",
        "A text delta says something else than the final text.",
        put(_TEXT, "delta", " Nonsense.", nth=1),
    ),
    differs("text-delta-unsent", "One text delta is not sent.", drop(_TEXT, nth=3)),
    differs(
        "transcript-delta-altered",
        "A transcript delta says something else than the final transcript.",
        put(_WORDS, "delta", " Nonsense.", nth=1),
    ),
    differs(
        "arguments-delta-altered",
        "A delta of a call's arguments says something else than the final arguments.",
        put(_ARGUMENTS, "delta", "[", nth=1),
    ),
    differs(
        "first-arguments-delta-unsent",
        "The first delta of a call's arguments is not sent.",
        drop(_ARGUMENTS, nth=1),
        models="D-20",
    ),
    differs(
        "text-done-behind-part",
        "`response.output_text.done` comes behind `response.content_part.done`.",
        Hold(_TEXT_DONE, _PART_DONE),
    ),
    differs(
        "audio-in-text-response",
        'A response with `["text"]` streams audio.',
        before(_TEXT_DONE, _audio_delta, nth=1),
        models="D-49",
    ),
    differs(
        "audio-never-streamed",
        "The audio of a second message is done, and nothing of it came.",
        drop("response.output_audio.delta", has("output_index", 1)),
    ),
    differs(
        "audio-without-transcript", "Audio comes without its transcript.", drop(f"{_WORDS} {_WORDS_DONE}")
    ),
    differs(
        "text-stream-beside-transcript",
        'A response with `["audio"]` streams its words as text, too.',
        before(_WORDS_DONE, _text_stream, nth=1),
        models="D-80",
        only="openai",
    ),
    differs(
        "audio-done-for-call",
        "`response.output_audio.done` comes for a response that holds only a call.",
        before(_ARGUMENTS_DONE, _audio_done),
        models="D-39",
        only="openai",
    ),
    differs(
        "audio-half-sample",
        "An audio delta ends in the middle of a sample.",
        put(_AUDIO, "delta", _one_byte_more, nth=1),
    ),
    differs("audio-not-base64", "An audio delta is not Base64.", put(_AUDIO, "delta", _spoilt, nth=1)),
)


FAULTS: tuple[Difference, ...] = (*_ITEMS, *_PARTS, *_STREAMS)
