"""Connections that the server ended, and which of these ends deserve a second look.

One end may be an accident; the same end in two connections is none (DESIGN.md, "An end excuses once"). What
only one scenario leads to is seen once in a run, so a scenario whose connection ended as no other did is
played again at the end of the run. The first play keeps its traces: nothing is repeated to become green.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from suites.outcome import Outcome
    from wire.trace import Trace

MOST = 4
"""Most scenarios of a run that are played again for this. A server that ends everything needs fewer."""

_EXPLAINED = frozenset((1001, 1002, 1003, 1007, 1009, 1012, 1013))
"""Close codes that say why: the server goes away or has no room, or a frame was not to its liking."""


class End(NamedTuple):
    """How a connection ended: with which close code, behind which event of the server and of the client."""

    code: int
    heard: str
    said: str


def end_of(code: int, trace: Trace) -> End | None:
    """Return how the server ended a connection with `code`, None where that says why, or the client did.

    A client does that by what is sent to be refused. A server that had not said anything by then has turned
    the client down, and ended nothing.
    """
    last, mistaken = {"server": "", "client": ""}, False
    for entry in trace:
        if entry.dir == "client" and entry.kind != "close":
            mistaken |= "stimulus" in (entry.detail or {})
        if entry.dir in last and entry.type:
            last[entry.dir] = entry.type
    if code in _EXPLAINED or mistaken or not last["server"]:
        return None
    return End(code, last["server"], last["client"])


def lone(outcomes: Sequence[Outcome]) -> list[Outcome]:
    """Return those whose connection ended as that of no other did, `MOST` at most."""
    times = Counter(end for outcome in outcomes for end in outcome.ends)
    return [each for each in outcomes if any(times[end] == 1 for end in each.ends)][:MOST]


def seen_again(first: Outcome, again: Outcome) -> Outcome:
    """Return how a scenario went at `first`, with the traces and the cost of both plays."""
    return replace(first, traces=(*first.traces, *again.traces), used=first.used + again.used)
