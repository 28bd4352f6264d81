"""The baseline of known failures: what a server is known to get wrong, and what a run makes of it. Pure.

An entry covers the violations of the requirements that it names, in one dialect or in both: all of them, or
those with its fingerprints. A failure that is covered does not fail the gate, and stays a failure in every
report. The list can only shrink by itself: an entry that covers nothing any more, that has expired, or that
gives no reason, is red.
"""

from __future__ import annotations

import datetime as dt
import functools
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from enum import StrEnum

from rules.verdicts import Level, Verdict

UNEXPLAINED_REASON = "CHANGE ME"
"""What `baseline update` writes as the reason of an entry, for somebody to replace."""


PENDING = "pending"
"""Stands for the fingerprint of an entry until `baseline update` sees what it covers; till then, anything."""

VERSION = 2
"""Of the format: the version of results.json (`reports.model`) whose fingerprints the entries name."""


UNCOVERED = "not observed, and the baseline requires coverage"
"""What is said of a requirement that was to be observed, and was not."""


class Expected(StrEnum):
    """The verdict that an entry expects. A flaky requirement is violated in some runs and not in others."""

    FAIL = "fail"
    WARN = "warn"
    NOT_OBSERVED = "not-observed"
    FLAKY = "flaky"


class BaselineStatus(StrEnum):
    """How the verdict on a requirement compares with the baseline.

    `none`: the baseline does not speak of it, and need not. `expected`: violated, or not observed, as the
    baseline says. `unexpected`: violated, or not observed, and the baseline does not say so. `stale`: the
    baseline expects a violation, and the requirement holds.
    """

    NONE = "none"
    EXPECTED = "expected"
    UNEXPECTED = "unexpected"
    STALE = "stale"


class State(StrEnum):
    """What an entry of the baseline does in a run."""

    IN_FORCE = "in-force"
    STALE = "stale"
    CHANGED = "changed"
    UNSTEADY = "unsteady"
    UNUSED = "unused"
    EXPIRED = "expired"
    UNEXPLAINED = "unexplained"
    UNDECIDED = "undecided"
    OTHER_DIALECT = "other-dialect"
    OTHER_CHANNEL = "other-channel"


RED = frozenset((State.STALE, State.CHANGED, State.UNSTEADY, State.UNUSED, State.EXPIRED, State.UNEXPLAINED))
"""States of an entry with which the gate stays closed."""

OBSOLETE = frozenset((State.STALE, State.CHANGED, State.UNUSED))
"""States of an entry that `baseline update` removes: it covers nothing."""

_MEANING = {
    State.IN_FORCE: "as expected",
    State.STALE: "holds now: remove the entry",
    State.CHANGED: "fails in another way than expected: look at it, then `baseline update`",
    State.UNSTEADY: "fails in some runs only: expect `flaky`, or find out why",
    State.UNUSED: "nothing in this run is meant by it: remove the entry, or correct it",
    State.EXPIRED: "as expected, but expired: repair it, or move `expires`",
    State.UNEXPLAINED: "as expected, but the entry gives no reason: write one",
    State.UNDECIDED: "this run cannot tell",
    State.OTHER_DIALECT: "is about the other dialect",
    State.OTHER_CHANNEL: "is about another channel",
}


@dataclass(frozen=True, slots=True)
class BaselineEntry:
    """One known failure.

    `requirement` is an id, or a pattern: `*` stands for one part of an id, `**` for any number. An empty
    `dialect` means both, empty `fingerprints` any violation. Where that is only so because its fingerprints
    are not known yet, it is `pending`. `line` is its line in the file, from 1.
    """

    requirement: str
    verdict: Expected
    reason: str
    dialect: str = ""
    fingerprints: frozenset[str] = frozenset()
    link: str = ""
    added: dt.date | None = None
    expires: dt.date | None = None
    line: int = 0
    pending: bool = False

    @property
    def is_pattern(self) -> bool:
        """Whether it may mean several requirements."""
        return "*" in self.requirement

    def means(self, requirement: str) -> bool:
        """Tell whether it is about `requirement`."""
        return bool(_pattern(self.requirement).fullmatch(requirement))

    @property
    def explained(self) -> bool:
        """Whether somebody has given a reason."""
        return self.reason.strip().casefold() not in ("", UNEXPLAINED_REASON.casefold())


@functools.cache
def _pattern(glob: str) -> re.Pattern[str]:
    parts = {"**": ".*", "*": "[^/]*"}
    return re.compile("".join(parts.get(p) or re.escape(p) for p in re.split(r"(\*\*|\*)", glob)), re.DOTALL)


@dataclass(frozen=True, slots=True)
class Baseline:
    """All known failures. With `coverage`, what is not observed has to be known, too.

    `version` is that of the fingerprints. Unless it is `strict`, a known failure may be seen in other events.
    `elsewhere` are requirements of other channels than the one that is judged.
    """

    entries: tuple[BaselineEntry, ...] = ()
    file: str = ""
    coverage: bool = False
    as_of: str = ""
    version: int = VERSION
    strict: bool = False
    elsewhere: frozenset[str] = frozenset()

    def against(self, version: int) -> Baseline:
        """Return this baseline as results of `version` can be held against it.

        Fingerprints of different versions cannot be compared: requirements are known by their ids then.
        """
        if version == self.version:
            return self
        entries = tuple(
            replace(e, fingerprints=frozenset(), pending=e.pending or bool(e.fingerprints))
            for e in self.entries
        )
        return replace(self, entries=entries)

    def notice(self, dialect: str) -> str:
        """Return a sentence for whoever goes by it in `dialect`, where it knows more than it should."""
        pending = any(e.pending for e in self.entries if e.dialect in ("", dialect))
        if not pending and self.version == VERSION:
            return ""
        known = self.version == VERSION
        why = f"has entries that are {PENDING}" if known else "was made by an earlier version"
        return (
            f"{self.file} {why}, so all violations of the requirements concerned count as known; "
            "`realtime-conformance baseline update` writes down which ones are meant"
        )


@dataclass(frozen=True, slots=True)
class SeenRequirement:
    """What came of one requirement: its verdict, and its violations by fingerprint, each with a message.

    It was examined in `runs` runs, and violated in `failures` of them. `explained_by` are requirements whose
    findings explain further violations of it, which do not count here. `related` holds, by fingerprint, those
    of the same defect in other events, as far as its kind is known.
    """

    id: str
    verdict: Verdict
    fingerprints: Mapping[str, str] = field(default_factory=dict)
    runs: int = 1
    failures: int = 0
    level: Level = Level.MUST
    explained_by: frozenset[str] = frozenset()
    related: Mapping[str, frozenset[str]] = field(default_factory=dict)

    @property
    def violated(self) -> bool:
        """Whether a MUST or a SHOULD was violated."""
        return self.verdict in (Verdict.FAIL, Verdict.WARN)

    @property
    def flaky(self) -> bool:
        """Whether it was violated in some runs and not in others."""
        return 0 < self.failures < self.runs


@dataclass(frozen=True, slots=True)
class Weighed:
    """What an entry does: the requirements it covers now, and the violations it expected in vain."""

    entry: BaselineEntry
    state: State
    covers: tuple[str, ...] = ()
    missing: frozenset[str] = frozenset()

    @property
    def told(self) -> str:
        """What it does in words, and what to do about it."""
        told = _MEANING[self.state]
        if self.state is State.EXPIRED and self.entry.expires:
            told = told.replace("expired", f"expired on {self.entry.expires.isoformat()}")
        if self.missing and self.covers:
            told += f" ({len(self.missing)} of its {len(self.entry.fingerprints)} findings not seen)"
        return told


@dataclass(frozen=True, slots=True)
class Held:
    """A run held against a baseline: what each entry does, and how each requirement compares.

    `fresh` holds, by requirement, the fingerprints that no entry knows, where entries know others.
    """

    baseline: Baseline
    entries: tuple[Weighed, ...]
    expectations: Mapping[str, BaselineStatus]
    reasons: Mapping[str, str]
    unobserved: tuple[str, ...] = ()
    fresh: Mapping[str, frozenset[str]] = field(default_factory=dict)

    @property
    def red(self) -> list[Weighed]:
        """The entries that keep the gate closed."""
        return [each for each in self.entries if each.state in RED]

    @property
    def keeps(self) -> bool:
        """Whether the baseline describes the run."""
        return not self.red and not self.unobserved


def hold(
    seen: Iterable[SeenRequirement], baseline: Baseline, dialect: str, *, today: dt.date, whole: bool = True
) -> Held:
    """Hold what was `seen` in `dialect` against `baseline`.

    Without `whole`, only some scenarios were run: that something was not seen means nothing then.
    """
    everything = list(seen)
    given = baseline
    if not baseline.strict:
        baseline = replace(baseline, entries=tuple(_widened(e, everything) for e in baseline.entries))
    entries = [e for e in baseline.entries if e.dialect in ("", dialect)]
    expectations: dict[str, BaselineStatus] = {}
    reasons: dict[str, str] = {}
    fresh: dict[str, frozenset[str]] = {}
    for each in everything:
        about = [e for e in entries if e.means(each.id)]
        expectations[each.id] = _expectation(each, about, coverage=baseline.coverage and whole, whole=whole)
        covering = [e for e in about if _covered(e, each)]
        if covering and expectations[each.id] is BaselineStatus.EXPECTED:
            reasons[each.id] = covering[0].reason
        if covering and each.violated and expectations[each.id] is BaselineStatus.UNEXPECTED:
            fresh[each.id] = frozenset(each.fingerprints).difference(*(e.fingerprints for e in covering))
    weigh = functools.partial(_weigh, whole=whole, elsewhere=baseline.elsewhere)
    weighed = tuple(
        weigh(entry, [s for s in everything if entry.means(s.id)], today)
        if entry.dialect in ("", dialect)
        else Weighed(entry, State.OTHER_DIALECT)
        for entry in baseline.entries
    )
    unobserved = tuple(
        s.id
        for s in everything
        if s.verdict is Verdict.NOT_OBSERVED and expectations[s.id] is BaselineStatus.UNEXPECTED
    )
    return Held(given, weighed, expectations, reasons, unobserved, fresh)


def _widened(entry: BaselineEntry, seen: Iterable[SeenRequirement]) -> BaselineEntry:
    """Return `entry` with the fingerprints of what it knows where that was seen in other events."""
    more = {
        print_
        for each in seen
        for print_, related in each.related.items()
        if not related.isdisjoint(entry.fingerprints) and entry.means(each.id)
    }
    return replace(entry, fingerprints=entry.fingerprints | more) if more else entry


def _covered(entry: BaselineEntry, seen: SeenRequirement) -> bool:
    """Tell whether `entry` covers at least some of what is wrong with a requirement that it means."""
    match entry.verdict:
        case Expected.NOT_OBSERVED:
            return seen.verdict is Verdict.NOT_OBSERVED
        case Expected.FLAKY:
            fits = seen.violated and (seen.flaky or seen.runs == 1)
        case _:
            fits = str(seen.verdict) == str(entry.verdict) and not seen.flaky
    return fits and (not entry.fingerprints or not entry.fingerprints.isdisjoint(seen.fingerprints))


def _expectation(
    seen: SeenRequirement, about: Sequence[BaselineEntry], *, coverage: bool, whole: bool
) -> BaselineStatus:
    covering = [e for e in about if _covered(e, seen)]
    if seen.violated:
        known: set[str] = set()
        for entry in covering:
            known |= entry.fingerprints or set(seen.fingerprints)
        complete = covering and known >= set(seen.fingerprints)
        return BaselineStatus.EXPECTED if complete else BaselineStatus.UNEXPECTED
    if seen.verdict is Verdict.NOT_OBSERVED:
        if covering:
            return BaselineStatus.EXPECTED
        return BaselineStatus.UNEXPECTED if coverage else BaselineStatus.NONE
    if (
        whole
        and seen.verdict is Verdict.PASS
        and not seen.explained_by
        and any(not e.is_pattern and e.verdict is not Expected.FLAKY for e in about)
    ):
        return BaselineStatus.STALE
    return BaselineStatus.NONE


def _weigh(
    entry: BaselineEntry,
    meant: Sequence[SeenRequirement],
    today: dt.date,
    *,
    whole: bool,
    elsewhere: frozenset[str],
) -> Weighed:
    covered = [s for s in meant if _covered(entry, s)]
    missing = entry.fingerprints.difference(*(s.fingerprints for s in meant))
    state = State.IN_FORCE if covered else _idle(entry, meant, elsewhere, whole=whole)
    if state in (State.IN_FORCE, State.UNDECIDED):
        if not entry.explained:
            state = State.UNEXPLAINED
        elif entry.expires is not None and today > entry.expires:
            state = State.EXPIRED
    return Weighed(entry, state, tuple(s.id for s in covered), missing)


def _idle(
    entry: BaselineEntry, meant: Sequence[SeenRequirement], elsewhere: frozenset[str], *, whole: bool
) -> State:
    """Return the state of an entry that covers nothing in this run."""
    verdicts = {s.verdict for s in meant}
    if not meant:
        return State.OTHER_CHANNEL if any(entry.means(id_) for id_ in elsewhere) else State.UNUSED
    if any(s.violated for s in meant):
        unsteady = any(s.flaky and str(s.verdict) == str(entry.verdict) for s in meant)
        return State.UNSTEADY if unsteady else State.CHANGED
    if not whole or verdicts & {Verdict.INCONCLUSIVE, Verdict.HARNESS_ERROR}:
        return State.UNDECIDED
    if any(s.explained_by for s in meant):
        return State.UNDECIDED  # it is violated, and what explains that may not count the next time
    if Verdict.PASS in verdicts:
        # That it held this time is what a flaky requirement does.
        return State.IN_FORCE if entry.verdict is Expected.FLAKY else State.STALE
    return State.UNUSED
