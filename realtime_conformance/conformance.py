"""A conformance run from end to end: scenarios, traces, verdicts, report."""

from __future__ import annotations

import asyncio
import contextlib
import datetime as dt
import time
from collections.abc import AsyncIterator, Collection, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from generators.events import Events
from realtime_conformance.folders import REPLAYS, TRACES, remove_recordings
from realtime_conformance.gathering import with_evidence
from realtime_conformance.judging import UNJUDGED, Judgement, compose, contract_for, judge, opening, oracle
from realtime_conformance.replays import with_replays
from realtime_conformance.targets import UNKNOWN_MODEL, Choice
from realtime_conformance.uncounted import uncounted
from reference.server import Options as ServerOptions
from reference.server import ReferenceServer
from reports.baseline import Baseline
from reports.model import Crowding, Report, ScenarioResult, Target
from reports.repeats import repeated
from rules.engine import Rulebook
from rules.requirements import registry
from rules.rulebook import rulebook
from rules.verdicts import Level
from rules.yielding import Uncounted
from schemas.contract import Contract
from suites.crowding import AVOIDED_BY, Crowd
from suites.depth import STANDARD, Depth
from suites.features import offered
from suites.generated import WORLD
from suites.probing import lies
from suites.running import Listener, Outcome, Run, cost_of
from suites.scenario import Scenario
from suites.stage import Oracle
from wire.budget import Budget, Cost
from wire.endpoint import Auth, Dialect, Endpoint
from wire.meter import Meter
from wire.trace_files import TraceError, TraceFile

_CREDENTIAL = "Y29uZm9ybWFuY2U6c3VpdGU="


@dataclass(slots=True)
class Plan:
    """What to run against whom, and where to leave what comes of it.

    Without `choice`, the embedded reference server is started and judged, in `dialect`. The scenarios are
    played `repeats` times, with one budget for all. `whole` says whether they are all there are. `contract`
    is what is judged by and `events` what generated scenarios say, None for our own document's. The report is
    held against `baseline`. Verdicts on requirements that are `deselected` are of no interest to anybody.
    """

    scenarios: Sequence[Scenario]
    out: Path
    choice: Choice | None = None
    dialect: Dialect = "inworld"
    contract: Contract | None = None
    events: Events | None = None
    depth: Depth = STANDARD
    budget: Budget = field(default_factory=Budget)
    strict: bool = False
    probing: bool = True
    also: Sequence[Dialect] = ()
    listener: Listener | None = None
    repeats: int = 1
    whole: bool = True
    baseline: Baseline | None = None
    deselected: Collection[str] = ()
    run: Run | None = None
    runs: list[Run] = field(default_factory=list)
    _book: Rulebook | None = None
    started: dt.datetime = field(default_factory=lambda: dt.datetime.now(dt.UTC))
    interrupted: bool = False
    duration_s: float = 0.0

    @property
    def cost(self) -> Cost:
        """What it costs at most."""
        choice = self.choice
        dialect = choice.endpoint.dialect if choice is not None else self.dialect
        offers = choice.offers if choice is not None else offered(_embedded_features(dialect))
        once = cost_of(self.scenarios, dialect, offers, self.depth, probing=self.probing)
        again = cost_of(self.scenarios, dialect, offers, self.depth, probing=False)
        return once + again.times(self.repeats - 1)

    async def perform(self) -> None:
        """Play the scenarios; what was captured is kept also when this is cancelled."""
        folder = self.out / TRACES
        remove_recordings(self.out, TRACES, REPLAYS)
        began = time.monotonic()
        try:
            async with self._target() as choice:
                await self._play(choice, folder)
        except asyncio.CancelledError:
            self.interrupted = True
        finally:
            self.duration_s = time.monotonic() - began

    async def _play(self, choice: Choice, folder: Path) -> None:
        meter = Meter(self.budget)
        for number in range(1, self.repeats + 1):
            before = self.run
            self.run = Run(
                endpoint=choice.endpoint,
                folder=folder,
                concurrency=choice.concurrency,
                offers=choice.offers if before is None else before.offers,
                declared=choice.declared,
                probing=self.probing and before is None,
                probed={} if before is None else before.probed,
                names=choice.names,
                listener=self.listener,
                depth=self.depth,
                events=self.events,
                meter=meter,
                suffix=f".run{number}" if self.repeats > 1 else "",
            )
            self.run.oracle = self._oracle(self.run)
            if before is not None:
                self.run.coverage, self.run.overtime = before.coverage, before.overtime
                self.run.crowd = before.crowd
            self.runs.append(self.run)
            await self.run.play(self.scenarios)
            if self.run.given_up:
                break

    @contextlib.asynccontextmanager
    async def _target(self) -> AsyncIterator[Choice]:
        if self.choice is not None:
            yield self.choice
            return
        options = ServerOptions(seed=self.depth.seed, credentials=frozenset((_CREDENTIAL,)))
        async with ReferenceServer(options) as server:
            yield embedded(server, self.dialect)

    def _oracle(self, run: Run) -> Oracle:
        contract = self.contract or contract_for(self.dialect)
        return oracle(self.dialect, contract, lambda: run.offers, self._uncounted(self.dialect))

    def _uncounted(self, dialect: Dialect) -> Uncounted:
        return uncounted(self.baseline, dialect, self.started.date(), deselected=self.deselected)

    def violated(self, outcome: Outcome) -> set[str]:
        """Return the MUSTs that the traces of a scenario violate: a look at them while the run lasts."""
        if self._book is None:
            without = self._uncounted(self.dialect)
            self._book = rulebook(self.dialect, self.contract, uncounted=without)
        found: set[str] = set()
        for path in outcome.traces:
            with contextlib.suppress(TraceError):  # the report says so
                trace = TraceFile(path)
                if trace.header.get("attempt") not in UNJUDGED:
                    tallies = self._book.judge(trace)
                    found |= {id_ for id_, tally in tallies.items() if tally.violations}
        levels = registry().by_id
        return {id_ for id_ in found if levels[id_].level.get(self.dialect) is Level.MUST}

    def spending(self) -> str:
        """Return what was spent so far, and of how much: `3/30 sessions · 2 responses · 5 s · 40 tokens`."""
        if self.run is None:
            return ""
        units = {"sessions": "sessions", "responses": "responses", "audio_s": "s", "tokens": "tokens"}
        spent = self.run.meter.spent()
        limits = {name: getattr(self.budget, name) for name in units}
        return " · ".join(
            f"{spent[name]:g}" + (f"/{limits[name]:g}" if limits[name] is not None else "") + f" {unit}"
            for name, unit in units.items()
        )

    def report(self) -> Report:
        """Judge what was captured so far and return the report."""
        outcomes = [o for run in self.runs for o in run.outcomes]
        files = {p.stem: p for o in outcomes for p in o.traces}
        sources = {name: opening(path, name) for name, path in files.items()}
        coverage = self.run.coverage.as_dict() if self.run is not None and self.run.coverage.seen else None
        report = replace(self.report_of(outcomes, self.also), whole=self.whole, coverage=coverage)
        if len(self.runs) > 1:
            report = repeated(report, [self.report_of(run.outcomes) for run in self.runs])
        if self.baseline is not None:
            report = report.against(self.baseline, self.started.date())
        report = with_replays(report, files, self.out)
        return with_evidence(report, sources, files, self.out)

    def report_of(self, outcomes: Sequence[Outcome], also: Sequence[Dialect] = ()) -> Report:
        """Return the report on some of the scenarios only."""
        dialect = self.choice.endpoint.dialect if self.choice is not None else self.dialect
        contract = self.contract or contract_for(dialect)
        run = self.run
        if run is None:
            raise RuntimeError("nothing was performed")
        traces = [t for o in outcomes for t in o.traces]
        judgement = judge(traces, dialect, contract, self._uncounted(dialect))
        # Other dialects are for information: nothing is known or deselected there.
        layers: dict[str, Judgement] = {d: judge(traces, d, contract_for(d)) for d in also}
        endpoint = run.endpoint
        for each in (judgement, *layers.values()):
            each.redact(endpoint.redactor.text)
        return compose(
            judgement,
            target=Target(endpoint.shown, dialect, dict(run.offers), endpoint.name),
            contract=contract,
            started=self.started.isoformat(timespec="seconds"),
            duration_s=self.duration_s,
            scenarios=[_result(o, endpoint) for o in outcomes],
            spent=run.meter.spent(),
            seed=self.depth.seed,
            # Where nothing was tried (the budget forbade it), nobody turned us away.
            opened=any(each.opened or each.failure is None for each in self.runs),
            interrupted=self.interrupted,
            trouble=run.given_up,
            probed=run.probed,
            notes=[
                *lies(run.declared, run.probed),
                *_unpaid(outcomes, run.meter.budget),
                *(f"a trace could not be judged: {error}" for error in judgement.unreadable),
            ],
            also=layers,
            strict=self.strict,
            crowding=_crowding(run.crowd),
        )


def spoken(contract: Contract) -> Events:
    """Return what generated scenarios say by `contract`. Raises `DocumentError` where that cannot be made."""
    events = Events(contract, WORLD)
    events.check()
    return events


def embedded(server: ReferenceServer, dialect: Dialect) -> Choice:
    """Return the reference server as a target."""
    auth = Auth("basic" if dialect == "inworld" else "bearer", _CREDENTIAL)
    endpoint = Endpoint(server.url(dialect), dialect, auth, name="reference")
    # It answers within milliseconds; waiting longer for what does not come would only cost time.
    endpoint = replace(endpoint, timeouts=replace(endpoint.timeouts, answer=4.0, silence=5.0))
    features = _embedded_features(dialect)
    names = {"unknown_model": UNKNOWN_MODEL, "second_model": "openai/gpt-4.1-mini"}
    return Choice(endpoint, features, concurrency=8, names=names)


def _embedded_features(dialect: Dialect) -> dict[str, bool]:
    return {"subprotocol-auth": dialect == "inworld", "authentication": True}


def _unpaid(outcomes: Sequence[Outcome], budget: Budget) -> list[str]:
    """Return a sentence on the scenarios that the budget did not allow, if there are any."""
    count = sum(o.over_budget for o in outcomes)
    return [f"the budget ({budget}) did not allow {count} of {len(outcomes)} scenarios"] if count else []


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
