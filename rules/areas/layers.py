"""Rules about layers that were left out: what a finished object shows to be missing (facts 4.4, 4.8).

Nothing is owed before a layer's own first event, so a server that leaves a layer out altogether never breaks
the order of its events. The finished call, message or response is what shows that something is missing.
"""

from __future__ import annotations

from typing import Any

from protocol.event_types import (
    ARGUMENTS_DONE,
    CONVERSATION_ADDED,
    ITEM_ADDED,
    ITEM_DONE,
    PART_ADDED,
    PART_DONE,
    RESPONSE_DONE,
)
from rules.beta_dialect import STREAMS as BETA_STREAMS
from rules.case import EventCase
from rules.registration import on_event
from rules.subjects import STREAM_TYPES, dict_of, list_of, text_of
from rules.views import ItemView


def _heard_from_beginning(case: EventCase, item: ItemView, *types: str) -> bool:
    """Tell whether events of `types` about `item` would be known had they come."""
    known = case.reading.whole or bool(item.added_seq)
    return known and not any(each in case.reading.unkeyed for each in types)


@on_event("calls/arguments-before-item-done", ITEM_DONE)
def arguments_came_before(case: EventCase) -> None:
    """The arguments of a call are done before its item is."""
    item, said = case.item, dict_of(case.event, "item")
    if said.get("type") != "function_call" or said.get("status") != "completed":
        return
    if item.arguments is None and _heard_from_beginning(case, item, *STREAM_TYPES):
        case.violated(
            "never-done",
            f"the function call {item.id} is done, and no {ARGUMENTS_DONE} came for it",
            expected=f"{ARGUMENTS_DONE} first",
            actual=ITEM_DONE,
            because=[item.added_seq],
        )


@on_event("response/item/content-is-the-parts", ITEM_DONE)
def content_came_in_parts(case: EventCase) -> None:
    """A finished message holds one content entry for each part, with the final text or transcript of its
    stream.
    """
    item, said = case.item, dict_of(case.event, "item")
    content: list[Any] = list_of(said, "content")
    if said.get("type") != "message" or said.get("status") != "completed" or item.parts or not content:
        return
    if _heard_from_beginning(case, item, PART_ADDED, PART_DONE, *STREAM_TYPES):
        case.violated(
            "without-parts",
            f"the message {item.id} is done with content, and no {PART_ADDED} came for it",
            path="item.content",
            expected=f"{PART_ADDED} for each entry",
            actual=f"{len(content)} entries",
            because=[item.added_seq],
        )


class _BetaStreams(list[str]):
    """Types of streams of the retired beta that came: what they told is not missing altogether."""


@on_event("response/stream/done-exactly-once", *BETA_STREAMS)
def stream_of_beta(case: EventCase) -> None:
    """Each stream of text, transcript, audio or arguments that was begun ends in exactly one `.done`."""
    case.memory(_BetaStreams).append(case.entry.type)


@on_event("response/stream/done-exactly-once", PART_DONE)
def part_had_a_stream(case: EventCase) -> None:
    """What a finished part holds came in a stream, if only in the `.done` of one."""
    part, said = case.part, dict_of(case.event, "part")
    held = next((n for n in ("text", "transcript") if text_of(said, n)), "")
    if not held or part.streams or not part.added_seq or case.memory(_BetaStreams):
        return
    if _heard_from_beginning(case, part.item, *STREAM_TYPES):
        stream = "output_text" if held == "text" else "output_audio_transcript"
        case.violated(
            "no-stream",
            f"a content part of {part.item.id} is done with a {held}, and no event streamed that {held}",
            path=f"part.{held}",
            expected=f"response.{stream}.done first",
            actual=PART_DONE,
            because=[part.added_seq],
        )


@on_event("response/item/added-to-conversation", RESPONSE_DONE)
def items_entered_conversation(case: EventCase) -> None:
    """An item of a default-conversation response is added to the conversation after
    `response.output_item.added` and before its first content.
    """
    response, said = case.response, dict_of(case.event, "response")
    apart = response.asked_out_of_band or not said.get("conversation_id")
    if said.get("status") != "completed" or apart or response.created is None:
        return
    lost = {CONVERSATION_ADDED, "conversation.item.done", ITEM_ADDED} & set(case.reading.unkeyed)
    for item in response.items:
        if item.done is not None and not item.announced and not lost:
            case.violated(
                "never-added",
                f"the response is done, and no {CONVERSATION_ADDED} came for its item {item.id}",
                expected=f"{CONVERSATION_ADDED} for it",
                actual=RESPONSE_DONE,
                because=[item.added_seq],
                of=item,
            )
