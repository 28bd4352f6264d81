"""A run probes what it needs to know for the scenarios that were chosen, and nothing else."""

from __future__ import annotations

from pathlib import Path

import pytest

from protocol.dialect import DialectName
from rules.requirements import registry
from suites.depth import STANDARD
from suites.features import offered
from suites.probing import QUESTIONS, probes_cost
from suites.scenario import catalogue
from suites.scheduling import cost_of, features_needed, selected
from tests.realtime_conformance.budget.counting import spend
from wire.budget import Budget

DIALECTS: tuple[DialectName, ...] = ("inworld", "openai")
PROBED = {q.feature for q in QUESTIONS} | {"authentication", "subprotocol-auth"}


@pytest.mark.parametrize("dialect", DIALECTS)
def test_all_scenarios_need_all_probes(dialect: DialectName) -> None:
    assert probes_cost(dialect, features_needed(catalogue(), dialect)) == probes_cost(dialect)


def test_whatever_a_requirement_needs_is_probed_with_each_scenario_that_provokes_it() -> None:
    needed = registry().by_id
    for each in catalogue():
        features = {feature for id_ in each.provokes for feature in needed[id_].features}
        assert features & PROBED <= {*each.features, *each.regards}, each.id


@pytest.mark.parametrize(
    ("chosen", "probes"),
    [
        ("session_update.one_field", []),
        (
            "items/retrieve/full-item and not conversations and not generated",
            ["probe.retrieve", "probe.audio-output"],
        ),
        ("response_cancel.the_running_one", []),
        ("turn_detection.spoken_turn", ["probe.audio-input", "probe.server-vad"]),
    ],
)
def test_no_probe_is_sent_that_is_not_needed(tmp_path: Path, chosen: str, probes: list[str]) -> None:
    scenarios = selected(catalogue(), [chosen])
    assert scenarios
    account, outcomes, run = spend(scenarios, Budget(), tmp_path, depth=STANDARD)
    assert {o.status for o in outcomes} == {"passed"}
    sent = {path.stem.removesuffix("-0") for path in (run.plan.out / "traces" / "probes").glob("*.jsonl")}
    assert sent == set(probes)
    assert account.sessions <= run.plan.cost.sessions
    offers = offered({"authentication": True})
    played = cost_of(scenarios, "openai", offers, STANDARD, probing=False).most
    assert cost_of(scenarios, "openai", offers, STANDARD, probing=True).most == (
        played + probes_cost("openai", features_needed(scenarios, "openai")).most
    )
