"""How a scenario went, and who wants to know of it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal, Protocol

from suites.scenario import Scenario
from wire.budget import Cost

Status = Literal["passed", "stalled", "not-offered", "inconclusive", "harness-error"]
"""How a scenario ended: as far as it wanted; short of it; not begun; without the server; by our own fault."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """How one scenario went. It carries no verdict on the server: `message` says why it ended early.

    `used` is what it took from the budget, `over_budget` whether it ended for want of more.
    """

    scenario: Scenario
    status: Status
    duration_s: float = 0.0
    traces: tuple[Path, ...] = ()
    message: str = ""
    used: Cost = field(default_factory=Cost)
    over_budget: bool = False
    began: float = 0.0  # by the monotonic clock


Settling = Callable[[Path], str | None]
"""Returns why, after a trace, nothing more has to be tried; empty if that has, None without a turn in it."""


class Listener(Protocol):
    """Somebody who wants to know how far a run has come."""

    def began(self, scenario: Scenario) -> None: ...

    def ended(self, outcome: Outcome) -> None: ...
