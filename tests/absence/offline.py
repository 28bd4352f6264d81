"""What the judge says of good conversations as a server with an absence would have held them."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache

from protocol.dialect import DialectName
from realtime_conformance.application.composed_report import Circumstances, compose
from realtime_conformance.application.judging import contract_for, judge_traces
from reports.model import Report, Target
from suites.features import offered
from tests.absence.cells import Cell
from tests.absence.outcomes import Outcome, outcome_of
from tests.rules.good import good
from tests.rules.judged_traces import traces
from tests.rules.replayed_traces import knock, replay
from wire.trace import RecordedTrace

SAMPLE = 8
"""Most conversations that are judged for a cell, evenly chosen where an absence changes more."""
WIDE_SAMPLE = 40
"""The same for kinds whose cells concern many requirements, each of which few conversations exercise."""
_WIDE = ("absent", "unanswered", "without")


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
    most = WIDE_SAMPLE if cell.kind in _WIDE else SAMPLE
    names = sorted(good(cell.dialect))
    step = max(1, len(names) // most)
    found: list[RecordedTrace] = []
    for name in (name for start in range(step) for name in names[start::step]):
        other = changed(cell, name)
        if other is not None:
            found.append(other)
        if len(found) == most:
            break
    return found


def changed(cell: Cell, name: str) -> RecordedTrace | None:
    """Return a good conversation as a server with the absence would have held it; None if it is the same."""
    before = _good(cell.dialect)[name]
    if cell.difference.door is not None:
        other = knock(before, cell.difference.door)
    else:
        other = replay(good(cell.dialect)[name], cell.difference.changes)
    return other if _said(other) != _said(before) else None


@cache
def _good(dialect: DialectName) -> dict[str, RecordedTrace]:
    return dict(zip(sorted(good(dialect)), traces(dialect), strict=True))


def _said(trace: RecordedTrace) -> list[tuple[object, ...]]:
    return [(e.dir, e.kind, e.event, e.detail if e.kind in ("refusal", "close") else None) for e in trace]


def _report(dialect: DialectName, found: Sequence[RecordedTrace]) -> Report:
    judgement = judge_traces(found, dialect, contract_for(dialect))
    return compose(
        judgement,
        target=Target("good conversations", dialect, _features(), ""),
        contract=contract_for(dialect),
        circumstances=Circumstances(
            started="2026-01-01T00:00:00+00:00",
            duration_s=0.0,
            opened=any(entry.kind == "open" for trace in found for entry in trace),
            partial=True,
        ),
    )


@cache
def _features() -> dict[str, bool]:
    return offered({})
