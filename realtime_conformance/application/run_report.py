"""What comes of a run: its traces judged, as a look at them while it lasts and as the report at its end."""

from __future__ import annotations

import contextlib
import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path

from protocol.catalogue import UNNAMED, dialect_of
from protocol.dialect import DialectName
from protocol.siblings import sibling_of
from realtime_conformance.application.composed_report import Circumstances, compose
from realtime_conformance.application.conformance_run import ConformanceRun
from realtime_conformance.application.conversations import with_conversations
from realtime_conformance.application.embedded import NOT_YOURS
from realtime_conformance.application.judging import (
    UNJUDGED,
    Judgement,
    contract_for,
    judge_traces,
    opening,
    oracle,
)
from realtime_conformance.application.left_undecided import note_what_a_run_knew
from realtime_conformance.application.plan import Plan
from realtime_conformance.application.replays import with_replays
from realtime_conformance.application.run_timing import timing_of
from realtime_conformance.application.since_earlier import compared_with
from realtime_conformance.application.sufficient_budget import enough, would_do
from realtime_conformance.application.trace_statistics import with_evidence
from realtime_conformance.application.uncounted_findings import uncounted
from reports.model import Crowding, Exit, Report, ScenarioResult, Target
from reports.repeats import repeated
from rules.beta_dialect import SPEAKS_GA
from rules.engine import Rulebook
from rules.profiles import judged_by
from rules.rulebook import rulebook
from rules.verdicts import Level
from rules.yields import Uncounted
from suites.crowding import AVOIDED_BY, Crowd
from suites.features import lies
from suites.outcome import Outcome
from suites.probing import probes_cost
from suites.running import Run
from suites.scenario import is_generated
from suites.scheduling import features_needed
from suites.stage import Oracle
from wire.budget import Cost
from wire.endpoint import Endpoint
from wire.trace import in_root_words
from wire.trace_files import TraceError, TraceFile

_SHOWN_TYPES = 3
_BETA = "the server speaks the retired beta protocol, as its first answered turn shows"


def oracle_of(plan: Plan, run: Run, started: dt.datetime) -> Oracle:
    """Return what judges a trace of `run` while that lasts."""
    contract = plan.contract or contract_for(plan.dialect)
    return oracle(plan.dialect, contract, lambda: run.offers, _uncounted(plan, started))


def another_protocol(path: Path, violated: Oracle, plan: Plan) -> str | None:
    """Return why a trace shows that nothing more has to be tried, empty where an answered turn shows nothing.

    Returns None where there is no answered turn in it, and the protocol is this one as far as was seen.
    """
    trace = TraceFile(path)
    words = dialect_of(str(trace.header.get("dialect", UNNAMED))).words
    said = (e for e in in_root_words(trace, words) if e.dir == "server" and e.kind in ("text", "binary"))
    types = {entry.type for entry in said}
    if "response.done" in types:
        return _BETA if SPEAKS_GA in violated(path) else ""
    contract = plan.contract or contract_for(plan.dialect)
    if types and not any(contract.knows("server", type_) for type_ in types):
        return _foreign(types)
    return None


def _foreign(types: set[str]) -> str:
    """Return what is said of a server none of whose frames is an event of this protocol."""
    if (sibling := sibling_of(types)) is not None:
        return f"the server speaks {sibling.title}: {sibling.sentence}"
    events = sorted(types - {""})[:_SHOWN_TYPES]
    came = f"events of type {', '.join(events)}" if events else "frames that are no events"
    return f"the server speaks another protocol: {came} came, and none of this one"


def book_of(plan: Plan, started: dt.datetime) -> Rulebook:
    """Return the rulebook for a look at traces while a run lasts."""
    return rulebook(plan.dialect, plan.contract, uncounted=_uncounted(plan, started))


def violated(book: Rulebook, outcome: Outcome, dialect: DialectName) -> set[str]:
    """Return the MUSTs that the traces of a scenario violate: a look at them while the run lasts."""
    found: set[str] = set()
    for path in outcome.traces:
        with contextlib.suppress(TraceError):  # the report says so
            trace = TraceFile(path)
            if trace.header.get("attempt") not in UNJUDGED:
                tallies = book.judge(trace)
                found |= {id_ for id_, tally in tallies.items() if tally.violations}
    musts = {e.id for e in judged_by(book.uncounted.as_of).judged(dialect) if e.level[dialect] is Level.MUST}
    return found & musts


def report(made: ConformanceRun) -> Report:
    """Judge what was captured so far and return the report."""
    plan, run = made.plan, made.run
    outcomes = [*_before(plan), *(o for run in made.runs for o in run.outcomes)]
    if plan.earlier is not None and run is not None:
        plan.earlier.covered(run.coverage)
    files = {p.stem: p for o in outcomes for p in o.traces}
    sources = {name: opening(path, name) for name, path in files.items()}
    coverage = run.coverage.as_dict() if run is not None and run.coverage.seen else None
    timing = timing_of(run.outcomes, run.meter.waits, run.began) if run is not None else None
    report = report_of(made, outcomes, plan.also)
    if run is not None:
        _mark_traces(report, run, files)
    report = replace(report, whole=plan.whole, coverage=coverage, timing=timing)
    if len(made.runs) > 1:
        report = repeated(report, [report_of(made, run.outcomes) for run in made.runs])
    if plan.baseline is not None:
        report = report.against(plan.baseline, made.started.date())
    report = compared_with(plan.since, with_replays(report, files, plan.out))
    report = with_evidence(report, sources, files, plan.out)
    clean = run.endpoint.redactor.text if run is not None else str
    return with_conversations(report, sources, plan.out, clean)


def _mark_traces(report: Report, run: Run, files: Mapping[str, Path]) -> None:
    """Write into the headers of traces what the run knew at its end: who judges them later knows as much."""
    redacted = run.endpoint.redactor.text
    absent = {name: redacted(what) for name, what in run.absent.items()}
    known = {"features": dict(run.offers), "probed": dict(run.probed), "absent": absent}
    note_what_a_run_knew(report, files, **known)


def report_of(made: ConformanceRun, outcomes: Sequence[Outcome], also: Sequence[DialectName] = ()) -> Report:
    """Return the report on some of the scenarios only."""
    plan, run = made.plan, made.run
    dialect = plan.dialect
    contract = plan.contract or contract_for(dialect)
    if run is None:
        raise RuntimeError("nothing was performed")
    # Some scenarios share one. In an order of its own: which scenario ended first is chance.
    traces = sorted({t for o in outcomes for t in o.traces}, key=lambda t: (is_generated(t.stem), t.stem))
    judgement = judge_traces(traces, dialect, contract, _uncounted(plan, made.started))
    # Other dialects are for information: nothing is known or deselected there.
    layers: dict[str, Judgement] = {d: judge_traces(traces, d, contract_for(d)) for d in also}
    endpoint = run.endpoint
    for each in (judgement, *layers.values()):
        each.redact(endpoint.redactor.text)
    report = compose(
        judgement,
        target=Target(
            endpoint.shown, dialect, dict(run.offers), endpoint.name, embedded=plan.target.embedded
        ),
        contract=contract,
        circumstances=_circumstances(made, run, outcomes, judgement),
        also=layers,
    )
    if report.trouble and report.exit is not Exit.UNREACHABLE and not run.settled:
        report = replace(report, notes=(*report.notes, f"the run ended early: {report.trouble}"))
    return report


def _circumstances(
    made: ConformanceRun, run: Run, outcomes: Sequence[Outcome], judgement: Judgement
) -> Circumstances:
    """Return what the report says of how the run went that brought about `outcomes`."""
    plan = made.plan
    return Circumstances(
        started=made.started.isoformat(timespec="seconds"),
        duration_s=made.duration_s,
        scenarios=[_result(o, run.endpoint) for o in outcomes],
        spent=_spent(plan, run),
        seed=plan.depth.seed,
        # Where nothing was tried (the budget forbade it), nobody turned us away.
        opened=bool(_before(plan))
        or any(each.opened or each.giving_up.failure is None for each in made.runs),
        interrupted=made.interrupted,
        trouble="" if run.cut_off else run.given_up,
        cut_off=run.cut_off,
        probed=run.probed,
        absent={name: run.endpoint.redactor.text(what) for name, what in run.absent.items()},
        notes=_notes(plan, run, outcomes, judgement),
        as_of=plan.as_of,
        strict=plan.strict,
        crowding=_crowding(run.crowd),
        partial=not plan.whole or any(o.over_budget for o in outcomes),
        unplayed=_unplayed(outcomes, run),
    )


def _notes(plan: Plan, run: Run, outcomes: Sequence[Outcome], judgement: Judgement) -> list[str]:
    """Return what a reader has to know of the run before its verdicts."""
    return [
        *([NOT_YOURS] if plan.target.embedded else []),
        *([plan.target.ground] if plan.target.ground else []),
        *([plan.earlier.note] if plan.earlier is not None else []),
        *lies(run.declared, run.probed),
        *(plan.events.unmatched() if plan.events is not None else ()),
        *_unpaid(plan, outcomes, run),
        *([f"the run ended early: {run.settled}"] if run.settled else []),
        *(f"a trace could not be judged: {error}" for error in judgement.unreadable),
    ]


def _uncounted(plan: Plan, started: dt.datetime) -> Uncounted:
    return uncounted(
        plan.baseline, plan.dialect, started.date(), deselected=plan.deselected, as_of=plan.as_of
    )


def _before(plan: Plan) -> Sequence[Outcome]:
    """Return what an earlier run has played of what is judged now."""
    return plan.earlier.outcomes if plan.earlier is not None else ()


def _spent(plan: Plan, run: Run) -> dict[str, float | int]:
    spent = run.meter.spent()
    if plan.earlier is not None:
        spent = plan.earlier.added(spent)
    return {**spent, "money": round(plan.prices.of_spent(spent), 4)} if plan.prices else spent


def _unpaid(plan: Plan, outcomes: Sequence[Outcome], run: Run) -> list[str]:
    """Return a sentence on the scenarios that the budget did not allow, if there are any."""
    if plan.earlier is not None:
        outcomes = [o for o in outcomes if o.scenario.id not in plan.earlier.ids]
    count, budget = sum(o.over_budget for o in outcomes), run.meter.budget
    if not count:
        return []
    dialect = run.endpoint.dialect
    wanted = features_needed([o.scenario for o in outcomes], dialect)
    probes = probes_cost(dialect, wanted).most if plan.probing else Cost()
    needed = enough(outcomes, probes, plan.depth)
    better = would_do(budget, needed, run.meter.likely_tokens(needed.responses))
    return [
        f"the budget ({budget}) did not allow {count} of {len(outcomes)} scenarios; "
        f"--budget {better} would do"
        + (", if no response takes more tokens than the dearest so far" if "tokens=" in better else "")
    ]


def _unplayed(outcomes: Sequence[Outcome], run: Run) -> str:
    """Return why most of the scenarios that were asked for were not played at all; empty where most were."""
    to_play = {o.scenario.id for o in outcomes if o.status != "not-offered"}
    left = to_play - {o.scenario.id for o in outcomes if not o.over_budget}
    if len(left) * 2 <= len(to_play):
        return ""
    every = len({o.scenario.id for o in outcomes})
    return f"the budget ({run.meter.budget}) did not allow {len(left)} of {every} scenarios"


def _crowding(crowd: Crowd) -> Crowding | None:
    if not crowd.refused:
        return None
    return Crowding(dict(crowd.refused), crowd.turned_away, crowd.limit or 1, AVOIDED_BY)


def _result(outcome: Outcome, endpoint: Endpoint) -> ScenarioResult:
    return ScenarioResult(
        id=outcome.scenario.id,
        summary=outcome.scenario.summary,
        outcome=outcome.status,
        duration_s=outcome.duration_s,
        traces=tuple(p.stem for p in outcome.traces),
        # What a server says may hold the very secret it was sent.
        message=endpoint.redactor.text(outcome.message),
        provokes=outcome.scenario.provokes,
    )
