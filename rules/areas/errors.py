"""Rules about errors: their form, whom they name, what they leave behind (facts 4.9, 4.11; inworld 7)."""

from __future__ import annotations

from typing import Any

from rules.areas.answers import owed_refusal, refused
from rules.case import Case, rule
from rules.exchanges import ANSWERS, TERMINAL, Exchange
from rules.stimulus import FOREIGN, is_frame
from rules.subjects import dict_of, list_of, text_of

_NORMAL_CLOSES = (1000, 1001)
_TELLING_CLOSES = (1002, 1003, 1007, 1009)  # the code says which frame could not be taken, and why
_REQUEST_OF = {answer: request for request, answer in ANSWERS.items()}

refused("errors/not-an-event-refused", "", reasons={"no-type"})


@rule("errors/shape", "error")
def error_shape(case: Case) -> None:
    error = dict_of(case.event, "error")
    bare = case.dialect == "inworld" and bool(text_of(case.event, "message"))  # inworld 7.1
    empty = [n for n in ("type", "message") if not text_of(error, n) and not bare]
    case.check(
        not empty,
        f"the error has no {' and no '.join(empty)}",
        path=f"error.{empty[0]}" if empty else "",
        expected="text",
        actual=error.get(empty[0]) if empty else "",
    )


@rule("errors/event-id-echoed", "error", malformed=True)
def error_names_its_cause(case: Case) -> None:
    exchange, named = case.link.exchange, dict_of(case.event, "error").get("event_id")
    if exchange is not None and exchange.event_id:
        case.check(
            not exchange.guessed,
            f"the error for {exchange.type or 'a client event'} does not name it",
            path="error.event_id",
            expected=exchange.event_id,
            actual=named,
            because=[exchange.seq],
        )
    elif exchange is None and named and case.reading.whole and case.reading.measured:
        case.check(
            named in case.reading.exchanges.ids,
            "the error names a client event that was never sent",
            path="error.event_id",
            expected="the event_id of a client event, or null",
            actual=named,
        )


@rule("errors/session-survives", "error")
def error_came(case: Case) -> None:
    code = text_of(dict_of(case.event, "error"), "code")
    if case.link.exchange is not None and code not in TERMINAL:
        case.reading.watched["error"] = case.entry.seq
        idle = case.link.exchange.expectation.reason == "no-active-response"
        case.reading.watched["idle-cancel"] = case.entry.seq if idle else 0


@rule("errors/session-survives", "@exchange")
def session_went_on(case: Case) -> None:
    error, exchange = case.reading.watched.get("error", 0), case.exchange
    if error and exchange is not None and exchange.outcome == "accepted":
        del case.reading.watched["error"]
        case.holds()


@rule("errors/idle-cancel-harmless", "@exchange")
def idle_cancel_was_harmless(case: Case) -> None:
    error, exchange = case.reading.watched.get("idle-cancel", 0), case.exchange
    if error and exchange is not None and exchange.outcome == "accepted":
        case.reading.watched["idle-cancel"] = 0
        case.holds()


@rule("errors/idle-cancel-harmless", "@close")
def idle_cancel_ended_session(case: Case) -> None:
    error = case.reading.watched.get("idle-cancel", 0)
    if error and case.entry.dir == "server":
        case.reading.watched["close-explained"] = 1
        case.violated(
            "the session ended after the error for cancelling nothing",
            expected="the session goes on",
            actual=_close(case),
            because=[error],
        )


def _close(case: Case) -> str:
    detail = case.entry.detail or {}
    return f"close {detail.get('code')} {detail.get('reason') or ''}".strip()


@rule("errors/session-survives", "@close")
def session_ended_after_error(case: Case) -> None:
    if case.entry.dir != "server":
        return
    error = case.reading.watched.get("error", 0)
    if error and error == case.reading.last_seq and not case.reading.watched.get("close-explained"):
        case.violated(
            "the server ended the connection after an error that a client event caused",
            expected="the session goes on",
            actual=_close(case),
            because=[error],
        )
    sent = [e for e in case.reading.exchanges.open if e.expectation.kind == "refuse"]
    if not error and sent:
        case.reading.watched["error"] = case.reading.last_seq  # errors/announced-before-close leaves it to us
        case.violated(
            "the server ended the connection over a client event instead of refusing it",
            expected="an error, and the session goes on",
            actual=_close(case),
            because=[sent[0].seq],
        )


@rule("errors/announced-before-close", "@close")
def close_is_announced(case: Case) -> None:
    detail = case.entry.detail or {}
    if case.entry.dir != "server" or detail.get("code") in (*_NORMAL_CLOSES, *_TELLING_CLOSES):
        return
    blamed = (case.reading.watched.get("error", 0), case.reading.watched.get("transcription-failed", 0))
    if case.reading.last_seq and case.reading.last_seq in blamed:
        return  # the business of errors/session-survives or transcription/failure-is-local
    if not case.reading.whole and not case.reading.last_seq:
        case.undecided("the capture does not hold what came before the close")
        return
    case.check(
        case.reading.last_type == "error",
        "the server ended the connection without saying why",
        expected="an error before the close",
        actual=_close(case),
    )


@rule("errors/no-side-effects", "response.done")
def first_response_went_on(case: Case) -> None:
    known = case.link.response
    if known is None or known.cancelled_by is not None or known.speech_seq:
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
            "a response was cut off by a second response.create that was refused",
            path="response.status",
            expected="completed",
            actual=status,
            because=[second.seq, second.answer_seq],
        )


@rule("errors/one-answer", "error")
def one_error_only(case: Case) -> None:
    exchange = case.link.exchange
    if exchange is None or exchange.guessed or exchange.type == "input_audio_buffer.append":
        return
    if exchange.answer_seq == case.entry.seq:
        case.holds()
    elif _came_too_late(exchange):
        return  # the response had ended by itself before the cancellation was read (CB-02)
    elif exchange.type == "input_audio_buffer.commit" and exchange.expectation.kind == "either":
        return  # turn detection was first, and what it committed was taken for the answer
    elif exchange.type != "response.create" or exchange.outcome == "refused":
        case.violated(
            f"{exchange.type} was answered twice: now with an error, before with "
            + ("an error" if exchange.outcome == "refused" else "success"),
            expected="one answer",
            actual="a second",
            because=[exchange.seq, exchange.answer_seq],
        )


@rule(
    "errors/one-answer",
    "conversation.item.added",
    "conversation.item.deleted",
    "conversation.item.truncated",
    "conversation.item.retrieved",
    "input_audio_buffer.cleared",
    "response.created",
)
def no_success_after_error(case: Case) -> None:
    if case.link.exchange is not None:
        return
    request = _REQUEST_OF[case.entry.type]
    before = next((e for e in case.reading.exchanges.refused if _refused_alike(case, e, request)), None)
    if before is not None:
        before.notes["answered-again"] = case.entry.seq
        case.violated(
            f"{request} was refused, and then carried out",
            expected="no success after an error",
            actual=case.entry.type,
            because=[before.seq, before.answer_seq],
        )


def _came_too_late(exchange: Exchange) -> bool:
    """Tell whether a response had ended by itself, or by speech, when its cancellation was read."""
    if exchange.type != "response.cancel" or exchange.outcome != "accepted":
        return False
    ended = dict_of(exchange.answer, "response")
    by_speech = dict_of(ended, "status_details").get("reason") == "turn_detected"
    return by_speech or text_of(ended, "status") != "cancelled"


def _refused_alike(case: Case, exchange: Exchange, request: str) -> bool:
    if exchange.type != request or "answered-again" in exchange.notes:
        return False
    item = dict_of(case.event, "item")
    if request == "conversation.item.create":
        if case.link.item is not None and case.link.item.origin in ("response", "audio"):
            return False
        asked = dict_of(exchange.event, "item")
        return item.get("id") == asked.get("id") or (
            "id" not in asked and item.get("content") == asked.get("content")
        )
    if request == "response.create":
        # Speech may have made a response by itself.
        return not case.reading.may_listen and exchange.answer_seq == case.reading.last_seq
    named = text_of(item, "id") or text_of(case.event, "item_id")
    return named == exchange.item_id


@rule("errors/unknown-type-refused", "@exchange")
def unknown_type_refused(case: Case) -> None:
    exchange = case.exchange
    if exchange is not None and exchange.expectation.reason == "unknown-type":
        case.observed(exchange.outcome)
        owed_refusal(case, exchange)


@rule("errors/unknown-type-code", "@exchange")
def unknown_type_code(case: Case) -> None:
    exchange = case.exchange
    if exchange is None or exchange.expectation.reason != "unknown-type" or exchange.outcome != "refused":
        return
    error = dict_of(exchange.answer, "error")
    said = (error.get("code"), error.get("param"))
    case.check(
        said == ("invalid_value", "type"),
        "the error for an unknown type has another code or param",
        path="error.code",
        expected="invalid_value, param type",
        actual=f"{said[0]}, param {said[1]}",
        because=[exchange.seq],
    )


@rule("errors/invalid-event-refused", "@exchange")
def invalid_event_refused(case: Case) -> None:
    exchange = case.exchange
    if exchange is not None and exchange.expectation.reason == "schema":
        case.observed(exchange.outcome)
        if exchange.outcome == "accepted" and "output_modalities" in exchange.expectation.detail:
            return  # the business of session/updated/one-modality, which looks at what is shown
        owed_refusal(case, exchange)


@rule("errors/type-names-culprit", "error")
def error_type_fits(case: Case) -> None:
    exchange = case.link.exchange
    kind = text_of(dict_of(case.event, "error"), "type")
    if exchange is not None and exchange.expectation.kind == "refuse" and kind:
        case.check(
            kind == "invalid_request_error",
            "a mistake of the client gives an error of another type than invalid_request_error",
            path="error.type",
            expected="invalid_request_error",
            actual=kind,
            because=[exchange.seq],
        )


@rule("errors/every-event-answered", "@exchange")
def every_event_answered(case: Case) -> None:
    """Where an answer is owed, or a refusal, another rule speaks; this is for all the rest."""
    exchange = case.exchange
    if exchange is None or exchange.expectation.kind != "either":
        return
    if exchange.type == "input_audio_buffer.append" or is_frame(exchange) or exchange.expectation is FOREIGN:
        return
    if exchange.notes.get("fragments"):
        return  # the business of robustness/fragments-joined
    if exchange.outcome in ("accepted", "refused"):
        case.holds()
    elif exchange.outcome == "silent":
        case.observed(f"{exchange.type}: silent")
        case.violated(
            f"{exchange.type} got no answer at all",
            expected="success or an error",
            actual="nothing",
            because=[exchange.seq],
        )


@rule("rate-limits/may-be-absent", "response.done")
def without_rate_limits(case: Case) -> None:
    if not case.reading.watched.get("rate-limits"):
        case.observed("response without rate_limits.updated before its end")


@rule("rate-limits/anywhere", "rate_limits.updated")
def place_of_rate_limits(case: Case) -> None:
    case.reading.watched["rate-limits"] = case.entry.seq
    case.observed("during a response" if case.reading.active is not None else "outside a response")


@rule("rate-limits/well-formed", "rate_limits.updated")
def rate_limits_well_formed(case: Case) -> None:
    for index, entry in enumerate(list_of(case.event, "rate_limits")):
        limit, remaining, reset = (_number(entry, n) for n in ("limit", "remaining", "reset_seconds"))
        wrong = ""
        if limit is not None and remaining is not None and remaining > limit:
            wrong = "remaining"
        elif reset is not None and reset < 0:
            wrong = "reset_seconds"
        case.check(
            not wrong,
            "a rate limit contradicts itself",
            path=f"rate_limits[{index}].{wrong}",
            expected="remaining <= limit, reset_seconds >= 0",
            actual=entry,
        )


def _number(value: Any, key: str) -> float | None:
    found = value.get(key) if isinstance(value, dict) else None
    return found if isinstance(found, int | float) else None
