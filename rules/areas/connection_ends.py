"""Rules about the end of a connection (openai 4.9; inworld 1.5).

One end may be an accident. The same end in two connections is none, whatever announced it and whatever its
code: so these findings count only where another connection of the run ended likewise.
"""

from __future__ import annotations

from collections.abc import Iterator

from protocol.event_types import TRANSCRIPTION_FAILED
from rules.case import Case, ExchangeCase
from rules.moments import Moment
from rules.reading_view import ReadingView
from rules.registration import on_exchange, on_moment, on_sent
from rules.subjects import int_of
from rules.views import ExchangeView

_EXCUSED = (1001, 1012, 1013)  # the server goes away, is restarted, or asks to try again later
_ABNORMAL = 1006


class _Sent(list[ExchangeView]):
    """The last client event."""


@on_sent("connection/survives-valid-events")
def sent(case: ExchangeCase) -> None:
    """The server does not end connection after connection at the same valid client event, or at the same step
    of an exchange, a response or a turn.
    """
    case.memory(_Sent)[:] = [case.exchange]


@on_exchange("connection/survives-valid-events")
def answered(case: ExchangeCase) -> None:
    if case.exchange.outcome == "accepted":
        case.holds()


@on_moment("connection/survives-valid-events", Moment.CLOSE)
def ended(case: Case) -> None:
    reading, code = case.reading, case.detail.get("code")
    by_server = case.entry.dir == "server" and "protocol_error" not in case.detail
    if not by_server or code in _EXCUSED or reading.end_seq or not reading.created_seq:
        return
    if reading.last_type == TRANSCRIPTION_FAILED:
        return  # of what that may lead to another fact speaks (TR-10)
    last = case.memory(_Sent)
    if any(each.expectation.kind == "refuse" or each.doubtful for each in (*reading.exchanges.open, *last)):
        return  # a mistake of the client, for which other requirements speak
    how = "without a close frame" if code == _ABNORMAL else f"with close {code}"
    for step in _under_way(reading, last):
        case.recurring(
            step,
            "ended",
            f"the server ended the connection {how} {step}; it must go on, for the client made no mistake",
            expected="the connection goes on",
            actual=f"close {code} {case.detail.get('reason') or ''}".strip(),
            because=[reading.last_seq, *(each.seq for each in last)],
        )


def _under_way(reading: ReadingView, last: list[ExchangeView]) -> Iterator[str]:
    """Yield at which steps the connection ended: what recurs of them tells which one it was."""
    open_ = [each for each in reading.exchanges.open if each.type != "response.cancel"]
    guessed = [each for each in last if each.guessed and each.answer_seq == reading.last_seq]
    if open_ or guessed:
        yield f"when {(open_ or guessed)[-1].type} was to be answered"
        return
    if reading.untranscribed:
        yield "when a transcription was to come"
    if reading.running:
        yield f"in a response, after {reading.last_type}"
    elif reading.speech is not None or reading.stopped_speech is not None or reading.owes_response:
        yield f"in a turn, after {reading.last_type}"
    elif reading.timed_out_seq:
        yield f"in a turn of the idle timeout, after {reading.last_type}"
    elif reading.undone:
        yield f"when an item was to be done, after {reading.last_type}"
    elif last and (last[-1].seq > reading.last_seq or _blamed(reading)):
        yield f"at a valid {last[-1].type}"
    elif int_of(reading.turn_detection, "idle_timeout_ms"):
        yield "while the idle timeout ran"


def _blamed(reading: ReadingView) -> bool:
    """Tell whether the last word of the server was an `error`, which refuses nothing that was wrong."""
    refusal = any(each.answer_seq == reading.last_seq for each in reading.exchanges.refused)
    return reading.last_type == "error" and not refusal
