"""Each judged requirement has a fault that violates just it; each narrow fault violates just one.

Here, too, generated files are compared with what they would be: the killers come from the same matrix, which
is computed once in a process.
"""

from __future__ import annotations

import pytest

from protocol.dialect import DialectName
from reference.faults import FAULTS
from tests.accept import GENERATED
from tests.rules.judged_traces import binding, traces, violated
from tests.rules.matrix import CASES, matrix
from tests.rules.scripts import DIALECTS


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


@pytest.mark.parametrize("name", GENERATED)
def test_generated_files_are_up_to_date(name: str) -> None:
    stale = GENERATED[name].stale()
    assert not stale, f"read what changed; where it is meant, run `python -m tests.accept {name}`"
