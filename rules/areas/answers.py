"""Rules that many requirements share: a valid client event is answered, an invalid one is refused."""

from __future__ import annotations

from collections.abc import Callable, Collection

from protocol.event_types import ANSWERS
from rules.case import EventCase, ExchangeCase
from rules.registration import on_exchange
from rules.stimulus import DISPUTED, UNKNOWN_STIMULUS
from rules.subjects import dict_of, text_of
from rules.views import ExchangeView

_Condition = Callable[[ExchangeCase], bool]
_Words = Callable[[ExchangeCase], Collection[str]]

_SLOWEST_FOR_ALL = 0.5
"""Speed of speech that all sources allow: some have 0.25."""

_WHY_REFUSED = {
    "active-response": "response {} is still writing to the default conversation",
    "beyond-audio": "audio_end_ms lies beyond the audio of the item ({})",
    "buffer-cleared": "the input buffer was cleared and holds {} of audio",
    "buffer-too-short": "the input buffer holds {} of audio, and at least 100 ms are required",
    "deleted-item": "{} was deleted before",
    "no-active-response": "response {} is not active",
    "no-such-content": "the item has no content part {}",
    "no-type": "it is no client event",
    "not-assistant-audio": "the item holds no audio of the assistant ({})",
    "schema": "it is not valid by the schema, at {}",
    "unknown-call": "no function call has the call_id {}",
    "unknown-item": "no item has the id {}",
    "unknown-previous-item": "no item has the id {}, its previous_item_id",
    "unknown-reference": "no item has the id {}, named by an item_reference",
    "unknown-type": "the protocol has no client event of the type {}",
}
"""Why a client event must be refused, by the reason of its expectation; `{}` is the expectation's detail."""

_NOT_THE_SERVERS_FAULT = "rate_limit quota billing session_expired tool _above_max_length".split()
"""Words in `error.code` that show that the refusal is about the account, or about what only it can know."""


def acknowledged(requirement: str, client_event: str, *, unless: _Condition | None = None) -> None:
    """Register `requirement`: a valid `client_event` is answered with success.

    Nothing is said of those for which `unless` holds: less is known of them than of the others.
    """

    @on_exchange(requirement, client_event)
    def is_acknowledged(case: ExchangeCase) -> None:
        exchange = case.exchange
        exempt = exchange.outcome != "accepted" and unless is not None and unless(case)
        if exchange.expectation.kind == "accept" and not exempt:
            owed_answer(case)


def accepted_too(
    requirement: str, client_event: str, subject: _Condition, words: _Words = lambda _: ()
) -> None:
    """Register `requirement`: a `client_event` for which `subject` holds is accepted like any other.

    A refusal violates it if `error.param` has one of the `words` that stand for what is special about the
    event. Without words, a refusal that names no place does, but says by a code what is wrong: nothing else
    is special about it. A bare one, without `param` and `code`, blames nothing in particular (FB-10).
    """

    @on_exchange(requirement, client_event)
    def is_accepted(case: ExchangeCase) -> None:
        exchange = case.exchange
        if exchange.expectation.kind == "refuse" or not subject(case):
            return
        unsure = exchange.expectation.kind == "either"
        if unsure and (client_event == "response.create" or exchange.expectation.reason.startswith("unseen")):
            return
        if exchange.expectation in (UNKNOWN_STIMULUS, DISPUTED) or exchange.outcome == "silent":
            return
        if exchange.outcome != "refused" or is_about(case, *words(case)):
            owed_answer(case)


def repeats(case: EventCase, request: str) -> bool:
    """Tell whether an event says again what it has said of the last client event of type `request`."""
    last = next((e for e in reversed(case.reading.exchanges.settled) if e.type == request), None)
    named = text_of(dict_of(case.event, "item"), "id") or text_of(case.event, "item_id")
    return last is not None and last.outcome == "accepted" and last.item_id == named


def is_about(case: ExchangeCase, *words: str) -> bool:
    """Tell whether the `param` of a refusal has one of `words`; without them, whether it has but a code.

    Where it has no `param`, the code may name what is wrong: `cannot_update_voice`.
    """
    param, code = text_of(case.error, "param"), text_of(case.error, "code")
    if not words:
        return not param and not is_bare(case)
    return any(word in (param or code.split("_")) for word in words)


def is_of_disputed_bounds(case: ExchangeCase) -> bool:
    """Tell whether an update is refused for a value of which the dialect's sources disagree (FI-08)."""
    output = dict_of(dict_of(dict_of(case.exchange.event, "session"), "audio"), "output")
    speed = output.get("speed")
    slow = isinstance(speed, int | float) and speed < _SLOWEST_FOR_ALL and is_about(case, "speed")
    disputed = slow or is_about(case, "temperature")
    refused = case.exchange.outcome == "refused"
    return case.dialect.switches.has_disputed_values and refused and disputed


def is_bare(case: ExchangeCase) -> bool:
    """Tell whether a refusal names neither a place nor a code, so that nothing in particular is to blame."""
    return not text_of(case.error, "param") and not text_of(case.error, "code")


def owed_answer(case: ExchangeCase) -> None:
    """Report whether the client event, which a server has to accept, was answered with success."""
    exchange, answer = case.exchange, ANSWERS[case.exchange.type]
    if exchange.outcome == "accepted":
        case.holds()
    elif exchange.outcome == "lost":
        case.undecided(exchange.lost_because)
    elif exchange.outcome == "silent":
        instead = exchange.instead
        came = f"; {instead.type} came instead" if instead is not None else ""
        case.violated(
            "unanswered",
            f"{called(exchange)} was not answered with {answer}{came}",
            expected=answer,
            actual=instead.type if instead is not None else "no answer",
            because=[exchange.seq, instead.seq if instead is not None else 0],
        )
    elif exchange.outcome == "refused" and not excused(case):
        said = text_of(case.error, "message") or "no message"
        code = text_of(case.error, "code") or text_of(case.error, "type") or "no code"
        case.violated(
            "refused",
            f"{called(exchange)} is valid and was refused: {said}",
            expected=answer,
            actual=f"error {code}",
            because=[exchange.seq],
        )


def excused(case: ExchangeCase) -> bool:
    """Tell whether a refusal is not the server's fault, and report the case as undecided if so."""
    code, param = text_of(case.error, "code"), text_of(case.error, "param")
    if any(word in code for word in _NOT_THE_SERVERS_FAULT):
        case.undecided(
            f"the code of the refusal, {code}, is about the account, or about what only the server knows"
        )
        return True
    active = case.reading.active
    if code == "conversation_already_has_active_response" and active is not None:
        if active.automatic and active.created_seq > case.exchange.seq:
            case.undecided(
                "a response that nobody asked for began just then, so that the refusal may be right"
            )
            return True
    if param and any(word in param for word in case.exchange.expectation.free):
        case.undecided(f"error.param is {param}, and only the server knows which names are right there")
        return True
    return False


def refused(requirement: str, *client_events: str, reasons: set[str]) -> None:
    """Register `requirement`: one of `client_events`, in one of the cases `reasons`, is refused."""

    @on_exchange(requirement, *client_events)
    def is_refused(case: ExchangeCase) -> None:
        if case.exchange.expectation.reason in reasons:
            owed_refusal(case)


def owed_refusal(case: ExchangeCase) -> None:
    """Report whether the client event, which a server has to refuse, was answered with an error."""
    exchange = case.exchange
    if exchange.outcome == "refused":
        case.holds()
    elif exchange.outcome == "lost":
        case.undecided(exchange.lost_because)
    else:
        accepted = exchange.outcome == "accepted"
        case.violated(
            "accepted" if accepted else "unanswered",
            f"{called(exchange)} was {'accepted' if accepted else 'not answered'}; it must be refused, "
            f"because {_why_refused(exchange)}",
            expected="an error",
            actual=ANSWERS.get(exchange.type, "no answer") if accepted else "no answer",
            because=[exchange.seq],
        )


def called(exchange: ExchangeView) -> str:
    """Return what a finding calls a client event: its type and its `event_id`, or what it is without them."""
    if exchange.type:
        return f"{exchange.type} {exchange.event_id}".strip()
    return exchange.expectation.detail or "a client event without a type"


def _why_refused(exchange: ExchangeView) -> str:
    reason, detail = exchange.expectation.reason, exchange.expectation.detail
    if reason == "no-active-response" and not detail:
        return "no response is active"
    return _WHY_REFUSED.get(reason, reason.replace("-", " ")).format(detail or '""')
