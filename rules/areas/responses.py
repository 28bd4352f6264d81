"""Rules about what a response says of itself: status, metadata, output, usage (facts 4.4)."""

from __future__ import annotations

from typing import Any

from protocol.event_types import RESPONSE_CREATED, RESPONSE_DONE
from rules.case import EventCase
from rules.item_versions import parting, same_item
from rules.registration import on_event
from rules.stimulus import DISPUTED
from rules.subjects import dict_of, list_of, text_of
from rules.views import ItemView, ResponseView
from schemas.explain import shown_value

_FINAL_STATUSES = ("completed", "cancelled", "failed", "incomplete")


@on_event("response/created/in-progress", RESPONSE_CREATED)
def created_in_progress(case: EventCase) -> None:
    """`response.created` shows the status `in_progress`."""
    status = dict_of(case.event, "response").get("status")
    case.check(
        status == "in_progress",
        "status",
        f"response.created has the status {status}; it must be in_progress",
        path="response.status",
        expected="in_progress",
        actual=status,
    )


@on_event("response/created/empty", RESPONSE_CREATED, malformed=("response.usage*",))
def created_empty(case: EventCase) -> None:
    """`response.created` shows no output, no usage and no status details yet."""
    response = dict_of(case.event, "response")
    full = [n for n in ("output", "usage", "status_details") if response.get(n)]
    case.check(
        not full,
        "not-empty",
        f"a response is created with {', '.join(full)}",
        path=f"response.{full[0]}" if full else "",
        expected="nothing yet",
        actual=response.get(full[0]) if full else "",
    )


@on_event("response/done/terminal-status", RESPONSE_DONE)
def done_is_terminal(case: EventCase) -> None:
    """The status in `response.done` is `completed`, `cancelled`, `failed` or `incomplete`."""
    status = dict_of(case.event, "response").get("status")
    case.check(
        status in _FINAL_STATUSES,
        "status",
        f"response.done has the status {status}, which is not final",
        path="response.status",
        expected=" or ".join(_FINAL_STATUSES),
        actual=status,
    )


@on_event(
    "response/done/status-details-shape",
    RESPONSE_CREATED,
    RESPONSE_DONE,
    malformed=("response.status_details*",),
)
def status_details_shape(case: EventCase) -> None:
    """`status_details` is an object or null, and its `type`, where given, repeats the status."""
    response = dict_of(case.event, "response")
    details = response.get("status_details")
    if details is None:
        case.holds()
        return
    if case.entry.type == RESPONSE_CREATED and isinstance(details, dict):
        return  # which there are none to be of yet
    said = details.get("type", response.get("status")) if isinstance(details, dict) else details
    case.check(
        isinstance(details, dict) and said == response.get("status"),
        "shape",
        f"status_details.type is {shown_value(said)}; it must repeat the status, {response.get('status')}"
        if isinstance(details, dict)
        else f"status_details is {shown_value(details)}; it must be an object or null",
        path="response.status_details",
        expected=f"null or type {response.get('status')}",
        actual=details,
    )


@on_event("response/done/status-details-given", RESPONSE_DONE)
def status_details_given(case: EventCase) -> None:
    """`status_details` is null for a completed response, and says why for any other."""
    response = dict_of(case.event, "response")
    status, details = response.get("status"), response.get("status_details")
    if status not in _FINAL_STATUSES or not (details is None or isinstance(details, dict)):
        return
    case.check(
        (details is None) == (status == "completed"),
        "given" if details else "missing",
        f"status_details {'are given' if details else 'are missing'} in a response that is {status}",
        path="response.status_details",
        expected="null" if status == "completed" else "an object with the reason",
        actual=details,
    )


def _metadata(value: Any) -> Any:
    return value or None


@on_event("response/metadata-echoed", RESPONSE_CREATED)
def metadata_echoed(case: EventCase) -> None:
    """The `metadata` of the request show in `response.created` and `response.done`; without any they are
    null.
    """
    exchange, response = case.link.exchange, dict_of(case.event, "response")
    if exchange is None and not case.reading.knows_asking("response.create"):
        return
    if exchange is not None and exchange.expectation is DISPUTED:
        return
    asked = dict_of(exchange.event, "response").get("metadata") if exchange is not None else None
    if not asked and "metadata" not in response:
        return  # nothing is not null, and here no value is expected
    if not response.get("metadata") and not case.reading.whole and case.reading.may_listen:
        return  # perhaps the server made it by itself, of speech before the capture began
    case.check(
        _metadata(response.get("metadata")) == _metadata(asked),
        "other",
        "the metadata of the response differs from that of its response.create",
        path="response.metadata",
        expected=asked,
        actual=response.get("metadata"),
        because=[exchange.seq] if exchange is not None else [],
    )


@on_event("response/conversation-id/constant", RESPONSE_CREATED)
def conversation_id_constant(case: EventCase) -> None:
    """All responses of the default conversation name the same `conversation_id`, not null."""
    exchange, response = case.link.exchange, dict_of(case.event, "response")
    asked = dict_of(exchange.event, "response") if exchange is not None else {}
    asking = exchange is not None or case.reading.knows_asking("response.create")
    if asked.get("conversation") == "none" or not asking:
        return
    known, said = case.reading.conversation_id, text_of(response, "conversation_id")
    case.check(
        bool(said) and known in (None, said),
        "other",
        f"response.conversation_id is {shown_value(response.get('conversation_id'))}; it must be "
        f"{known or 'the id of the conversation'}, as the response belongs to the default conversation",
        path="response.conversation_id",
        expected=known or "the id of the conversation",
        actual=response.get("conversation_id"),
        because=[case.reading.conversation_id_seq],
    )


@on_event("response/done/same-as-created", RESPONSE_DONE)
def done_same_as_created(case: EventCase) -> None:
    """`response.done` shows the same `conversation_id`, `metadata`, `output_modalities` and voice as
    `response.created`.
    """
    known = case.response
    if known.created is None:
        return
    said = dict_of(case.event, "response")
    before, now = _of_its_own(known.created), _of_its_own(said)
    wrong = [n for n in before if now.get(n) != before[n] and (n != _VOICE or n in now)]
    case.check(
        not wrong,
        "changed",
        f"response.done shows another {wrong[0] if wrong else ''} than response.created",
        path=f"response.{wrong[0]}" if wrong else "",
        expected=before[wrong[0]] if wrong else "",
        actual=now.get(wrong[0]) if wrong else "",
        because=[known.created_seq],
    )


_VOICE = "audio.output.voice"


def _of_its_own(response: dict[str, Any]) -> dict[str, Any]:
    """Return the fields of a response that do not change while it runs."""
    names = ("conversation_id", "metadata", "output_modalities")
    found = {n: response[n] for n in names if n in response}
    voice = dict_of(dict_of(response, "audio"), "output").get("voice")
    return {**found, _VOICE: voice} if voice is not None else found


def announced_items(response: ResponseView) -> list[str]:
    """Return the ids of the response's announced items, in index order."""
    indexed = [
        (i.output_index if i.output_index is not None else n, n, i.id) for n, i in enumerate(response.items)
    ]
    return [id_ for _, _, id_ in sorted(indexed)]


def _spoken_of(item: ItemView | None) -> bool:
    """Return whether events of a response were about it; that the conversation got it does not count."""
    return item is not None and bool(item.within or item.parts or item.arguments)


@on_event("response/done/lists-items", RESPONSE_DONE)
def done_lists_items(case: EventCase) -> None:
    """`response.done` lists exactly the items that were announced for the response, in index order."""
    known, response = case.response, dict_of(case.event, "response")
    if known.created is None or response.get("status") == "cancelled":
        return
    listed = [text_of(i, "id") for i in list_of(response, "output")]
    expected = announced_items(known)
    # An item of which the response spoke, and which it never announced, is listed rightly.
    unannounced = [i for i in listed if _spoken_of(case.reading.items.get(i)) and i not in expected]
    case.check(
        [i for i in listed if i not in unannounced] == expected,
        "other",
        "response.done does not list the items that were announced for the response",
        path="response.output",
        expected=expected,
        actual=listed,
        because=[known.created_seq, *(i.added_seq for i in known.items)],
    )


@on_event("response/done/items-equal", RESPONSE_DONE)
def done_items_equal(case: EventCase) -> None:
    """Each item in `response.done` equals the one in its `response.output_item.done`."""
    for index, (known, listed) in enumerate(_pairs(case)):
        if known.done is None:
            continue
        shown_value = listed
        if known.done.get("status") == "completed":
            shown_value = {**listed, "status": "completed"}  # whether it stays so is less than a MUST (RS-25)
        if same_item(known.done, shown_value):
            case.holds()
            continue
        place, expected, actual = parting(known.done, shown_value)
        case.violated(
            "differs",
            "response.done shows an item otherwise than its response.output_item.done",
            path=f"response.output[{index}]{place}",
            expected=expected,
            actual=actual,
            because=[known.done_seq],
            of=known,
        )


def _pairs(case: EventCase) -> list[tuple[ItemView, dict[str, Any]]]:
    """Return the items listed in response.done with what is known of them."""
    listed = list_of(dict_of(case.event, "response"), "output")
    known = case.reading.items
    return [(known[text_of(i, "id")], i) for i in listed if text_of(i, "id") in known]


@on_event("response/item/completed-stays-completed", RESPONSE_DONE)
def completed_stays_completed(case: EventCase) -> None:
    """An item that ended completed is completed in `response.done`, even if the response was cancelled
    later.
    """
    for index, (known, listed) in enumerate(_pairs(case)):
        if known.done is not None and known.done.get("status") == "completed":
            case.check(
                listed.get("status") == "completed",
                "status",
                f"the completed item {known.id} has the status {listed.get('status')} in response.done",
                path=f"response.output[{index}].status",
                expected="completed",
                actual=listed.get("status"),
                because=[known.done_seq],
            )


@on_event("response/done/completed-has-output", RESPONSE_DONE)
def completed_has_output(case: EventCase) -> None:
    """A completed response has at least one output item."""
    response = dict_of(case.event, "response")
    if response.get("status") == "completed":
        output = list_of(response, "output")
        case.check(
            bool(output),
            "empty",
            "a completed response has no output",
            path="response.output",
            expected="at least one item",
            actual=output,
        )


@on_event("response/item/number", RESPONSE_DONE)
def number_of_items(case: EventCase) -> None:
    """A response may have any number of items, several messages among them."""
    case.observed(f"{len(list_of(dict_of(case.event, 'response'), 'output'))} items")


@on_event("response/ids-unique", RESPONSE_CREATED)
def ids_unique(case: EventCase) -> None:
    """Response ids are unique in a session, and no item has the id of a response."""
    taken = case.link.reused_seq or case.response.id in case.reading.items
    case.check(
        not taken,
        "in-use",
        f"the id {case.response.id} was that of another response before",
        path="response.id",
        expected="a new id",
        actual=case.response.id,
        because=[case.link.reused_seq],
    )
