"""A server whose every event is late at random, but in time, gets the same verdicts in every run."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from pathlib import Path

import pytest

from protocol.dialect import DialectName
from realtime_conformance.application.conformance_run import ConformanceRun
from realtime_conformance.application.embedded import embedded
from realtime_conformance.application.plan import Plan
from reference.conditions import Conditions
from reference.server import ReferenceServer, ServerOptions
from reports.model import Exit
from rules.verdicts import Verdict
from suites.depth import QUICK
from suites.scenario import Scenario, catalogue
from tests.rules.scripts import DIALECTS

_PATIENCE_S = 1.0
_LATE_S = 0.9 * _PATIENCE_S
_PACE_S = _LATE_S / 20
"""Long responses outlast the delays: it is no matter of chance whether one still runs when it is heard of."""

_RUNS = 20
_FEW = ("test_bootstrap", "test_conversation_item_create", "test_conversation_item_delete")


async def _verdicts(
    folder: Path, dialect: DialectName, seed: int, scenarios: list[Scenario]
) -> tuple[Exit, dict[str, Verdict]]:
    """Play `scenarios` once; return the exit code, and the verdict for each requirement."""
    whole = len(scenarios) == len(catalogue())
    credentials = frozenset(("Y29uZm9ybWFuY2U6c3VpdGU=",))
    conditions = Conditions(delay=_LATE_S)
    options = ServerOptions(seed=seed, pace=_PACE_S, credentials=credentials, conditions=conditions)
    async with ReferenceServer(options) as server:
        choice = embedded(server, dialect)
        timeouts = replace(choice.endpoint.timeouts, answer=_PATIENCE_S, silence=_PATIENCE_S)
        choice = replace(choice, endpoint=replace(choice.endpoint, timeouts=timeouts), concurrency=24)
        run = ConformanceRun(Plan(scenarios, folder, choice, depth=QUICK, whole=whole))
        await run.perform()
    report = run.report()
    return report.exit, {each.requirement.id: each.verdict for each in report.requirements}


def test_two_runs_of_a_few_scenarios_agree(tmp_path: Path) -> None:
    few = [s for s in catalogue() if s.module in _FEW]
    found = [asyncio.run(_verdicts(tmp_path / str(seed), "openai", seed, few)) for seed in (1, 2)]
    assert found[0] == found[1]
    assert found[0][0] is Exit.CONFORMS


@pytest.mark.long
@pytest.mark.parametrize("dialect", DIALECTS)
def test_whole_runs_agree(tmp_path: Path, dialect: DialectName) -> None:
    seeds = range(_RUNS // len(DIALECTS))
    found = [asyncio.run(_verdicts(tmp_path / str(seed), dialect, seed, catalogue())) for seed in seeds]
    assert {exit_ for exit_, _ in found} == {Exit.CONFORMS}
    first = found[0][1]
    flaky = {
        id_: sorted({verdicts[id_].value for _, verdicts in found})
        for id_ in first
        if any(verdicts[id_] is not first[id_] for _, verdicts in found)
    }
    print(f"{len(found)} runs in {dialect}: {len(flaky)} of {len(first)} verdicts differ")  # noqa: T201
    assert flaky == {}
