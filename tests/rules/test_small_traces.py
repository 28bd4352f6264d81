"""Small traces, and what the judge makes of one requirement in each: the bounds of the rules, one case each.

The kill matrix shows that each rule sees its fault. Here stands where a rule begins and ends to speak. The
cases are in `tests/rules/small`, by area; `rows.py` there says how they are written.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.rules.small.rows import rows

FILES = sorted(Path(__file__).with_name("small").glob("*.txt"))
ROWS = {f"{file.stem}: {name}": row for file in FILES for name, row in rows(file)}


@pytest.mark.parametrize("name", ROWS)
def test_what_the_judge_makes_of_it(name: str) -> None:
    row = ROWS[name]
    assert row.judged() == (row.outcome, set(row.also), row.told)


def test_no_two_cases_have_one_name() -> None:
    assert len(ROWS) == sum(len(list(rows(file))) for file in FILES)
