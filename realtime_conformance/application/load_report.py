"""Makes the report of a load run out of what came of its steps."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict

import realtime_conformance
from load.breaking import CourseOfRequirement, LoadLimits, LoadStanding, courses_of, passed_limits
from load.load_plan import CONVERSATIONAL_S, LoadPlan
from load.load_run import LoadRun, StepResult
from load.time_buckets import TimeBuckets
from protocol.catalogue import title_of
from realtime_conformance.application.embedded import NOT_YOURS, AnyTarget
from reports.load_model import Figures, LoadCourse, LoadReport, LoadRow, LoadWindow
from rules.requirements import registry
from rules.verdicts import Finding, Level, Tally
from suites.features import offered

_SLOW_S = 0.1  # of our own lag, at which times say more of us than of the server


def load_report(
    run: LoadRun, target: AnyTarget, limits: LoadLimits, started: dt.datetime, duration_s: float
) -> LoadReport:
    """Return the report on what there is of `run`."""
    dialect, clean = target.dialect, run.endpoint.redactor.text
    levels = levels_of(dialect, run.offers)
    courses = courses_of(run.results, levels)
    mistakes = {what: number for each in run.results for what, number in each.counts.mistakes.items()}
    decided = {
        id_
        for each in run.results
        for id_, tally in each.counts.tallies.items()
        if id_ in levels and (tally.subjects or tally.violations)
    }
    return LoadReport(
        target=run.endpoint.shown,
        dialect=title_of(dialect),
        started=started.isoformat(timespec="seconds"),
        duration_s=round(duration_s, 1),
        plan=load_in_words(run.plan),
        rows=tuple(_row(each, clean) for each in run.results),
        courses=tuple(_course(each, run.results, limits, clean) for each in courses),
        wrong=tuple(passed_limits(run.results, courses, limits)),
        notes=tuple(_notes(run, target)),
        spent=run.meter.spent(),
        trouble=clean(run.over),
        decided=len(decided),
        mistakes=mistakes,
        version=realtime_conformance.__version__,
    )


def levels_of(dialect: str, offers: Mapping[str, bool]) -> dict[str, Level]:
    """Return the requirements that count in `dialect`, with their levels, where what they need is offered."""
    there = offered(offers)
    return {
        each.id: each.level[dialect]
        for each in registry().judged(dialect)
        if all(there.get(name, True) for name in each.features)
    }


def load_in_words(plan: LoadPlan) -> str:
    """Return what is done, in words."""
    total = sum(plan.mix.values())
    mix = ", ".join(f"{kind} {100 * weight / total:.0f} %" for kind, weight in plan.mix.items())
    steps = ", ".join(each.said for each in plan.steps)
    pace = f"a turn every {CONVERSATIONAL_S:g} s" if plan.pace == "conversational" else "at full pace"
    return f"{steps}; {plan.duration_s:g} s each; turns: {mix}; {pace}; seed {plan.seed}"


def _notes(run: LoadRun, target: AnyTarget) -> list[str]:
    slow = [each.step.said for each in run.results if (each.counts.lag.percentile(95) or 0.0) > _SLOW_S]
    busy = f"this machine was too busy at {', '.join(slow)}: its own lag is part of the times there"
    return [*([NOT_YOURS] if target.embedded else []), *([busy] if slow else [])]


def _row(result: StepResult, clean: Callable[[str], str]) -> LoadRow:
    counts, seconds = result.counts, max(result.duration_s, 1e-9)
    told = {
        name: {clean(kind): number for kind, number in getattr(counts, name).items()}
        for name in ("errors", "closes", "refused", "failed", "stalled")
    }
    return LoadRow(
        name=result.step.name,
        said=result.step.said,
        opened=counts.opened,
        most_open=result.most_open,
        turns=counts.turns,
        turns_a_second=round(counts.turns / seconds, 3),
        audio_a_second=round(counts.audio_s / seconds, 3),
        duration_s=round(result.duration_s, 2),
        times={kind: figures for kind, each in counts.times.items() if (figures := _figures(each))},
        lag=_figures(counts.lag) or (0.0, 0.0, 0.0),
        whole=result.whole,
        windows=tuple(LoadWindow(**asdict(each)) for each in result.windows),
        **told,
    )


def _figures(times: TimeBuckets) -> Figures | None:
    p50, p95, p99 = (times.percentile(percent) for percent in (50, 95, 99))
    if p50 is None or p95 is None or p99 is None:
        return None
    return round(p50, 4), round(p95, 4), round(p99, 4)


def _course(
    course: CourseOfRequirement,
    results: Sequence[StepResult],
    limits: LoadLimits,
    clean: Callable[[str], str],
) -> LoadCourse:
    breaks, first = course.breaks_at, course.first_violated
    tally = results[first].counts.tallies[course.id].settled() if first is not None else Tally()
    finding: Finding | None = next(iter(tally.findings), None)
    message = finding.message if finding is not None else next(iter(tally.unlisted.values()), "")
    return LoadCourse(
        id=course.id,
        level=str(course.level),
        statement=registry().by_id[course.id].statement,
        breaks_at=results[breaks].step.said if breaks is not None else "",
        standings=tuple(map(str, course.standings)),
        violations=course.violations,
        subjects=course.subjects,
        tolerated=LoadStanding.VIOLATED in course.standings and not limits.binds(course),
        message=clean(message),
        trace=finding.trace if finding is not None else "",
        seqs=finding.seqs if finding is not None else (),
    )
