"""Rules about the items that a response produces: their order, status and content (facts 4.4)."""

from __future__ import annotations

from typing import Any

from protocol.event_types import ITEM_ADDED, ITEM_DONE, RESPONSE_DONE
from rules.areas.output import final_content
from rules.case import EventCase
from rules.item_versions import parting, same_item
from rules.registration import on_event
from rules.subjects import dict_of, int_of, list_of, text_of
from rules.views import ItemView


@on_event("response/item/indices", ITEM_ADDED)
def output_index_counts(case: EventCase) -> None:
    """`output_index` counts 0, 1, 2 … in the order of `response.output_item.added`."""
    response, index = case.response, int_of(case.event, "output_index")
    if response.created is not None and index is not None:
        case.check(
            index == len(response.items),
            "count",
            "output_index does not count the items of the response",
            path="output_index",
            expected=len(response.items),
            actual=index,
            because=[i.added_seq for i in response.items[-1:]],
        )


@on_event("response/item/content-is-the-parts", ITEM_DONE, malformed=("item.content",))
def content_is_the_parts(case: EventCase) -> None:
    """A finished message holds one content entry for each part, with the final text or transcript of its
    stream.
    """
    item, said = case.item, dict_of(case.event, "item")
    if said.get("type") != "message" or not item.parts:
        return
    content = list_of(said, "content")
    wrong, expected, actual = _first_difference(item, content)
    case.check(
        not wrong,
        "differs",
        f"the content of the finished item {item.id} differs from its content parts",
        path=f"item.{wrong}",
        expected=expected,
        actual=actual,
        because=[p.done_seq or p.added_seq for p in item.parts.values()],
    )


def _first_difference(item: ItemView, content: list[Any]) -> tuple[str, Any, Any]:
    if len(content) != len(item.parts):
        return "content", f"{len(item.parts)} parts", f"{len(content)} entries"
    for place, index in enumerate(sorted(item.parts)):
        final, entry = final_content(item.parts[index]), content[place]
        if final is not None and (not isinstance(entry, dict) or entry.get(final[0]) != final[1]):
            actual = entry.get(final[0]) if isinstance(entry, dict) else entry
            return f"content[{place}].{final[0]}", final[1], actual
    return "", "", ""


@on_event("response/item/twins-equal", ITEM_DONE, "conversation.item.done")
def twins_equal(case: EventCase) -> None:
    """The item in `conversation.item.done` equals the one in `response.output_item.done`."""
    item, said = case.item, dict_of(case.event, "item")
    if text_of(said, "type") == "mcp_call":
        return  # what an MCP tool returns may come between the two
    twin = item.conversation_done if case.entry.type == ITEM_DONE else item.done
    if twin is None:
        return
    if same_item(twin, said):
        case.holds()
        return
    place, expected, actual = parting(twin, said)
    case.violated(
        "differ",
        f"conversation.item.done and response.output_item.done differ in the item {item.id}",
        path=f"item{place}",
        expected=expected,
        actual=actual,
        because=[item.seen.get("conversation.item.done", item.done_seq)],
    )


@on_event(
    "response/item/status-values",
    ITEM_ADDED,
    ITEM_DONE,
    "conversation.item.added",
    "conversation.item.done",
    malformed=("item.status",),
)
def status_values(case: EventCase) -> None:
    """The status of an item is `in_progress`, `completed` or `incomplete`, never that of a response."""
    exchange, known = case.link.exchange, case.link.item
    if (exchange is not None and exchange.doubtful) or (known is not None and known.doubtful):
        return  # that it took the item is the defect, if there is one
    _known_status(case, dict_of(case.event, "item"), "item")


@on_event("response/item/status-values", RESPONSE_DONE, malformed=("response.output[].status",))
def status_values_in_output(case: EventCase) -> None:
    for index, item in enumerate(list_of(dict_of(case.event, "response"), "output")):
        _known_status(case, item, f"response.output[{index}]")


def _known_status(case: EventCase, item: Any, place: str) -> None:
    status = item.get("status") if isinstance(item, dict) else None
    if status is not None:
        case.check(
            status in ("in_progress", "completed", "incomplete"),
            "unknown",
            f"{case.entry.type} shows an item with the status {status}",
            path=f"{place}.status",
            expected="in_progress, completed or incomplete",
            actual=status,
        )


@on_event("response/item/status-follows", ITEM_ADDED)
def added_in_progress(case: EventCase) -> None:
    """An output item is `in_progress` when added, and `completed` at its end unless it was cut off."""
    status = dict_of(case.event, "item").get("status")
    if status is not None:
        case.check(
            status == "in_progress",
            "added",
            f"an output item is added with the status {status}; it must be in_progress",
            path="item.status",
            expected="in_progress",
            actual=status,
        )


@on_event("response/item/status-follows", RESPONSE_DONE)
def done_completed(case: EventCase) -> None:
    response = case.response
    if dict_of(case.event, "response").get("status") != "completed":
        return
    for item in response.items:
        status = item.done.get("status") if item.done is not None else None
        if status is not None:
            case.check(
                status == "completed",
                "done",
                f"the item {item.id} of a completed response has the status {status}",
                path="item.status",
                expected="completed",
                actual=status,
                because=[item.done_seq],
            )


@on_event("response/item/may-overlap", ITEM_ADDED)
def items_overlap(case: EventCase) -> None:
    """Items of one response may overlap in time."""
    response = case.response
    if response.items:
        overlaps = any(i.done is None for i in response.items)
        case.observed("overlapping" if overlaps else "one after the other")
