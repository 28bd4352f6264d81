"""The report model: what a run, or a judgement of traces, has to say. Everything else only renders it."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from protocol.catalogue import title_of
from reports.aged import Aged
from reports.baseline import Baseline, Held, hold
from reports.conversations import Conversations
from reports.evidence import Evidence
from reports.exits import Exit as Exit  # noqa: PLC0414 - known from here, too
from reports.requirement_results import DECIDED, RequirementResult, Standing
from reports.since import SinceEarlier
from reports.statistics import Statistics
from reports.timing import Timing
from rules.verdicts import Verdict

SCHEMA_VERSION = 2
"""Of results.json. Since 2, fingerprints are made of kinds and places, and findings name their kinds."""


@dataclass(frozen=True, slots=True)
class ScenarioResult:
    """How one scenario went. `explained_by` names the requirement that says why it stalled."""

    id: str
    summary: str
    outcome: str
    duration_s: float
    traces: tuple[str, ...]
    message: str
    provokes: tuple[str, ...] = ()
    explained_by: str = ""


@dataclass(frozen=True, slots=True)
class Suite:
    """What judged: the suite's version, and hashes of its registry and of the AsyncAPI document."""

    version: str
    registry_hash: str
    document_hash: str


@dataclass(frozen=True, slots=True)
class Target:
    """Who was judged. `url` is redacted. `features` say what is taken to be offered.

    The `embedded` reference server is started by the suite: what it offers cannot be said by an option.
    `channel` is the name of the pack that was judged by, and `speaks` its title; both are empty for the
    realtime channel.
    """

    url: str
    dialect: str
    features: Mapping[str, bool] = field(default_factory=dict)
    name: str = ""
    embedded: bool = False
    channel: str = ""
    speaks: str = ""

    @property
    def title(self) -> str:
        """What a verdict speaks of: the dialect, and the channel where it is not the realtime one."""
        return " ".join(filter(None, (title_of(self.dialect), self.speaks)))


@dataclass(frozen=True, slots=True)
class Layer:
    """The same traces judged by another dialect: for information, never for the exit code."""

    dialect: str
    requirements: tuple[RequirementResult, ...]

    @property
    def differences(self) -> list[RequirementResult]:
        """Return the requirements of that dialect that were violated, the weightiest first."""
        return _of(self.requirements, Verdict.FAIL, Verdict.WARN)

    @property
    def counts(self) -> dict[str, int]:
        """How many requirements got each verdict."""
        return _counts(self.requirements)

    @property
    def sentence(self) -> str:
        """The verdict of the layer in one sentence."""
        name = title_of(self.dialect)
        failed, warned = (
            sum(r.verdict is v for r in self.requirements) for v in (Verdict.FAIL, Verdict.WARN)
        )
        advice = count(warned, "recommendation")
        decided = len(_of(self.requirements, *DECIDED))
        of_how_many = f"{decided} of {len(self.requirements)} decided"
        if not any(r.verdict is Verdict.PASS for r in self.requirements):
            return f"Nothing to say of {name}."
        if failed:
            said = f"Differs from {name} in {count(failed, 'requirement')}"
            said += f" and {advice}" if warned else ""
        else:
            said = f"Compatible with {name}, as far as seen" + (
                f", with {advice} not followed" if warned else ""
            )
        return f"{said}; {of_how_many}."


@dataclass(frozen=True, slots=True)
class Crowding:
    """The sessions that were refused for want of room while others of the run were open.

    `refused` counts refusals by how they were told, `turned_away` the sessions that never fitted. `at_once`
    is how many sessions the server bore, `avoided_by` the option with which none takes another's place.
    """

    refused: Mapping[str, int]
    turned_away: int
    at_once: int
    avoided_by: str

    @property
    def sentence(self) -> str:
        """What a reader has to know of it."""
        total = sum(self.refused.values())
        ways = ", ".join(f"{times} x {way}" for way, times in sorted(self.refused.items()))
        never = f"; {count(self.turned_away, 'session')} never fitted" if self.turned_away else ""
        return (
            f"Crowded: {count(total, 'refusal')} for want of room ({ways}) while other sessions of this run "
            f"were open; {self.at_once} at once fitted, and what was refused was tried again{never}. "
            f"{self.avoided_by} avoids it."
        )


@dataclass(frozen=True, slots=True)
class Report:
    """Everything there is to tell about one judgement.

    `held` is the baseline as it was held against it, None without one. `aged` says what is newer than the
    version that it is as of, None where it is judged by today's requirements. `whole` is false where only
    some scenarios were run. `established` says whether the server said anything but errors in any session.
    `repeats` says how often the run was repeated. `coverage` says which states and
    transitions of the protocol conversations visited, None where there were none. `cut_off` says why a run
    ended before its end, empty where it did not. `crowding` says for which
    sessions the server had no room, None where it had some for all. `absent` are the features that are known
    not to be offered, each with what says so: the user, or what was seen where it was used. `core` holds
    the requirements on which the verdict rests, by part. `partial` is true where only part of what a server
    does was to be seen: by the choice of scenarios, a budget, or what a recording happens to show.
    `unplayed` says why most of what was asked for was not played, empty where most was. `timing` says where
    the time went, None where nothing was played. `since` says what changed since an earlier report, None
    where none was given. `conversations` are its traces to be looked at,
    `replay_steps` the steps of the shorter replay scripts, as JSON Lines, by the file of the script.
    """

    suite: Suite
    target: Target
    started: str
    duration_s: float
    seed: int
    requirements: tuple[RequirementResult, ...]
    scenarios: tuple[ScenarioResult, ...] = ()
    spent: Mapping[str, float | int] = field(default_factory=dict)
    traces: tuple[str, ...] = ()
    opened: bool = True
    established: bool = True
    interrupted: bool = False
    trouble: str = ""
    cut_off: str = ""
    strict: bool = False
    probed: Mapping[str, bool] = field(default_factory=dict)
    absent: Mapping[str, str] = field(default_factory=dict)
    core: tuple[tuple[str, ...], ...] = ()
    partial: bool = False
    unplayed: str = ""
    notes: tuple[str, ...] = ()
    layers: tuple[Layer, ...] = ()
    statistics: Statistics | None = None
    evidence: Evidence | None = None
    held: Held | None = None
    aged: Aged | None = None
    whole: bool = True
    repeats: int = 1
    coverage: Mapping[str, Any] | None = None
    crowding: Crowding | None = None
    timing: Timing | None = None
    since: SinceEarlier | None = None
    conversations: Conversations | None = None
    replay_steps: Mapping[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        """Have each requirement know whether recommendations count: how it stands depends on that."""
        if any(r.strict is not self.strict for r in self.requirements):
            results = tuple(replace(r, strict=self.strict) for r in self.requirements)
            object.__setattr__(self, "requirements", results)

    def against(self, baseline: Baseline, today: dt.date) -> Report:
        """Return this report held against `baseline`."""
        whole = self.whole and self.opened and not (self.interrupted or self.trouble or self.cut_off)
        baseline = baseline.against(SCHEMA_VERSION)
        held = hold(
            (r.seen for r in self.requirements), baseline, self.target.dialect, today=today, whole=whole
        )
        notice = baseline.notice(self.target.dialect)
        results = tuple(
            replace(
                r,
                expectation=held.expectations[r.id],
                known=held.reasons.get(r.id, ""),
                fresh=held.fresh.get(r.id, frozenset()),
            )
            for r in self.requirements
        )
        return replace(self, requirements=results, held=held, notes=(*self.notes, *filter(None, [notice])))

    @property
    def failed(self) -> list[RequirementResult]:
        """The requirements that keep it from conforming, whether they are known to fail or not."""
        return self.of(Verdict.FAIL, Verdict.WARN) if self.strict else self.of(Verdict.FAIL)

    @property
    def unexpected(self) -> list[RequirementResult]:
        """The requirements that keep it from conforming, without those that the baseline knows."""
        return self.standing(Standing.FAILED)

    def standing(self, *standings: Standing) -> list[RequirementResult]:
        """Return the results that stand so, the weightiest first."""
        return _sorted(r for r in self.requirements if r.standing in standings)

    def unknown(self, *verdicts: Verdict) -> list[RequirementResult]:
        """Return the results with one of `verdicts` that the baseline does not know, the weightiest first."""
        return [r for r in self.of(*verdicts) if r.standing is not Standing.KNOWN]

    @property
    def counts(self) -> dict[str, int]:
        """How many requirements got each verdict; the sum is the number of requirements."""
        return _counts(self.requirements)

    def of(self, *verdicts: Verdict) -> list[RequirementResult]:
        """Return the results with one of `verdicts`, the weightiest first."""
        return _of(self.requirements, *verdicts)

    @property
    def decided(self) -> int:
        """How many requirements were decided: held or violated."""
        return len(self.of(*DECIDED))

    @property
    def in_the_way(self) -> list[RequirementResult]:
        """The requirements of the core that were not decided: without them nobody is said to conform.

        Of what only part was to be seen, those count that were not decided although they were examined, where
        nothing else of their part of the core was.
        """
        open_ = (Verdict.INCONCLUSIVE, *(() if self.partial else (Verdict.NOT_OBSERVED,)))
        results = {r.id: r for r in self.requirements}
        found: list[RequirementResult] = []
        for part in self.core:
            inside = [results[id_] for id_ in part if id_ in results]
            if self.partial and any(r.verdict in DECIDED for r in inside):
                continue
            found += [r for r in inside if r.verdict in open_]
        return found

    @property
    def exit(self) -> Exit:
        """The exit code that says in one number what came of it."""
        if self.interrupted:
            return Exit.INTERRUPTED
        if self.of(Verdict.HARNESS_ERROR) or any(s.outcome == "harness-error" for s in self.scenarios):
            return Exit.HARNESS_ERROR
        if self.unexpected:
            return Exit.DOES_NOT_CONFORM
        other = self.unless_failed
        if other is not Exit.CONFORMS:
            return other
        return Exit.CONFORMS if self.held is None or self.held.keeps else Exit.BASELINE

    @property
    def unless_failed(self) -> Exit:
        """The exit code where no failure counts and no baseline is held against it."""
        if not self.opened:
            return Exit.UNREACHABLE
        if not self.established and not self.trouble:
            return Exit.NOTHING_JUDGED
        if not self.of(Verdict.PASS, Verdict.WARN, Verdict.FAIL):
            return Exit.NOTHING_JUDGED
        if self.trouble:
            return Exit.UNREACHABLE
        if self.in_the_way or self.cut_off or self.unplayed:
            return Exit.NOTHING_JUDGED
        return Exit.CONFORMS

    @property
    def sentence(self) -> str:
        """The verdict in one sentence."""
        name = self.target.title
        failed, warned = len(self.of(Verdict.FAIL)), len(self.of(Verdict.WARN))
        passed = len(self.of(Verdict.PASS))
        match self.exit:
            case Exit.INTERRUPTED:
                return f"Interrupted: {passed} requirements held so far, {failed} failed; {self.of_how_many}."
            case Exit.HARNESS_ERROR:
                return "No verdict: the suite itself made a mistake."
            case Exit.UNREACHABLE:
                return f"No verdict: {(self.trouble or 'no session could be opened').removesuffix('.')}."
            case Exit.NOTHING_JUDGED:
                return f"No verdict: {self._why_not}."
        unseen = len(self.of(Verdict.NOT_OBSERVED))
        seen = " as far as was seen" if unseen > passed else ""  # a trace, or a run of few scenarios
        if failed:
            said = f"Does not conform to {name}: {count(failed, 'requirement')} failed"
        elif self.failed:
            said = f"Does not conform strictly to {name}: {count(warned, 'recommendation')} not followed"
        elif warned:
            said = f"Conforms to {name}{seen}, with {count(warned, 'recommendation')} not followed"
        else:
            said = f"Conforms to {name}{seen}: {count(passed, 'requirement')} held"
        return f"{said}{self._known}; {self.of_how_many}."

    @property
    def of_how_many(self) -> str:
        """Of how many requirements the verdict speaks: `3 of 214 decided`."""
        return f"{self.decided} of {len(self.requirements)} decided"

    @property
    def partly(self) -> list[RequirementResult]:
        """The requirements that passed, and of which some cases were not decided."""
        return [r for r in self.requirements if r.beside]

    @property
    def _why_not(self) -> str:
        """Why there is no verdict where something was seen, but not enough."""
        if not self.established:
            if not self.traces:
                return "no trace was there to be judged"
            return "no session was established; the server said nothing but errors, or nothing"
        if early := self.cut_off or self.unplayed:
            held = len(self.of(Verdict.PASS))
            return f"{early}; {held} requirements held so far, none failed; {self.of_how_many}"
        if not self.in_the_way or not self.decided:
            return "no requirement was decided by the events that were seen"
        first, *more = self.in_the_way
        why = f" ({first.undecided[0]})" if first.undecided else ""
        others = f", and {len(more)} more that a verdict rests on" if more else ", on which a verdict rests"
        return f"{first.id} was not decided{why}{others}; {self.of_how_many}"

    @property
    def _known(self) -> str:
        """What the verdict in one sentence adds where there is a baseline."""
        if self.held is None:
            return ""
        known = len(self.failed) - len(self.unexpected)
        told = f", {known} of them known"
        if not self.unexpected:
            told = ", all of them known" if known > 1 else ", and is known"
        outdated = len(self.held.red) + len(self.held.unobserved)
        return (told if known else "") + (
            f"; the baseline is out of date in {count(outdated, 'place')}" if outdated else ""
        )


def _counts(results: Sequence[RequirementResult]) -> dict[str, int]:
    counted = Counter(str(r.verdict) for r in results)
    return {str(v): counted.get(str(v), 0) for v in Verdict}


def _of(results: Sequence[RequirementResult], *verdicts: Verdict) -> list[RequirementResult]:
    return _sorted(r for r in results if r.verdict in verdicts)


def _sorted(results: Iterable[RequirementResult]) -> list[RequirementResult]:
    return sorted(results, key=lambda r: (*r.weight, r.id))


def count(number: int, noun: str) -> str:
    """Return `number` of what `noun` names, in words."""
    return f"{number} {noun}" + ("" if number == 1 else "s")
