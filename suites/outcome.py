"""How a scenario went, and who wants to know of it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Literal, Protocol

from suites.scenario import Scenario
from suites.second_look import End
from wire.budget import Cost
from wire.trace import Seen

INTERRUPTED = "interrupted"
"""The message of a scenario that was cancelled."""

_TOO_SHORT = (
    "something came after a wait that was cut short, and to play this again would cost more than was promised"
)

Status = Literal["passed", "stalled", "not-offered", "inconclusive", "harness-error"]
"""How a scenario ended: as far as it wanted; short of it; not begun; without the server; by our own fault."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """How one scenario went. It carries no verdict on the server: `message` says why it ended early.

    `used` is what it took from the budget, `over_budget` whether it ended for want of more, `spoiled` whether
    it would have had to be played again to be judged.
    """

    scenario: Scenario
    status: Status
    duration_s: float = 0.0
    traces: tuple[Path, ...] = ()
    message: str = ""
    used: Cost = field(default_factory=Cost)
    over_budget: bool = False
    spoiled: bool = False
    began: float = 0.0  # by the monotonic clock
    ends: tuple[End, ...] = ()  # of its connections that the server ended


def cut_short(outcomes: Sequence[Outcome], scenarios: Sequence[Scenario], why: str) -> list[Outcome]:
    """Return `outcomes`, and one for each of `scenarios` without any; what was cut off ended `why`."""
    played = {id(outcome.scenario) for outcome in outcomes}
    left = [Outcome(each, "inconclusive", message=why) for each in scenarios if id(each) not in played]
    return [*(replace(o, message=why) if o.message == INTERRUPTED else o for o in outcomes), *left]


def never_spoke(end: str) -> str:
    """Return in words that a server never spoke; `end` says how it ended the last session, if it did."""
    if not end:
        return "the server accepts connections and says nothing"
    return f"the server accepts connections and ends them before it says anything: {end}"


def spoiled(outcome: Outcome) -> Outcome:
    """Return `outcome` as one of which nothing can be made, for it would have to be played again."""
    return replace(outcome, status="inconclusive", message=_TOO_SHORT, traces=(), spoiled=True)


Settling = Callable[[Path], str | None]
"""Returns why, after a trace, nothing more has to be tried; empty if that has, None without a turn in it."""


class Listener(Protocol):
    """Somebody who wants to know how far a run has come; `frames` is told of each entry of its traces."""

    @property
    def frames(self) -> Seen | None: ...

    def began(self, scenario: Scenario) -> None: ...

    def ended(self, outcome: Outcome) -> None: ...
