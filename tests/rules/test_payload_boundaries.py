"""Payloads of all server events in our documents: the smallest is well-formed, and is not with one fault."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from typing import Any

import pytest

from generators.choices import minimal
from generators.field_meanings import World, meaning
from generators.nodes import Node
from generators.schema_tree import SchemaReader
from protocol.catalogue import own_dialects
from protocol.dialect import DialectName
from protocol.words import Words
from rules.requirements import registry
from rules.rulebook import own_contract
from rules.verdicts import Tally
from tests.rules.judged_traces import book
from tests.rules.said import created, trace, word
from tests.rules.scripts import DIALECTS
from wire.trace import InRootWords

OTHER_KINDS: tuple[Any, ...] = (7, "seven", [])
CASES = [
    (dialect, entry.id.removeprefix("payload/"))
    for dialect in DIALECTS
    for entry in registry().judged(dialect)
    if entry.id.removeprefix("payload/") in own_contract(dialect).server
]
CASES += [
    (spoken.name, type_)
    for spoken in own_dialects()
    for type_ in sorted({e.id.removeprefix("payload/") for e in registry().judged(spoken.name)})
    if type_ in own_contract(spoken.name).server and type_ not in {type_ for _, type_ in CASES}
]


@cache
def _tree(dialect: DialectName, type_: str) -> Node:
    schema = own_contract(dialect).server[type_]
    tree = SchemaReader(schema.definitions, meaning(World()), schema.message.dialect).read(schema.schema)
    assert tree is not None
    tree.accepts = schema.is_valid
    return tree


def _broken(dialect: DialectName, type_: str) -> Iterator[dict[str, Any]]:
    """Yield the smallest event with one member of another kind."""
    schema, tree = own_contract(dialect).server[type_], _tree(dialect, type_)
    names = {name for node in (tree, *tree.branches) for name in node.members}
    for name in sorted(names - {"type", "event_id"}):
        for other in OTHER_KINDS:
            if not schema.is_valid(changed := {**minimal(tree), name: other}):
                yield changed


def _judged(dialect: DialectName, event: dict[str, Any]) -> str:
    before = [] if event["type"] == "session.created" else [created()]
    said = InRootWords(trace(*before, ("server", event)), Words())
    tallies = book(dialect).judge(said)
    return word(tallies.get(f"payload/{event['type']}", Tally()))


@pytest.mark.parametrize(("dialect", "type_"), CASES)
def test_the_smallest_event_is_well_formed(dialect: DialectName, type_: str) -> None:
    assert _judged(dialect, minimal(_tree(dialect, type_))) == "holds"


@pytest.mark.parametrize(("dialect", "type_"), CASES)
def test_an_event_with_a_member_of_another_kind_is_not(dialect: DialectName, type_: str) -> None:
    broken = list(_broken(dialect, type_))
    assert broken
    assert "violated" in {_judged(dialect, each) for each in broken}
