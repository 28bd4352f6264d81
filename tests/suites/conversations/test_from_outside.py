"""Depth, seed, examples and budget as users give them; an interruption as users cause it."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from realtime_conformance.cli import run_command_line

ROOT = Path(__file__).resolve().parents[3]
SCHEMA = json.loads((ROOT / "schemas" / "results.schema.json").read_text(encoding="utf-8"))


def _results(folder: Path) -> dict[str, Any]:
    found: dict[str, Any] = json.loads((folder / "results.json").read_text(encoding="utf-8"))
    Draft202012Validator(SCHEMA).validate(found)
    return found


def _run(folder: Path, *options: str) -> int:
    return run_command_line(
        [
            "run",
            "-k",
            "conversations.written",
            "--no-probe",
            "--depth",
            "quick",
            "--out",
            str(folder),
            "-q",
            *options,
        ]
    )


def test_results_say_what_was_visited_and_by_which_seed(tmp_path: Path) -> None:
    assert _run(tmp_path, "--seed", "3", "--max-examples", "2") == 0
    results = _results(tmp_path)
    assert results["seed"] == 3
    assert results["spent"]["sessions"] == 3
    coverage = results["coverage"]
    assert 0 < coverage["transitions"]["visited"] < coverage["transitions"]["of"]
    assert len(coverage["missed"]) == coverage["transitions"]["of"] - coverage["transitions"]["visited"]


def test_without_conversations_there_is_no_coverage(tmp_path: Path) -> None:
    options = ["run", "-k", "input_audio_buffer_clear", "--no-probe", "--out", str(tmp_path), "-q"]
    assert run_command_line(options) == 0
    assert _results(tmp_path)["coverage"] is None


@pytest.mark.parametrize(
    "options", [["--max-examples", "0"], ["--depth", "deep"], ["--seed", "x"], ["--budget", "sessions=-1"]]
)
def test_what_cannot_be_is_refused(
    tmp_path: Path, options: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    assert _run(tmp_path, *options) == 4
    assert options[0] in capsys.readouterr().err


@pytest.mark.parametrize(
    "options", [["--max-examples=0"], ["--budget=sessions=-1"]], ids=["examples", "budget"]
)
def test_pytest_refuses_it_too(tmp_path: Path, options: list[str]) -> None:
    done = _pytest(tmp_path, *options)
    assert done.returncode == 4
    assert options[0].split("=")[0] in done.stdout + done.stderr
    assert "Traceback" not in done.stdout + done.stderr


def test_pytest_holds_conversations_within_a_budget(tmp_path: Path) -> None:
    done = _pytest(tmp_path, "--depth=quick", "--seed=5", "--max-examples=2", "--budget=responses=60")
    assert done.returncode == 0, done.stdout
    assert "costs at most: " in done.stdout
    assert "spent: " in done.stdout
    results = _results(tmp_path)
    assert results["seed"] == 5
    outcomes = {s["id"]: s["outcome"] for s in results["scenarios"]}
    assert outcomes == {
        "conversations.written": "passed",
        "conversations.spoken": "passed",
        "conversations.typed": "not-offered",  # from depth standard on
    }


def _pytest(folder: Path, *options: str) -> subprocess.CompletedProcess[str]:
    command = [
        sys.executable,
        "-m",
        "pytest",
        "suites/test_conversations.py",
        "-q",
        "-p",
        "no:cacheprovider",
        f"--report={folder}",
        *options,
    ]
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=300, check=False)


@pytest.mark.skipif(os.name == "nt", reason="interrupts by signals")
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_an_interruption_ends_it_soon_with_a_report(tmp_path: Path, number: signal.Signals) -> None:
    command = [
        sys.executable,
        "-m",
        "realtime_conformance",
        "run",
        "-k",
        "conversations.",
        "--depth",
        "thorough",
        "--out",
        str(tmp_path / "out"),
    ]
    with subprocess.Popen(command, cwd=tmp_path, env={**os.environ, "PYTHONPATH": str(ROOT)}) as process:
        try:
            # Three scenarios begin with a silent one each; several are over that said something.
            _wait_for(lambda: len(list((tmp_path / "out" / "traces").glob("*.jsonl"))) > 11)
            process.send_signal(number)
            assert process.wait(60) == 2
        finally:
            process.kill()
    results = _results(tmp_path / "out")
    assert results["verdict"]["exit"] == 2
    assert {s["outcome"] for s in results["scenarios"]} == {"inconclusive"}
    assert results["coverage"]["states"]["visited"] > 0
    assert sorted(p.name for p in tmp_path.iterdir()) == ["out"]  # nothing else is left behind


def _wait_for(condition: Any) -> None:
    deadline = time.monotonic() + 60
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.02)
