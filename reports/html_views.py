"""The views of a run's statistics: by operation, by event type, and times."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from reports.evidence import Evidence
from reports.requirement_results import RequirementResult
from reports.statistics import FIRST_AUDIO, OTHER, PURPOSES, TURN, AnswerCount, Statistics, cells, spread
from rules.verdicts import Finding

_DOTS = 120  # drawn of one kind of time
_REASONS = {"stimulus": "of unusual form"}  # what the suite sends to see how it is taken
_FIXED = {
    FIRST_AUDIO: "request or end of speech → first audio",
    TURN: "request or end of speech → response.done",
    "first delta": "response.created → first delta",
    "response": "response.created → response.done",
    "a second of speech": "a second of speech → its audio (real-time factor)",
    "response not completed": "response.created → response.done, not completed",
}


@dataclass(frozen=True, slots=True)
class CellView:
    """One cell of the table of operations. `mark` names the symbol."""

    total: int
    mark: str
    text: str
    reasons: str


@dataclass(frozen=True, slots=True)
class OperationRow:
    """A client event: how it was answered, and what was violated where it was tried."""

    type: str
    cells: tuple[CellView, ...]
    violated: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class TimeRow:
    """How a kind of time was spread. Places are percent of the axis."""

    name: str
    said: str
    count: int
    least: float
    median: float
    p95: float
    dots: tuple[float, ...]
    median_text: str
    p95_text: str
    most_text: str


@dataclass(frozen=True, slots=True)
class Tick:
    """A mark on the time axis."""

    x: float
    text: str


def operation_views(
    statistics: Statistics, results: Sequence[RequirementResult], evidence: Evidence | None = None
) -> tuple[OperationRow, ...]:
    """Return the rows of the view by operation."""
    violated = [r for r in results if r.violated]
    documented = statistics.documented.get("client", ())
    slugs = {type_.replace(".", "_"): type_ for type_ in documented}
    about: dict[str, list[str]] = {}
    for result in violated:
        types = set().union(*(_about(f, slugs, evidence) for f in result.findings))
        for type_ in {t if t in documented else OTHER for t in types}:
            about.setdefault(type_, []).append(result.id)
    return tuple(
        OperationRow(type_, tuple(_cell(p, by_purpose[p]) for p in PURPOSES), tuple(about.get(type_, ())))
        for type_, by_purpose in cells(statistics).items()
    )


def _about(finding: Finding, slugs: Mapping[str, str], evidence: Evidence | None) -> set[str]:
    """Return the client events that `finding` is about: those it names, and the one its scenario is about."""
    names = finding.trace.partition("-")[0].split(".")  # a scenario's further sessions are numbered
    found = {slugs[name] for name in names if name in slugs}
    entries = evidence.entries.get(finding.trace, {}) if evidence is not None else {}
    for seq in (*finding.seqs, *finding.because):
        entry = entries.get(seq)
        if entry is not None and entry.dir == "client" and entry.kind in ("text", "binary"):
            found.add(entry.type)
    return found


def _cell(purpose: str, cell: AnswerCount) -> CellView:
    reasons = ", ".join(f"{_REASONS.get(reason, reason)} {number}" for reason, number in cell.reasons.items())
    if not cell.total:
        return CellView(0, "not-observed", "", "")
    if not cell.decided:
        return CellView(cell.total, "inconclusive", f"{cell.total} cut off", reasons)
    wrong = ", ".join(f"{number} {outcome}" for outcome, number in cell.wrong.items())
    if purpose == "open":
        text = f"{cell.decided} answered" if not wrong else f"{cell.right} answered, {wrong}"
    else:
        text = f"{cell.right} of {cell.decided}" + (f" · {wrong}" if wrong else "")
    return CellView(cell.total, "warn" if wrong else "pass", text, reasons)


def times(statistics: Statistics) -> tuple[tuple[TimeRow, ...], tuple[Tick, ...]]:
    """Return the rows of the chart of times, and the marks of its axis."""
    spreads = {name: spread(values) for name, values in statistics.times.items() if values}
    if not spreads:
        return (), ()
    least = max(min(s.least for s in spreads.values()), 1e-4)
    most = max(*(s.most for s in spreads.values()), least * 10)
    low, high = math.floor(math.log10(least)), math.ceil(math.log10(most))

    def place(seconds: float) -> float:
        at = (math.log10(max(seconds, 10.0**low)) - low) / (high - low)
        return round(100 * min(1.0, at), 2)

    rows = []
    for name in sorted(spreads, key=_rank(statistics)):
        s = spreads[name]
        step = max(1, math.ceil(len(s.values) / _DOTS))
        shown = name_of(name)
        said = f"{shown}: median {seconds_text(s.median)}, 95th percentile {seconds_text(s.p95)}"
        rows.append(
            TimeRow(
                shown,
                said,
                s.count,
                place(s.least),
                place(s.median),
                place(s.p95),
                tuple(place(v) for v in s.values[::step]),
                seconds_text(s.median),
                seconds_text(s.p95),
                seconds_text(s.most),
            )
        )
    ticks = tuple(
        Tick(round(100 * (e - low) / (high - low), 2), seconds_text(10.0**e)) for e in range(low, high + 1)
    )
    return tuple(rows), ticks


def _rank(statistics: Statistics) -> Callable[[str], tuple[bool, int, str]]:
    order = {t: i for i, t in enumerate(statistics.documented.get("client", ()))}
    return lambda name: (name not in _FIXED, order.get(name.partition(" ")[2], len(order)), name)


def name_of(name: str) -> str:
    """Return what a kind of time is called on the page."""
    kind, _, type_ = name.partition(" ")
    return _FIXED.get(name) or f"{type_} → {'error' if kind == 'refusal' else 'answer'}"


def seconds_text(seconds: float) -> str:
    """Return a time in a unit that fits it."""
    if seconds < 1:
        milliseconds = seconds * 1000
        return f"{milliseconds:.2g} ms" if milliseconds < 10 else f"{milliseconds:.0f} ms"
    return f"{seconds:.1f} s" if seconds % 1 else f"{seconds:.0f} s"


@dataclass(frozen=True, slots=True)
class Bar:
    """How much of something was visited."""

    name: str
    visited: int
    of: int

    @property
    def percent(self) -> float:
        """The part that was visited."""
        return round(100 * self.visited / self.of, 1) if self.of else 0.0


@dataclass(frozen=True, slots=True)
class CoverageView:
    """What of the protocol's states and transitions was visited; what was not, by machine and state."""

    bars: tuple[Bar, ...]
    states: tuple[tuple[str, bool], ...]
    missed: tuple[tuple[str, tuple[str, ...]], ...]
    unforeseen: tuple[str, ...]


def coverage(found: Mapping[str, Any] | None) -> CoverageView | None:
    """Return the view of the states visited, None where no conversation was drawn at random."""
    if found is None:
        return None
    bars = tuple(
        Bar(title, found[name]["visited"], found[name]["of"])
        for name, title in (("states", "States"), ("transitions", "Transitions"))
    )
    missed: dict[str, list[str]] = {}
    for each in found["missed"]:
        state, _, move = each.partition(": ")
        missed.setdefault(state, []).append(move)
    return CoverageView(
        bars,
        tuple(found.get("by_state", {}).items()),
        tuple((s, tuple(m)) for s, m in missed.items()),
        tuple(found["unforeseen"]),
    )
