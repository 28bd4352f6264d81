"""How reports stand to each other: by what all of them decided, never by what only some could. Pure.

A server of which little was decided fails in little: whoever loses its sessions must not stand before who
keeps them. So a requirement does not count, either, that held in one report and was violated in another,
where the first examined it much less often.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from reports.compare import ComparedReport, ComparedVerdict
from reports.model import count
from reports.requirement_results import DECIDED
from rules.verdicts import Verdict

_ENOUGH = 0.5  # of what the report with the most decided, or of how often another one examined a requirement


@dataclass(frozen=True, slots=True)
class Place:
    """Where one report stands. `failed` and `warned` count only what all that are compared decided."""

    side: ComparedReport
    decided: int
    failed: int
    warned: int
    compared: bool

    @property
    def of_how_many(self) -> str:
        """Of how many requirements the report speaks."""
        return f"{self.decided} of {len(self.side.cells)} decided"


@dataclass(frozen=True, slots=True)
class Ranking:
    """All reports, the best first, and those that decided too little last. `common` is what all decided."""

    places: tuple[Place, ...]
    common: frozenset[str]

    def said(self, place: Place) -> str:
        """Return what there is to say of `place`."""
        if not place.compared:
            return f"not compared: {place.of_how_many}, less than half of what another report decided"
        return (
            f"{count(place.failed, 'failure')} and {count(place.warned, 'warning')} in the "
            f"{len(self.common)} decided by all; {place.of_how_many}"
        )


def ranking(sides: Sequence[ComparedReport]) -> Ranking:
    """Return how `sides` stand: fewer failures first, then fewer warnings, then more that was decided."""
    decided = {
        n: frozenset(id_ for id_, cell in side.cells.items() if cell.verdict in DECIDED)
        for n, side in enumerate(sides)
    }
    most = max(map(len, decided.values()), default=0)
    compared = {n: ids for n, ids in decided.items() if ids and len(ids) >= most * _ENOUGH}
    shared = frozenset.intersection(*compared.values()) if compared else frozenset()
    common = frozenset(id_ for id_ in shared if _comparable([sides[n].cells[id_] for n in compared]))
    places = [
        Place(
            side,
            len(decided[n]),
            _number(side, common, Verdict.FAIL),
            _number(side, common, Verdict.WARN),
            n in compared,
        )
        for n, side in enumerate(sides)
    ]
    places.sort(key=lambda p: (not p.compared, p.failed, p.warned, -p.decided, -_examined(p.side)))
    return Ranking(tuple(places), common)


def _comparable(cells: Sequence[ComparedVerdict]) -> bool:
    """Tell whether nobody passes for having been examined much less often than somebody who failed."""
    failed = max((c.subjects for c in cells if c.verdict is not Verdict.PASS), default=0)
    return all(c.subjects >= failed * _ENOUGH for c in cells if c.verdict is Verdict.PASS)


def _examined(side: ComparedReport) -> int:
    return sum(cell.subjects for cell in side.cells.values())


def _number(side: ComparedReport, common: frozenset[str], verdict: Verdict) -> int:
    return sum(side.cells[id_].verdict is verdict for id_ in common if id_ in side.cells)
