"""The page of a load run: what breaks at which load, and a chart of each figure over the steps."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from reports.html import render
from reports.html_first import date
from reports.html_views import seconds_text
from reports.load_model import LoadReport, LoadRow, LoadWindow
from reports.load_text import figures_text
from reports.statistics import FIRST_AUDIO, TURN

_WIDTH, _HEIGHT = 560.0, 150.0  # of the field that lines are drawn in, in units of its own
_LEAST_WINDOWS = 4  # in a step whose course is drawn
_MARKS = {"holds": "pass", "violated": "fail", "undecided": "inconclusive", "unseen": "not-observed"}

Value = float | None


@dataclass(frozen=True, slots=True)
class Dot:
    """A value in a chart: where it is, and what it says."""

    x: float
    y: float
    said: str


@dataclass(frozen=True, slots=True)
class Series:
    """One line of a chart; `pieces` are unbroken lines as SVG has them."""

    name: str
    style: str
    dots: tuple[Dot, ...]
    pieces: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class LoadChart:
    """A figure over steps or over time; `marks` stand below it, each at its place."""

    name: str
    most: str
    marks: tuple[tuple[float, str], ...]
    series: tuple[Series, ...]

    @property
    def said(self) -> str:
        """What the chart shows, in words."""
        return "; ".join(f"{s.name}: {', '.join(d.said for d in s.dots)}" for s in self.series)


def load_page(report: LoadReport) -> str:
    """Return the page of `report` as HTML. Everything that came from a server is escaped."""
    return render(
        "load.html",
        styles=("base.css", "matrix.css", "load.css"),
        scripts=(),
        title=f"Load on {report.target}",
        report=report,
        date=date(report.started),
        charts=step_charts(report),
        courses=[(row, _over_time(row.windows)) for row in report.rows if len(row.windows) >= _LEAST_WINDOWS],
        marks=_MARKS,
        rows=[(row, _cells(report, n, row)) for n, row in enumerate(report.rows)],
    )


def _cells(report: LoadReport, place: int, row: LoadRow) -> tuple[str, ...]:
    findings = sum(course.violations[place] for course in report.courses)
    milliseconds = " ".join(f"{each * 1000:.0f}" for each in row.lag)
    return (
        f"{row.opened}",
        f"{row.turns}",
        f"{row.turns_a_second:.2f}",
        f"{row.audio_a_second:.1f}",
        figures_text(row.times.get(FIRST_AUDIO)),
        figures_text(row.times.get(TURN)),
        f"{sum(row.refused.values())}",
        f"{sum(row.stalled.values()) + sum(row.failed.values())}",
        f"{findings}",
        milliseconds,
    )


def step_charts(report: LoadReport) -> list[LoadChart]:
    """Return the charts over the steps: times, throughput, what went wrong, and our own lag."""
    rows = report.rows
    marks = [row.name for row in rows]
    violated = [float(sum(course.violations[n] for course in report.courses)) for n in range(len(rows))]
    found = [
        _chart("Time to first audio", marks, _percentiles(rows, FIRST_AUDIO), seconds_text),
        _chart("Length of a turn", marks, _percentiles(rows, TURN), seconds_text),
        _chart("Turns a second", marks, [("turns", [r.turns_a_second for r in rows])], _number),
        _chart("Audio, seconds a second", marks, [("audio", [r.audio_a_second for r in rows])], _number),
        _chart("Findings", marks, [("findings", violated)], _number),
        _chart(
            "Sessions and turns that came to nothing",
            marks,
            [
                ("refused for want of room", [float(sum(r.refused.values())) for r in rows]),
                ("stalled or failed", [float(sum([*r.stalled.values(), *r.failed.values()])) for r in rows]),
                ("errors", [float(sum(r.errors.values())) for r in rows]),
            ],
            _number,
        ),
        _chart(
            "Our own lag",
            marks,
            [(name, [r.lag[n] for r in rows]) for n, name in enumerate(("median", "95 %", "99 %"))],
            seconds_text,
        ),
    ]
    return [each for each in found if each is not None]


def _percentiles(rows: Sequence[LoadRow], kind: str) -> list[tuple[str, list[Value]]]:
    times = [row.times.get(kind) for row in rows]
    return [
        (name, [each[n] if each else None for each in times])
        for n, name in enumerate(("median", "95 %", "99 %"))
    ]


def _over_time(windows: Sequence[LoadWindow]) -> list[LoadChart]:
    """Return the charts of one step over its time: whether times, findings and memory drift."""
    marks = [seconds_text(each.t_s) if n % 4 == 0 else "" for n, each in enumerate(windows)]
    audio = [each.times.get(FIRST_AUDIO) or each.times.get(TURN) for each in windows]
    found = [
        _chart(
            "Time to first audio, or of a turn",
            marks,
            [(name, [a[n] if a else None for a in audio]) for n, name in enumerate(("median", "95 %"))],
            seconds_text,
        ),
        _chart("Findings", marks, [("findings", [float(w.violations) for w in windows])], _number),
        _chart("Sessions open", marks, [("open", [float(w.open_now) for w in windows])], _number),
        _chart("Our own memory", marks, [("memory", [w.memory_mb for w in windows])], _megabytes),
    ]
    return [each for each in found if each is not None]


def _chart(
    name: str,
    marks: Sequence[str],
    lines: Sequence[tuple[str, Sequence[Value]]],
    text: Callable[[float], str],
) -> LoadChart | None:
    """Return a chart of `lines`; None where there is nothing in them."""
    known = [value for _, values in lines for value in values if value is not None]
    if not known:
        return None
    most = max(known) or 1.0
    step = _WIDTH / max(1, len(marks) - 1)
    places = [round(n * step, 1) if len(marks) > 1 else _WIDTH / 2 for n in range(len(marks))]
    drawn = []
    for number, (line, values) in enumerate(lines):
        dots = [
            None
            if value is None
            else Dot(x, round(_HEIGHT * (1 - value / most), 1), ": ".join(filter(None, (mark, text(value)))))
            for x, mark, value in zip(places, marks, values, strict=True)
        ]
        drawn.append(Series(line, f"line-{number}", tuple(d for d in dots if d is not None), _pieces(dots)))
    return LoadChart(name, text(most), tuple(zip(places, marks, strict=True)), tuple(drawn))


def _pieces(dots: Sequence[Dot | None]) -> tuple[str, ...]:
    pieces: list[list[str]] = [[]]
    for dot in dots:
        if dot is None:
            pieces.append([])
        else:
            pieces[-1].append(f"{dot.x},{dot.y}")
    return tuple(" ".join(piece) for piece in pieces if len(piece) > 1)


def _megabytes(value: float) -> str:
    return f"{value:.0f} MB"


def _number(value: float) -> str:
    return f"{value:.0f}" if value >= 100 or value == int(value) else f"{value:.2g}"
