"""What a wheel holds: one top-level package with every data file, and nothing of the tests."""

from __future__ import annotations

import importlib.util
import subprocess
import sys
import zipfile
from pathlib import Path, PurePosixPath

import pytest

from tests.realtime_conformance.commandline.harness import ROOT

ROOMS = ("generators", "reference", "reports", "rules", "schemas", "suites", "wire")


@pytest.fixture(scope="session")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> zipfile.ZipFile:
    folder = tmp_path_factory.mktemp("wheel")
    # With the build backend at hand, nothing has to be fetched.
    local = ["--no-build-isolation"] if importlib.util.find_spec("hatchling") else []
    done = subprocess.run(
        [sys.executable, "-m", "pip", "wheel", "-q", "--no-deps", *local, "-w", str(folder), str(ROOT)],
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    [path] = folder.glob("*.whl")
    return zipfile.ZipFile(path)


def _files(wheel: zipfile.ZipFile) -> set[PurePosixPath]:
    return {PurePosixPath(name) for name in wheel.namelist() if not name.endswith("/")}


def test_it_installs_one_package(wheel: zipfile.ZipFile) -> None:
    top = {path.parts[0] for path in _files(wheel)}
    assert {t for t in top if not t.endswith(".dist-info")} == {"realtime_conformance"}
    assert len(top) == 2


def test_every_file_of_every_room_is_in_it(wheel: zipfile.ZipFile) -> None:
    inside = {
        p.relative_to("realtime_conformance").as_posix()
        for p in _files(wheel)
        if p.parts[0] == "realtime_conformance"
    }
    listed = subprocess.run(
        ["git", "ls-files", *ROOMS], cwd=ROOT, capture_output=True, text=True, check=False
    ).stdout.split()
    if not listed:
        pytest.skip("this is no git checkout")
    assert not [name for name in listed if name not in inside and (ROOT / name).exists()]
    assert "conftest.py" in inside


@pytest.mark.parametrize(
    ("room", "ending"),
    [
        ("schemas/asyncapi", ".yaml"),
        ("protocol/dialects/inworld", ".yaml"),
        ("schemas", ".json"),
        ("rules/registry", ".yaml"),
        ("rules/examples", ".yaml"),
        ("reports/templates", ".html"),
        ("generators/speech", ".ulaw"),
        ("suites", ".py"),
    ],
)
def test_the_data_files_are_in_it(wheel: zipfile.ZipFile, room: str, ending: str) -> None:
    parent = PurePosixPath("realtime_conformance") / room
    inside = {p.name for p in _files(wheel) if p.parent == parent and p.suffix == ending}
    assert inside >= {p.name for p in (ROOT / room).glob(f"*{ending}")}
    assert inside


def test_nothing_of_the_tests_is_in_it(wheel: zipfile.ZipFile) -> None:
    strangers = [
        p.as_posix()
        for p in _files(wheel)
        if {"tests", "benchmarks", "docs", "drift", "findings", "__pycache__"} & set(p.parts)
        or p.suffix in (".pyc", ".jsonl")
    ]
    assert strangers == []


def test_the_command_and_the_requirements(wheel: zipfile.ZipFile) -> None:
    [points] = [p for p in wheel.namelist() if p.endswith("entry_points.txt")]
    assert "realtime-conformance = realtime_conformance.__main__:main" in wheel.read(points).decode()
    [metadata] = [p for p in wheel.namelist() if p.endswith(".dist-info/METADATA")]
    text = wheel.read(metadata).decode()
    assert "Requires-Python: >=3.11" in text
    assert "License-Expression: MIT" in text
    assert "\nRequires-Dist: websockets" in text
    assert Path(ROOT / "README.md").read_text(encoding="utf-8").splitlines()[0] in text
