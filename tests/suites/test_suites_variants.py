"""Legal stays legal: nothing is held against a variant of the reference server, alone or with others."""

from __future__ import annotations

import itertools
import random

import pytest

from protocol.dialect import DialectName
from reference.variants import VARIANTS
from suites.depth import QUICK, STANDARD, THOROUGH, Depth
from tests.suites.variants import EXCLUSIVE, combinations, variants_of, wrong

DIALECTS: tuple[DialectName, ...] = ("openai", "inworld")
ALONE = [(dialect, (name,)) for dialect in DIALECTS for name in variants_of(dialect)]
TOGETHER = [(dialect, names) for dialect in DIALECTS for names in combinations(dialect)]
SAMPLE = [*random.Random(20261130).sample(ALONE, 3), *random.Random(20261130).sample(TOGETHER, 2)]


def test_each_two_that_one_server_may_have_are_together_somewhere() -> None:
    for dialect in DIALECTS:
        found = {pair for names in combinations(dialect) for pair in itertools.combinations(names, 2)}
        legal = {
            pair
            for pair in itertools.combinations(variants_of(dialect), 2)
            if not any(group.issuperset(pair) for group in EXCLUSIVE)
        }
        assert found == legal
    assert all(name in VARIANTS for group in EXCLUSIVE for name in group)


@pytest.mark.parametrize(("dialect", "names"), SAMPLE)
def test_some_variants(dialect: DialectName, names: tuple[str, ...]) -> None:
    assert wrong(names, dialect, QUICK) == []


@pytest.mark.parametrize("dialect", DIALECTS)
def test_the_reference_server_itself_at_its_thoroughest(dialect: DialectName) -> None:
    assert wrong((), dialect, THOROUGH) == []


@pytest.mark.long
@pytest.mark.parametrize("depth", [QUICK, STANDARD], ids=lambda depth: depth.name)
@pytest.mark.parametrize(("dialect", "names"), ALONE)
def test_each_variant(dialect: DialectName, names: tuple[str, ...], depth: Depth) -> None:
    assert wrong(names, dialect, depth) == []


@pytest.mark.long
@pytest.mark.parametrize(("dialect", "names"), TOGETHER)
def test_each_two_variants_together(dialect: DialectName, names: tuple[str, ...]) -> None:
    assert wrong(names, dialect, QUICK) == []
