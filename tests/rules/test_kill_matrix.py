"""Each judged requirement has a fault that violates just it; each narrow fault violates just one."""

from __future__ import annotations

from functools import cache

import pytest

from reference.dialects import DialectName
from reference.faults import FAULTS
from rules.requirements import registry
from tests.rules.judging import binding, kills, traces, violated
from tests.rules.scripts import DIALECTS

NARROW = sorted(name for name, fault in FAULTS.items() if not fault.wide)
CASES = [(dialect, name) for name in NARROW for dialect in DIALECTS if dialect in FAULTS[name].dialects]


@cache
def matrix(dialect: DialectName, name: str) -> dict[str, str]:
    return kills(dialect, FAULTS[name])


@pytest.mark.parametrize("dialect", DIALECTS)
def test_good_traces_violate_nothing(dialect: DialectName) -> None:
    for trace in traces(dialect):
        found = {id_: tally.findings[0] for id_, tally in violated(dialect, trace)}
        assert not found, f"{trace.name} is held to be good"


@pytest.mark.parametrize(("dialect", "name"), CASES)
def test_fault_violates_one_requirement(dialect: DialectName, name: str) -> None:
    found = matrix(dialect, name)
    told = "\n".join(f"  {id_}: {finding}" for id_, finding in found.items()) or "  nothing"
    assert len(found) == 1, f"{name} ({FAULTS[name].statement}) violates in {dialect}:\n{told}"


@pytest.mark.parametrize("dialect", DIALECTS)
def test_each_requirement_has_a_killer(dialect: DialectName) -> None:
    killed = {id_ for other, name in CASES if other == dialect for id_ in matrix(dialect, name)}
    assert sorted(binding(dialect) - killed) == []


def test_registry_names_the_killers() -> None:
    found: dict[str, set[str]] = {}
    for dialect, name in CASES:
        for id_ in matrix(dialect, name):
            found.setdefault(id_, set()).add(name)
    named = {entry.id: set(entry.killers) for entry in registry() if entry.killers}
    wrong = {
        id_: {"registry": sorted(named.get(id_, ())), "matrix": sorted(found.get(id_, ()))}
        for id_ in named.keys() | found.keys()
        if named.get(id_, set()) != found.get(id_, set())
    }
    assert not wrong, "run `python tests/rules/write_killers.py` when the matrix is right"
