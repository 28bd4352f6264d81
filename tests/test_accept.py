"""`python -m tests.accept`: says which generated files are stale, and writes those that are asked for."""

from __future__ import annotations

from pathlib import Path

import pytest

from rules.requirements import registry
from tests.accept import Generated, differing, main, outdated
from tests.rules.registry_killers import REGISTRY, with_killers


@pytest.fixture
def written() -> list[str]:
    return []


@pytest.fixture
def generated(written: list[str]) -> dict[str, Generated]:
    many = [f"line {number}" for number in range(12)]
    return {
        "good": Generated("good.yaml", list, lambda: written.append("good")),
        "stale": Generated("stale.yaml", lambda: many, lambda: written.append("stale")),
    }


def test_checking_says_what_is_stale_and_writes_nothing(
    generated: dict[str, Generated], written: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["--check"], generated) == 1
    lines = capsys.readouterr().out.splitlines()
    assert lines[0] == "good: good.yaml: up to date"
    assert lines[1] == "stale: stale.yaml: stale; where that is meant, run python -m tests.accept stale"
    assert lines[2:] == [*(f"  line {number}" for number in range(10)), "  and 2 more"]
    assert written == []


def test_checking_what_is_up_to_date_is_well(generated: dict[str, Generated]) -> None:
    assert main(["--check", "good"], generated) == 0


@pytest.mark.parametrize(("names", "expected"), [([], ["good", "stale"]), (["stale"], ["stale"])])
def test_what_is_asked_for_is_written(
    generated: dict[str, Generated], written: list[str], names: list[str], expected: list[str]
) -> None:
    assert main(names, generated) == 0
    assert written == expected


def test_an_unknown_name_is_told(generated: dict[str, Generated], capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        main(["pictures"], generated)
    assert "pictures is not generated; there are good, stale" in capsys.readouterr().err


def test_entries_that_differ_are_told_with_both() -> None:
    assert differing({"a": 1, "b": 2}, {"a": 1, "b": 3, "c": 4}) == [
        "b: 3 is there, it should be 2",
        "c: 4 is there, it should be nothing",
    ]


def test_files_that_differ_are_told_with_the_first_wrong_line(tmp_path: Path) -> None:
    good, bad, short = (tmp_path / name for name in ("good.md", "bad.md", "short.md"))
    good.write_text("a\n", encoding="utf-8")
    bad.write_text("a\nb\n", encoding="utf-8")
    short.write_text("a\n", encoding="utf-8")
    assert outdated({good: "a\n", bad: "a\nc\n", short: "a\nb\n", tmp_path / "new.md": "a\n"}) == [
        "bad.md:2: 'b' is there, it should be 'c'",
        "short.md: 1 lines are there, it should be 2",
        "new.md is missing",
    ]


def test_killers_are_replaced_and_all_else_is_kept() -> None:
    before = "# Area.\n- id: a/b\n  level: {}\n  killers: [old]\n- id: c/d\n  level: {}\n"
    after = "# Area.\n- id: a/b\n  level: {}\n- id: c/d\n  level: {}\n  killers: [one, two]\n"
    assert with_killers(before, {"c/d": ["one", "two"]}) == after


def test_the_registry_is_as_its_own_killers_would_be_written() -> None:
    """Whoever writes killers by hand in another way gets a difference in every line."""
    found = {entry.id: list(entry.killers) for entry in registry() if entry.killers}
    for path in REGISTRY.glob("*.yaml"):
        text = path.read_text(encoding="utf-8")
        assert with_killers(text, found) == text, path.name


def test_killers_of_other_providers_stay_where_they_are() -> None:
    text = "- id: one\n  killers: [gone]\n- id: two\n  killers: [gone, incomplete:warning]\n"
    assert with_killers(text, {"one": ["new"]}) == (
        "- id: one\n  killers: [new]\n- id: two\n  killers: [incomplete:warning]\n"
    )
