"""What came of each requirement: its verdict, how that stands against the baseline, and the sentence for it.

How a requirement stands is decided here and nowhere else; whoever writes a report, and pytest, only shows it.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Container, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum

from reports.baseline import UNCOVERED, BaselineStatus, SeenRequirement
from rules.related_findings import relatives
from rules.requirements import Registry, Requirement
from rules.verdicts import LEVELS, Finding, Level, Tally, Verdict, verdict_of

DECIDED = (Verdict.FAIL, Verdict.WARN, Verdict.PASS)
"""The verdicts that say something about a server."""


class Standing(StrEnum):
    """What a requirement does to the gate.

    `passed`: it holds, or is a recommendation that was not followed and does not count. `failed`: it keeps
    the server from conforming. `known`: it would, or was not seen, and the baseline says so. `stale`: it
    holds, and the baseline says that it does not. `uncovered`: it was not seen, and the baseline wants it to
    be. `skipped`: there is no verdict. `error`: the suite itself made a mistake.
    """

    PASSED = "passed"
    FAILED = "failed"
    KNOWN = "known"
    STALE = "stale"
    UNCOVERED = "uncovered"
    SKIPPED = "skipped"
    ERROR = "error"


_SKIPPED = {
    Verdict.NOT_OBSERVED: "not observed: nothing in this run exercised it",
    Verdict.NOT_OFFERED: "not offered",
    Verdict.INCONCLUSIVE: "inconclusive",
}


@dataclass(frozen=True, slots=True)
class RequirementResult:
    """The verdict on one requirement, with what it rests on.

    `expectation` compares it with the baseline, `known` is the reason the baseline gives. With `strict`, a
    recommendation that is not followed counts as a failure. `fresh` are the
    fingerprints that the baseline does not know, where it knows others of this requirement. `runs` holds the
    verdict in each run where a run was repeated, and is empty otherwise. `explains` counts, by requirement,
    violations of others that findings of this one explain; `stops` is how many scenarios got no further for
    it. `only_generated` says that no hand-written conversation found it.
    """

    requirement: Requirement
    level: Level
    verdict: Verdict
    tally: Tally
    provoked_by: tuple[str, ...] = ()
    expectation: BaselineStatus = BaselineStatus.NONE
    known: str = ""
    runs: tuple[Verdict, ...] = ()
    fresh: frozenset[str] = frozenset()
    explains: Mapping[str, int] = field(default_factory=dict)
    strict: bool = False
    stops: int = 0
    only_generated: bool = False

    @property
    def id(self) -> str:
        """The requirement's id."""
        return self.requirement.id

    @property
    def findings(self) -> list[Finding]:
        """What was found wrong: what the baseline does not know first, else the plainest evidence first."""
        if not self.fresh:
            return self.tally.findings
        return sorted(self.tally.findings, key=lambda f: f.fingerprint not in self.fresh)

    @property
    def weight(self) -> tuple[int, ...]:
        """What sorts requirements: the worse verdict first, then the level, then what stops the most.

        That is how many scenarios got no further for it and how many violations of others it explains; then
        what was found by hand-written conversations goes before what only generated ones found, and what is
        violated often before what is not. Counts that differ a little between two like runs change nothing.
        """
        return (
            list(Verdict).index(self.verdict),
            LEVELS.index(self.level),
            -(self.stops + sum(self.explains.values())),
            self.tally.violations > 0 and self.only_generated,
            -self.tally.violations.bit_length(),
        )

    @property
    def violated(self) -> bool:
        """Whether a MUST or a SHOULD was violated, known or not."""
        return self.verdict in (Verdict.FAIL, Verdict.WARN)

    @property
    def standing(self) -> Standing:
        """What it does to the gate."""
        match self.expectation:
            case BaselineStatus.EXPECTED:
                return Standing.KNOWN
            case BaselineStatus.STALE:
                return Standing.STALE
            case BaselineStatus.UNEXPECTED if self.verdict is Verdict.NOT_OBSERVED:
                return Standing.UNCOVERED
        match self.verdict:
            case Verdict.HARNESS_ERROR:
                return Standing.ERROR
            case Verdict.FAIL:
                return Standing.FAILED
            case Verdict.WARN:
                return Standing.FAILED if self.strict else Standing.PASSED
            case Verdict.PASS:
                return Standing.PASSED
        return Standing.SKIPPED

    @property
    def sentence(self) -> str:
        """Why it stands so, in one sentence; empty where it holds and nothing is left open."""
        match self.standing:
            case Standing.KNOWN:
                return f"known: {self.verdict}" + (f": {self.known}" if self.known else "")
            case Standing.STALE:
                return "holds, and the baseline expects that it does not: remove its entry"
            case Standing.UNCOVERED:
                return UNCOVERED
            case Standing.SKIPPED:
                reasons = ", ".join(self.undecided) if self.verdict is Verdict.INCONCLUSIVE else ""
                return _SKIPPED[self.verdict] + (f": {reasons}" if reasons else "")
        if self.verdict is Verdict.PASS:
            return f"{self.beside}: {', '.join(self.tally.undecided)}" if self.beside else ""
        return self.came

    @property
    def came(self) -> str:
        """What came of it, in the words of its first finding; what had to be true where there is none."""
        if self.verdict is Verdict.HARNESS_ERROR:
            return "; ".join(self.tally.errors)
        return self.findings[0].message if self.findings else self.requirement.statement

    @property
    def undecided(self) -> list[str]:
        """Why cases of it were not decided: what the judge says, and what explains its violations."""
        return [*self.tally.undecided, *(f"explained by {id_}" for id_ in self.tally.explained)]

    @property
    def beside(self) -> str:
        """What a pass leaves open: how many cases of it were not decided; empty where all were."""
        open_ = self.tally.undecided.total()
        if self.verdict is not Verdict.PASS or not open_:
            return ""
        return f"{open_} of {open_ + self.tally.subjects} undecided"

    @property
    def failures(self) -> int:
        """In how many runs it was violated."""
        return sum(v in (Verdict.FAIL, Verdict.WARN) for v in self.runs or (self.verdict,))

    @property
    def flaky(self) -> bool:
        """Whether it was violated in some of several runs and not in others."""
        return 0 < self.failures < len(self.runs)

    @property
    def seen(self) -> SeenRequirement:
        """What a baseline is held against."""
        return SeenRequirement(
            self.id,
            self.verdict,
            self.tally.fingerprints,
            max(1, len(self.runs)),
            self.failures,
            self.level,
            frozenset(self.tally.explained),
            {f.fingerprint: relatives(f.kind, f.path) for f in self.tally.findings},
        )


def requirement_results(
    registry: Registry,
    dialect: str,
    tallies: Mapping[str, Tally],
    offers: Mapping[str, bool],
    provoked_by: Mapping[str, Sequence[str]],
    *,
    absent: Container[str] = (),
    stops: Mapping[str, int] | None = None,
    generated: Callable[[str], bool] = lambda _: False,
) -> tuple[RequirementResult, ...]:
    """Return the verdicts on all requirements of `dialect`, in the registry's order.

    A feature that is neither among `offers` nor among those that are known to be `absent` was offered where
    something of it was examined. `stops` counts, by requirement, the scenarios that stalled because of it;
    `generated` tells by its name whether a trace holds what a generator made up.
    """
    explains: dict[str, dict[str, int]] = defaultdict(dict)
    for id_, tally in tallies.items():
        for by, number in tally.explained.items():
            explains[by][id_] = number
    results = []
    for entry in registry.judged(dialect):
        level = entry.level[dialect]
        tally = tallies.get(entry.id, Tally()).settled().of_level(level)
        tally.findings = plainest_first(tally.findings, generated)
        offered = _offered(entry, offers, absent)
        results.append(
            RequirementResult(
                entry,
                level,
                verdict_of(tally, level, offered=offered),
                tally,
                tuple(provoked_by.get(entry.id, ())),
                explains=explains.get(entry.id, {}),
                stops=(stops or {}).get(entry.id, 0),
                only_generated=all(generated(f.trace) for f in tally.findings),
            )
        )
    return tuple(results)


def plainest_first(findings: Iterable[Finding], generated: Callable[[str], bool]) -> list[Finding]:
    """Return `findings` in the order in which they are evidence: hand-written and short conversations first.

    Short is what leads to the finding, not what comes after it. Like runs have like orders.
    """
    return sorted(findings, key=lambda f: (generated(f.trace), max(f.seqs, default=0), f.trace, f.seqs))


def _offered(entry: Requirement, offers: Mapping[str, bool], absent: Container[str]) -> bool | None:
    missing = [name for name in entry.features if not offers.get(name, True)]
    return None if missing and not any(name in absent for name in missing) else not missing
