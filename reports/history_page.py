"""The page of histories: a line of each figure over the runs of a target, and what changed at each step."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from urllib.parse import quote

from protocol.catalogue import title_of
from reports.compare import Change, ComparedReport, Diff
from reports.compared_figures import seconds_or_number
from reports.history import FigureCourse, History, courses
from reports.html import render
from reports.html_first import date

_WIDTH, _HEIGHT, _EDGE = 600, 90, 8  # of a chart, in units of its own


@dataclass(frozen=True, slots=True)
class ChartPoint:
    """One run in a chart: where it is, and what it says."""

    x: float
    y: float
    said: str


@dataclass(frozen=True, slots=True)
class Chart:
    """A figure over the runs. `lines` are the points of unbroken lines, as SVG has them."""

    name: str
    mark: str
    last: str
    least: str
    most: str
    points: tuple[ChartPoint, ...]
    lines: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class ShownStep:
    """What changed from one run to the next: lists of changes by kind, each with the symbol of it."""

    change: Diff
    said: str
    date: str
    link: str
    lists: tuple[tuple[str, str, tuple[Change, ...]], ...]


@dataclass(frozen=True, slots=True)
class ShownRun:
    """A line of the table: a run and its figures as text."""

    side: ComparedReport
    date: str
    link: str
    values: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class ShownHistory:
    """The history of a target on the page. The newest runs and steps come first."""

    target: str
    dialect: str
    charts: tuple[Chart, ...]
    runs: tuple[ShownRun, ...]
    steps: tuple[ShownStep, ...]


def history_page(
    found: Sequence[History], notes: Sequence[str] = (), nav: Sequence[tuple[str, str]] = ()
) -> str:
    """Return the HTML page of histories; `notes` say what could not be read, `nav` links other pages."""
    runs = sum(len(each.runs) for each in found)
    return render(
        "history.html",
        styles=("base.css", "matrix.css", "history.css"),
        scripts=(),
        title=f"{runs} runs" if len(found) == 1 else f"{runs} runs of {len(found)} targets",
        histories=[shown_history(each) for each in found],
        notes=notes,
        nav=nav,
    )


def shown_history(history: History) -> ShownHistory:
    """Return what a page shows of `history`."""
    drawn = courses(history)
    runs = [
        ShownRun(
            run,
            date(run.started),
            quote(run.link),
            tuple(_text(course.values[n], course.unit) for course in drawn),
        )
        for n, run in enumerate(history.runs)
    ]
    return ShownHistory(
        history.target,
        title_of(history.dialect),
        tuple(_chart(course, history.runs) for course in drawn),
        tuple(reversed(runs)),
        tuple(_step(each) for each in reversed(history.steps)),
    )


def _step(change: Diff) -> ShownStep:
    lists = (
        ("New failures", "fail", change.new_failures),
        ("Newly unobserved", "not-observed", change.unobserved),
        ("Violated in another way than before", "warn", change.otherwise),
        ("Fixed", "pass", change.fixed),
    )
    said = f"+{len(change.new_failures)} \N{MINUS SIGN}{len(change.fixed)}"
    after = change.after
    return ShownStep(
        change, said, date(after.started), quote(after.link), tuple(each for each in lists if each[2])
    )


def _chart(course: FigureCourse, runs: Sequence[ComparedReport]) -> Chart:
    known = [value for value in course.values if value is not None]
    most = max(known) or 1.0
    step = (_WIDTH - 2 * _EDGE) / max(1, len(runs) - 1)
    points: list[ChartPoint] = []
    lines: list[list[str]] = [[]]
    for n, (value, run) in enumerate(zip(course.values, runs, strict=True)):
        if value is None:
            lines.append([])
            continue
        x = round(_EDGE + n * step, 1)
        y = round(_HEIGHT - _EDGE - (_HEIGHT - 2 * _EDGE) * value / most, 1)
        points.append(ChartPoint(x, y, f"{date(run.started)}: {_text(value, course.unit)}"))
        lines[-1].append(f"{x},{y}")
    return Chart(
        course.name,
        course.mark,
        _text(known[-1], course.unit),
        _text(min(known), course.unit),
        _text(max(known), course.unit),
        tuple(points),
        tuple(" ".join(line) for line in lines if len(line) > 1),
    )


def _text(value: float | None, unit: str) -> str:
    return "" if value is None else seconds_or_number(value, unit)
