"""Rules about where items stand in the conversation: `previous_item_id` (facts 4.3; inworld 4.2)."""

from __future__ import annotations

from protocol.event_types import CONVERSATION_ADDED, CONVERSATION_DONE
from rules.areas.answers import refused
from rules.case import EventCase
from rules.registration import on_event
from rules.subjects import text_of
from rules.views import ItemView

refused("items/previous/unknown-refused", "conversation.item.create", reasons={"unknown-previous-item"})


@on_event("items/previous/appended", CONVERSATION_ADDED)
def appended_after_last(case: EventCase) -> None:
    """An item that is appended names the last item of the conversation as `previous_item_id`, null only as
    the first.
    """
    place = _place(case)
    if place is None or place[0] != "appended":
        return
    _, expected, said = place
    exchange = case.link.exchange
    if exchange is not None and exchange.expectation.reason == "duplicate-id" and said == case.item.id:
        return  # its id was in use, and which of the two it comes behind cannot be told
    named = case.reading.items.get(said or "")
    if said is not None and (named is None or said in case.reading.conversation.deleted):
        return  # it names what is not in the conversation, which is less than a MUST (CI-09, CI-10)
    if named is not None and named.response is not None and named.response.out_of_band:
        return  # a response beside the conversation has joined it, and so the last item is not known
    last = case.reading.items.get(expected or "")
    case.check(
        said == expected,
        "other",
        f"previous_item_id of the appended item is {said or 'null'}; the last item is {expected or 'null'}",
        path="previous_item_id",
        expected=expected,
        actual=said,
        because=[last.seen.get(CONVERSATION_ADDED, 0)] if last is not None else [],
    )


def _place(case: EventCase) -> tuple[str, str | None, str | None] | None:
    """Return how an item is placed, the predecessor it has by that, and the one the server names.

    None where this trace cannot tell.
    """
    item, exchange = case.link.item, case.link.exchange
    if not case.reading.whole or item is None or item.conversation_added is not None:
        return None
    knows = case.reading.knows_asking("conversation.item.create")
    if not item.origin and exchange is None and not knows:
        return None  # it may have been asked to go elsewhere
    if any(e.type == "conversation.item.delete" for e in case.reading.exchanges.open):
        return None
    said = text_of(case.event, "previous_item_id") or None
    asked = text_of(exchange.event, "previous_item_id") if exchange is not None else ""
    if asked == "root":
        return "root", None, said
    conversation = case.reading.conversation
    if asked:
        return ("inserted", asked, said) if asked in conversation else None
    last = case.reading.items.get(conversation.last or "")
    by_user = last is not None and (last.conversation_added or {}).get("role") == "user"
    if last is not None and by_user and not last.origin and knows:
        return None  # nobody created it, so perhaps it is not in the conversation
    return ("appended", conversation.last, said) if conversation.last not in conversation.doubtful else None


@on_event("items/previous/root", CONVERSATION_ADDED)
def root_is_first(case: EventCase) -> None:
    """`previous_item_id: "root"` puts the item first, and the answer says null."""
    place = _place(case)
    if place is not None and place[0] == "root":
        case.check(
            place[2] is None,
            "not-first",
            f"previous_item_id is {place[2]}; it must be null, as the item was created with root",
            path="previous_item_id",
            expected="null",
            actual=place[2],
            because=[case.answered.seq],
        )


@on_event("items/previous/inserted", CONVERSATION_ADDED)
def inserted_after(case: EventCase) -> None:
    """An item with an existing `previous_item_id` is inserted right after that item, and the answer names
    it.
    """
    place = _place(case)
    if place is not None and place[0] == "inserted":
        case.check(
            place[2] == place[1],
            "elsewhere",
            f"previous_item_id is {place[2] or 'null'}; the item was to be inserted after {place[1]}",
            path="previous_item_id",
            expected=place[1],
            actual=place[2],
            because=[case.answered.seq],
        )


@on_event("items/previous/announced", CONVERSATION_ADDED, CONVERSATION_DONE)
def predecessor_was_announced(case: EventCase) -> None:
    """A `previous_item_id` never names an item that was not announced."""
    said = text_of(case.event, "previous_item_id")
    reading = case.reading
    if not said or not reading.whole or said in reading.conversation.deleted:
        return
    if case.link.item is not None and said == case.link.item.id:
        return  # the second item of an id, which a server may allow (CI-24)
    known = reading.items.get(said)
    if known is None and reading.untold_items:
        return  # an item that came of what was not answered
    case.check(
        known is not None and (known.announced or known.committed_seq > 0),
        "unannounced",
        f"previous_item_id of {case.entry.type} is {said}, an item that was never announced",
        path="previous_item_id",
        expected="an item of the conversation",
        actual=said,
    )


@on_event("items/previous/after-delete", CONVERSATION_ADDED)
def chain_heals(case: EventCase) -> None:
    """After the last item was deleted, the next one appended names the last that is left."""
    place = _place(case)
    if place is None or place[0] != "appended" or not case.reading.conversation.deleted:
        return
    case.check(
        place[2] not in case.reading.conversation.deleted,
        "deleted",
        f"previous_item_id of the appended item is {place[2]}, an item that was deleted",
        path="previous_item_id",
        expected=place[1],
        actual=place[2],
        because=[case.reading.conversation.deleted.get(place[2] or "", 0)],
    )


def _may_have_healed(case: EventCase, item: ItemView, said: str | None) -> bool:
    """Tell whether deletions leave open after which item this one comes, or came when it was done."""
    deleted = case.reading.conversation.deleted
    going = {e.item_id for e in case.reading.exchanges.open if e.type == "conversation.item.delete"}
    if item.id in deleted or item.id in going or item.previous in going:
        return True
    return item.previous in deleted and said in deleted


@on_event("items/done/same-previous", CONVERSATION_DONE)
def done_names_same_predecessor(case: EventCase) -> None:
    """`conversation.item.done` names the same `previous_item_id` as `added`; behind the first item it may
    say null.
    """
    item = case.item
    if item.conversation_added is None or "previous_item_id" not in case.event:
        return
    said = text_of(case.event, "previous_item_id") or None
    conversation = case.reading.conversation
    # While it was told, its neighbour may have been deleted, or another been put in between.
    neighbours = (item.previous, conversation.before(item.id))
    behind_head = said is None and any(each in (None, conversation.head) for each in neighbours)
    if said not in neighbours and not behind_head and _may_have_healed(case, item, said):
        return
    case.check(
        said in neighbours or behind_head,
        "other",
        f"previous_item_id is {said or 'null'} in {CONVERSATION_DONE}"
        f" and was another in {CONVERSATION_ADDED}",
        path="previous_item_id",
        expected=neighbours[item.previous in conversation.deleted],
        actual=said,
        because=[item.seen.get(CONVERSATION_ADDED, 0)],
    )
