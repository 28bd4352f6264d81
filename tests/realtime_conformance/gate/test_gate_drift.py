"""`.github/workflows/drift.yml` runs by the clock, its scripts run here, and no change waits for it."""

from __future__ import annotations

import configparser
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from protocol.yaml_core import parse_yaml

_PROJECT = Path(__file__).resolve().parents[3]


@pytest.fixture(scope="module")
def workflow() -> dict[str, Any]:
    text = (_PROJECT / ".github" / "workflows" / "drift.yml").read_text(encoding="utf-8")
    found: dict[str, Any] = parse_yaml(text)
    return found


def _run(script: str, folder: Path) -> subprocess.CompletedProcess[str]:
    """Run a step as the runner does, with a `python` that prints its arguments and exits as told."""
    (folder / "bin").mkdir(exist_ok=True)
    python = folder / "bin" / "python"
    python.write_text('#!/bin/sh\necho "$@"\nexit "$TOX_EXITS"\n', encoding="utf-8")
    python.chmod(0o755)
    environment = {
        "PATH": os.pathsep.join((str(folder / "bin"), os.environ.get("PATH", ""))),
        "GITHUB_STEP_SUMMARY": str(folder / "summary.md"),
        "TOX_EXITS": (folder / "exits").read_text(encoding="utf-8"),
    }
    return subprocess.run(
        ["bash", "--noprofile", "--norc", "-eo", "pipefail", "-c", script],
        check=False,
        cwd=folder,
        env=environment,
        capture_output=True,
        text=True,
        timeout=30,
    )


def test_it_runs_by_the_clock_and_for_no_change(workflow: dict[str, Any]) -> None:
    assert set(workflow["on"]) == {"schedule", "workflow_dispatch"}
    assert all(len(each["cron"].split()) == 5 for each in workflow["on"]["schedule"])
    assert "drift" not in (_PROJECT / ".ci" / "run").read_text(encoding="utf-8")


@pytest.mark.skipif(sys.platform == "win32", reason="the runner's bash is POSIX's here")
@pytest.mark.parametrize("exits", ["0", "1"])
def test_what_is_new_fails_the_job_and_is_said(workflow: dict[str, Any], tmp_path: Path, exits: str) -> None:
    (tmp_path / "exits").write_text(exits, encoding="utf-8")
    steps = [step for step in workflow["jobs"]["drift"]["steps"] if "run" in step]
    compare, say = steps[-2:]
    assert str(_run(compare["run"], tmp_path).returncode) == exits
    assert _run(say["run"], tmp_path).returncode == 0
    assert (tmp_path / "summary.md").read_text(encoding="utf-8") == "```\n-m tox -q -e drift\n```\n"


def test_what_it_runs_is_there(workflow: dict[str, Any]) -> None:
    tox = configparser.ConfigParser(interpolation=None)
    tox.read(_PROJECT / "tox.ini", encoding="utf-8")
    assert "testenv:drift" in tox
    assert "drift" not in tox["tox"]["env_list"]
    assert tox["testenv:drift"]["commands"].startswith("python -m drift")
