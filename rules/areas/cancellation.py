"""Rules about responses that the client cancels, and what is left of any that was cut off (facts 4.5)."""

from __future__ import annotations

from dataclasses import dataclass, replace

from protocol.event_types import ITEM_ADDED, ITEM_DONE, PART_ADDED, PART_DONE, RESPONSE_DONE, Event
from rules.areas.answers import called, excused, is_about, owed_refusal
from rules.areas.lifecycle import CUT, FAILED
from rules.areas.responses import announced_items
from rules.case import Case, EventCase, ExchangeCase
from rules.moments import Moment
from rules.order import Automaton, Bound, Effect, followed_by_one
from rules.reading_view import ReadingView
from rules.registration import on_event, on_exchange, on_moment
from rules.subjects import DELTAS, FINAL_FIELD, STREAM_DONES, dict_of, list_of, text_of
from rules.views import ResponseView
from wire.trace import Entry


def _closed(first: str | tuple[str, ...], then: str | tuple[str, ...]) -> Automaton:
    ends = (RESPONSE_DONE, FAILED)
    return followed_by_one(first, then, before=CUT, unless=ends, or_more=True, by_deadline=False)


_LEFT_OPEN = replace(
    followed_by_one(
        CUT,
        "conversation.item.done",
        before=Moment.ITEM_OVERDUE,
        or_more=True,
        or_earlier=True,
        by_deadline=False,
    ),
    words={Effect.MISSING: "conversation.item.done for an item that was cut off as well"},
)
"""The item of the conversation is closed, too; that this comes late is a matter of order."""


def _never_finishes(reading: ReadingView) -> str:
    """Return why nothing follows of items that were cut off, where the server leaves all items open."""
    return "" if reading.finishes_items else "the server never sends conversation.item.done"


ORDER = [
    Bound("cancel/closes-what-is-open", "stream", _closed(DELTAS, STREAM_DONES)),
    Bound("cancel/closes-what-is-open", "part", _closed(PART_ADDED, PART_DONE)),
    Bound("cancel/closes-what-is-open", "item", _closed(ITEM_ADDED, ITEM_DONE)),
    Bound("cancel/closes-what-is-open", "item", _LEFT_OPEN, undecided_if=_never_finishes),
]


@on_exchange("cancel/idle-refused", "response.cancel")
def idle_cancel_refused(case: ExchangeCase) -> None:
    """`response.cancel` with nothing to cancel is answered by an error."""
    exchange = case.exchange
    if exchange.expectation.reason != "no-active-response":
        return
    ended = case.reading.responses.get(text_of(dict_of(exchange.answer, "response"), "id"))
    if exchange.outcome == "accepted" and ended is not None and ended.created_seq > exchange.seq:
        case.undecided("response.created came while response.cancel was under way")  # CB-12
    else:
        owed_refusal(case)


@dataclass
class _RanOn:
    """A cancelled response that ended otherwise, while it may still turn out that it ended too soon."""

    since: int = 0  # the cancellation
    done: Entry | None = None  # the end
    deltas: int = 0  # between the two
    response: ResponseView | None = None


@on_exchange("cancel/active-ends-cancelled", "response.cancel")
def cancel_ends_response(case: ExchangeCase) -> None:
    """`response.cancel` of a running response ends it: `response.done` with status `cancelled`."""
    exchange = case.exchange
    if exchange.expectation.kind != "accept":
        return
    response = case.reading.responses.get(exchange.target)
    if exchange.outcome == "accepted":
        ended = dict_of(exchange.answer, "response")
        if ended.get("status") == "cancelled":
            case.holds()
        elif not was_cut_short(ended) and not had_time_to_see(case, exchange.seq):
            case.undecided("the response had almost ended when response.cancel was sent")
        else:
            ran_on = case.memory(_RanOn)
            ran_on.since, ran_on.done = exchange.seq, case.entry
            ran_on.deltas = case.reading.deltas_since(exchange.seq)
            ran_on.response = response
    elif exchange.outcome == "silent":
        case.undecided("response.done never came, so that nothing shows how the response ended")
    elif exchange.outcome == "refused" and (response is None or (response.active and not response.quiet)):
        case.violated(
            "refused",
            f"{called(exchange)} was refused although response {exchange.target} was active",
            expected="response.done with status cancelled",
            actual=text_of(case.error, "message"),
            because=[exchange.seq],
        )
    else:
        case.undecided("the response ended before response.cancel could take effect")


def was_cut_short(response: Event) -> bool:
    """Tell whether a response that says it completed did not: an item is not finished, or it has none."""
    output = list_of(response, "output")
    return response.get("status") == "completed" and (
        not output or any(text_of(i, "status") in ("incomplete", "in_progress") for i in output)
    )


_RAN_ON_DELTAS, _RAN_ON_S = 20, 0.5
"""A server that reads while it streams has seen a cancellation after so many deltas, or seconds."""


def had_time_to_see(case: Case, since: int) -> bool:
    """Tell whether a response went on so long after entry `since` that the server must have seen it."""
    began = case.reading.times.get(since)
    took = case.entry.t - began if began is not None and case.entry.t is not None else 0.0
    return took > _RAN_ON_S or case.reading.deltas_since(since) >= _RAN_ON_DELTAS


@on_event("cancel/active-ends-cancelled", "error")
def cancel_came_too_late(case: EventCase) -> None:
    """The server says that there is nothing to cancel: so it has read the cancellation only after the end."""
    ran_on = case.memory(_RanOn)
    if ran_on.done is not None and case.answered.seq == ran_on.since:
        ran_on.done = None
        case.undecided("the response ended before response.cancel could take effect")


@on_exchange("cancel/active-ends-cancelled")
def cancel_was_ignored(case: ExchangeCase) -> None:
    """Once something sent later is answered, the cancellation was read and ignored."""
    if case.exchange.answer_seq and case.exchange.seq > case.memory(_RanOn).since:
        _was_ignored(case)


@on_moment("cancel/active-ends-cancelled", Moment.DEADLINE)
def cancel_was_ignored_in_silence(case: Case) -> None:
    """Nothing came after the response, so the cancellation was read and ignored."""
    if case.detail.get("silent"):
        _was_ignored(case)


def _was_ignored(case: Case) -> None:
    ran_on = case.memory(_RanOn)
    done, ran_on.done = ran_on.done, None
    if done is None:
        return
    ended = dict_of(done.event, "response")
    short = was_cut_short(ended)
    case.violated(
        "called-completed" if short else "ran-on",
        f"a response was cancelled and cut short, and its status is {ended.get('status')}"
        if short
        else f"a response was cancelled and ran on to its end, with {ran_on.deltas} more deltas",
        path="response.status",
        expected="cancelled",
        actual=ended.get("status"),
        because=[ran_on.since],
        at=done,
        of=ran_on.response if short else None,
    )


@on_moment("cancel/active-ends-cancelled", Moment.END)
def cancel_left_open(case: Case) -> None:
    done = case.memory(_RanOn).done
    if done is not None and was_cut_short(dict_of(done.event, "response")):
        _was_ignored(case)
    elif done is not None:
        case.undecided("the capture ended before the server could say that response.cancel came too late")


@on_event("cancel/reason-client", RESPONSE_DONE)
def client_is_the_reason(case: EventCase) -> None:
    """A response cancelled by the client gives `client_cancelled` as its reason."""
    known, response = case.response, dict_of(case.event, "response")
    if known.cancelled_by is None or response.get("status") != "cancelled":
        return
    reason = dict_of(response, "status_details").get("reason")
    spoken = known.speech_seq or known.created is None or case.reading.speech is not None
    if spoken and reason == "turn_detected":
        return  # either reason is true
    silent = response.get("status_details") is None
    case.check(
        reason == "client_cancelled",
        "no-details" if silent else "missing" if reason is None else "other",
        f"a response that the client cancelled gives {'no' if reason is None else 'another'} reason",
        path="response.status_details.reason",
        expected="client_cancelled",
        actual=reason,
        because=[known.cancelled_by.seq],
    )


@on_event("cancel/finals-are-what-was-streamed", RESPONSE_DONE)
def finals_were_streamed(case: EventCase) -> None:
    """The final texts of a response that was cut off hold what was streamed, never the rest."""
    known, response = case.response, dict_of(case.event, "response")
    if response.get("status") != "cancelled" or not case.reading.whole:
        return
    for item in known.items:
        if item.arguments is not None and item.done is not None:
            _was_streamed(case, item.arguments.whole, item.done.get("arguments"), item.done_seq)
        for part in item.parts.values():
            for family, stream in part.streams.items():
                if part.done is not None and family in FINAL_FIELD:
                    _was_streamed(case, stream.whole, part.done.get(FINAL_FIELD[family]), part.done_seq)


def _was_streamed(case: Case, streamed: str, final: object, seq: int) -> None:
    # Whether other words are right is told by the order of deltas; and without any delta nobody can tell.
    if streamed and isinstance(final, str) and final.startswith(streamed):
        case.check(
            final == streamed,
            "more-than-streamed",
            "the final text of a cancelled response holds more than its deltas",
            expected=streamed,
            actual=final,
            because=[seq],
        )


@on_event("cancel/cut-item-incomplete", RESPONSE_DONE)
def cut_item_incomplete(case: EventCase) -> None:
    """An item that was cut off has the status `incomplete`."""
    response = dict_of(case.event, "response")
    if response.get("status") not in ("cancelled", "incomplete"):
        return
    for index, listed in enumerate(list_of(response, "output")):
        item = case.reading.items.get(text_of(listed, "id"))
        if item is None or item.done is None or item.done.get("status") == "completed":
            continue  # completed in time, or left open
        status = listed.get("status")
        if status in ("in_progress", "completed", "incomplete"):
            case.check(
                status == "incomplete",
                "status",
                f"the item {item.id} was cut off, and response.done shows it as {status}",
                path=f"response.output[{index}].status",
                expected="incomplete",
                actual=status,
                because=[item.added_seq],
            )


@on_event("cancel/keeps-items", RESPONSE_DONE)
def cancelled_keeps_items(case: EventCase) -> None:
    """Items that were announced before the cancellation stay in the output of `response.done`."""
    known, response = case.response, dict_of(case.event, "response")
    if response.get("status") != "cancelled" or not known.items:
        return
    listed = [text_of(i, "id") for i in list_of(response, "output")]
    lost = [i for i in announced_items(known) if i not in listed]
    case.check(
        not lost,
        "lost",
        f"response.output lacks {', '.join(lost)}, announced before the cancellation",
        path="response.output",
        expected=announced_items(known),
        actual=listed,
        because=[i.added_seq for i in known.items if i.id in lost],
    )


@on_event("cancel/no-cancelled-event", "response.cancelled")
def cancelled_event(case: EventCase) -> None:
    """There is no `response.cancelled` in the protocol; one that comes beside `response.done` is skipped."""
    case.observed("response.cancelled beside response.done")


@on_event("cancel/no-truncation-by-server", "conversation.item.truncated")
def truncation_was_asked_for(case: EventCase) -> None:
    """On a WebSocket the server does not truncate items by itself."""
    in_call = case.reading.of_call is not None and not case.reading.audio_emitted
    if case.reading.knows_asking("conversation.item.truncate") and not in_call:
        case.check(
            case.link.exchange is not None,
            "unasked",
            "an item was truncated although the client did not ask for it",
            expected="conversation.item.truncate first",
            actual="conversation.item.truncated",
        )


@on_exchange("cancel/before-created", "response.cancel")
def cancel_before_created(case: ExchangeCase) -> None:
    """A cancellation sent before `response.created` may miss the response."""
    if case.exchange.expectation.reason == "response-under-way":
        case.observed(case.exchange.outcome)


@on_event("cancel/late-deltas", RESPONSE_DONE)
def late_deltas(case: EventCase) -> None:
    """Deltas may still come between a cancellation and `response.done`."""
    known = case.response
    if known.cancelled_by is not None:
        came = case.reading.deltas_since(known.cancelled_by.seq)
        case.observed("deltas after the cancellation" if came else "no delta after the cancellation")


@on_exchange("cancel/then-create", "response.create")
def create_after_cancelled(case: ExchangeCase) -> None:
    """After a cancelled response is done, a new `response.create` is accepted."""
    exchange, before = case.exchange, case.exchange.after_cancelled
    if exchange.expectation.kind != "accept" or not before:
        return
    if exchange.outcome == "refused" and (not is_about(case) or excused(case)):
        return
    if exchange.outcome in ("accepted", "refused"):
        case.check(
            exchange.outcome == "accepted",
            "refused",
            f"{called(exchange)} was refused after the response.done of a cancelled response",
            expected="response.created",
            actual="error",
            because=[before, exchange.seq],
        )
    else:
        case.undecided("the response.create behind it was not answered")
