"""From options to a target, a plan, a run and a report: each is made of the one before, and changes none."""

from __future__ import annotations

import asyncio
import dataclasses
from dataclasses import FrozenInstanceError, replace
from pathlib import Path
from typing import Any

import pytest

from realtime_conformance.application.conformance_run import ConformanceRun
from realtime_conformance.application.embedded import AnyTarget, Embedded
from realtime_conformance.application.plan import Plan
from realtime_conformance.application.planning import plan_of, server_of, target_given
from realtime_conformance.application.targets import Choice
from realtime_conformance.options import FRONT_DOORS
from suites.depth import QUICK
from suites.scenario import catalogue
from suites.scheduling import selected
from tests.addresses import NOWHERE
from wire.endpoint import Endpoint

DATA = ("endpoint", "declared", "concurrency", "names", "prices")
"""What only a `Choice` is made of, and nobody asks of a target before it is opened."""


def _given(**said: Any) -> dict[str, Any]:
    """Return the values of all options of `run`, as a door has them."""
    usual = {each.field: () if each.repeatable else each.default for each in FRONT_DOORS["run"]}
    return {**usual, **said}


def _public(target: type) -> set[str]:
    return {name for name in dir(target) if not name.startswith("_")}


def test_whatever_is_asked_of_a_target_is_asked_of_both_kinds() -> None:
    assert _public(Choice) - set(DATA) == _public(Embedded) - set(DATA)
    assert (Choice.embedded, Embedded.embedded) == (False, True)


@pytest.mark.parametrize(
    ("said", "kind", "dialect"),
    [
        ({}, Embedded, "inworld"),
        ({"dialect": "openai"}, Embedded, "openai"),
        ({"endpoint": f"{NOWHERE}/v1/realtime"}, Choice, "openai"),
        ({"endpoint": f"{NOWHERE}/v1/realtime", "dialect": "inworld"}, Choice, "inworld"),
    ],
)
def test_options_make_a_target_and_this_a_plan(
    said: dict[str, Any], kind: type, dialect: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("REALTIME_API_KEY", raising=False)
    given = _given(**said, budget="sessions=3")
    target = target_given(given)
    assert isinstance(target, kind)
    assert server_of(given, target) is None
    plan = plan_of(given, target, catalogue())
    assert plan.target is target
    assert (plan.dialect, plan.budget.sessions) == (dialect, 3)


@pytest.mark.parametrize("target", [Embedded("openai"), Choice(Endpoint(NOWHERE, "openai"))], ids=type)
def test_a_plan_does_not_change(target: AnyTarget) -> None:
    plan = Plan(catalogue(), Path(), target)
    for field in dataclasses.fields(plan):
        with pytest.raises(FrozenInstanceError):
            setattr(plan, field.name, None)


def test_a_run_is_the_result_of_its_plan_and_a_report_that_of_the_run(tmp_path: Path) -> None:
    plan = Plan(selected(catalogue(), ["session_update.one_field"]), tmp_path, depth=QUICK, probing=False)
    before = replace(plan)
    run = ConformanceRun(plan)
    assert run.run is None
    asyncio.run(run.perform())
    report = run.report()
    assert plan == before
    assert run.plan is plan
    assert run.run is not None
    assert report.target.url == run.run.endpoint.shown
    assert report.target.embedded
