"""What comes of each cell in a run against the reference server, but for those in `not_yet.yaml`."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from protocol.dialect import DialectName
from reference.absence import KINDS_OF_ABSENCE
from tests.absence.cells import Cell, cells
from tests.absence.expected_outcomes import expected
from tests.absence.live import live
from tests.absence.matrix import not_yet, unplayed
from tests.rules.scripts import DIALECTS

_FEW = ("refused:http-503", "twice:response.done")


def _astray(chosen: Sequence[Cell]) -> list[str]:
    """Return the cells that differ and are not listed, and those that are listed and do not differ."""
    differs, left = not_yet("live"), unplayed()
    found = []
    for cell in chosen:
        if cell.name in left.get(cell.dialect, {}):
            continue
        outcome = live(cell)
        if outcome is None:
            found.append(f"{cell} is not played any more")
            continue
        met, known = expected(cell).met(cell, outcome), cell.name in differs.get(cell.dialect, {})
        if not met and not known:
            found.append(f"{cell}: expected {expected(cell).shown(cell)}, came {outcome}")
        if met and known:
            found.append(f"{cell} works: take it out of not_yet.yaml")
    return found


@pytest.mark.parametrize("name", _FEW)
def test_a_few_cells(name: str) -> None:
    assert _astray([cell for cell in cells() if cell.name == name]) == []


@pytest.mark.long
@pytest.mark.parametrize("dialect", DIALECTS)
@pytest.mark.parametrize("kind", KINDS_OF_ABSENCE)
def test_all_cells(kind: str, dialect: DialectName) -> None:
    assert _astray(list(cells(dialect, f"{kind}:*"))) == []
