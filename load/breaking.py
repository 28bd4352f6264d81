"""Which requirements hold at the first step of a load run and break later, and which limits are passed."""

from __future__ import annotations

import fnmatch
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from load.load_run import StepResult
from rules.verdicts import Level, Tally


class LoadStanding(StrEnum):
    """How a requirement stands at a step."""

    HOLDS = "holds"
    VIOLATED = "violated"
    UNDECIDED = "undecided"
    UNSEEN = "unseen"


@dataclass(frozen=True, slots=True)
class CourseOfRequirement:
    """A requirement over the steps of a run: how it stands at each, with findings and subjects."""

    id: str
    level: Level
    standings: tuple[LoadStanding, ...]
    violations: tuple[int, ...]
    subjects: tuple[int, ...]

    @property
    def breaks_at(self) -> int | None:
        """The place of the first step at which it is violated, where it held at the first one."""
        if self.standings[0] is not LoadStanding.HOLDS:
            return None
        return self.first_violated

    @property
    def first_violated(self) -> int | None:
        """The place of the first step at which it is violated."""
        return next((n for n, each in enumerate(self.standings) if each is LoadStanding.VIOLATED), None)


def courses_of(results: Sequence[StepResult], levels: Mapping[str, Level]) -> list[CourseOfRequirement]:
    """Return the requirements that are violated at any step, those that break first before all others.

    `levels` has the requirements that count in the dialect; what a server may do is never violated.
    """
    found = []
    for id_, level in levels.items():
        if level is Level.MAY:
            continue
        tallies = [each.counts.tallies.get(id_, Tally()).settled() for each in results]
        standings = tuple(map(_standing, tallies))
        if LoadStanding.VIOLATED in standings:
            violations = tuple(each.violations for each in tallies)
            subjects = tuple(each.subjects for each in tallies)
            found.append(CourseOfRequirement(id_, level, standings, violations, subjects))
    return sorted(found, key=_rank)


def _rank(course: CourseOfRequirement) -> tuple[bool, int, int, str]:
    breaks = course.breaks_at
    return breaks is None, list(Level).index(course.level), breaks or 0, course.id


def _standing(tally: Tally) -> LoadStanding:
    if tally.violations:
        return LoadStanding.VIOLATED
    if tally.subjects:
        return LoadStanding.HOLDS
    return LoadStanding.UNDECIDED if tally.undecided or tally.explained else LoadStanding.UNSEEN


@dataclass(frozen=True, slots=True)
class LoadLimits:
    """What a load run is held to.

    `tolerated` are patterns of requirement ids that may break. `most_p95` bounds the 95th percentile of kinds
    of time, in seconds. At the step called `conformance_at` nothing binding may be violated. `strict` counts
    recommendations.
    """

    tolerated: tuple[str, ...] = ()
    most_p95: Mapping[str, float] | None = None
    conformance_at: str = ""
    strict: bool = False

    def binds(self, course: CourseOfRequirement) -> bool:
        """Tell whether a violation of a requirement counts."""
        if any(fnmatch.fnmatchcase(course.id, each) for each in self.tolerated):
            return False
        return self.strict or course.level is Level.MUST


def passed_limits(
    results: Sequence[StepResult], courses: Sequence[CourseOfRequirement], limits: LoadLimits
) -> list[str]:
    """Return a sentence for each thing that the run was held to and is not so."""
    said = []
    for course in courses:
        if limits.binds(course) and (place := course.breaks_at) is not None:
            at = results[place].step.said
            said.append(f"{course.id} holds at {results[0].step.said} and breaks at {at}")
    for result in results:
        for kind, most in (limits.most_p95 or {}).items():
            times = result.counts.times.get(kind)
            p95 = times.percentile(95) if times is not None else None
            if p95 is not None and p95 > most:
                said.append(f"{kind} at {result.step.said}: the 95th percentile is {p95:.3g} s, not {most:g}")
    if limits.conformance_at:
        said += _unlike(results, courses, limits)
    return said


def _unlike(
    results: Sequence[StepResult], courses: Sequence[CourseOfRequirement], limits: LoadLimits
) -> list[str]:
    place = next((n for n, r in enumerate(results) if r.step.name == limits.conformance_at), None)
    if place is None:
        return [f"the step of {limits.conformance_at}, at which conformance is required, was not reached"]
    wrong = [c.id for c in courses if limits.binds(c) and c.standings[place] is LoadStanding.VIOLATED]
    where = results[place].step.said
    return [f"conformance is required at {where}, and violated are: {', '.join(wrong)}"] if wrong else []
