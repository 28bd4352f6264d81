"""`pytest` as the gate: the same options, the same exit codes as `realtime-conformance run`."""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
from pathlib import Path

import pytest

from realtime_conformance.pytest_plugin.conformance import worst
from suites.outcome import Outcome
from suites.scenario import catalogue
from tests.addresses import free_port
from tests.realtime_conformance.commandline.harness import reference_server
from tests.realtime_conformance.gate.recorded import faulty

_PROJECT = Path(__file__).resolve().parents[3]
_TWICE = "response/lifecycle/done-exactly-once"


def _pytest(folder: Path, *arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [
            sys.executable,
            "-m",
            "pytest",
            "-q",
            "-p",
            "no:cacheprovider",
            f"--report={folder / 'report'}",
            "--auth-env",
            "A_KEY",
            *arguments,
        ],
        check=False,
        cwd=_PROJECT,
        capture_output=True,
        text=True,
        timeout=120,
        env={**os.environ, "A_KEY": "hunter22hunter", **environment},
    )


def test_a_known_failure_is_an_expected_one(tmp_path: Path) -> None:
    known = tmp_path / "known.yaml"
    known.write_text(
        f"version: 1\nentries:\n- {{requirement: {_TWICE}, verdict: fail, reason: it is slow}}\n",
        encoding="utf-8",
    )
    summary = tmp_path / "summary.md"
    with reference_server(faulty("response-done-twice"), "openai") as url:
        done = _pytest(
            tmp_path,
            "suites/test_response_create.py",
            "--dialect=openai",
            "--endpoint",
            url,
            f"--baseline={known}",
            "--depth=quick",
            "-rx",
            GITHUB_ACTIONS="true",
            GITHUB_STEP_SUMMARY=str(summary),
        )
    assert done.returncode == 0, done.stdout + done.stderr
    assert "1 xfailed" in done.stdout
    assert f"{_TWICE} - known: fail: it is slow" in done.stdout
    assert "1 requirement failed, and is known; " in done.stdout
    assert "::error" not in done.stdout
    assert "Known failures: 1" in summary.read_text(encoding="utf-8")


def test_everything_is_played_as_often_as_asked(tmp_path: Path) -> None:
    with reference_server(faulty("response-done-twice"), "openai") as url:
        done = _pytest(
            tmp_path,
            "suites/test_response_create.py",
            "-k",
            "text or done-exactly-once",
            "--dialect=openai",
            "--endpoint",
            url,
            "--depth=quick",
            "--repeat=2",
        )
    assert done.returncode == 1, done.stdout + done.stderr
    results = json.loads((tmp_path / "report" / "results.json").read_text(encoding="utf-8"))
    assert results["repeats"] == 2
    failed = next(r for r in results["requirements"] if r["id"] == _TWICE)
    assert failed["runs"] == ["fail", "fail"]
    played = next(s for s in results["scenarios"] if s["outcome"] == "passed")
    assert played["traces"] == [f"{played['id']}.run1", f"{played['id']}.run2"]


def test_a_scenario_that_did_not_get_through_in_some_run_says_so() -> None:
    scenario = catalogue()[0]
    outcomes = [Outcome(scenario, status) for status in ("passed", "stalled", "passed")]
    assert worst(outcomes).status == "stalled"


def test_the_server_is_started_and_stopped(tmp_path: Path) -> None:
    port = free_port()
    done = _pytest(
        tmp_path,
        "suites/test_bootstrap.py",
        "--endpoint",
        f"ws://127.0.0.1:{port}/api/v1/realtime/session",
        "--start",
        f"{sys.executable} -m realtime_conformance serve --port {port}",
        "--ready",
        "listening",
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert "Conforms to Inworld" in done.stdout
    assert "OpenAI GA" in done.stdout, "the other dialect's verdict, as the command line says it"
    log = (tmp_path / "report" / "server.log").read_text(encoding="utf-8")
    assert log.startswith(f"listening ws://127.0.0.1:{port}/")
    with pytest.raises(OSError, match="refused"):
        socket.create_connection(("127.0.0.1", port), timeout=5)


@pytest.mark.parametrize(
    ("arguments", "code", "said"),
    [
        (("--start", "echo bad hunter22hunter; exit 3"), 6, "its last output: bad [redacted]"),
        (("--start", "no-such-command"), 4, "a command in it was not found"),
        (("--ready", "x"), 4, "--ready needs --start COMMAND"),
        (("--repeat=0",), 4, "argument --repeat: 0 is not from 1 to 100"),
        (("--baseline=nowhere.yaml",), 4, "nowhere.yaml: cannot be read"),
    ],
)
def test_what_cannot_work_is_one_line(
    tmp_path: Path, arguments: tuple[str, ...], code: int, said: str
) -> None:
    endpoint = f"ws://127.0.0.1:{free_port()}/v1/realtime"
    done = _pytest(tmp_path, "suites/test_bootstrap.py", "--endpoint", endpoint, *arguments)
    assert done.returncode == code, done.stdout + done.stderr
    assert said in done.stdout + done.stderr
    assert "Traceback" not in done.stdout + done.stderr
    assert "hunter22hunter" not in done.stdout + done.stderr
