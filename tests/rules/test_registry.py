"""The registry and the rules fit each other: what is judged is written down, and the other way round."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from protocol.catalogue import having
from protocol.yaml_core import parse_yaml
from reference.faults import FAULTS
from rules.registration import RULES
from rules.requirements import Registry, registry
from rules.rulebook import ORDER, own_contract, rulebook, ruled, unruled
from rules.verdicts import Level
from suites.scenario import catalogue
from tests.rules.scripts import DIALECTS

ROOT = Path(__file__).parents[2]


def test_every_rule_has_an_entry() -> None:
    assert ruled() - registry().by_id.keys() == set()


def test_every_entry_has_a_rule_or_says_why_it_has_none() -> None:
    assert unruled(registry()) == set()


def test_an_entry_without_either_is_found() -> None:
    first = next(iter(registry()))
    lost = replace(first, id="items/never-ruled")
    assert unruled(Registry([first, lost], "")) == {"items/never-ruled"}
    assert unruled(Registry([replace(lost, exclusion="nobody can see it")], "")) == set()
    assert unruled(Registry([replace(lost, id="payload/response.praised")], "")) == set()


def test_what_is_excluded_is_not_judged() -> None:
    excluded = {e.id for e in registry() if e.exclusion}
    assert excluded
    assert not excluded & ruled()
    assert not any(excluded & {e.id for e in registry().judged(dialect)} for dialect in DIALECTS)


@pytest.mark.parametrize("dialect", DIALECTS)
def test_every_event_of_a_server_has_a_requirement_for_its_payload(dialect: str) -> None:
    payloads = {e.id for e in registry() if e.id.startswith("payload/") and dialect in e.level}
    wanted = {f"payload/{type_}" for type_ in own_contract(dialect).server}
    assert payloads - {"payload/null-for-optional"} == wanted


@pytest.mark.parametrize("dialect", DIALECTS)
def test_what_can_fail_a_server_has_a_killer(dialect: str) -> None:
    binding = [e for e in registry().judged(dialect) if e.level[dialect] is not Level.MAY]
    assert [e.id for e in binding if not e.killers] == []
    assert [k for e in binding for k in e.killers if k not in FAULTS] == []


def test_what_was_only_observed_fails_nobody() -> None:
    failing = [e.id for e in registry() if e.basis == "observed" and Level.MUST in e.level.values()]
    assert failing == []


def test_scenarios_provoke_what_is_written_down() -> None:
    unknown = {id_ for s in catalogue() for id_ in s.provokes if id_ not in registry()}
    assert unknown == set()


def test_a_must_for_inworld_names_a_fact_about_inworld() -> None:
    strict = [e for e in registry() if e.level.get("inworld") is Level.MUST and not e.exclusion]
    assert strict
    unsourced = [
        e.id for e in strict if e.source["document"] != "inworld-realtime" and not e.source.get("inworld")
    ]
    assert unsourced == []


@pytest.mark.parametrize("dialect", DIALECTS)
def test_a_rulebook_holds_the_rules_of_its_dialect_and_no_others(dialect: str) -> None:
    book = rulebook(dialect)
    judged = {e.id for e in registry().judged(dialect)}
    bound = [rule for joint in book.joints.values() for rule in joint.rules]
    functions = [each for registered in book.functions.values() for each in registered]
    assert {rule.requirement for rule in bound} == {b.requirement for b in ORDER} & judged
    assert all(dialect in having(rule.where) for rule in bound)
    assert {each.requirement for each in functions} == {r.requirement for r in RULES} & judged
    one = rulebook(dialect, entries=Registry([registry().by_id["session/created/first"]], ""))
    alone = [each for registered in one.functions.values() for each in registered]
    assert {each.requirement for each in alone} == {"session/created/first"}


def test_a_second_contract_is_our_own_beside_somebody_elses() -> None:
    ours, other = own_contract("openai"), own_contract("inworld")
    for alone in (rulebook("openai"), rulebook("openai", ours)):
        assert (alone.contract, alone.second) == (ours, None)
    both = rulebook("openai", other)
    assert (both.contract, both.second) == (other, ours)


def test_what_is_explained_of_mutants_is_about_lines_that_are_there() -> None:
    explained = parse_yaml((ROOT / "benchmarks" / "mutation_explained.yaml").read_text(encoding="utf-8"))
    for each in explained:
        assert set(each) == {"module", "was", "became", "why"}
        lines = (ROOT / each["module"]).read_text(encoding="utf-8").splitlines()
        assert each["was"] in [line.strip() for line in lines], each
