"""action.yml: its steps, taken out of the file and run as scripts."""

from __future__ import annotations

import json
import re
import shlex
import sys
from pathlib import Path

import pytest

from protocol.yaml_core import parse_yaml
from tests.realtime_conformance.gate.actions_runner import ACTION, Ran, action, run_action

_PROJECT = ACTION.parent
_SERVE = f"{shlex.quote(sys.executable)} -m realtime_conformance serve --auth-env THE_KEY"
_READY = r"listening (?P<endpoint>ws://\S+)"

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="the runner's bash is POSIX's here")

# Instead of making an environment and installing into it: notes what it was asked to do.
_PYTHON = f"""#!/bin/sh
if [ "$2" = venv ]; then
    mkdir -p "$3/bin"
    cp "$0" "$3/bin/python"
    printf '#!/bin/sh\\nexec {shlex.quote(sys.executable)} -m realtime_conformance "$@"\\n' > "$3/bin/realtime-conformance"
    chmod +x "$3/bin/realtime-conformance"
else
    printf '%s\\n' "$@" > "$RUNNER_TEMP/installed"
fi
"""  # noqa: E501 - one line of shell


@pytest.fixture
def python(tmp_path: Path) -> str:
    path = tmp_path / "a python"
    path.write_text(_PYTHON, encoding="utf-8")
    path.chmod(0o755)
    return str(path)


def _run(folder: Path, python: str, **inputs: str) -> Ran:
    given = {name.replace("_", "-"): value for name, value in inputs.items()}
    environment = {"PYTHONPATH": str(_PROJECT), "THE_KEY": "hunter22hunter"}
    return run_action(folder, {"python": python, **given}, environment)


def test_a_server_is_started_judged_and_told_of(tmp_path: Path, python: str) -> None:
    ran = _run(
        tmp_path,
        python,
        start=_SERVE,
        ready=_READY,
        dialect="inworld",
        key_variable="THE_KEY",
        no_features="mcp memory",
        budget="sessions=200,responses=50,audio_s=60",
        depth="quick",
        out="the report",
        arguments="-k\nbootstrap\n--no-probe\n",
    )
    assert ran.code == 0, ran.log
    outputs = ran.outputs
    assert outputs["verdict"].startswith("Conforms to Inworld as far as was seen: ")
    assert outputs["exit-code"] == "0"
    assert json.loads(outputs["counts"])["pass"] > 10
    assert json.loads(outputs["failed"]) == []
    assert (tmp_path / outputs["report"]).read_text(encoding="utf-8").startswith("<!doctype html>")
    results = json.loads((tmp_path / outputs["results"]).read_text(encoding="utf-8"))
    assert results["verdict"]["sentence"] == outputs["verdict"]
    assert results["target"]["features"]["mcp"] is False
    assert ran.summary.startswith("## ✅ Conforms to Inworld")
    assert "::error" not in ran.log
    assert "hunter22hunter" not in ran.log
    installed = (tmp_path / "runner-temp" / "installed").read_text(encoding="utf-8").splitlines()
    assert installed[-1] == str(_PROJECT)


def test_a_baseline_that_is_out_of_date_fails_the_job(tmp_path: Path, python: str) -> None:
    (tmp_path / "known.yaml").write_text(
        "version: 1\nentries:\n- {requirement: no/such, verdict: fail, reason: it is slow}\n",
        encoding="utf-8",
    )
    ran = _run(
        tmp_path,
        python,
        start=_SERVE,
        ready=_READY,
        key_variable="THE_KEY",
        baseline="known.yaml",
        arguments="-k\nbootstrap\n--no-probe",
    )
    assert (ran.code, ran.outputs["exit-code"]) == (7, "7")
    assert "the baseline is out of date" in ran.outputs["verdict"]
    assert "::error file=known.yaml,line=3,title=conformance baseline::no/such: " in ran.log
    assert "### The baseline is out of date" in ran.summary


def test_without_a_report_there_is_still_an_answer(tmp_path: Path, python: str, refusing: str) -> None:
    ran = _run(tmp_path, python, start="echo no licence; exit 3", endpoint=f"{refusing}/v1/realtime")
    assert (ran.code, ran.outputs["exit-code"]) == (6, "6")
    assert ran.outputs["verdict"] == "No verdict: there is no report; the log says why."
    assert "::error title=conformance::--start echo no licence; exit 3: ended with exit code 3" in ran.log
    assert ran.outputs["report"] == ""


def test_which_server_has_to_be_said(tmp_path: Path, python: str) -> None:
    ran = _run(tmp_path, python)
    assert (ran.code, ran.outputs["exit-code"]) == (4, "4")
    assert "give the input endpoint, target or start" in ran.log


@pytest.mark.parametrize(
    "harm",
    ["$(touch pwned)", "`touch pwned`", '"; touch pwned; "', "'; touch pwned #", "* ?", "--help", "a\nb=c"],
)
def test_no_input_becomes_part_of_a_script(tmp_path: Path, python: str, harm: str) -> None:
    inputs = dict.fromkeys(("endpoint", "dialect", "features", "key_variable", "budget", "baseline"), harm)
    ran = _run(tmp_path, python, **inputs, arguments=harm)
    assert ran.code == 4, ran.log
    assert not (tmp_path / "pwned").exists()
    assert {p.name for p in tmp_path.iterdir()} == {"a python", "runner-temp"}


def test_scripts_hold_no_expressions_and_use_every_input() -> None:
    content = action()
    used: set[str] = set()
    for step in content["runs"]["steps"]:
        assert "${{" not in step["run"]
        assert "uses" not in step
        for variable, value in step["env"].items():
            used |= set(re.findall(r"inputs\.([\w-]+)", value))
            assert f"${variable}" in step["run"], variable
    assert used == set(content["inputs"])
    assert all(each["description"] for each in (*content["inputs"].values(), *content["outputs"].values()))


def test_the_documentation_uses_what_there_is() -> None:
    """The workflow in docs/ci.md gives inputs that exist, and reads outputs that exist."""
    page = (_PROJECT / "docs" / "ci.md").read_text(encoding="utf-8")
    content = action()
    workflows = [
        parse_yaml(b) for b in re.findall(r"```yaml\n(# \.github/workflows/.*?)```", page, re.DOTALL)
    ]
    assert workflows
    steps = [s for w in workflows for job in w["jobs"].values() for s in job["steps"]]
    ours = [s for s in steps if "conformance" in s.get("uses", "")]
    assert ours
    for step in ours:
        assert set(step.get("with", {})) <= set(content["inputs"])
    assert set(re.findall(r"outputs\.([\w-]+)", page)) <= set(content["outputs"])
    for name in (*content["inputs"], *content["outputs"]):
        assert f"`{name}`" in page, name
