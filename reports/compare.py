"""Comparing reports: many targets side by side, and two runs of one target. Pure.

What is compared is the content of results.json, checked against its schema before.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any
from urllib.parse import urlsplit

from reports.model import SCHEMA_VERSION, Exit
from reports.requirement_results import DECIDED
from reports.since import SinceEarlier
from rules.verdicts import Level, Verdict

_VIOLATED = (Verdict.FAIL, Verdict.WARN)


@dataclass(frozen=True, slots=True)
class ComparedVerdict:
    """The verdict of one requirement in one report, with what its first finding says.

    `ways` are the ways in which it is violated: a message for each fingerprint. `explained` says that
    findings of other requirements explain violations of it.
    """

    verdict: Verdict
    level: Level
    subjects: int
    message: str
    ways: Mapping[str, str]
    explained: bool = False


@dataclass(frozen=True, slots=True)
class ComparedReport:
    """One report in a comparison.

    `label` tells it from the others. `link` leads to its HTML page, empty where there is none. `whole` is
    false where only some scenarios were run, so that what was not observed means nothing. `version` is that
    of its fingerprints. `latency` holds, for `first_audio` and `turn`, `median_s` and `p95_s` where they were
    measured; `spent` what the run cost, by unit. `exit` is the exit code.
    """

    label: str
    target: str
    dialect: str
    sentence: str
    started: str
    registry: str
    whole: bool
    link: str
    counts: Mapping[str, int]
    cells: Mapping[str, ComparedVerdict]
    statements: Mapping[str, str]
    version: int = SCHEMA_VERSION
    features: Mapping[str, bool] = field(default_factory=dict)
    latency: Mapping[str, Mapping[str, float]] = field(default_factory=dict)
    spent: Mapping[str, float] = field(default_factory=dict)
    exit: Exit = Exit.CONFORMS


@dataclass(frozen=True, slots=True)
class ComparedRequirement:
    """One requirement in all reports; None where a report does not judge it."""

    id: str
    statement: str
    cells: tuple[ComparedVerdict | None, ...]

    @property
    def area(self) -> str:
        """The first part of the id."""
        return self.id.split("/", 1)[0]

    @property
    def differs(self) -> bool:
        """Whether the reports disagree, among those that came to a decision."""
        return len({c.verdict for c in self.cells if c is not None and c.verdict in DECIDED}) > 1

    @property
    def level(self) -> Level | None:
        """The level, where it is the same in all reports."""
        levels = {c.level for c in self.cells if c is not None}
        return next(iter(levels)) if len(levels) == 1 else None


@dataclass(frozen=True, slots=True)
class Change:
    """A requirement whose verdict is another in the later run. None: it was, or is, not judged."""

    id: str
    statement: str
    before: ComparedVerdict | None
    after: ComparedVerdict | None

    @property
    def message(self) -> str:
        """What is wrong in the later run, and was not in the earlier one; empty where nothing is."""
        if self.after is None:
            return ""
        known = self.before.ways if self.before is not None else {}
        fresh = [said for print_, said in self.after.ways.items() if print_ not in known]
        return fresh[0] if known and fresh else self.after.message


@dataclass(frozen=True, slots=True)
class Diff:
    """What changed from one run of a target to another.

    `new_failures` were not violated, or not of a MUST, before. `fixed` were violated, and hold. `unobserved`
    were decided, and are not any more. `otherwise` are violated as before, but in a way not seen before.
    """

    before: ComparedReport
    after: ComparedReport
    new_failures: tuple[Change, ...]
    fixed: tuple[Change, ...]
    unobserved: tuple[Change, ...]
    otherwise: tuple[Change, ...]

    @property
    def worse(self) -> bool:
        """Whether something got worse: violated now, or not seen to hold any more."""
        return bool(self.new_failures or self.unobserved)

    @property
    def sentence(self) -> str:
        """What changed, in one sentence."""
        parts = [
            f"{len(changes)} {name}"
            for changes, name in (
                (self.new_failures, "new failure" + ("" if len(self.new_failures) == 1 else "s")),
                (self.fixed, "fixed"),
                (self.unobserved, "newly unobserved"),
                (self.otherwise, "violated in another way"),
            )
            if changes
        ]
        both = sum(_was(self.after.cells.get(id_), DECIDED) for id_ in _decided(self.before))
        said = ", ".join(parts) or "nothing changed"
        return (
            f"From {self.before.label} to {self.after.label}: {said}; {both} decided in both, "
            f"{len(_decided(self.before))} before and {len(_decided(self.after))} after."
        )


def side_of(results: Mapping[str, Any], label: str, link: str = "") -> ComparedReport:
    """Return the content of a results.json as a side of a comparison."""
    target = results["target"]
    return ComparedReport(
        label=label,
        target=target["name"] or target["url"],
        dialect=" ".join(filter(None, (target["dialect"], target.get("channel", "")))),
        sentence=results["verdict"]["sentence"],
        started=results["started"],
        registry=results["suite"]["registry_hash"],
        whole=bool(results.get("whole", True)),
        link=link,
        counts=results["counts"],
        cells={r["id"]: _cell(r) for r in results["requirements"]},
        statements={r["id"]: r["statement"] for r in results["requirements"]},
        version=results["schema_version"],
        features={**target["features"], **dict.fromkeys(target.get("absent", ()), False)},
        latency={kind: each for kind, each in (results.get("latency") or {}).items() if each},
        spent=results["spent"],
        exit=Exit(results["verdict"]["exit"]),
    )


def _cell(requirement: Mapping[str, Any]) -> ComparedVerdict:
    findings = requirement["findings"]
    return ComparedVerdict(
        Verdict(requirement["verdict"]),
        Level(requirement["level"]),
        requirement["subjects"],
        findings[0]["message"] if findings else "",
        dict(requirement.get("fingerprints", {})),
        bool(requirement["explained"]),
    )


def rows(sides: Sequence[ComparedReport]) -> tuple[ComparedRequirement, ...]:
    """Return the rows of the matrix: every requirement that some side judges, areas together."""
    statements: dict[str, str] = {}
    for side in sides:
        statements.update({id_: s for id_, s in side.statements.items() if id_ not in statements})
    areas = list(dict.fromkeys(id_.split("/", 1)[0] for id_ in statements))
    ordered = sorted(statements, key=lambda id_: areas.index(id_.split("/", 1)[0]))
    return tuple(
        ComparedRequirement(id_, statements[id_], tuple(s.cells.get(id_) for s in sides)) for id_ in ordered
    )


def same_target(before: ComparedReport, after: ComparedReport) -> bool:
    """Tell whether two reports are about one target in one dialect."""
    return before.dialect == after.dialect and before.target == after.target


def target_name(side: ComparedReport) -> str:
    """Return what a target is called: its name, else its host; empty for this machine's, and for traces."""
    parts = urlsplit(side.target)
    if not parts.scheme:
        return "" if any(sign in side.target for sign in "/ ") else side.target
    host = parts.hostname or ""
    return "" if host in ("localhost", "::1") or host.startswith("127.") else host


def diff(before: ComparedReport, after: ComparedReport) -> Diff:
    """Return what changed between two runs."""
    if before.version != after.version:
        before, after = _without_ways(before), _without_ways(after)
    changes = [
        Change(id_, after.statements.get(id_) or before.statements[id_], old, new)
        for id_, old, new in _pairs(before, after)
    ]
    return Diff(
        before,
        after,
        tuple(c for c in changes if _is_new_failure(c)),
        tuple(c for c in changes if _is_fixed(c)),
        tuple(
            c
            for c in changes
            if _was(c.before, DECIDED)
            and (c.after is None or not (c.after.verdict in DECIDED or c.after.explained))
            # A run of some scenarios observes less; that says nothing of the server.
            and (after.whole or (c.after is not None and c.after.verdict is not Verdict.NOT_OBSERVED))
        ),
        tuple(c for c in changes if _is_otherwise(c)),
    )


def changed_since(before: ComparedReport, after: ComparedReport) -> SinceEarlier:
    """Return in short what changed from an earlier run; both have to be of one dialect."""
    if before.dialect != after.dialect:
        problem = (
            f"nothing is compared: the earlier run was judged as {before.dialect}, this as {after.dialect}"
        )
        return SinceEarlier(before.started, problem=problem)
    found = diff(before, after)
    worse, better, unseen = (
        tuple(change.id for change in changes)
        for changes in (found.new_failures, found.fixed, found.unobserved)
    )
    return SinceEarlier(before.started, worse, better, unseen)


def _without_ways(side: ComparedReport) -> ComparedReport:
    """Return `side` without its fingerprints: those of different versions cannot be compared."""
    return replace(side, cells={id_: replace(cell, ways={}) for id_, cell in side.cells.items()})


def _pairs(
    before: ComparedReport, after: ComparedReport
) -> Iterable[tuple[str, ComparedVerdict | None, ComparedVerdict | None]]:
    for id_ in dict.fromkeys((*before.cells, *after.cells)):
        yield id_, before.cells.get(id_), after.cells.get(id_)


def _decided(side: ComparedReport) -> list[str]:
    return [id_ for id_, cell in side.cells.items() if cell.verdict in DECIDED]


def _was(cell: ComparedVerdict | None, verdicts: tuple[Verdict, ...]) -> bool:
    return cell is not None and cell.verdict in verdicts


def _is_new_failure(change: Change) -> bool:
    if change.after is None or change.after.verdict not in _VIOLATED:
        return False
    if not _was(change.before, _VIOLATED):
        return True
    return change.after.verdict is Verdict.FAIL and _was(change.before, (Verdict.WARN,))


def _is_fixed(change: Change) -> bool:
    # What a finding of another requirement explains is violated as before.
    explained = change.after is not None and change.after.explained
    return _was(change.before, _VIOLATED) and _was(change.after, (Verdict.PASS,)) and not explained


def _is_otherwise(change: Change) -> bool:
    if not _was(change.before, _VIOLATED) or change.before is None or change.after is None:
        return False
    alike = change.before.verdict is change.after.verdict
    return alike and bool(change.after.ways.keys() - change.before.ways.keys())
