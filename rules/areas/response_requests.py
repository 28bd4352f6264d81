"""Rules about asking for responses: each is acknowledged, and one runs at a time (facts 4.4; inworld 5.4)."""

from __future__ import annotations

from protocol.event_types import RESPONSE_CREATED, RESPONSE_DONE
from rules.areas.answers import acknowledged, called
from rules.case import EventCase, ExchangeCase
from rules.reading_view import ReadingView
from rules.registration import on_event, on_exchange
from rules.subjects import dict_of, text_of
from rules.views import ExchangeView, ResponseView

_SLOWER = 8  # times as long as the server takes otherwise is not only that it is slow
_STALL_S = 1.0  # for which who captures may have stood still, on a machine that has much to do
_QUEUED_S = 0.2  # a request this much older than the end of the response before it was not just a race


def beside_another(case: ExchangeCase) -> bool:
    """Tell whether an out-of-band response was asked for while another one ran."""
    asked = dict_of(case.exchange.event, "response")
    return asked.get("conversation") == "none" and case.exchange.while_active


def refused_as_busy(case: ExchangeCase) -> bool:
    """Tell whether a client event was refused because a response runs."""
    busy = text_of(case.error, "code") == "conversation_already_has_active_response"
    return case.exchange.outcome == "refused" and busy


def _refused_beside_another(case: ExchangeCase) -> bool:
    """That two run beside each other is not promised in every dialect (OB-04; inworld 5.4)."""
    return beside_another(case) and refused_as_busy(case)


acknowledged("response/create/acknowledged", "response.create", unless=_refused_beside_another)


class _Overlaps(dict[str, tuple[int, ...]]):
    """Running responses that seemed to be over when another was created: the evidence, by their ids."""


@on_event("response/create/one-at-a-time", RESPONSE_CREATED)
def one_response_at_a_time(case: EventCase) -> None:
    """While a response writes to the default conversation, a second `response.create` is refused and the
    first goes on.
    """
    response, active, exchange = case.link.response, case.reading.active, case.link.exchange
    asked = dict_of(exchange.event, "response") if exchange is not None else {}
    shown_value = dict_of(case.event, "response")
    if asked.get("conversation") == "none" or (
        "conversation_id" in shown_value and shown_value["conversation_id"] is None
    ):
        return
    if active is not None and active is not response:
        evidence = (case.entry.seq, exchange.seq if exchange is not None else 0)
        if active.quiet:
            case.memory(_Overlaps)[active.id] = evidence  # perhaps only its response.done was left out
        else:
            _two_at_a_time(case, active, evidence)
    elif exchange is not None and exchange.expectation.reason in ("active-response", "response-under-way"):
        before = _the_one_before(case, exchange)
        if before is None and exchange.expectation.reason == "response-under-way":
            return
        waited = _seconds_between(exchange.sent_at, before.done_t if before is not None else None)
        if waited is not None and _was_queued(waited, case.reading):
            case.violated(
                "queued",
                "a second response.create was kept until the first response was done, then carried out",
                expected="error conversation_already_has_active_response",
                actual="response.created",
                because=[before.created_seq if before is not None else 0, exchange.seq],
            )
        else:
            case.undecided("the first response ended just after the second response.create was sent")


def _was_queued(waited: float, reading: ReadingView) -> bool:
    """Tell whether a request that `waited` so many seconds for the end of a response was read before it.

    Where all of that was one lull, whoever captured it may just have been late to read what had come.
    """
    lull = reading.lull_s if reading.lull_s < _STALL_S else 0.0
    return waited - lull > _QUEUED_S and waited > _SLOWER * reading.slowest_s


def _the_one_before(case: EventCase, exchange: ExchangeView) -> ResponseView | None:
    """Return the response that ran when the server read a second `response.create`, and is done by now."""
    if exchange.expectation.reason == "active-response":
        return case.reading.responses.get(exchange.expectation.detail)
    asked_before = (r for r in case.reading.responses.values() if r.request is not None and r.done_seq)
    return next(
        (
            r
            for r in asked_before
            if r.request and r.request.seq < exchange.seq < r.created_seq and not r.out_of_band
        ),
        None,
    )


def _two_at_a_time(case: EventCase, first: ResponseView, second: tuple[int, ...]) -> None:
    case.violated(
        "two",
        f"a second response was created while {first.id} was writing to the default conversation",
        expected="error conversation_already_has_active_response",
        actual="response.created",
        because=[first.created_seq, *second],
        of=first,
    )


@on_event("response/create/one-at-a-time", "response.output_item.added", RESPONSE_DONE)
def first_response_was_not_over(case: EventCase) -> None:
    first = case.response
    second = case.memory(_Overlaps).pop(first.id, None)
    if second is not None and first.active:
        _two_at_a_time(case, first, second)


def _seconds_between(start: float | None, end: float | None) -> float | None:
    return end - start if start is not None and end is not None else None


@on_exchange("response/create/one-at-a-time", "response.create")
def second_response_refused(case: ExchangeCase) -> None:
    exchange = case.exchange
    if exchange.expectation.reason != "active-response":
        return
    if exchange.outcome == "refused":
        case.holds()
    elif exchange.outcome == "silent":
        case.violated(
            "unanswered",
            f"{called(exchange)}, sent while a response was active, was not answered",
            expected="error conversation_already_has_active_response",
            actual="nothing",
            because=[exchange.seq],
        )


@on_exchange("response/create/slot-frees-at-done", "response.create")
def create_behind_cancel(case: ExchangeCase) -> None:
    """A `response.create` right behind a cancellation may be refused until `response.done`."""
    exchange = case.exchange
    active = case.reading.responses.get(exchange.expectation.detail)  # which only an active-response names
    if active is not None and active.cancelled_by is not None:
        case.observed(exchange.outcome)
