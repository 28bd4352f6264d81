"""What is played at the end of a run, because it was too early to tell before.

Where a server answers nothing, what is long is put off. And a wait that was cut short is evidence only as
long as nothing like what was awaited comes on any session: where it did, the scenario is played again.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from suites.outcome import Outcome, spoiled
from suites.scenario import Scenario
from suites.stage import Stage
from wire.budget import Cost
from wire.patience import FULL_WAITS, Patience


@dataclass(slots=True)
class Afterwards:
    """What is left for the end of a run with this `patience`."""

    patience: Patience
    put_off: list[Scenario] = field(default_factory=list)
    _stages: list[Stage] = field(default_factory=list)  # with waits that were cut short

    def puts_off(self, group: Sequence[Scenario]) -> bool:
        """Put off what is long where the server answers nothing: each of its sessions would stall at once."""
        if not self.patience.silent or all(s.costs is None for s in group):
            return False
        self.put_off += group
        return True

    def settled(self) -> str:
        """Return why what was put off need not be played at all, empty where it has to be."""
        if not self.put_off or not self.patience.silent:
            return ""
        waits = self.patience.all_waits
        return f"the server answers nothing: {waits} full waits, on as many sessions, were in vain"

    def look_at(self, stage: Stage) -> None:
        """Remember a stage whose scenarios are done, where a wait was cut short."""
        if stage.short_waits:
            self._stages.append(stage)

    def again(self, outcomes: list[Outcome], allowed: Callable[[Cost], bool]) -> list[Scenario]:
        """Return the scenarios to be played again, and take back their `outcomes` and their traces.

        What is not `allowed` to be spent again stays, as something of which nothing can be made.
        """
        doubtful = [stage for stage in self._stages if self._disproved(stage)]
        self._stages.clear()
        again: dict[int, Scenario] = {}
        for stage in doubtful:
            traces = set(stage.traces)
            found = [o for o in outcomes if traces.intersection(o.traces)]
            outcomes[:] = [o for o in outcomes if not traces.intersection(o.traces)]
            stage.set_all_aside()
            if allowed(stage.share.asked):
                again |= {id(o.scenario): o.scenario for o in found}
            else:
                outcomes += [spoiled(o) for o in found]
        return list(again.values())

    def _disproved(self, stage: Stage) -> bool:
        return any(
            self.patience.full_waits(awaited, about=about) < FULL_WAITS
            for awaited, about in stage.short_waits
        )
