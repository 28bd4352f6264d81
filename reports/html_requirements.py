"""The parts of the HTML report about requirements: verdict, source, findings with their evidence."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from reports.model import Report
from reports.replaying import Command, commands
from reports.requirement_results import RequirementResult, Standing
from reports.sources import Source, sources
from reports.unobserved import why_unseen
from reports.viewer_links import address
from rules.verdicts import Finding, Verdict

_THINNEST = 1.2  # percent of a bar
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
DIFFERS = "differs"
"""Said of what another dialect would have otherwise: no verdict on the server."""

_ORDER = tuple(MEANINGS)


@dataclass(frozen=True, slots=True)
class Count:
    """How many requirements got a verdict, and where that stands on a bar (percent)."""

    verdict: str
    number: int
    x: float
    width: float


@dataclass(frozen=True, slots=True)
class FindingView:
    """A finding with where it is and how to see it again.

    `fresh` says that the baseline knows other violations of the requirement, and not this one.
    """

    finding: Finding
    where: str
    because: str
    file: str
    drawn: bool
    commands: tuple[Command, ...]
    fresh: bool = False


@dataclass(frozen=True, slots=True)
class Other:
    """Another requirement that explains violations, or of which violations are explained.

    `place` is its anchor, empty where it is not on the page.
    """

    id: str
    number: int
    place: str


@dataclass(frozen=True, slots=True)
class RequirementView:
    """A requirement's part of the page.

    `place` is its anchor; `verdict` what is said of it; `expected` says why it is no surprise. `others` are
    ways in which it is violated that are not among the findings. `explained_by` and `explains` name other
    requirements. `unseen` says why it was not observed; `first` leads to the first subject for which it held.
    """

    place: str
    dialect: str
    result: RequirementResult
    findings: tuple[FindingView, ...]
    unlisted: int
    verdict: str = ""
    expected: str = ""
    others: tuple[str, ...] = ()
    sources: tuple[Source, ...] = ()
    explained_by: tuple[Other, ...] = ()
    explains: tuple[Other, ...] = ()
    unseen: str = ""
    first: str = ""
    first_said: str = ""


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


def counts(by_verdict: Mapping[str, int]) -> tuple[Count, ...]:
    """Return the counts in the order in which they are shown, with their places on a bar."""
    total = sum(by_verdict.values()) or 1
    # One failure among hundreds is what matters: it must not be too thin to be seen.
    widths = {
        v: max(100 * by_verdict.get(str(v), 0) / total, _THINNEST) for v in _ORDER if by_verdict.get(str(v))
    }
    scale = 100 / (sum(widths.values()) or 1)
    x, made = 0.0, []
    for verdict in _ORDER:
        number = by_verdict.get(str(verdict), 0)
        width = widths.get(verdict, 0.0) * scale
        made.append(Count(str(verdict), number, round(x, 3), round(width, 3)))
        x += width
    return tuple(made)


def expected_because(result: RequirementResult) -> str:
    """Return why a violation was expected, empty where it was not."""
    return result.sentence if result.standing is Standing.KNOWN else ""


def areas(report: Report) -> tuple[AreaView, ...]:
    """Return the requirements by area, the most severe of each first."""
    by_area: dict[str, list[RequirementResult]] = defaultdict(list)
    for result in report.requirements:
        by_area[result.requirement.area].append(result)
    made = []
    for name, results in by_area.items():
        number: dict[str, int] = defaultdict(int)
        for result in results:
            number[str(result.verdict)] += 1
        views = tuple(
            requirement(report, r, report.target.dialect)
            for r in sorted(results, key=lambda r: (*r.weight, r.id))
        )
        made.append(AreaView(name, views, counts(number)))
    return tuple(made)


def requirement(report: Report, result: RequirementResult, dialect: str) -> RequirementView:
    """Return the part of the page about `result`, judged in `dialect`."""
    own = dialect == report.target.dialect
    evidence = report.evidence
    views = []
    listed = {f.fingerprint for f in result.findings}
    for index, finding in enumerate(result.findings):
        drawn = evidence is not None and index < _DRAWN and bool(evidence.of(finding))
        file = evidence.files.get(finding.trace, "") if evidence is not None else ""
        views.append(
            FindingView(
                finding,
                numbers(finding.seqs),
                numbers(finding.because),
                address(report, finding.trace, finding.seqs[0] if finding.seqs else None),
                drawn,
                commands(report, finding, file, dialect) if index < _DRAWN else (),
                finding.fingerprint in result.fresh,
            )
        )
    why = why_unseen(report, result)
    return RequirementView(
        result.id if own else f"{dialect}:{result.id}",
        dialect,
        result,
        tuple(views),
        max(0, result.tally.violations - len(result.findings)),
        str(result.verdict) if own else DIFFERS,
        expected_because(result) if own else "",
        tuple(said for print_, said in result.tally.fingerprints.items() if print_ not in listed),
        sources(result.requirement),
        _others(report, result.tally.explained, dialect),
        _others(report, result.explains, dialect),
        why.sentence if why is not None else "",
        *_first(report, result),
    )


def _first(report: Report, result: RequirementResult) -> tuple[str, str]:
    """Return where the first subject of what passed is to be seen, and its name; empty where nobody knows."""
    if result.verdict is not Verdict.PASS or result.tally.first is None:
        return "", ""
    trace, seq = result.tally.first
    return address(report, trace, seq), f"#{seq} in {trace}"


def _others(report: Report, numbers_: Mapping[str, int], dialect: str) -> tuple[Other, ...]:
    """Return the requirements that `numbers_` counts violations for, the most first."""
    if not numbers_:
        return ()
    if dialect == report.target.dialect:
        places = {r.id: r.id for r in report.requirements}
    else:
        shown = (r for layer in report.layers if layer.dialect == dialect for r in layer.differences)
        places = {r.id: f"{dialect}:{r.id}" for r in shown}
    ranked = sorted(numbers_.items(), key=lambda each: (-each[1], each[0]))
    return tuple(Other(id_, number, places.get(id_, "")) for id_, number in ranked)


def numbers(seqs: Sequence[int]) -> str:
    """Return the numbers of entries as they are shown."""
    return ", ".join(f"#{s}" for s in seqs)
