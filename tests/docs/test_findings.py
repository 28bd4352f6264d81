"""`findings/`: each script is listed, can be started, and says with what, what and when. None is run here."""

from __future__ import annotations

import os
import re
from pathlib import Path

import pytest

_PROJECT = Path(__file__).resolve().parents[2]
_SCRIPTS = sorted((_PROJECT / "findings").glob("*.sh"))
_README = (_PROJECT / "findings" / "README.md").read_text(encoding="utf-8")
_ROW = re.compile(r"^\| \[([\w-]+)\]\(([\w-]+\.sh)\): .+ \| (\d{4}-\d\d-\d\d) \| (.+) \|$", re.MULTILINE)


def test_each_script_is_listed_once_and_in_order() -> None:
    listed = [(name, file) for name, file, _, _ in _ROW.findall(_README)]
    assert listed == [(path.stem, path.name) for path in _SCRIPTS]


@pytest.mark.parametrize("script", _SCRIPTS, ids=lambda path: path.stem)
def test_a_script_says_what_it_shows(script: Path) -> None:
    text = script.read_text(encoding="utf-8")
    head = text[: text.index("\nset -euo pipefail\n")]
    [(date, versions)] = [
        (date, versions) for name, _, date, versions in _ROW.findall(_README) if name == script.stem
    ]
    assert head.startswith("#!/usr/bin/env bash\n# ")
    assert all(line.startswith("#") for line in head.splitlines())
    assert re.search(r"^# With:      .*\d\.\d", head, re.MULTILINE)
    assert re.search(r"^# Behaviour: ", head, re.MULTILINE)
    assert f"\n# Seen on {date}:\n#   " in head
    assert [each for each in versions.split(", ") if each not in " ".join(head.split())] == []


@pytest.mark.parametrize("script", _SCRIPTS, ids=lambda path: path.stem)
def test_a_script_compares_what_it_sees_with_what_its_head_says(script: Path) -> None:
    text = script.read_text(encoding="utf-8")
    head, expected = (
        text.split("\nset -euo pipefail\n")[0],
        re.search(r"^expected='(.+?)'$", text, re.MULTILINE | re.DOTALL),
    )
    assert expected
    assert head.endswith("\n".join(f"#   {line}" for line in expected[1].splitlines()))
    assert f"{script.stem}: this has changed" in text


@pytest.mark.skipif(os.name == "nt", reason="there are no executable bits")
def test_scripts_can_be_started() -> None:
    assert [path.name for path in _SCRIPTS if not os.access(path, os.X_OK)] == []


def test_scripts_install_what_is_pinned_and_clean_up() -> None:
    for script in _SCRIPTS:
        text = script.read_text(encoding="utf-8")
        installed = " ".join(line for line in text.splitlines() if re.search(r"(pip\"?|npm) .*install", line))
        packages = re.findall(r"(?<=\s)'?(@?[a-z][\w./\[\]-]*(?:==|@)[\w.]+)'?", installed)
        assert packages, script.name
        unpinned = re.findall(r"install (?:-\S+ )*([a-z][\w-]*)(?: |$)", installed)
        assert unpinned == [], script.name
        assert "trap 'rm -rf \"$folder\"' EXIT" in text
