"""What the README says of this version is so, its example is one, and the image is made of what it needs."""

from __future__ import annotations

import importlib.util
import json
import re
import subprocess
import sys
import tomllib
from fnmatch import fnmatch
from pathlib import Path

import pytest

import realtime_conformance
from docs.make_example import VIOLATED, excerpt, made
from reference.faults import FAULTS
from reference.variants import VARIANTS
from rules.requirements import registry
from tests.absence.cells import cells
from tests.docs.pages import PROJECT
from tests.rules.test_small_traces import ROWS

_README = (PROJECT / "README.md").read_text(encoding="utf-8")
_EXAMPLE = PROJECT / "docs" / "example"


@pytest.mark.parametrize(
    ("what", "number", "step"),
    [
        ("faults of the reference server", len(FAULTS), 10),
        ("legal variants", len(VARIANTS), 10),
        ("cells of the", sum(1 for _ in cells()), 100),
        ("small conversations", len(ROWS), 100),
    ],
)
def test_a_figure_is_that_of_this_version(what: str, number: int, step: int) -> None:
    found = re.search(rf"more than (\d+) {what}", _README)
    assert found is not None
    assert int(found[1]) == (number - 1) // step * step


def test_the_number_of_requirements_is_about_that() -> None:
    found = re.search(r"some (\d+) requirements, each with its source", _README)
    assert found is not None
    assert abs(int(found[1]) - sum(not entry.exclusion for entry in registry())) < 10


def _failed(results: Path) -> list[str]:
    content = json.loads(results.read_text(encoding="utf-8"))
    return sorted(r["id"] for r in content["requirements"] if r["verdict"] == "fail")


def test_the_example_is_a_report_of_this_version() -> None:
    content = json.loads((_EXAMPLE / "results.json").read_text(encoding="utf-8"))
    assert content["suite"]["version"] == realtime_conformance.__version__, "python docs/make_example.py"
    assert _failed(_EXAMPLE / "results.json") == sorted(VIOLATED)
    assert sum(file.stat().st_size for file in _EXAMPLE.rglob("*") if file.is_file()) < 2**20


def test_the_readme_shows_what_such_a_run_prints(tmp_path: Path) -> None:
    printed = excerpt(made(tmp_path))
    assert _failed(tmp_path / "example" / "results.json") == sorted(VIOLATED)
    shown = _README.partition("<!-- failing-run -->\n```text\n")[2].partition("```")[0]
    words = [
        [line.split()[0] for line in text.splitlines() if "stops" not in line] for text in (shown, printed)
    ]
    assert words[0] == words[1], "python docs/make_example.py"
    assert any(f"fail {id_}\n" in shown for id_ in VIOLATED)


def test_an_image_is_made_of_what_the_wheel_needs() -> None:
    lines = (PROJECT / ".dockerignore").read_text(encoding="utf-8").split()
    kept = [line.removeprefix("!") for line in lines if line.startswith("!")]
    project = tomllib.loads((PROJECT / "pyproject.toml").read_text(encoding="utf-8"))
    wheel = project["tool"]["hatch"]["build"]["targets"]["wheel"]
    needed = {*wheel["packages"], *wheel["force-include"], "README.md", "LICENSE", "pyproject.toml"}
    assert sorted(kept) == sorted(needed)
    assert lines[0] == "**"


def test_the_image_runs_the_command_without_rights() -> None:
    lines = (PROJECT / "Dockerfile").read_text(encoding="utf-8").splitlines()
    [entry] = [line for line in lines if line.startswith("ENTRYPOINT ")]
    project = tomllib.loads((PROJECT / "pyproject.toml").read_text(encoding="utf-8"))
    assert json.loads(entry.removeprefix("ENTRYPOINT "))[0] in project["project"]["scripts"]
    assert [line for line in lines if line.startswith("USER ")] == ["USER conformance"]
    assert lines.index("USER conformance") < lines.index(entry)


def test_a_wheel_can_be_built_of_what_the_image_copies(tmp_path: Path) -> None:
    kept = [
        line.removeprefix("!")
        for line in (PROJECT / ".dockerignore").read_text(encoding="utf-8").split()
        if line.startswith("!")
    ]
    listed = subprocess.run(
        ["git", "ls-files"], cwd=PROJECT, capture_output=True, text=True, check=True
    ).stdout.splitlines()
    for name in listed:
        if any(name == each or fnmatch(name, f"{each}/*") for each in kept) and (PROJECT / name).exists():
            (tmp_path / "src" / name).parent.mkdir(parents=True, exist_ok=True)
            (tmp_path / "src" / name).write_bytes((PROJECT / name).read_bytes())
    local = ["--no-build-isolation"] if importlib.util.find_spec("hatchling") else []
    build = [sys.executable, "-m", "pip", "wheel", "-q", "--no-deps", *local, "-w", str(tmp_path)]
    subprocess.run([*build, str(tmp_path / "src")], check=True, capture_output=True, timeout=300)
    assert len(list(tmp_path.glob("*.whl"))) == 1
