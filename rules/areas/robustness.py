"""Rules about a server under misuse: what it says, and that it goes on (facts 4.9; inworld 7)."""

from __future__ import annotations

from rules.areas.answers import owed_answer
from rules.case import Case, rule
from rules.exchanges import Exchange
from rules.expectations import WHOLE_EVENT
from rules.stimulus import name_of
from rules.subjects import dict_of, text_of

_NOT_THE_TURNS_FAULT = ("rate_limit", "quota", "billing", "session_expired")
_CHOICES = {"accepted": "obeyed", "refused": "an error", "silent": "no answer", "lost": "end of connection"}


@rule("errors/param-points-at-fault", "error")
def param_points_at_fault(case: Case) -> None:
    exchange = case.link.exchange
    param = text_of(dict_of(case.event, "error"), "param")
    if exchange is None or exchange.expectation.reason != "schema" or exchange.guessed or not param:
        return
    places = exchange.expectation.detail.split(", ")
    if WHOLE_EVENT in places:
        return
    case.check(
        any(_points(param, place) for place in places),
        f"error.param points at another place than the fault of the {exchange.type}",
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


@rule("robustness/mutants/choice", "@exchange")
def choice_for_mutants(case: Case) -> None:
    _observe(case, "operator")


@rule("robustness/frames/choice", "@exchange")
def choice_for_frames(case: Case) -> None:
    _observe(case, "frame")


def _observe(case: Case, kind: str) -> None:
    exchange = case.exchange
    if exchange is None or kind not in dict_of(exchange.notes, "stimulus"):
        return
    if exchange.outcome == "lost" and not case.reading.watched.get("closed-by-server"):
        return
    case.observed(f"{name_of(exchange)}: {_CHOICES.get(exchange.outcome, exchange.outcome)}")


@rule("robustness/frames/choice", "@close")
def who_closed(case: Case) -> None:
    if case.entry.dir == "server":
        case.reading.watched["closed-by-server"] = 1


@rule("robustness/fragments-joined", "@exchange")
def fragments_are_joined(case: Case) -> None:
    exchange = case.exchange
    if exchange is not None and exchange.notes.get("fragments"):
        owed_answer(case, exchange)


@rule("robustness/turn-after-misuse", "@exchange")
def misuse_came(case: Case) -> None:
    exchange = case.exchange
    if exchange is not None and exchange.outcome != "lost" and _is_misuse(exchange):
        case.reading.watched["misuse"] = max(exchange.seq, case.reading.watched.get("misuse", 0))


def _is_misuse(exchange: Exchange) -> bool:
    return bool(name_of(exchange)) or exchange.expectation.kind == "refuse"


@rule("robustness/turn-after-misuse", "response.done")
def turn_after_misuse(case: Case) -> None:
    known, misuse = case.link.response, case.reading.watched.get("misuse", 0)
    if known is None or known.request is None or not 0 < misuse < known.request.seq:
        return
    if known.request.expectation.kind != "accept" or known.cancelled_by is not None:
        return
    response = dict_of(case.event, "response")
    status = text_of(response, "status")
    code = text_of(dict_of(dict_of(response, "status_details"), "error"), "code")
    if any(word in code for word in _NOT_THE_TURNS_FAULT):
        case.undecided(f"the turn failed with {code}")
        return
    case.check(
        status != "failed",
        "a turn failed after a client event was refused or ignored",
        path="response.status",
        expected="completed",
        actual=f"{status} {code}".strip(),
        because=[misuse, known.request.seq],
    )
