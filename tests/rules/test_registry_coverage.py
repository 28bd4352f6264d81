"""Each requirement has what shows that it works: a scenario that provokes it, or a reason for none."""

from __future__ import annotations

from rules.requirements import registry
from suites.scenario import catalogue

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
