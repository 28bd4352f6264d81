"""A run that is repeated tells what always fails from what is flaky, and flaky is never green."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from realtime_conformance.application.conformance_run import ConformanceRun
from realtime_conformance.application.embedded import embedded
from realtime_conformance.application.plan import Plan
from reference.alterations import Alteration
from reference.behaviour import Behaviour
from reference.faults import FAULTS
from reference.server import ReferenceServer, ServerOptions
from reports.model import Exit, Report
from reports.results_json import as_dict
from suites.depth import QUICK
from suites.scenario import catalogue
from suites.scheduling import selected
from tests.reports.formats.sample import entry, held
from wire.budget import Budget

_TWICE = "response/lifecycle/done-exactly-once"
_HELD = "response/lifecycle/created-first"


class _Unsteady:
    """A server whose fault is there in some runs only; it hears from the plan which run it is."""

    frames = None

    def __init__(self, bad_runs: set[int], count: int) -> None:
        self.ended_ = 0
        self.bad_runs, self.count = bad_runs, count

    def began(self, _: Any) -> None:
        """Hear that a scenario has begun."""

    def ended(self, _: Any) -> None:
        self.ended_ += 1

    def behaviour(self) -> Behaviour:
        changes = FAULTS["response-done-twice"].changes

        def alteration(_: object) -> Alteration | None:
            return Alteration(changes) if self.ended_ // self.count + 1 in self.bad_runs else None

        return Behaviour(alteration=alteration)


def _run(folder: Path, bad_runs: set[int], *, repeats: int = 3, budget: Budget | None = None) -> Report:
    scenarios = selected(catalogue(), ["response_create.text"])[:1]
    assert scenarios
    unsteady = _Unsteady(bad_runs, len(scenarios))

    async def perform() -> Report:
        options = ServerOptions(credentials=frozenset(("Y29uZm9ybWFuY2U6c3VpdGU=",)))
        async with ReferenceServer(options, unsteady.behaviour()) as server:
            run = ConformanceRun(
                Plan(
                    scenarios,
                    folder,
                    embedded(server, "openai"),
                    depth=QUICK,
                    probing=False,
                    repeats=repeats,
                    whole=False,
                    budget=budget or Budget(),
                )
            )
            await run.perform(unsteady)
        return run.report()

    return asyncio.run(perform())


@pytest.mark.parametrize(
    ("bad_runs", "runs", "flaky", "code"),
    [
        ({2}, ["pass", "fail", "pass"], True, Exit.DOES_NOT_CONFORM),
        ({1, 2, 3}, ["fail", "fail", "fail"], False, Exit.DOES_NOT_CONFORM),
        (set(), ["pass", "pass", "pass"], False, Exit.CONFORMS),
    ],
)
def test_always_never_sometimes(
    tmp_path: Path, bad_runs: set[int], runs: list[str], flaky: bool, code: Exit
) -> None:
    report = _run(tmp_path, bad_runs)
    result = next(r for r in report.requirements if r.id == _TWICE)
    assert [str(v) for v in result.runs] == runs
    assert (result.flaky, str(result.verdict)) == (flaky, max(runs, key=["pass", "fail"].index))
    assert (report.exit, report.repeats) == (code, 3)
    # Each scenario stands there once, with the traces of all runs.
    assert [s.id for s in report.scenarios] == list({s.id for s in report.scenarios})
    assert len(report.scenarios[0].traces) == 3
    assert len(list((tmp_path / "traces").glob("*.jsonl"))) == 3
    written = next(r for r in as_dict(report)["requirements"] if r["id"] == _TWICE)
    assert written["runs"] == runs


def test_flaky_can_be_known_and_only_as_flaky(tmp_path: Path) -> None:
    report = replace(_run(tmp_path, {2}), strict=False)
    assert held(report, entry(_TWICE, "flaky")).exit is Exit.CONFORMS
    as_failure = held(report, entry(_TWICE, "fail"))
    assert as_failure.exit is Exit.DOES_NOT_CONFORM
    assert as_failure.held is not None
    assert as_failure.held.entries[0].state == "unsteady"
    always = _run(tmp_path, {1, 2, 3})
    assert held(always, entry(_TWICE, "flaky")).exit is Exit.DOES_NOT_CONFORM


def test_all_runs_share_one_budget(tmp_path: Path) -> None:
    report = _run(tmp_path, set(), budget=Budget(sessions=2))
    assert report.spent["sessions"] == 2
    assert [str(v) for v in next(r for r in report.requirements if r.id == _TWICE).runs][:2] == [
        "pass",
        "pass",
    ]
    assert next(r for r in report.requirements if r.id == _TWICE).runs[2] != "pass"
