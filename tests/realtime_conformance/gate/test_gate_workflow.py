""".github/workflows/ci.yml: its steps name what there is, and those of the action run here as scripts."""

from __future__ import annotations

import os
import re
import shlex
import sys
from pathlib import Path
from typing import Any

import pytest

from protocol.yaml_core import parse_yaml
from tests.addresses import free_port
from tests.realtime_conformance.gate.actions_runner import ACTION, action, run_action

_PROJECT = ACTION.parent
_PORT = re.compile(r"(?<=--port )\d+|(?<=127\.0\.0\.1:)\d+")
_OURS = f"{shlex.quote(sys.executable)} -m realtime_conformance"


@pytest.fixture(scope="module")
def jobs() -> dict[str, Any]:
    text = (_PROJECT / ".github" / "workflows" / "ci.yml").read_text(encoding="utf-8")
    found: dict[str, Any] = parse_yaml(text)["jobs"]
    return found


def _judging(jobs: dict[str, Any]) -> dict[str, Any]:
    [step] = [step for step in jobs["action"]["steps"] if step.get("uses") == "./"]
    found: dict[str, Any] = step
    return found


def test_all_checks_are_those_of_the_script(jobs: dict[str, Any]) -> None:
    [script] = [step["run"] for step in jobs["checks"]["steps"] if "run" in step]
    assert os.access(_PROJECT / script, os.X_OK)


def test_the_action_is_given_what_it_takes(jobs: dict[str, Any]) -> None:
    assert _judging(jobs)["with"].keys() <= action()["inputs"].keys()


@pytest.mark.skipif(sys.platform == "win32", reason="the runner's bash is POSIX's here")
def test_the_action_judges_the_reference_server(tmp_path: Path, jobs: dict[str, Any]) -> None:
    """Each dialect of the matrix, as the step says it; what would be installed is what runs the tests."""
    step, cases = _judging(jobs), jobs["action"]["strategy"]["matrix"]["include"]
    python = tmp_path / "python"
    python.write_text(
        '#!/bin/sh\n[ "$2" = venv ] || exit 0\nmkdir -p "$3/bin"; cp "$0" "$3/bin/python"\n'
        f'printf \'#!/bin/sh\\nexec {_OURS} "$@"\\n\' > "$3/bin/realtime-conformance"\n'
        'chmod +x "$3/bin/realtime-conformance"\n',
        encoding="utf-8",
    )
    python.chmod(0o755)
    for case in cases:
        folder, port = tmp_path / case["dialect"], str(free_port())
        folder.mkdir()
        inputs = {name: _filled(str(value), case, port) for name, value in step["with"].items()}
        inputs["start"] = inputs["start"].replace("realtime-conformance", _OURS)
        few = {"python": str(python), "arguments": "-k\nbootstrap\n--no-probe\n"}
        ran = run_action(folder, {**inputs, **few}, {"PYTHONPATH": str(_PROJECT), **step["env"]})
        assert (ran.code, ran.outputs["exit-code"]) == (0, "0"), ran.log


def _filled(text: str, case: dict[str, str], port: str) -> str:
    """Return an input with the values of the matrix in it, and a port that is free here."""
    for name, value in case.items():
        text = text.replace(f"${{{{ matrix.{name} }}}}", value)
    return _PORT.sub(port, text)
