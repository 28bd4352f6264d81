"""What comes of each cell offline is what has to come of it, but for those in `not_yet.yaml`."""

from __future__ import annotations

import random
from collections.abc import Sequence

import pytest

from reference.absence import KINDS_OF_ABSENCE
from tests.absence.cells import Cell, cells
from tests.absence.expected_outcomes import expected
from tests.absence.matrix import not_yet
from tests.absence.offline import offline
from tests.rules.scripts import DIALECTS

_SEED = 11
_SHARE = 10


def _astray(chosen: Sequence[Cell]) -> list[str]:
    """Return the cells that differ and are not listed, and those that are listed and do not differ."""
    listed = not_yet("offline")
    found = []
    for cell in chosen:
        outcome = offline(cell)
        met, known = expected(cell).met(cell, outcome), cell.name in listed.get(cell.dialect, {})
        if not met and not known:
            found.append(f"{cell}: expected {expected(cell).shown(cell)}, came {outcome}")
        if met and known:
            found.append(f"{cell} works: take it out of not_yet.yaml")
    return found


def test_list_names_cells() -> None:
    known = {str(cell) for cell in cells()}
    assert [
        f"{d} {name}"
        for d, names in not_yet("offline").items()
        for name in names
        if f"{d} {name}" not in known
    ] == []


@pytest.mark.parametrize("dialect", DIALECTS)
def test_a_tenth_of_the_cells(dialect: str) -> None:
    every = [cell for cell in cells() if cell.dialect == dialect]
    chosen = random.Random(f"{_SEED}/{dialect}").sample(every, len(every) // _SHARE)
    assert _astray(chosen) == []


@pytest.mark.long
@pytest.mark.parametrize("kind", KINDS_OF_ABSENCE)
def test_all_cells(kind: str) -> None:
    assert _astray(list(cells(only=f"{kind}:*"))) == []
