"""One rule, made for each client event: a valid one is answered with success."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass

from rules.case import Case, rule
from rules.exchanges import ANSWERS, Exchange
from rules.stimulus import DISPUTED, UNKNOWN
from rules.subjects import dict_of, text_of

Subject = Callable[[Case, Exchange], bool]


@dataclass(frozen=True, slots=True)
class Special:
    """A requirement about client events of a special kind, told apart by `subject`.

    `words` are those of which one stands in `error.param` when such an event is refused for what makes it
    special; without any, only a refusal without `param` is put down to that.
    """

    requirement: str
    subject: Subject
    words: tuple[str, ...] = ()


SPECIAL: dict[str, list[Special]] = defaultdict(list)
"""By client event. A refusal of a special one is a finding of one requirement only: its own."""


def blamed(case: Case, exchange: Exchange) -> str:
    """Return the special requirement that the refusal of `exchange` violates, empty for the general one."""
    fitting = [s for s in SPECIAL[exchange.type] if case.judges(s.requirement) and s.subject(case, exchange)]
    param = text_of(dict_of(exchange.answer, "error"), "param")
    if param:
        return next((s.requirement for s in fitting if any(word in param for word in s.words)), "")
    bare = [s for s in fitting if not s.words] or fitting
    return bare[0].requirement if bare else ""


_NOT_THE_SERVERS_FAULT = (
    "rate_limit",
    "quota",
    "billing",
    "session_expired",
    "tool",
    "_above_max_length",
)


def acknowledged(requirement: str, client_event: str) -> None:
    """Register `requirement`: a valid `client_event` is answered with success."""

    @rule(requirement, f"@{client_event}")
    def is_acknowledged(case: Case) -> None:
        exchange = case.exchange
        if exchange is None or exchange.expectation.kind != "accept":
            return
        if exchange.outcome == "refused" and blamed(case, exchange):
            return
        owed_answer(case, exchange)


def accepted_too(requirement: str, client_event: str, subject: Subject, *words: str) -> None:
    """Register `requirement`: a `client_event` for which `subject` holds is accepted like any other."""
    SPECIAL[client_event].append(Special(requirement, subject, words))

    @rule(requirement, f"@{client_event}")
    def is_accepted(case: Case) -> None:
        exchange = case.exchange
        if exchange is None or exchange.expectation.kind == "refuse" or not subject(case, exchange):
            return
        unsure = exchange.expectation.kind == "either"
        if unsure and (client_event == "response.create" or exchange.expectation.reason.startswith("unseen")):
            return
        if exchange.expectation in (UNKNOWN, DISPUTED):
            return
        if exchange.outcome == "silent" or (
            exchange.outcome == "refused" and blamed(case, exchange) != requirement
        ):
            return  # the business of the requirement about all events of that type
        owed_answer(case, exchange)


def owed_answer(case: Case, exchange: Exchange) -> None:
    """Report whether `exchange`, which a server has to accept, was answered with success."""
    answer = ANSWERS[exchange.type]
    if exchange.outcome == "accepted":
        case.holds()
    elif exchange.outcome == "lost":
        case.undecided(str(exchange.notes.get("reason", "the capture ended")))
    elif exchange.outcome == "silent":
        case.violated(
            f"{exchange.type} was never answered", expected=answer, actual="nothing", because=[exchange.seq]
        )
    elif exchange.outcome == "refused" and not excused(case, exchange):
        error = dict_of(exchange.answer, "error")
        said = text_of(error, "message") or "no message"
        code = text_of(error, "code") or text_of(error, "type") or "no code"
        case.violated(
            f"a valid {exchange.type} was refused: {said}",
            expected=answer,
            actual=f"error {code}",
            because=[exchange.seq],
        )


def excused(case: Case, exchange: Exchange) -> bool:
    """Tell whether a refusal is not the server's fault, and report the case as undecided if so."""
    error = dict_of(exchange.answer, "error")
    code, param = text_of(error, "code"), text_of(error, "param")
    if any(word in code for word in _NOT_THE_SERVERS_FAULT):
        case.undecided(f"refused with {code}")
        return True
    active = case.reading.active
    if code == "conversation_already_has_active_response" and active is not None:
        if active.automatic and active.created_seq > exchange.seq:
            case.undecided("the server created a response by itself just then")
            return True
    if param and any(word in param for word in exchange.expectation.free):
        case.undecided(f"refused for {param}, a name only the server can know")
        return True
    return False


def refused(requirement: str, *client_events: str, reasons: set[str]) -> None:
    """Register `requirement`: one of `client_events`, in one of the cases `reasons`, is refused."""

    @rule(requirement, *(f"@{each}" for each in client_events))
    def is_refused(case: Case) -> None:
        exchange = case.exchange
        if exchange is not None and exchange.expectation.reason in reasons:
            owed_refusal(case, exchange)


def owed_refusal(case: Case, exchange: Exchange) -> None:
    """Report whether `exchange`, which a server has to refuse, was answered with an error."""
    what = exchange.expectation.reason.replace("-", " ")
    detail = f", {exchange.expectation.detail}" if exchange.expectation.detail else ""
    if exchange.outcome == "refused":
        case.holds()
    elif exchange.outcome == "lost":
        case.undecided(str(exchange.notes.get("reason", "the capture ended")))
    else:
        accepted = exchange.outcome == "accepted"
        how = "accepted" if accepted else "not answered"
        case.violated(
            f"{exchange.type or 'a frame'} had to be refused ({what}{detail}), and was {how}",
            expected="an error",
            actual=ANSWERS.get(exchange.type, "nothing") if accepted else "nothing",
            because=[exchange.seq],
        )
