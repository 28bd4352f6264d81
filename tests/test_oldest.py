"""The lower bounds of pyproject.toml are what `tox -e oldest` installs, and `tox` runs it."""

from __future__ import annotations

import configparser
from pathlib import Path

import pytest

from tests.oldest import oldest

_PROJECT = Path(__file__).resolve().parents[1]


def test_each_dependency_has_a_lower_bound() -> None:
    pinned = oldest((_PROJECT / "pyproject.toml").read_text(encoding="utf-8"))
    assert "websockets" in {each.partition("==")[0] for each in pinned}


def test_what_is_no_range_is_refused() -> None:
    assert oldest('[project]\ndependencies = ["a-b>=1.2,<2"]') == ["a-b==1.2"]
    with pytest.raises(ValueError, match=r"click is no range"):
        oldest('[project]\ndependencies = ["click"]')


def test_the_selection_is_there_and_runs_with_all_checks() -> None:
    tox = configparser.ConfigParser(interpolation=None)
    tox.read(_PROJECT / "tox.ini", encoding="utf-8")
    chosen = [word for word in tox["testenv:oldest"]["commands"].split() if word.startswith("tests/")]
    assert len(chosen) > 3
    assert [name for name in chosen if not (_PROJECT / name).is_file()] == []
    assert {"oldest", "py312", "py313"} <= set(tox["tox"]["env_list"].split(", "))
    assert "skip_missing_interpreters" in tox["tox"]
