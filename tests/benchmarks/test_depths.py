"""`benchmarks/depths.yaml` and the page made of it say what each depth really adds."""

from __future__ import annotations

import random
from collections.abc import Sequence
from functools import cache, partial
from pathlib import Path

import pytest

from benchmarks import depths
from benchmarks.depths import Depths, Measured, fault_key, measured, read, written
from benchmarks.live_faults import Found, all_played, cases_of, in_child
from docs.depths_page import depths_page
from protocol.dialect import DialectName
from reference.differences import BOTH
from suites.depth import DEPTHS
from tests.docs.pages import PROJECT
from wire.budget import Cost

KNOWN = read()
_NEAR = 0.05
_SAMPLE = 4


@cache
def _again(depth: str, dialect: DialectName) -> Measured:
    return measured(depth, dialect)


def test_the_page_is_made_of_what_was_measured() -> None:
    page = (PROJECT / "docs" / "depths.md").read_text(encoding="utf-8")
    assert page == depths_page(KNOWN), "run python -m tests.accept pages"


@pytest.mark.parametrize("depth", ["quick", "standard"])
@pytest.mark.parametrize("dialect", BOTH)
def test_a_depth_costs_what_the_page_says(depth: str, dialect: DialectName) -> None:
    told, found = KNOWN.measured[depth][dialect].spent, _again(depth, dialect).spent
    assert abs(found.sessions - told.sessions) <= _NEAR * told.sessions
    assert abs(found.responses - told.responses) <= _NEAR * told.responses
    assert abs(found.audio_s - told.audio_s) <= _NEAR * told.audio_s


@pytest.mark.parametrize("depth", ["quick", "standard"])
@pytest.mark.parametrize("dialect", BOTH)
def test_a_depth_decides_what_the_page_says(depth: str, dialect: DialectName) -> None:
    shallower = list(DEPTHS)[: list(DEPTHS).index(depth)]
    found = _again(depth, dialect).decided.union(*(_again(each, dialect).decided for each in shallower))
    assert sorted(found) == sorted(KNOWN.measured[depth][dialect].decided)


def test_every_fault_was_played() -> None:
    cases = {fault_key(*case) for case in cases_of()}
    assert cases == {*KNOWN.caught, *KNOWN.missed}
    assert not KNOWN.caught.keys() & KNOWN.missed.keys()
    assert {*KNOWN.caught.values(), *KNOWN.missed.values()} <= set(DEPTHS)


def _cases(names: Sequence[str]) -> list[tuple[str, DialectName]]:
    return [case for case in cases_of() if fault_key(*case) in names]


def test_some_faults_are_caught_where_the_page_says() -> None:
    drawn = random.Random(1)
    for depth in ("quick", "standard"):
        names = KNOWN.first_caught(depth)
        sample = _cases(drawn.sample(names, min(_SAMPLE, len(names))))
        runs = list(all_played(sample, 2, 300.0, partial(in_child, depth=depth)))
        assert {each.fault: each.caught for each in runs} == {fault: True for fault, _ in sample}, depth


# --- how it is kept ---------------------------------------------------------------------------------------


def _made_up() -> Depths:
    made = Depths()
    quick = Measured(Cost(2, 1, 0.5), frozenset({"a/b", "c/d"}))
    made.measured = {
        "quick": {"openai": quick, "inworld": quick},
        "standard": {"openai": Measured(Cost(4, 3, 1.5), frozenset({"a/b", "c/d", "e/f"}))},
    }
    made.note(Found("one", "openai", fail=("a/b",)))
    made.note(Found("two", "openai"))
    made.note(Found("two", "openai", warn=("e/f",), depth="standard"))
    made.note(Found("three", "inworld"))
    made.note(Found("three", "inworld", depth="standard"))
    made.note(Found("four", "inworld", problem="not done"))
    return made


def test_what_was_measured_is_read_as_it_was_written(tmp_path: Path) -> None:
    file = tmp_path / "depths.yaml"
    assert read(file) == Depths()
    file.write_text(written(_made_up()), encoding="utf-8")
    assert read(file) == _made_up()


def test_a_depth_adds_what_no_shallower_one_has() -> None:
    made = _made_up()
    assert made.added("quick", "openai") == ["a/b", "c/d"]
    assert made.added("standard", "openai") == ["e/f"]
    assert made.caught == {"one (openai)": "quick", "two (openai)": "standard"}
    assert made.missed == {"three (inworld)": "standard"}


def test_the_page_tells_what_is_not_known() -> None:
    page = depths_page(_made_up())
    assert "| sessions, `openai` | 2 | 4 | not measured |" in page
    assert "| requirements decided, `openai` | 2 | 1 more | not measured |" in page
    assert "## Faults that `standard` does not catch, not played at `thorough`" in page
    assert "* `three` (inworld)" in page


def test_the_file_is_where_the_command_keeps_it() -> None:
    assert depths.FILE.exists()
