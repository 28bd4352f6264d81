"""docs/november-2026.md: each fact has a line, and what the lines name is there."""

from __future__ import annotations

import re
from pathlib import Path

from reference.faults import FAULTS
from reference.variants import VARIANTS

_ROOT = Path(__file__).resolve().parents[2]
_PAGE = (_ROOT / "docs" / "november-2026.md").read_text(encoding="utf-8")
_MANY = {"FO": 12, "FB": 15, "FI": 11, "FX": 4, "FV": 3, "FS": 6}


def test_each_fact_has_one_line() -> None:
    listed = re.findall(r"^\| ([A-Z]{2}-\d\d) \|", _PAGE, re.MULTILINE)
    assert listed == [f"{kind}-{number:02}" for kind, many in _MANY.items() for number in range(1, many + 1)]


def test_the_files_that_it_names_are_there() -> None:
    named = re.findall(r"`((?:rules|tests|protocol|generators|drift)/[\w/.-]+)`", _PAGE)
    assert len(named) > 10
    assert [each for each in named if not (_ROOT / each).exists()] == []


def test_the_faults_and_variants_that_it_names_are_there() -> None:
    assert [n for n in re.findall(r"[Vv]ariant `([\w-]+)`", _PAGE) if n not in VARIANTS] == []
    assert [n for n in re.findall(r"[Ff]ault `([\w-]+)`", _PAGE) if n not in FAULTS] == []


def test_facts_that_have_a_small_trace_say_so() -> None:
    rows = (_ROOT / "tests" / "rules" / "small" / "facts.txt").read_text(encoding="utf-8")
    for number in set(re.findall(r"^== ([A-Z]{2}-\d\d) ", rows, re.MULTILINE)):
        line = re.search(rf"^\| {number} \|.*", _PAGE, re.MULTILINE)
        assert line is not None, number
        assert "small traces" in line[0], number
