"""Small traces, and what the judge makes of one requirement in each: the bounds of the rules, one row a case.

The kill matrix shows that each rule sees its fault. Here stands where a rule begins and ends to speak. The
rows are in `tests/rules/small`, by area.
"""

from __future__ import annotations

import importlib
import pkgutil

import pytest

from tests.rules import small
from tests.rules.small.rows import Row


def _rows() -> dict[str, Row]:
    found: dict[str, Row] = {}
    for each in pkgutil.iter_modules(small.__path__):
        rows = getattr(importlib.import_module(f"{small.__name__}.{each.name}"), "ROWS", {})
        found |= {f"{each.name}: {name}": row for name, row in rows.items()}
    return found


ROWS = _rows()


@pytest.mark.parametrize("name", ROWS)
def test_what_the_judge_makes_of_it(name: str) -> None:
    row = ROWS[name]
    assert row.judged() == (row.outcome, set(row.also), row.told)
