"""How a rule function is registered: under its requirement, for the events or moments it is called for."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any, TypeVar

from rules.case import Case, EventCase, ExchangeCase
from rules.moments import Moment

EventRule = TypeVar("EventRule", bound=Callable[[EventCase], None])
ExchangeRule = TypeVar("ExchangeRule", bound=Callable[[ExchangeCase], None])
MomentRule = TypeVar("MomentRule", bound=Callable[[Case], None])


@dataclass(frozen=True, slots=True)
class Registered:
    """A rule function with its requirement, and what it is called for.

    `on` holds event types of the server, or moments; of exchanges, `@exchange` and the client's event type
    as `@session.update`. `malformed` are the places of an event that the rule judges by itself, whatever
    stands there: the event's schema has no say at them (`rules.payloads`).
    """

    requirement: str
    on: tuple[str, ...]
    function: Callable[[Any], None]
    malformed: tuple[str, ...] = ()


ANYWHERE = "*"
"""As a place of `malformed`: the rule is called whatever is wrong with the event."""

RULES: list[Registered] = []


def on_event(
    requirement: str, *types: str, malformed: Iterable[str] = ()
) -> Callable[[EventRule], EventRule]:
    """Register the decorated function for the server's events of `types`, or for moments of such events.

    It is called where the event satisfies its schema, but for places that a rule judges by itself: these it
    names as `malformed`, like `item.status`; of the members of an array, `response.output[].status`; with all
    that is below it, `response.usage*`. With `ANYWHERE`, it is called whatever is wrong with the event.
    """

    def register(function: EventRule) -> EventRule:
        RULES.append(Registered(requirement, types, function, tuple(malformed)))
        return function

    return register


def on_exchange(requirement: str, *types: str) -> Callable[[ExchangeRule], ExchangeRule]:
    """Register the decorated function for client events of `types` (of any, without one) when settled."""
    on = tuple(f"@{each}" for each in types) or (Moment.SETTLED_EXCHANGE,)

    def register(function: ExchangeRule) -> ExchangeRule:
        RULES.append(Registered(requirement, on, function))
        return function

    return register


def on_sent(requirement: str) -> Callable[[ExchangeRule], ExchangeRule]:
    """Register the decorated function for every client event when it is sent."""

    def register(function: ExchangeRule) -> ExchangeRule:
        RULES.append(Registered(requirement, (Moment.SENT,), function))
        return function

    return register


def on_moment(requirement: str, *moments: Moment) -> Callable[[MomentRule], MomentRule]:
    """Register the decorated function for moments of the connection: its beginning and end, and deadlines."""

    def register(function: MomentRule) -> MomentRule:
        RULES.append(Registered(requirement, moments, function))
        return function

    return register
