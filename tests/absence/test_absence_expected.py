"""What has to come of each cell is written down, with a ground, and names requirements that there are."""

from __future__ import annotations

import re

import pytest

from protocol.dialect import DialectName
from reference.absence import ABSENCE, KINDS_OF_ABSENCE, kind_of_absence
from reference.absence.connection_ends import ends_at_steps
from reference.absence.invented import invented
from reference.absence.unasked import ENDS
from reference.absence.vocabulary import CONFIRMED_BY, all_server_types, client_types, server_types
from reference.alterations import Memory
from rules.requirements import registry
from rules.rulebook import own_contract
from tests.absence.cells import cells
from tests.absence.expected_outcomes import expectations, expected
from tests.rules.good import play
from tests.rules.scripts import DIALECTS

_FACT = re.compile(r"\b(([A-Z]{2}-\d\d)|\d(\.\d)?)\b")


def test_each_cell_has_an_expectation() -> None:
    for cell in cells():
        assert expected(cell).concerns(cell)


def test_each_expectation_has_a_cell() -> None:
    used = {expected(cell).source for cell in cells()}
    assert [each.source for each in expectations() if each.source not in used] == []


def test_each_expectation_says_one_thing_and_why() -> None:
    for each in expectations():
        red = bool(each.red or each.exit)
        assert [red, bool(each.green), bool(each.untried)].count(True) == 1, each.source
        assert each.untried or _FACT.search(each.green + each.fact), f"{each.source} names no fact"


def test_requirements_are_registered() -> None:
    known = {entry.id for entry in registry()}
    named = {id_ for each in expectations() for id_ in each.red if "*" not in id_}
    assert named - known == set()


def test_kinds_are_named() -> None:
    assert {kind_of_absence(name) for name in ABSENCE} == set(KINDS_OF_ABSENCE)


@pytest.mark.parametrize("dialect", DIALECTS)
def test_tables_use_types_of_the_documents(dialect: DialectName) -> None:
    assert set(CONFIRMED_BY) == set(client_types(dialect))
    assert {step for _, step, _ in ends_at_steps()} <= set(all_server_types())
    assert {*ENDS, *ENDS.values()} <= set(all_server_types())


@pytest.mark.parametrize("dialect", DIALECTS)
def test_invented_events_are_valid(dialect: DialectName) -> None:
    memory = Memory(told=[e.event for e in play(dialect, "two_texts") if e.dir == "server" and e.event])
    for event_type in server_types(dialect):
        event = {**invented(event_type, memory), "event_id": "event_1"}
        assert own_contract(dialect).server[event_type].violations(event) == [], event_type
