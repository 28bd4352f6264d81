"""Rules about errors: their form, whom they name, what they leave behind (facts 4.9, 4.11; inworld 7)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from protocol.event_types import ANSWERS
from rules.areas.answers import called, owed_refusal, refused
from rules.case import Case, EventCase, ExchangeCase
from rules.moments import Moment
from rules.registration import ANYWHERE, on_event, on_exchange, on_moment
from rules.session_ends import is_terminal
from rules.stimulus import FOREIGN, is_frame
from rules.subjects import dict_of, list_of, text_of
from schemas.explain import shown_value

_NORMAL_CLOSES = (1000, 1001)
_TELLING_CLOSES = (1002, 1003, 1007, 1009, 1012)  # which frame could not be taken, or that it starts anew
_ABNORMAL = 1006  # no close frame came: nobody says who ended it

refused("errors/not-an-event-refused", "", reasons={"no-type"})


@on_event("errors/shape", "error", malformed=("error.type", "error.message"))
def error_shape(case: EventCase) -> None:
    """An `error` has a non-empty `type` and a non-empty `message`."""
    error = dict_of(case.event, "error")
    bare = case.dialect.switches.sends_bare_errors and bool(text_of(case.event, "message"))  # inworld 7.1
    empty = [n for n in ("type", "message") if not text_of(error, n) and not bare]
    case.check(
        not empty,
        "incomplete",
        f"the error has no {' and no '.join(empty)}",
        path=f"error.{empty[0]}" if empty else "",
        expected="text",
        actual=error.get(empty[0]) if empty else "",
    )


@on_event("errors/event-id-echoed", "error", malformed=(ANYWHERE,))
def error_names_its_cause(case: EventCase) -> None:
    """`error.event_id` is the `event_id` of the client event that caused the error, where it had one."""
    exchange, named = case.link.exchange, dict_of(case.event, "error").get("event_id")
    if exchange is not None and exchange.event_id:
        case.check(
            not exchange.guessed,
            "not-named",
            f"error.event_id is {shown_value(named)}; it must be {exchange.event_id},"
            f" the event_id of the refused {exchange.type or 'client event'}",
            path="error.event_id",
            expected=exchange.event_id,
            actual=named,
            because=[exchange.seq],
        )
    elif exchange is None and named and case.reading.whole and case.reading.measured:
        case.check(
            named in case.reading.exchanges.ids,
            "unknown-event",
            f"error.event_id is {shown_value(named)}, and the client sent no event with that event_id",
            path="error.event_id",
            expected="the event_id of a client event, or null",
            actual=named,
        )


@dataclass
class _Error:
    """The last error that a client event caused, until something sent is answered again."""

    seq: int = 0


@on_event("errors/session-survives", "error")
def error_came(case: EventCase) -> None:
    """An error that a client event caused leaves the connection open and usable."""
    if case.link.exchange is not None and not _ends(case):
        case.memory(_Error).seq = case.entry.seq


def _ends(case: EventCase) -> bool:
    return is_terminal(dict_of(case.event, "error"))


@on_exchange("errors/session-survives")
def session_went_on(case: ExchangeCase) -> None:
    error = case.memory(_Error)
    if error.seq and case.exchange.outcome == "accepted":
        error.seq = 0
        case.holds()


@on_moment("errors/session-survives", Moment.CLOSE)
def session_ended_after_error(case: Case) -> None:
    if case.entry.dir != "server" or case.reading.end_seq:
        return
    error = case.memory(_Error).seq
    sent = [e for e in case.reading.exchanges.open if e.expectation.kind == "refuse"]
    if _ended_at(case, error):
        case.violated(
            "ended-after-error",
            "the server ended the connection after an error that a client event caused",
            expected="the session goes on",
            actual=_close(case),
            because=[error],
        )
    if not error and sent:
        case.violated(
            "ended-instead-of-error",
            f"the server ended the connection after {called(sent[0])} instead of refusing it with an error",
            expected="an error, and the session goes on",
            actual=_close(case),
            because=[sent[0].seq],
        )


def _ended_at(case: Case, error: int) -> bool:
    """Tell whether the connection ended at the entry `error`, not at what came or was sent behind it."""
    later = any(e.seq > error for e in case.reading.exchanges.open)
    return bool(error) and error == case.reading.last_seq and not later


@on_event("errors/idle-cancel-harmless", "error")
def idle_cancel_was_refused(case: EventCase) -> None:
    """The error for cancelling nothing does not end the session."""
    if case.link.exchange is not None and not _ends(case):
        idle = case.link.exchange.expectation.reason == "no-active-response"
        case.memory(_Error).seq = case.entry.seq if idle else 0


@on_exchange("errors/idle-cancel-harmless")
def idle_cancel_was_harmless(case: ExchangeCase) -> None:
    error = case.memory(_Error)
    if error.seq and case.exchange.outcome == "accepted":
        error.seq = 0
        case.holds()


@on_moment("errors/idle-cancel-harmless", Moment.CLOSE)
def idle_cancel_ended_session(case: Case) -> None:
    error = case.memory(_Error).seq
    if case.entry.dir == "server" and not case.reading.end_seq and _ended_at(case, error):
        case.violated(
            "ended",
            "the session ended after the error for a response.cancel without an active response",
            expected="the session goes on",
            actual=_close(case),
            because=[error],
        )


def _close(case: Case) -> str:
    return f"close {case.detail.get('code')} {case.detail.get('reason') or ''}".strip()


@on_moment("errors/announced-before-close", Moment.CLOSE)
def close_is_announced(case: Case) -> None:
    """A server that ends the connection by itself says why in an `error` first."""
    expected_code = case.detail.get("code") in (*_NORMAL_CLOSES, *_TELLING_CLOSES)
    if case.entry.dir != "server" or expected_code:
        return
    if not case.reading.whole and not case.reading.last_seq:
        case.undecided("the capture holds nothing of what came before the close")
        return
    if case.detail.get("code") == _ABNORMAL and not case.reading.measured:
        case.undecided("the connection was lost, and the capture does not show on whose side")
        return
    case.check(
        case.reading.last_type == "error" or bool(case.reading.end_seq),
        "unannounced",
        "the server ended the connection and sent no error before the close",
        expected="an error before the close",
        actual=_close(case),
    )


@on_exchange("errors/unknown-type-refused")
def unknown_type_refused(case: ExchangeCase) -> None:
    """A client event of unknown `type` is answered by an error."""
    exchange = case.exchange
    if exchange.expectation.reason == "unknown-type":
        case.observed(exchange.outcome)
        owed_refusal(case)


@on_exchange("errors/unknown-type-code")
def unknown_type_code(case: ExchangeCase) -> None:
    """The error for an unknown `type` may have any code and `param`; OpenAI says `invalid_value`, `type`."""
    exchange = case.exchange
    if exchange.expectation.reason == "unknown-type" and exchange.outcome == "refused":
        case.observed(f"{case.error.get('code')}, param {case.error.get('param')}")


@on_exchange("errors/invalid-event-refused")
def invalid_event_refused(case: ExchangeCase) -> None:
    """A client event that its schema does not allow is answered by an error."""
    exchange = case.exchange
    if exchange.expectation.reason == "schema":
        case.observed(exchange.outcome)
        if exchange.outcome == "accepted" and "output_modalities" in exchange.expectation.detail:
            return  # it may well be refused by what is shown: one modality
        owed_refusal(case)


@on_event("errors/type-names-culprit", "error")
def error_type_fits(case: EventCase) -> None:
    """A mistake of the client gives an error of type `invalid_request_error`."""
    exchange = case.answered
    kind = text_of(dict_of(case.event, "error"), "type")
    if exchange.expectation.kind == "refuse" and kind:
        case.check(
            kind == "invalid_request_error",
            "other",
            f"error.type is {kind}; it must be invalid_request_error, as {called(exchange)} is the client's "
            "mistake",
            path="error.type",
            expected="invalid_request_error",
            actual=kind,
            because=[exchange.seq],
        )


@on_exchange("errors/every-event-answered")
def every_event_answered(case: ExchangeCase) -> None:
    """Every client event but `append` gets some answer.

    Where an answer is owed, or a refusal, another rule speaks; this is for all the rest.
    """
    exchange = case.exchange
    if exchange.expectation.kind != "either":
        return
    if exchange.type == "input_audio_buffer.append" or is_frame(exchange) or exchange.expectation is FOREIGN:
        return
    if exchange.fragments:
        return  # of which nobody knows whether a server can read them at all
    if exchange.type == "response.cancel" and case.reading.active is not None:
        return  # it is answered by the end of the response, which is owed anyhow
    if exchange.outcome in ("accepted", "refused"):
        case.holds()
    elif exchange.outcome == "silent":
        case.observed(f"{exchange.type}: silent")
        case.violated(
            "unanswered",
            f"{called(exchange)} was not answered, neither with success nor with an error",
            expected=f"{ANSWERS.get(exchange.type, 'success')} or error",
            actual="no answer",
            because=[exchange.seq],
        )


@on_event("rate-limits/may-be-absent", "response.done")
def without_rate_limits(case: EventCase) -> None:
    """`rate_limits.updated` may be absent altogether."""
    if not case.reading.rate_limits_seq:
        case.observed("response without rate_limits.updated before its end")


@on_event("rate-limits/anywhere", "rate_limits.updated")
def place_of_rate_limits(case: EventCase) -> None:
    """`rate_limits.updated` may come at any place of a response."""
    case.observed("during a response" if case.reading.active is not None else "outside a response")


@on_event("rate-limits/well-formed", "rate_limits.updated")
def rate_limits_well_formed(case: EventCase) -> None:
    """In `rate_limits.updated`, `remaining` is at most `limit` and `reset_seconds` not negative."""
    for index, entry in enumerate(list_of(case.event, "rate_limits")):
        limit, remaining, reset = (_number(entry, n) for n in ("limit", "remaining", "reset_seconds"))
        wrong = ""
        if limit is not None and remaining is not None and remaining > limit:
            wrong = "remaining"
        elif reset is not None and reset < 0:
            wrong = "reset_seconds"
        case.check(
            not wrong,
            "contradiction",
            f"the {wrong} of a rate limit is impossible",
            path=f"rate_limits[{index}].{wrong}",
            expected="remaining <= limit, reset_seconds >= 0",
            actual=entry,
        )


def _number(value: Any, key: str) -> float | None:
    found = value.get(key) if isinstance(value, dict) else None
    return found if isinstance(found, int | float) else None
