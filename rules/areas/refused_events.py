"""Rules about client events that were refused: one answer each, and no effects (facts 4.9)."""

from __future__ import annotations

from protocol.event_types import ANSWERS
from rules.areas.answers import called, repeats
from rules.case import EventCase
from rules.registration import on_event
from rules.subjects import dict_of, text_of
from rules.views import ExchangeView

_REQUEST_OF = {answer: request for request, answer in ANSWERS.items()}


@on_event("errors/no-side-effects", "response.done")
def first_response_went_on(case: EventCase) -> None:
    """A refused client event changes nothing; the response that was running when a second one was refused
    goes on.
    """
    known = case.response
    if known.cancelled_by is not None or known.speech_seq:
        return
    second = next(
        (
            e
            for e in case.reading.exchanges.refused
            if e.expectation.reason == "active-response" and e.expectation.detail == known.id
        ),
        None,
    )
    if second is not None:
        status = dict_of(case.event, "response").get("status")
        case.check(
            status != "cancelled",
            "cut-off",
            f"response {known.id} was cancelled when {called(second)}, a second one, was refused",
            path="response.status",
            expected="completed",
            actual=status,
            because=[second.seq, second.answer_seq],
        )


class _CarriedOut(set[int]):
    """Refused client events that were found to be carried out all the same."""


@on_event("errors/one-answer", "error")
def one_error_only(case: EventCase) -> None:
    """A refused client event gets exactly one `error`, and no success event."""
    exchange = case.answered
    if exchange.guessed or exchange.type == "input_audio_buffer.append":
        return
    if exchange.answer_seq == case.entry.seq:
        case.holds()
    elif _came_too_late(exchange):
        return  # the response had ended by itself before the cancellation was read (CB-02)
    elif exchange.type == "input_audio_buffer.commit" and exchange.expectation.kind == "either":
        return  # turn detection was first, and what it committed was taken for the answer
    elif exchange.type != "response.create" or exchange.outcome == "refused":
        case.violated(
            "twice",
            f"{called(exchange)} was answered twice: first with "
            + ("an error" if exchange.outcome == "refused" else ANSWERS.get(exchange.type, "success"))
            + ", then with an error",
            expected="one answer",
            actual="a second answer, error",
            because=[exchange.seq, exchange.answer_seq],
        )


_SUCCESSES = (
    "conversation.item.added",
    "conversation.item.deleted",
    "conversation.item.truncated",
    "conversation.item.retrieved",
    "input_audio_buffer.cleared",
    "response.created",
)


@on_event("errors/one-answer", *_SUCCESSES)
def no_success_after_error(case: EventCase) -> None:
    before = _refused_before(case, case.memory(_CarriedOut))
    if before is not None:
        case.violated(
            "carried-out",
            f"{called(before)} was refused, and {case.entry.type} shows that it was carried out",
            expected=f"no {case.entry.type} after the error",
            actual=case.entry.type,
            because=[before.seq, before.answer_seq],
        )


class _Effects(set[int]):
    """The same, of those that had to be refused."""


@on_event("errors/no-side-effects", *(each for each in _SUCCESSES if each != "conversation.item.retrieved"))
def nothing_was_carried_out(case: EventCase) -> None:
    before = _refused_before(case, case.memory(_Effects))
    if before is not None and before.expectation.kind == "refuse":
        case.violated(
            "carried-out",
            f"{called(before)} was rightly refused, and {case.entry.type} shows that it was carried out",
            expected=f"no {case.entry.type} after the error",
            actual=case.entry.type,
            because=[before.seq, before.answer_seq],
        )


def _refused_before(case: EventCase, carried_out: set[int]) -> ExchangeView | None:
    """Return the refused client event that an event shows to be carried out all the same."""
    request = _REQUEST_OF[case.entry.type]
    if case.link.exchange is not None or repeats(case, request):
        return None  # the answer to what was not refused, perhaps once more
    suspects = [e for e in case.reading.exchanges.refused if e.seq not in carried_out]
    before = next((e for e in suspects if _refused_alike(case, e, request)), None)
    if before is not None:
        carried_out.add(before.seq)
    return before


def _came_too_late(exchange: ExchangeView) -> bool:
    """Tell whether a response had ended by itself, or by speech, when its cancellation was read."""
    if exchange.type != "response.cancel" or exchange.outcome != "accepted":
        return False
    ended = dict_of(exchange.answer, "response")
    by_speech = dict_of(ended, "status_details").get("reason") == "turn_detected"
    return by_speech or text_of(ended, "status") != "cancelled"


def _refused_alike(case: EventCase, exchange: ExchangeView, request: str) -> bool:
    if exchange.type != request:
        return False
    item = dict_of(case.event, "item")
    if request == "conversation.item.create":
        if case.link.item is not None and case.link.item.origin in ("response", "audio"):
            return False
        asked = dict_of(exchange.event, "item")
        at_once = exchange.expectation.kind == "refuse" and exchange.answer_seq == case.reading.last_seq
        at_once &= item.get("role") == asked.get("role")
        return item.get("id") == asked.get("id") or (
            "id" not in asked and (at_once or item.get("content") == asked.get("content"))
        )
    if request == "response.create":
        # Speech may have made a response by itself.
        return not case.reading.may_listen and exchange.answer_seq == case.reading.last_seq
    named = text_of(item, "id") or text_of(case.event, "item_id")
    return named == exchange.item_id
