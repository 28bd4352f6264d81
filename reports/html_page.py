"""What stands on the HTML report, before any markup: the page's parts, computed from the report model."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from protocol.catalogue import title_of
from reports.event_matrix import DirectionView, event_sides
from reports.html_first import (
    Fact,
    Outdated,
    Wrong,
    facts,
    headline,
    mark,
    notes,
    outdated,
    wrongs,
    wrongs_title,
)
from reports.html_requirements import (
    AreaView,
    Count,
    LayerView,
    RequirementView,
    areas,
    counts,
    requirement,
)
from reports.html_views import (
    CoverageView,
    OperationRow,
    Tick,
    TimeRow,
    coverage,
    operation_views,
    times,
)
from reports.model import Exit, Layer, Report, ScenarioResult
from reports.unobserved import unseen
from reports.viewer_links import address
from rules.verdicts import Verdict

_FIRST = 12  # of failures, and of warnings, that are listed on the first screen
_LINKED = 12  # traces of one scenario

# The symbol for each outcome of a scenario; what wants a look comes first.
_OUTCOMES = {
    "harness-error": "harness-error",
    "stalled": "warn",
    "inconclusive": "inconclusive",
    "passed": "pass",
    "not-offered": "not-offered",
}


@dataclass(frozen=True, slots=True)
class ViewLink:
    """An entry of the page's navigation."""

    id: str
    title: str
    number: int | None = None


@dataclass(frozen=True, slots=True)
class ScenarioView:
    """A scenario, how many requirements were violated in its traces, and the files of those."""

    scenario: ScenarioResult
    mark: str
    violated: int
    files: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class FeatureRow:
    """What was taken to be offered, and what a probe found."""

    name: str
    offered: bool
    probed: bool | None


@dataclass(slots=True)
class Page:
    """Everything the template shows."""

    title: str
    mark: str
    headline: str
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
    events: tuple[DirectionView, ...] = ()
    times: tuple[TimeRow, ...] = ()
    ticks: tuple[Tick, ...] = ()
    scenarios: tuple[ScenarioView, ...] = ()
    scenarios_said: str = ""
    coverage: CoverageView | None = None
    outdated: tuple[Outdated, ...] = ()
    features: tuple[FeatureRow, ...] = ()
    unseen: str = ""
    views: tuple[ViewLink, ...] = field(default=())

    @property
    def differs(self) -> bool:
        """Whether another dialect would have something otherwise."""
        return any(layer.views for layer in self.layers)

    @property
    def requirements(self) -> list[RequirementView]:
        """All parts about requirements, the layers' included."""
        groups = [area.views for area in self.areas] + [layer.views for layer in self.layers]
        return [view for views in groups for view in views]


def page_of(report: Report) -> Page:
    """Return the page for `report`."""
    found = wrongs(report)
    shown = [w for v in Verdict for w in [w for w in found if w.result.verdict is v][:_FIRST]]
    page = Page(
        title=report.sentence,
        mark=mark(report),
        headline=headline(report),
        facts=facts(report),
        notes=notes(report),
        counts=counts(report.counts),
        wrongs=tuple(shown),
        wrongs_title=wrongs_title(report, found),
        wrongs_left=len(found) - len(shown),
        nothing_wrong="" if found else _nothing_wrong(report),
        areas=areas(report),
        layers=tuple(_layer(report, each) for each in report.layers),
        dialects=tuple(
            (d, title_of(d)) for d in (report.target.dialect, *(x.dialect for x in report.layers))
        ),
        scenarios=_scenarios(report),
        scenarios_said=_scenarios_said(report.scenarios),
        features=_features(report),
        unseen=_unseen(report),
    )
    if report.statistics is not None:
        page.operations = operation_views(report.statistics, report.requirements, report.evidence)
        page.events = event_sides(report.statistics, report.requirements)
        page.times, page.ticks = times(report.statistics)
    page.coverage = coverage(report.coverage)
    page.outdated = outdated(report)
    page.views = tuple(_views(report, page))
    return page


def _layer(report: Report, layer: Layer) -> LayerView:
    differences = tuple(requirement(report, r, layer.dialect) for r in layer.differences)
    return LayerView(layer.dialect, title_of(layer.dialect), layer.sentence, differences)


def _scenarios(report: Report) -> tuple[ScenarioView, ...]:
    """Return the scenarios of the run, those first that want a look."""
    violated, marks = _violated_in(report), list(_OUTCOMES)
    return tuple(
        ScenarioView(
            s,
            _OUTCOMES.get(s.outcome, "inconclusive"),
            sum(violated[t] for t in s.traces),
            _files(report, s),
        )
        for s in sorted(report.scenarios, key=lambda s: (marks.index(s.outcome), s.id))
    )


def _features(report: Report) -> tuple[FeatureRow, ...]:
    """Return the features that requirements of the dialect need, those that are offered first."""
    needed = {name for r in report.requirements for name in r.requirement.features}
    offers = {name: there for name, there in report.target.features.items() if name in needed}
    rows = [FeatureRow(name, there, report.probed.get(name)) for name, there in offers.items()]
    return tuple(sorted(rows, key=lambda row: not row.offered))


def _unseen(report: Report) -> str:
    """Return how many requirements were not observed, and why; empty where all were."""
    by_kind = unseen(report)
    said = ", ".join(f"{number} {kind}" for kind, number in by_kind.items())
    return f"{sum(by_kind.values())} not observed: {said}." if by_kind else ""


def _nothing_wrong(report: Report) -> str:
    """Return what is said where nothing is wrong that could be listed."""
    match report.exit:
        case Exit.UNREACHABLE if not report.opened:
            return (
                "No session could be opened, so nothing is known of the server. Is the address right, is the "
                "key, and is it presented as the server wants it (--auth)?"
            )
        case Exit.UNREACHABLE:
            return "The run was given up; what was seen until then violates nothing."
        case Exit.INTERRUPTED:
            return "What was seen until then violates nothing."
        case Exit.NOTHING_JUDGED if report.in_the_way and report.decided:
            ids = ", ".join(r.id for r in report.in_the_way)
            return f"What a verdict rests on was not decided: {ids}. What was seen violates nothing."
        case Exit.NOTHING_JUDGED:
            return "No requirement is about what was seen. Was the right dialect named?"
    said = "No requirement was violated."
    unseen, absent = (len(report.of(v)) for v in (Verdict.NOT_OBSERVED, Verdict.NOT_OFFERED))
    if unseen:
        said += f" Of those that apply, {unseen} were not exercised: of these, nothing is known."
    if absent:
        said += f" {absent} are about what the server does not offer."
    return said


def _violated_in(report: Report) -> dict[str, int]:
    found: dict[str, int] = defaultdict(int)
    for result in report.of(Verdict.FAIL, Verdict.WARN):
        for trace in {f.trace for f in result.findings}:
            found[trace] += 1
    return found


def _files(report: Report, scenario: ScenarioResult) -> tuple[str, ...]:
    found = (address(report, name) for name in scenario.traces[:_LINKED])
    return tuple(filter(None, found))


def _scenarios_said(scenarios: Sequence[ScenarioResult]) -> str:
    by_outcome: dict[str, int] = defaultdict(int)
    for scenario in scenarios:
        by_outcome[scenario.outcome] += 1
    said = ", ".join(f"{n} {outcome}" for outcome, n in sorted(by_outcome.items(), key=lambda p: -p[1]))
    return f"Conversations that provoke what the requirements are about: {said}. They give no verdicts."


def _views(report: Report, page: Page) -> Iterable[ViewLink]:
    yield ViewLink("verdict", "Verdict")
    yield ViewLink("requirements", "Requirements", len(report.requirements))
    if page.operations:
        yield ViewLink("operations", "Operations", len(page.operations))
    if page.events:
        yield ViewLink("events", "Events", sum(len(side.rows) for side in page.events))
    if report.scenarios:
        yield ViewLink("scenarios", "Scenarios", len(report.scenarios))
    if page.times or report.timing is not None:
        yield ViewLink("times", "Times", len(page.times))
    if page.coverage is not None:
        yield ViewLink("states", "States", page.coverage.bars[0].of)
    yield ViewLink("reading", "Reading this")
