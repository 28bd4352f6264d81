"""The plan of a run: what to play against whom, and what that costs. Nothing changes it once it is made."""

from __future__ import annotations

import functools
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from generators.events import Events
from protocol.dialect import DialectName
from realtime_conformance.application.embedded import AnyTarget, Embedded
from realtime_conformance.application.prices import Prices
from schemas.contract import Contract
from suites.depth import STANDARD, Depth
from suites.generated import WORLD
from suites.scenario import Scenario
from suites.scheduling import cost_of, fits
from wire.budget import Budget, Cost, Estimate, thrown_away

if TYPE_CHECKING:
    from realtime_conformance.application.earlier_report import Played
    from reports.baseline import Baseline
    from reports.compare import ComparedReport


@dataclass(frozen=True, slots=True)
class Plan:
    """What to run against whom, and where to leave what comes of it.

    The scenarios are played `repeats` times, with one budget for all. `whole` says whether they are all there
    are. `contract` is what is judged by and `events` what generated scenarios say, None for our own
    document's. The report is held against `baseline`, and judged `as_of` an earlier version, where one is
    named. Verdicts on requirements that are `deselected` are of no interest to anybody. `earlier` is what a
    run that is continued has played.
    """

    scenarios: Sequence[Scenario]
    out: Path
    target: AnyTarget = field(default_factory=Embedded)
    contract: Contract | None = None
    events: Events | None = None
    depth: Depth = STANDARD
    budget: Budget = field(default_factory=Budget)
    strict: bool = False
    probing: bool = True
    also: Sequence[DialectName] = ()
    repeats: int = 1
    patient: bool = False  # every wait is full, whatever the waits before it have shown
    deadline: float | None = None  # seconds that the whole run may take
    whole: bool = True
    baseline: Baseline | None = None
    as_of: str = ""
    deselected: Collection[str] = ()
    earlier: Played | None = None
    since: ComparedReport | None = None

    @property
    def dialect(self) -> DialectName:
        """The dialect in which it speaks, and by which it judges."""
        return self.target.dialect

    @property
    def offers(self) -> dict[str, bool]:
        """For every feature, whether it is taken to be offered before anybody asked."""
        return self.target.offers

    @property
    def prices(self) -> Prices:
        """What the target costs in money."""
        return self.target.prices

    @property
    def cost(self) -> Cost:
        """What it costs at most."""
        return self.estimate.most

    @property
    def estimate(self) -> Estimate:
        """What it costs."""
        dialect, offers = self.dialect, self.offers
        once = cost_of(self.scenarios, dialect, offers, self.depth, probing=self.probing)
        again = cost_of(self.scenarios, dialect, offers, self.depth, probing=False)
        more = self.repeats - 1
        likely, most = once.likely + again.likely.times(more), once.most + again.most.times(more)
        return Estimate(likely, most + self._again(likely))

    @property
    def allowance(self) -> Cost:
        """What may be spent of that on what has to be played again."""
        return self._again(self.estimate.likely)

    def _again(self, likely: Cost) -> Cost:
        played = (s for s in self.scenarios if s.costs is None and fits(s, self.dialect, self.offers))
        dearest = functools.reduce(Cost.greatest, (s.cost(self.depth) for s in played), Cost())
        return thrown_away(likely, dearest)


def spoken_events(contract: Contract) -> Events:
    """Return what generated scenarios say by `contract`. Raises `DocumentError` where that cannot be made."""
    events = Events(contract, WORLD)
    events.check()
    return events
