"""Verdicts, levels, and how the one follows from the other and from what was counted."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from enum import StrEnum

from protocol.words import Words
from rules.fingerprints import fingerprint

LISTED = 10
"""Findings kept for a requirement; the rest are counted."""

MOST_KINDS = 30
"""Findings kept for a requirement that is violated in more than `LISTED` ways, one of each."""

TOLD_APART = 100
"""Kinds of violations that are told apart in one requirement by their fingerprints."""


REFUSED = "#refused"
"""How the kind of a finding ends that is about a valid client event to which the server said no."""


class Level(StrEnum):
    """How binding a requirement is in a dialect."""

    MUST = "MUST"
    SHOULD = "SHOULD"
    MAY = "MAY"


LEVELS = tuple(Level)
"""All levels, the most binding first."""


class Verdict(StrEnum):
    """The outcome of a requirement in a run, from the most to the least severe."""

    HARNESS_ERROR = "harness-error"
    FAIL = "fail"
    WARN = "warn"
    INCONCLUSIVE = "inconclusive"
    PASS = "pass"  # noqa: S105
    NOT_OBSERVED = "not-observed"
    NOT_OFFERED = "not-offered"


@dataclass(frozen=True, slots=True)
class Finding:
    """One violation, with its evidence.

    `seqs` are the entries of `trace` concerned, the offending one first; `because` those earlier ones that
    made it an obligation. `path` is the offending field in the protocol's own notation, empty where the
    event as a whole is meant. `kind` names the way in which the requirement is violated, without wording:
    `calls/name-in-arguments-done#missing`. `newer` is the version since which this kind is reported, where
    the profile of an earlier one is judged by (`rules.profiles`), and empty else. `replay` is the file that
    plays it again, in the folder of the report.
    """

    trace: str
    seqs: tuple[int, ...]
    type: str
    path: str
    expected: str
    actual: str
    message: str
    because: tuple[int, ...] = ()
    kind: str = ""
    newer: str = ""
    replay: str = ""

    @property
    def fingerprint(self) -> str:
        """What names the defect: the same in every run, another for another defect."""
        return fingerprint(self.kind, self.type, self.path)

    def spelled(self, words: Words) -> Finding:
        """Return this finding with its sentences in the words of a dialect.

        `type` and `path`, of which fingerprints are made, stay in those of the root.
        """
        return replace(
            self,
            expected=words.text(self.expected),
            actual=words.text(self.actual),
            message=words.text(self.message),
        )

    def with_more(self, number: int) -> Finding:
        """Return this finding with a remark that so many more are about the same event."""
        return replace(self, message=f"{self.message} (and {number} more)")


@dataclass(slots=True)
class Tally:
    """What was counted for one requirement. Tallies of several traces add up.

    `subjects` is how many times the requirement was really examined (see `of_level` for a MAY); `violations`
    how many of these failed; `undecided` counts, by reason, cases that could not be decided; `observed`
    counts, by name, which of several legal ways the server took. `errors` are faults of our own rules.
    `unlisted` holds fingerprints of violations that are not among `findings`, each with the message of one of
    them. `explained` counts violations that another requirement's finding explains, by that requirement; they
    are not among `violations`. `recurring` holds findings that count only where they recur, by what happened.
    `newer` lists findings of kinds that the profile which is judged by does not have: they do not count.
    `first` is the subject for which the requirement held earliest in its trace: the trace, and the entry;
    None where none is known.
    """

    subjects: int = 0
    violations: int = 0
    findings: list[Finding] = field(default_factory=list)
    undecided: Counter[str] = field(default_factory=Counter)
    observed: Counter[str] = field(default_factory=Counter)
    errors: list[str] = field(default_factory=list)
    unlisted: dict[str, str] = field(default_factory=dict)
    explained: Counter[str] = field(default_factory=Counter)
    recurring: dict[str, list[Finding]] = field(default_factory=dict)
    newer: list[Finding] = field(default_factory=list)
    first: tuple[str, int] | None = None

    @property
    def fingerprints(self) -> dict[str, str]:
        """The fingerprints of all violations, each with the message of one of them."""
        return {**self.unlisted, **{f.fingerprint: f.message for f in reversed(self.findings)}}

    def note(self, finding: Finding) -> None:
        """List `finding`, or keep its fingerprint where enough are listed.

        What was not seen before takes the place of a repetition: a reader needs evidence of every way in
        which a requirement is violated, all the more where the baseline knows the others.
        """
        if len(self.findings) < LISTED:
            self.findings.append(finding)
            return
        self.keep(finding)
        listed = [each.fingerprint for each in self.findings]
        if finding.fingerprint in listed:
            return
        again = [n for n, each in enumerate(listed) if each in listed[:n]]
        if again:
            del self.findings[again[-1]]
        if len(self.findings) < MOST_KINDS:
            self.findings.append(finding)

    def keep(self, finding: Finding) -> None:
        """Keep the fingerprint of `finding` without listing it."""
        if len(self.unlisted) < TOLD_APART:
            self.unlisted.setdefault(finding.fingerprint, finding.message)

    def recur(self, what: str, finding: Finding) -> None:
        """Keep `finding`, which counts only if the same `what` happens in another connection."""
        known = self.recurring.setdefault(what, [])
        if len(known) < LISTED:
            known.append(finding)

    def set_aside(self, findings: Iterable[Finding]) -> None:
        """List `findings` that do not count, as many as are listed."""
        self.newer = [*self.newer, *findings][:LISTED]

    def with_newer(self) -> Tally:
        """Return this tally with what was set aside, as today's version counts it."""
        if not self.newer:
            return self
        whole = Tally()
        whole.add(self)
        whole.newer = []
        whole.violations += len(self.newer)
        for finding in self.newer:
            whole.note(finding)
        return whole

    def settled(self) -> Tally:
        """Return this tally with what recurred as violations, and what happened once as undecided."""
        if not self.recurring:
            return self
        whole = Tally()
        whole.add(self)
        newer = [each for each in whole.recurring.values() if each[0].newer and len(each) > 1]
        for findings in newer:
            whole.set_aside(findings)
        counted: set[tuple[str, tuple[int, ...]]] = set()  # the same event may recur in more than one respect
        for findings in whole.recurring.values():
            if len(findings) == 1:
                whole.undecided[f"{findings[0].message}, once"] += 1
                continue
            for each in findings if findings not in newer else ():
                if (each.trace, each.seqs) not in counted:
                    whole.note(each)
                counted.add((each.trace, each.seqs))
        whole.subjects += len(counted)
        whole.violations += len(counted)
        whole.recurring = {}
        return whole

    def of_level(self, level: Level) -> Tally:
        """Return this tally with its subjects as a requirement of `level` has them.

        What a MAY is about is the way that the server took: each observation examines it.
        """
        seen = self.observed.total() if level is Level.MAY else 0
        if seen <= self.subjects:
            return self
        whole = Tally()
        whole.add(self)
        whole.subjects = seen
        return whole

    def add(self, other: Tally) -> None:
        """Add what `other` counted."""
        for what, findings in other.recurring.items():
            for each in findings:
                self.recur(what, each)
        self.subjects += other.subjects
        self.violations += other.violations
        if other.first is not None and (self.first is None or other.first[::-1] < self.first[::-1]):
            self.first = other.first
        for fingerprint_, message in other.unlisted.items():
            if len(self.unlisted) < TOLD_APART:
                self.unlisted.setdefault(fingerprint_, message)
        for finding in other.findings:
            self.note(finding)
        self.set_aside(other.newer)
        self.undecided += other.undecided
        self.observed += other.observed
        self.explained += other.explained
        self.errors = (self.errors + other.errors)[:LISTED]


def verdict_of(tally: Tally, level: Level, *, offered: bool | None) -> Verdict:
    """Return the verdict of a requirement of `level` for which `tally` was counted.

    `offered` says whether the features that it needs are there. None: nobody said so, and what was examined
    was there. Where they are not, only refusals are no violation: what answers wrongly is offered. A violated
    MAY is no verdict on the server: what it did stands in `observed`.
    """
    if tally.errors:
        return Verdict.HARNESS_ERROR
    if not (offered or (_answers_wrongly(tally, level) if offered is False else _examined(tally))):
        return Verdict.NOT_OFFERED
    if tally.violations and level is not Level.MAY:
        return Verdict.FAIL if level is Level.MUST else Verdict.WARN
    if tally.subjects:
        return Verdict.PASS
    return Verdict.INCONCLUSIVE if tally.undecided or tally.explained else Verdict.NOT_OBSERVED


def _answers_wrongly(tally: Tally, level: Level) -> bool:
    """Tell whether a feature that should not be there was, by a violation that is no refusal."""
    refused = bool(tally.findings) and all(f.kind.endswith(REFUSED) for f in tally.findings)
    return bool(tally.violations) and level is not Level.MAY and not refused


def _examined(tally: Tally) -> bool:
    return bool(tally.subjects or tally.violations or tally.undecided or tally.observed or tally.explained)
