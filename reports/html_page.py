"""What stands on the HTML report, before any markup: the page's parts, computed from the report model."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import quote

from reports.baseline import Expectation
from reports.html_views import OperationRow, Side, Tick, TimeRow, event_sides, operations, times
from reports.model import SHOWN_DIALECT, Exit, Report, RequirementResult, ScenarioResult
from reports.replaying import commands
from rules.verdicts import Finding, Level, Verdict

_FIRST = 12  # failures listed on the first screen
_DRAWN = 3  # findings of a requirement that get a diagram

MEANINGS = {
    Verdict.FAIL: "A MUST was violated at least once.",
    Verdict.WARN: "A SHOULD was violated; the server still conforms, unless the run was strict.",
    Verdict.PASS: "Examined at least once, and never violated.",
    Verdict.INCONCLUSIVE: "Undecidable: connection lost, time or budget spent, or the rate limited.",
    Verdict.NOT_OBSERVED: "It applies, but nothing in the run exercised it. Never a pass.",
    Verdict.NOT_OFFERED: "The server does not offer the feature that it is about.",
    Verdict.HARNESS_ERROR: "A mistake of the suite itself. It says nothing about the server.",
}
_ORDER = tuple(MEANINGS)
_OUTCOMES = {
    "passed": "pass", "stalled": "warn", "not-offered": "not-offered", "inconclusive": "inconclusive",
    "harness-error": "harness-error",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Count:
    """How many requirements got a verdict, and where that stands on a bar (percent)."""

    verdict: str
    number: int
    x: float
    width: float
    layered: int = 0


@dataclass(frozen=True, slots=True)
class Fact:
    """One line of what a reader wants to know of a run."""

    name: str
    value: str
    mono: bool = False
    wide: bool = False


@dataclass(frozen=True, slots=True)
class FindingView:
    """A finding with where it is and how to see it again."""

    finding: Finding
    where: str
    because: str
    file: str
    drawn: bool
    commands: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class RequirementView:
    """A requirement's part of the page. `place` is its anchor; `expected` says why it is no surprise."""

    place: str
    dialect: str
    result: RequirementResult
    findings: tuple[FindingView, ...]
    unlisted: int
    expected: str = ""


@dataclass(frozen=True, slots=True)
class Wrong:
    """A failure on the first screen."""

    place: str
    result: RequirementResult
    came: str
    where: str


@dataclass(frozen=True, slots=True)
class AreaView:
    """The requirements of one area."""

    name: str
    views: tuple[RequirementView, ...]
    counts: tuple[Count, ...]


@dataclass(frozen=True, slots=True)
class LayerView:
    """What another dialect would say of the same traces."""

    dialect: str
    name: str
    sentence: str
    views: tuple[RequirementView, ...]


@dataclass(frozen=True, slots=True)
class ViewLink:
    """An entry of the page's navigation."""

    id: str
    title: str
    number: int | None = None


@dataclass(frozen=True, slots=True)
class ScenarioView:
    """A scenario, and how many requirements were violated in its traces."""

    scenario: ScenarioResult
    mark: str
    violated: int


@dataclass(frozen=True, slots=True)
class FeatureRow:
    """What was taken to be offered, and what a probe found."""

    name: str
    offered: bool
    probed: bool | None


@dataclass(frozen=True, slots=True)
class StateRow:
    """A state of the protocol, and how often it was visited."""

    name: str
    number: int


@dataclass(frozen=True, slots=True)
class StateGroup:
    """States that belong together."""

    title: str
    rows: tuple[StateRow, ...]

    @property
    def visited(self) -> int:
        """How many of them were visited."""
        return sum(1 for row in self.rows if row.number)


@dataclass(slots=True)
class Page:
    """Everything the template shows."""

    title: str
    mark: str
    facts: tuple[Fact, ...]
    notes: tuple[str, ...]
    counts: tuple[Count, ...]
    wrongs: tuple[Wrong, ...]
    wrongs_title: str
    wrongs_left: int
    nothing_wrong: str
    areas: tuple[AreaView, ...]
    layers: tuple[LayerView, ...]
    dialects: tuple[tuple[str, str], ...]
    operations: tuple[OperationRow, ...] = ()
    events: tuple[Side, ...] = ()
    times: tuple[TimeRow, ...] = ()
    ticks: tuple[Tick, ...] = ()
    scenarios: tuple[ScenarioView, ...] = ()
    scenarios_said: str = ""
    states: tuple[StateGroup, ...] = ()
    states_said: str = ""
    features: tuple[FeatureRow, ...] = ()
    views: tuple[ViewLink, ...] = field(default=())

    @property
    def requirements(self) -> list[RequirementView]:
        """All parts about requirements, the layers' included."""
        groups = [area.views for area in self.areas] + [layer.views for layer in self.layers]
        return [view for views in groups for view in views]


def page_of(report: Report) -> Page:
    """Return the page for `report`."""
    violated = _violated_in(report)
    wrongs = _wrongs(report)
    page = Page(
        title=report.sentence,
        mark=_mark(report),
        facts=_facts(report),
        notes=report.notes,
        counts=counts(report.counts, [v for layer in report.layers for v in layer.differences]),
        wrongs=tuple(wrongs[:_FIRST]),
        wrongs_title=_wrongs_title(report, len(wrongs)),
        wrongs_left=max(0, len(wrongs) - _FIRST),
        nothing_wrong="" if wrongs or not report.of(Verdict.PASS) else "No requirement was violated.",
        areas=_areas(report),
        layers=tuple(
            LayerView(
                layer.dialect,
                SHOWN_DIALECT.get(layer.dialect, layer.dialect),
                layer.sentence,
                tuple(_requirement(report, r, layer.dialect) for r in layer.differences),
            )
            for layer in report.layers
        ),
        dialects=tuple(
            (d, SHOWN_DIALECT.get(d, d)) for d in (report.target.dialect, *(x.dialect for x in report.layers))
        ),
        scenarios=tuple(
            ScenarioView(s, _OUTCOMES.get(s.outcome, "inconclusive"), sum(violated[t] for t in s.traces))
            for s in sorted(report.scenarios, key=lambda s: (s.outcome == "passed", s.id))
        ),
        scenarios_said=_scenarios_said(report.scenarios),
        features=tuple(
            FeatureRow(name, offered, report.probed.get(name))
            for name, offered in report.target.features.items()
        ),
    )
    if report.statistics is not None:
        page.operations = operations(report.statistics, report.requirements)
        page.events = event_sides(report.statistics, report.requirements)
        page.times, page.ticks = times(report.statistics)
    page.states, page.states_said = _states(report)
    page.views = tuple(_views(report, page))
    return page


def counts(by_verdict: Mapping[str, int], layered: Iterable[RequirementResult] = ()) -> tuple[Count, ...]:
    """Return the counts in the order in which they are shown, with their places on a bar."""
    total = sum(by_verdict.values()) or 1
    x, made = 0.0, []
    others = [str(r.verdict) for r in layered]
    for verdict in _ORDER:
        number = by_verdict.get(str(verdict), 0)
        width = 100 * number / total
        made.append(Count(str(verdict), number, round(x, 3), round(width, 3), others.count(str(verdict))))
        x += width
    return tuple(made)


def _mark(report: Report) -> str:
    if report.exit is Exit.CONFORMS:
        return "pass"
    if report.exit in (Exit.DOES_NOT_CONFORM, Exit.BASELINE):
        return "fail"
    return "harness-error" if report.exit is Exit.HARNESS_ERROR else "inconclusive"


def _facts(report: Report) -> tuple[Fact, ...]:
    spent = report.spent
    cost = [
        _number(spent[name], one)
        for name, one in (("sessions", "session"), ("responses", "response"), ("tokens", "token"))
        if spent.get(name)
    ]
    if spent.get("audio_s"):
        cost.insert(2, f"{spent['audio_s']:,} s of audio")
    where = f"{report.target.name} · {report.target.url}" if report.target.name else report.target.url
    facts = [
        Fact("Target", where, mono=True, wide=True),
        Fact("Dialect", SHOWN_DIALECT.get(report.target.dialect, report.target.dialect)),
        Fact("Date", _date(report.started)),
        Fact("Took", f"{_length(report.duration_s)}, {_number(len(report.traces), 'trace')}"),
        Fact("Spent", " · ".join(cost) or "nothing: recorded traces were judged", wide=True),
        Fact("Suite, seed", f"{report.suite.version}, {report.seed}", mono=True),
        Fact("Registry", report.suite.registry_hash, mono=True),
        Fact("AsyncAPI document", report.suite.document_hash, mono=True),
    ]
    return tuple(facts)


def _date(started: str) -> str:
    try:
        when = dt.datetime.fromisoformat(started)
    except ValueError:
        return started
    return when.strftime("%Y-%m-%d %H:%M ") + (when.strftime("%Z") or "")


def _number(number: float, noun: str) -> str:
    return f"{number:,} {noun}" + ("" if number == 1 else "s")


def _length(seconds: float) -> str:
    minutes, rest = divmod(seconds, 60)
    return f"{minutes:.0f} min {rest:.0f} s" if minutes else f"{rest:.1f} s"


def severity(result: RequirementResult) -> tuple[Any, ...]:
    """Return a key that sorts the most severe first: by verdict, level, and how often it was violated."""
    return (
        list(Verdict).index(result.verdict),
        list(Level).index(result.level),
        -result.tally.violations,
        result.id,
    )


def _expected(result: RequirementResult) -> str:
    """Return why a violation was expected, empty where it was not."""
    if result.expectation is not Expectation.EXPECTED:
        return ""
    return "Known to the baseline" + (f": {result.known}" if result.known else ".")


def _wrongs(report: Report) -> list[Wrong]:
    found = []
    bad = report.of(Verdict.HARNESS_ERROR, Verdict.FAIL, Verdict.WARN)
    for result in sorted(bad, key=severity):
        if _expected(result):
            continue
        first = result.findings[0] if result.findings else None
        came = first.message if first is not None else "; ".join(result.tally.errors[:1])
        where = f"{first.trace} {_numbers(first.seqs)}" if first is not None else ""
        found.append(Wrong(result.id, result, came, where))
    return found


def _wrongs_title(report: Report, number: int) -> str:
    expected = any(_expected(r) for r in report.of(Verdict.FAIL, Verdict.WARN))
    unexpected = "unexpected " if expected else ""
    if report.of(Verdict.FAIL, Verdict.HARNESS_ERROR):
        return f"What is wrong: {number} {unexpected}" + ("violation" if number == 1 else "violations")
    return (
        f"{number} {unexpected}" + ("recommendation" if number == 1 else "recommendations") + " not followed"
    )


def _areas(report: Report) -> tuple[AreaView, ...]:
    by_area: dict[str, list[RequirementResult]] = defaultdict(list)
    for result in report.requirements:
        by_area[result.requirement.area].append(result)
    areas = []
    for name, results in by_area.items():
        number: dict[str, int] = defaultdict(int)
        for result in results:
            number[str(result.verdict)] += 1
        views = tuple(_requirement(report, r, report.target.dialect) for r in sorted(results, key=severity))
        areas.append(AreaView(name, views, counts(number)))
    return tuple(areas)


def _requirement(report: Report, result: RequirementResult, dialect: str) -> RequirementView:
    own = dialect == report.target.dialect
    evidence = report.evidence
    views = []
    for index, finding in enumerate(result.findings):
        drawn = evidence is not None and index < _DRAWN and bool(evidence.of(finding))
        file = evidence.files.get(finding.trace, "") if evidence is not None else ""
        views.append(
            FindingView(
                finding,
                _numbers(finding.seqs),
                _numbers(finding.because),
                quote(file),
                drawn,
                commands(report, finding, file, dialect) if index < _DRAWN else (),
            )
        )
    return RequirementView(
        result.id if own else f"{dialect}:{result.id}",
        dialect,
        result,
        tuple(views),
        max(0, result.tally.violations - len(result.findings)),
        _expected(result) if own else "",
    )


def _numbers(seqs: Sequence[int]) -> str:
    return ", ".join(f"#{s}" for s in seqs)


def _violated_in(report: Report) -> dict[str, int]:
    found: dict[str, int] = defaultdict(int)
    for result in report.of(Verdict.FAIL, Verdict.WARN):
        for trace in {f.trace for f in result.findings}:
            found[trace] += 1
    return found


def _scenarios_said(scenarios: Sequence[ScenarioResult]) -> str:
    by_outcome: dict[str, int] = defaultdict(int)
    for scenario in scenarios:
        by_outcome[scenario.outcome] += 1
    said = ", ".join(f"{n} {outcome}" for outcome, n in sorted(by_outcome.items(), key=lambda p: -p[1]))
    return f"Conversations that provoke what the requirements are about: {said}. They give no verdicts."


def _states(report: Report) -> tuple[tuple[StateGroup, ...], str]:
    """Return the protocol states visited, where the run counted them."""
    coverage = getattr(report, "coverage", None)
    if not isinstance(coverage, Mapping) or not coverage:
        return (), ""
    groups = []
    for title, content in coverage.items():
        if isinstance(content, Mapping) and content:
            rows = tuple(StateRow(str(n), int(v)) for n, v in content.items() if isinstance(v, int))
            groups.append(StateGroup(str(title), rows))
    return tuple(groups), "States of the protocol that the conversations of this run have been in."


def _views(report: Report, page: Page) -> Iterable[ViewLink]:
    yield ViewLink("verdict", "Verdict")
    yield ViewLink("requirements", "Requirements", len(report.requirements))
    if page.operations:
        yield ViewLink("operations", "Operations", len(page.operations))
    if page.events:
        yield ViewLink("events", "Events", sum(len(side.rows) for side in page.events))
    if report.scenarios:
        yield ViewLink("scenarios", "Scenarios", len(report.scenarios))
    if page.times:
        yield ViewLink("times", "Times", len(page.times))
    if page.states:
        yield ViewLink("states", "States", sum(len(g.rows) for g in page.states))
    yield ViewLink("reading", "Reading this")
