"""Rules about a server under misuse: what it says, and that it goes on (facts 4.9; inworld 7)."""

from __future__ import annotations

from dataclasses import dataclass

from protocol.event_types import ANSWERS
from rules.areas.answers import called, is_bare, owed_answer
from rules.case import EventCase, ExchangeCase
from rules.expectations import WHOLE_EVENT
from rules.registration import on_event, on_exchange
from rules.stimulus import stimulus_name
from rules.subjects import dict_of, text_of
from rules.views import ExchangeView

_NOT_THE_TURNS_FAULT = ("rate_limit", "quota", "billing", "session_expired")
_CHOICES = {"accepted": "obeyed", "refused": "an error", "silent": "no answer", "lost": "end of connection"}


@on_event("errors/param-points-at-fault", "error")
def param_points_at_fault(case: EventCase) -> None:
    """An `error.param` that is given for an invalid client event is the dotted path of the fault."""
    exchange = case.answered
    param = text_of(dict_of(case.event, "error"), "param")
    if exchange.expectation.reason != "schema" or exchange.guessed or not param:
        return
    places = exchange.expectation.detail.split(", ")
    if WHOLE_EVENT in places:
        return
    case.check(
        any(_points(param, place) for place in places),
        "elsewhere",
        f"error.param is {param}; the fault of {called(exchange)} is at {' or '.join(places)}",
        path="error.param",
        expected=" or ".join(places),
        actual=param,
        because=[exchange.seq],
    )


def _points(param: str, place: str) -> bool:
    """Tell whether one path leads to the other or beyond it: a union may be blamed as a whole.

    What is of an unknown kind is wrong wherever one looks, and so is what a server refuses by its kind.
    """
    place, param = place.removesuffix(".type"), param.removesuffix(".type")
    shorter, longer = sorted((param, place), key=len)
    return longer.startswith(shorter) and longer[len(shorter) :][:1] in ("", ".", "[")


@on_exchange("robustness/mutants/choice")
def choice_for_mutants(case: ExchangeCase) -> None:
    """What a server does with a client event that has a single fault, by the kind of fault."""
    _observe(case, "operator")


@on_exchange("robustness/frames/choice")
def choice_for_frames(case: ExchangeCase) -> None:
    """What a server does with a frame that holds no proper event, by the kind of frame."""
    _observe(case, "frame")


def _observe(case: ExchangeCase, kind: str) -> None:
    exchange = case.exchange
    if kind not in exchange.stimulus or (exchange.outcome == "lost" and not case.reading.closed_by_server):
        return
    case.observed(f"{stimulus_name(exchange)}: {_CHOICES.get(exchange.outcome, exchange.outcome)}")


@on_exchange("robustness/fragments-joined")
def fragments_are_joined(case: ExchangeCase) -> None:
    """An event whose text message comes in several WebSocket fragments is answered like any other."""
    exchange = case.exchange
    if exchange.fragments and exchange.outcome == "refused" and is_bare(case):
        case.undecided(
            "error.param and error.code are empty, so that nothing shows why the event was refused"
        )
    elif exchange.fragments and exchange.type in ANSWERS:
        owed_answer(case)


@dataclass
class _Misuse:
    """The last client event so far that was a mistake, and was seen by the server."""

    seq: int = 0
    control: str = ""  # how the last turn before it ended


@on_exchange("robustness/turn-after-misuse")
def misuse_came(case: ExchangeCase) -> None:
    """After client events that were refused or ignored, the same session still completes a full turn."""
    if case.exchange.outcome != "lost" and _is_misuse(case.exchange):
        misuse = case.memory(_Misuse)
        misuse.seq = max(case.exchange.seq, misuse.seq)


def _is_misuse(exchange: ExchangeView) -> bool:
    return bool(stimulus_name(exchange)) or exchange.expectation.kind == "refuse"


@on_event("robustness/turn-after-misuse", "response.done")
def turn_after_misuse(case: EventCase) -> None:
    """A turn that fails proves something only where one before the misuse did not."""
    known, memory = case.response, case.memory(_Misuse)
    misuse, response = memory.seq, dict_of(case.event, "response")
    status = text_of(response, "status")
    if known.request is None or known.request.expectation.kind != "accept" or known.cancelled_by is not None:
        return
    if not misuse:
        memory.control = status
    if not 0 < misuse < known.request.seq:
        return
    code = text_of(dict_of(dict_of(response, "status_details"), "error"), "code")
    if any(word in code for word in _NOT_THE_TURNS_FAULT):
        case.undecided(f"the turn failed with {code}, which is about the account or the service")
        return
    if status == "failed" and memory.control in ("", "failed"):
        before = "and so did the one" if memory.control else "and no turn was tried"
        case.undecided(f"the turn failed, {before} before the first invalid client event")
        return
    case.check(
        status != "failed",
        "failed",
        f"response {known.id} failed after an invalid client event, and a response before it had not",
        path="response.status",
        expected="completed",
        actual=f"{status} {code}".strip(),
        because=[misuse, known.request.seq],
    )
