"""The history of a target: its runs in their order, and what changed at each step. Pure."""

from __future__ import annotations

import datetime as dt
import itertools
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from reports.compare import ComparedReport, Diff, diff
from reports.requirement_results import DECIDED
from rules.verdicts import Verdict


@dataclass(frozen=True, slots=True)
class History:
    """The runs of one target in one dialect, the oldest first; `steps[n]` leads from run n to the next."""

    target: str
    dialect: str
    runs: tuple[ComparedReport, ...]
    steps: tuple[Diff, ...]

    @property
    def worse(self) -> bool:
        """Whether the last run is worse than the one before."""
        return bool(self.steps) and self.steps[-1].worse


@dataclass(frozen=True, slots=True)
class FigureCourse:
    """How one figure went: a value for each run, None where a run has none. `unit` is empty or `s`."""

    name: str
    values: tuple[float | None, ...]
    unit: str = ""
    mark: str = ""


def histories(sides: Sequence[ComparedReport]) -> tuple[History, ...]:
    """Return the history of each target in each dialect, those with most runs first."""
    grouped: dict[tuple[str, str], list[ComparedReport]] = {}
    for side in sides:
        grouped.setdefault((side.target, side.dialect), []).append(side)
    found = [_history(target, dialect, runs) for (target, dialect), runs in grouped.items()]
    return tuple(sorted(found, key=lambda each: (-len(each.runs), each.target, each.dialect)))


def _history(target: str, dialect: str, runs: Sequence[ComparedReport]) -> History:
    ordered = tuple(sorted(runs, key=lambda side: (_moment(side.started), side.label)))
    steps = tuple(diff(a, b) for a, b in itertools.pairwise(ordered))
    return History(target, dialect, ordered, steps)


def _moment(started: str) -> tuple[float, str]:
    """Return what orders times of different zones; what is no time comes first."""
    try:
        return dt.datetime.fromisoformat(started).timestamp(), started
    except ValueError:
        return float("-inf"), started


def courses(history: History) -> tuple[FigureCourse, ...]:
    """Return what is drawn of `history`: failures, warnings, what was decided, and latency where measured."""
    found = [
        FigureCourse("Failures", _each(history, _count(Verdict.FAIL)), mark="fail"),
        FigureCourse("Warnings", _each(history, _count(Verdict.WARN)), mark="warn"),
        FigureCourse("Decided", _each(history, _count(*DECIDED)), mark="pass"),
        FigureCourse("First audio, median", _each(history, _median("first_audio")), "s"),
        FigureCourse("Turn, median", _each(history, _median("turn")), "s"),
    ]
    return tuple(course for course in found if any(value is not None for value in course.values))


_Value = Callable[[ComparedReport], float | None]


def _each(history: History, value: _Value) -> tuple[float | None, ...]:
    return tuple(value(run) for run in history.runs)


def _count(*verdicts: Verdict) -> _Value:
    return lambda run: float(sum(cell.verdict in verdicts for cell in run.cells.values()))


def _median(kind: str) -> _Value:
    return lambda run: run.latency.get(kind, {}).get("median_s")
