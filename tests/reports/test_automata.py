"""The automata as people see them: taken from their tables, and from nothing else."""

from __future__ import annotations

from dataclasses import replace

import pytest

from reports.automata import Combinator, combinator_of, combinators, table, users
from rules import order
from rules.order import Automaton, Effect, followed_by_one
from rules.rulebook import ORDER

EACH = pytest.mark.parametrize("combinator", combinators(), ids=lambda each: each.name)


def test_every_combinator_is_shown() -> None:
    made = [
        name
        for name, each in vars(order).items()
        if getattr(each, "__annotations__", {}).get("return") == "Automaton" and not isinstance(each, type)
    ]
    assert [each.name for each in combinators()] == made


@EACH
def test_states_have_the_names_that_the_combinator_gives_them(combinator: Combinator) -> None:
    numbers = {n for (start, _), (end, _) in combinator.automaton.table.items() for n in (start, end)}
    assert numbers == set(range(len(combinator.states)))
    assert all(name.isidentifier() for name in combinator.states)


def test_every_rule_about_order_was_made_by_a_combinator() -> None:
    assert sum(map(len, users(ORDER).values())) == len(ORDER)


def test_an_automaton_that_no_combinator_made_is_said_to_be_so() -> None:
    strange = Automaton({"a": "first"}, {(0, "first"): (7, Effect.LATE)}, {})
    with pytest.raises(LookupError, match="no combinator has the table"):
        combinator_of(strange)


def test_a_table_shows_roles_steps_and_deadlines() -> None:
    automaton = followed_by_one("a", ("b", "c"), unless="d", patience="answer")
    lines = table(automaton)
    assert lines[0].startswith("followed_by_one: Each `first` is followed by exactly one `then`, ")
    assert lines[2:] == [
        "  unless: d",
        "  first: a",
        "  then: b, c",
        "  idle  -- first  -->  owed",
        "  owed  -- then   -->  met   examined",
        "  owed  -- unless -->  told",
        "  met   -- then   -->  told   repeated",
        "  owed  -- after the answer timeout -->   missing",
    ]
    assert "timeout" not in "\n".join(table(replace(automaton, owing=frozenset())))
