"""What the judge says of good conversations as a server with an absence would have held them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from functools import cache
from typing import Any

from realtime_conformance.judging import compose, contract_for, judge
from reference.dialects import DialectName
from reports.model import Report, Target
from rules.verdicts import Verdict
from suites.features import offered
from tests.absence.cells import Cell
from tests.rules.good import good
from tests.rules.judging import traces
from tests.rules.replaying import knock, replay
from wire.trace import RecordedTrace

SAMPLE = 8
"""Most conversations that are judged for a cell."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of a cell.

    ``exit`` is the exit code; ``fails`` and ``warns`` are the requirements with these verdicts.
    ``connections`` is how many connections showed the absence; with none, nothing was tried.
    """

    exit: int
    fails: tuple[str, ...]
    warns: tuple[str, ...]
    connections: int

    def as_json(self) -> dict[str, Any]:
        """Return the outcome as JSON."""
        return asdict(self)


def outcome_of(report: Report, connections: int) -> Outcome:
    """Return what a report says, in short."""
    by_verdict = {
        verdict: tuple(sorted(r.requirement.id for r in report.requirements if r.verdict is verdict))
        for verdict in (Verdict.FAIL, Verdict.WARN)
    }
    return Outcome(int(report.exit), by_verdict[Verdict.FAIL], by_verdict[Verdict.WARN], connections)


def offline(cell: Cell) -> Outcome:
    """Judge the good conversations that an absence changes.

    Where it changes but one, the run consists of this one held twice: what happens each time is no accident.
    """
    found = affected(cell)
    if not found:
        return Outcome(0, (), (), 0)
    if len(found) == 1:
        found = [found[0], RecordedTrace(f"{found[0].name}.again", found[0].entries, found[0].header)]
    return outcome_of(_report(cell.dialect, found), len(found))


def affected(cell: Cell) -> list[RecordedTrace]:
    """Return good conversations as a server with the absence would have held them, where it shows."""
    names = sorted(good(cell.dialect))
    before = dict(zip(names, traces(cell.dialect), strict=True))
    step = max(1, len(names) // SAMPLE)
    found: list[RecordedTrace] = []
    for name in (name for start in range(step) for name in names[start::step]):
        trace = good(cell.dialect)[name]
        if cell.difference.door is not None:
            other = knock(before[name], cell.difference.door)
        else:
            other = replay(trace, cell.difference.changes)
        if _said(other) != _said(before[name]):
            found.append(other)
        if len(found) == SAMPLE:
            break
    return found


def _said(trace: RecordedTrace) -> list[tuple[object, ...]]:
    return [(e.dir, e.kind, e.event, e.detail if e.kind in ("refusal", "close") else None) for e in trace]


def _report(dialect: DialectName, found: Sequence[RecordedTrace]) -> Report:
    judgement = judge(found, dialect, contract_for(dialect))
    return compose(
        judgement,
        target=Target("good conversations", dialect, _features(), ""),
        contract=contract_for(dialect),
        started="2026-01-01T00:00:00+00:00",
        duration_s=0.0,
        opened=any(entry.kind == "open" for trace in found for entry in trace),
    )


@cache
def _features() -> dict[str, bool]:
    return offered({})
