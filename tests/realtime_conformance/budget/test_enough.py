"""The budget that the documentation names is enough, and one that is not says which would be."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from protocol.dialect import DialectName
from realtime_conformance.application.embedded import AnyTarget, Embedded
from realtime_conformance.application.plan import Plan
from realtime_conformance.application.targets import Options, choose
from suites.depth import QUICK, STANDARD
from suites.scenario import catalogue
from suites.scheduling import selected
from tests.docs.pages import PROJECT
from tests.realtime_conformance.budget.counting import spend
from wire.budget import Budget, Cost, parse_budget
from wire.meter import Meter

BY_HAND = [s for s in catalogue() if not s.module.startswith("test_generated")]


def _documented() -> list[Budget]:
    page = (PROJECT / "docs" / "quick-start.md").read_text(encoding="utf-8")
    command = re.search(r"--endpoint wss://api\.inworld\.ai\S+ --budget (\S+)", page)
    target = re.search(r"budget: \{(.+?)\}", page)
    assert command is not None
    assert target is not None
    return [parse_budget(command[1]), parse_budget(target[1].replace(": ", "="))]


@pytest.mark.parametrize("dialect", ["inworld", "openai"])
@pytest.mark.parametrize("budget", _documented(), ids=str)
def test_the_documented_budget_completes_a_standard_run(budget: Budget, dialect: DialectName) -> None:
    named = choose(Options(endpoint="ws://host/v1/realtime", dialect=dialect), {})
    targets: list[AnyTarget] = [Embedded(dialect), named]
    for target in targets:
        plan = Plan(catalogue(), Path(), target, depth=STANDARD)
        for kind in ("sessions", "responses", "audio_s"):
            assert plan.estimate.likely.of(kind) <= budget.limit(kind), kind


@pytest.mark.parametrize("dialect", ["inworld", "openai"])
def test_the_production_command_completes_within_its_budget(tmp_path: Path, dialect: DialectName) -> None:
    command, _ = _documented()
    account, outcomes, _ = spend(
        catalogue(), command, tmp_path, dialect=dialect, depth=STANDARD, patience_s=60.0
    )
    assert not [o.scenario.id for o in outcomes if o.over_budget]
    assert account.responses <= command.limit("responses")


@pytest.mark.parametrize("dialect", ["inworld", "openai"])
def test_what_is_likely_pays_for_everything_on_a_server_that_obeys(
    tmp_path: Path, dialect: DialectName
) -> None:
    likely = Plan(catalogue(), tmp_path, Embedded(dialect), depth=QUICK).estimate.likely
    budget = Budget(likely.sessions, likely.responses, likely.audio_s)
    account, outcomes, _ = spend(catalogue(), budget, tmp_path, dialect=dialect)
    assert not [o.scenario.id for o in outcomes if o.over_budget]
    assert account.sessions <= likely.sessions
    assert account.responses <= likely.responses
    assert account.audio_s + account.sent_audio_s <= likely.audio_s


def test_no_scenario_is_likelier_to_cost_more_than_at_most() -> None:
    for each in catalogue():
        for depth in (QUICK, STANDARD):
            assert each.likely(depth) == each.likely(depth).least(each.cost(depth)), each.id


@pytest.mark.parametrize(
    "budget", [Budget(sessions=3), Budget(responses=2, audio_s=1.5), Budget(sessions=12, tokens=100)], ids=str
)
def test_where_a_budget_was_too_small_the_one_that_is_told_is_enough(tmp_path: Path, budget: Budget) -> None:
    scenarios = selected(BY_HAND, ["response_create", "response_streaming"])
    _, _, run = spend(scenarios, budget, tmp_path / "first", probing=False)
    note = next(n for n in run.report().notes if "did not allow" in n)
    told = re.search(r"--budget (\S+?),? would do", note)
    assert told is not None, note
    better = parse_budget(told[1])
    assert {n for n in ("sessions", "responses", "audio_s", "tokens") if getattr(better, n) is not None} == {
        n for n in ("sessions", "responses", "audio_s", "tokens") if getattr(budget, n) is not None
    }
    assert better.limit("sessions") >= budget.limit("sessions")
    assert better.limit("responses") >= budget.limit("responses")
    _, outcomes, run = spend(scenarios, better, tmp_path / "second", probing=False)
    assert not [o.scenario.id for o in outcomes if o.over_budget], (note, run.report().notes)


def test_tokens_are_as_dear_as_the_dearest_so_far() -> None:
    meter = Meter()
    meter.paid(40)
    meter.paid(30)
    assert meter.likely_tokens(3) == 120
    assert meter.likely_tokens(0) == 70


def test_amounts_are_compared_kind_by_kind() -> None:
    one, other = Cost(1, 5, 2.0), Cost(3, 4, 1.0)
    assert one.least(other) == Cost(1, 4, 1.0)
    assert one.greatest(other) == Cost(3, 5, 2.0)
