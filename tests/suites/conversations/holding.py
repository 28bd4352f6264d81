"""Holds conversations with a server that obeys, or that was planted a bug, and tells what came of it."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from pathlib import Path

from protocol.dialect import DialectName
from protocol.event_types import Event
from realtime_conformance.application.conformance_run import ConformanceRun
from realtime_conformance.application.embedded import embedded
from realtime_conformance.application.plan import Plan
from reference.alterations import Alteration, StepFactory
from reference.behaviour import Behaviour
from reference.server import ReferenceServer, ServerOptions
from reports.model import Report
from rules.verdicts import Verdict
from suites.depth import QUICK, Depth
from suites.outcome import Outcome
from suites.scenario import catalogue
from suites.scheduling import selected
from wire.budget import Budget
from wire.trace_files import TraceFile


@dataclass(frozen=True)
class Held:
    """What came of it. `failing` are the requirements that failed or warned."""

    run: ConformanceRun
    outcomes: list[Outcome]
    report: Report

    @property
    def failing(self) -> set[str]:
        return {r.id for r in self.report.of(Verdict.FAIL, Verdict.WARN)}

    def said(self, requirement: str) -> list[Event]:
        """Return the client events of the trace in which a requirement was found violated."""
        result = next(r for r in self.report.requirements if r.id == requirement)
        traces = {f.trace for f in result.findings}
        said = [client_events(self.run.plan.out / "traces" / f"{name}.jsonl") for name in traces]
        return min(said, key=len)


def client_events(trace: Path) -> list[Event]:
    """Return what the client said in a trace."""
    return [e.event for e in TraceFile(trace) if e.dir == "client" and e.event is not None]


def hold(
    folder: Path,
    *changes: StepFactory,
    name: str = "conversations.written",
    dialect: DialectName = "openai",
    depth: Depth = QUICK,
    budget: Budget | None = None,
    pace: float = 0.001,
) -> Held:
    """Hold the conversations of one scenario with a server that has some changes.

    `pace` is how many seconds it takes between two deltas.
    """
    behaviour = Behaviour(alteration=lambda _: Alteration(changes) if changes else None)

    async def perform() -> ConformanceRun:
        async with ReferenceServer(ServerOptions(pace=pace), behaviour) as server:
            run = ConformanceRun(
                Plan(
                    selected(catalogue(), [name]),
                    folder,
                    embedded(server, dialect),
                    depth=depth,
                    budget=budget or Budget(),
                    probing=False,
                )
            )
            await run.perform()
        return run

    run = asyncio.run(perform())
    assert run.run is not None
    return Held(run, run.run.outcomes, run.report())
