"""Plays scenarios and scripts on a reference server that obeys, or differs from that in some way."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from protocol.dialect import DialectName
from realtime_conformance.application.conformance_run import ConformanceRun
from realtime_conformance.application.embedded import embedded
from realtime_conformance.application.plan import Plan
from realtime_conformance.application.replays import read_script
from reference.alterations import Alteration, StepFactory
from reference.behaviour import Behaviour
from reference.server import ReferenceServer, ServerOptions
from reports.model import Report
from rules.verdicts import Verdict
from suites.depth import QUICK
from suites.replaying import Script
from suites.scenario import Scenario

_KEY = frozenset(("Y29uZm9ybWFuY2U6c3VpdGU=",))


def played(
    scenarios: Sequence[Scenario], folder: Path, dialect: DialectName, changes: Sequence[StepFactory] = ()
) -> Report:
    """Play `scenarios` on a server with `changes`; return the report."""
    behaviour = Behaviour(alteration=lambda _: Alteration(changes) if changes else None)

    async def perform() -> ConformanceRun:
        async with ReferenceServer(ServerOptions(pace=0.0, credentials=_KEY), behaviour) as server:
            choice = embedded(server, dialect)
            timeouts = replace(choice.endpoint.timeouts, answer=1.0, silence=1.0)
            choice = replace(choice, endpoint=replace(choice.endpoint, timeouts=timeouts))
            run = ConformanceRun(Plan(scenarios, folder, choice, depth=QUICK, probing=False))
            await run.perform()
        return run

    return asyncio.run(perform()).report()


def failing(report: Report) -> set[str]:
    """Return the requirements that were violated."""
    return {r.id for r in report.of(Verdict.FAIL, Verdict.WARN)}


def scripts_in(folder: Path) -> list[Script]:
    """Return the scripts that a run left in the folder of its report."""
    return [read_script(path) for path in sorted((folder / "replays").glob("*.jsonl"))]
