"""Each requirement has what shows that it works.

That is a scenario that provokes it, or a reason for none, and small traces on both sides of its bounds.
"""

from __future__ import annotations

from rules.requirements import registry
from rules.verdicts import Level
from suites.scenario import catalogue
from tests.rules.test_payload_boundaries import CASES
from tests.rules.test_small_traces import ROWS

BOUNDED = [
    e for e in registry() if not e.exclusion and e.id not in {f"payload/{type_}" for _, type_ in CASES}
]
PROVOKED = frozenset(id_ for scenario in catalogue() for id_ in scenario.provokes)


def test_each_requirement_has_a_scenario_or_a_reason_for_none() -> None:
    judged = {e.id for e in registry() if not e.exclusion}
    without = judged - PROVOKED - {e.id for e in registry() if e.unprovoked}
    assert sorted(without) == [], (
        "name them in `@scenario(…)`, or give a reason as `unprovoked` in the registry"
    )


def test_what_has_a_reason_for_none_has_none() -> None:
    reasoned = {e.id for e in registry() if e.unprovoked}
    assert sorted(reasoned & PROVOKED) == [], "a scenario provokes them; take `unprovoked` away"


def test_what_is_excluded_needs_no_further_reason() -> None:
    assert [e.id for e in registry() if e.exclusion and e.unprovoked] == []


def test_a_reason_names_scenarios_that_exist() -> None:
    names = {scenario.id for scenario in catalogue()}
    modules = {name.split(".")[0] for name in names}
    named = {
        word.strip("`;.,")
        for entry in registry()
        for word in entry.unprovoked.split()
        if word.split(".")[0] in modules and "." in word.strip("`;.,")
    }
    assert named
    assert named - names == set()


def _outcomes(requirement: str) -> set[str]:
    return {row.outcome.split(":")[0] for row in ROWS.values() if row.requirement == requirement}


def test_each_requirement_has_a_small_trace_in_which_it_holds() -> None:
    binding = [e for e in BOUNDED if set(e.level.values()) != {Level.MAY}]
    without = [e.id for e in binding if not _outcomes(e.id) & {"holds", "seen"}]
    assert without == [], "say in a row of `tests/rules/small` what is right"


def test_each_requirement_that_can_be_violated_has_a_small_trace_in_which_it_is() -> None:
    binding = [e for e in BOUNDED if set(e.level.values()) != {Level.MAY}]
    without = [e.id for e in binding if not _outcomes(e.id) & {"violated", "once"}]
    assert without == [], "say in a row of `tests/rules/small` what is wrong"


def test_what_a_server_may_do_is_seen_in_a_small_trace() -> None:
    free = [e for e in BOUNDED if set(e.level.values()) == {Level.MAY}]
    without = [e.id for e in free if not _outcomes(e.id) & {"holds", "seen", "violated"}]
    assert without == [], "say in a row of `tests/rules/small` what a server may do"
