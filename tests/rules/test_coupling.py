"""Rules cannot disturb each other: without the rules of one requirement, all others count the same.

This is so before `yields_to` is applied. After it, only those change that yield to the one left out.
"""

from __future__ import annotations

import random
from collections.abc import Iterator
from functools import cache

import pytest

from protocol.catalogue import having
from protocol.dialect import DialectName
from rules.engine import Rulebook
from rules.registration import RULES
from rules.requirements import registry
from rules.rulebook import BUILT_IN, ORDER, own_contract
from rules.verdicts import Tally
from rules.yields import Yields
from tests.rules.scripts import DIALECTS
from tests.rules.test_small_traces import ROWS
from wire.trace import RecordedTrace

SAMPLE = 12
"""So many small traces are judged without the rules of each requirement in the default tests."""


@cache
def _judged(dialect: DialectName) -> frozenset[str]:
    return frozenset(e.id for e in registry().judged(dialect))


@cache
def _ruled(dialect: DialectName) -> list[str]:
    """Return the requirements that have rules which can be left out."""
    with_rules = {r.requirement for r in RULES} | {b.requirement for b in ORDER}
    return sorted((with_rules & _judged(dialect)) - BUILT_IN)


def _book(dialect: DialectName, without: str = "", *, yielding: bool) -> Rulebook:
    judged = _judged(dialect)
    return Rulebook(
        own_contract(dialect),
        dialect,
        [b for b in ORDER if b.requirement in judged - {without} and dialect in having(b.where)],
        [r for r in RULES if r.requirement in judged - {without}],
        yields=Yields(registry(), dialect) if yielding else None,
        places=[r for r in RULES if r.requirement in judged],
    )


@cache
def _whole(dialect: DialectName, *, yielding: bool) -> Rulebook:
    return _book(dialect, yielding=yielding)


@cache
def _trace(name: str) -> RecordedTrace:
    return ROWS[name].trace


@cache
def _counted(dialect: DialectName, name: str, *, yielding: bool) -> dict[str, Tally]:
    return _whole(dialect, yielding=yielding).judge(_trace(name))


@cache
def _heirs(dialect: DialectName, requirement: str) -> frozenset[str]:
    """Return the requirements that yield to `requirement`, or to one that does."""
    yields = Yields(registry(), dialect).by_id
    found = {requirement}
    while more := {id_ for id_, to in yields.items() if found & {y.id for y in to}} - found:
        found |= more
    return frozenset(found)


def _disturbed(dialect: DialectName, requirement: str, names: list[str]) -> Iterator[str]:
    """Yield a sentence for each tally that changes in the traces `names` without one requirement's rules."""
    for yielding, expected in ((False, frozenset((requirement,))), (True, _heirs(dialect, requirement))):
        book = _book(dialect, requirement, yielding=yielding)
        for name in names:
            whole, without = _counted(dialect, name, yielding=yielding), book.judge(_trace(name))
            for id_ in (whole.keys() | without.keys()) - expected:
                if whole.get(id_, Tally()) != without.get(id_, Tally()):
                    yield f"{id_} in {name!r}{' after yielding' if yielding else ''}"


@pytest.mark.parametrize("dialect", DIALECTS)
def test_a_sample_of_requirements_can_be_left_out(dialect: DialectName) -> None:
    drawn = random.Random(10)
    for requirement in _ruled(dialect):
        names = drawn.sample(sorted(ROWS), SAMPLE)
        own = [name for name, row in ROWS.items() if row.requirement == requirement][:SAMPLE]
        assert not list(_disturbed(dialect, requirement, [*names, *own])), requirement


@pytest.mark.long
@pytest.mark.parametrize(
    ("dialect", "requirement"), [(d, requirement) for d in DIALECTS for requirement in _ruled(d)]
)
def test_each_requirement_can_be_left_out(dialect: DialectName, requirement: str) -> None:
    assert not list(_disturbed(dialect, requirement, sorted(ROWS)))
