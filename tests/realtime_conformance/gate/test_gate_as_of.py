"""`--as-of VERSION`: an upgrade turns no gate red by itself, and says what it would say."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

import realtime_conformance
from tests.realtime_conformance.commandline.harness import ROOT, Command, command_in
from tests.realtime_conformance.gate.recorded import record

_RAISED = "text-delta-altered"
"""A fault whose requirement is a MUST of Inworld today, and was a SHOULD in 0.1.0 (FI-11)."""


@pytest.fixture
def command(tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Command:
    monkeypatch.chdir(tmp_path)
    return command_in(tmp_path / "out", capsys)


def _judged(command: Command, folder: Path, *more: str) -> tuple[int, str, dict[str, Any]]:
    record(folder / "talk.jsonl", _RAISED)
    done = command("judge", "talk.jsonl", "--dialect", "inworld", "--out", "out", *more)
    return done.code, done.out, done.results


def _verdicts(results: dict[str, Any]) -> dict[str, str]:
    return {r["id"]: r["verdict"] for r in results["requirements"]}


def test_a_gate_that_was_green_stays_green(command: Command, tmp_path: Path) -> None:
    code, _, today = _judged(command, tmp_path)
    assert (code, today["as_of"]) == (1, None)
    failed = {id_ for id_, verdict in _verdicts(today).items() if verdict == "fail"}
    assert failed
    code, shown, then = _judged(command, tmp_path, "--as-of", "0.1.0")
    assert code == 0
    assert {_verdicts(then)[id_] for id_ in failed} == {"warn"}
    assert failed == {r["id"] for r in then["as_of"]["otherwise"] if r["verdict"] == "fail"}
    assert then["as_of"]["version"] == "0.1.0"
    assert set(then["as_of"]["newer"]) == set(_verdicts(today)) - set(_verdicts(then)) != set()
    assert "Judged as of version 0.1.0" in shown
    assert f"{len(failed)} more would fail" in shown
    for page in ("report.html", "summary.md"):
        assert "Judged as of version 0.1.0" in (tmp_path / "out" / page).read_text(encoding="utf-8")


def test_the_baseline_can_name_the_version_and_the_option_prevails(command: Command, tmp_path: Path) -> None:
    (tmp_path / "known.yaml").write_text("version: 2\nas_of: 0.1.0\nentries:\n", encoding="utf-8")
    code, _, results = _judged(command, tmp_path, "--baseline", "known.yaml")
    assert (code, results["as_of"]["version"]) == (0, "0.1.0")
    this = realtime_conformance.__version__
    code, _, results = _judged(command, tmp_path, "--baseline", "known.yaml", "--as-of", this)
    assert (code, results["as_of"]) == (1, None)


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("--as-of", "0.0.9"), "--as-of: no version '0.0.9' is known"),
        (("--as-of", "0.1.0", "--dialect", "xai"), "version 0.1.0 did not know the dialect xai"),
    ],
)
def test_a_version_of_which_there_is_no_profile(
    command: Command, tmp_path: Path, words: tuple[str, ...], said: str
) -> None:
    record(tmp_path / "talk.jsonl")
    done = command("judge", "talk.jsonl", *words)
    assert done.code == 4
    assert said in " ".join(done.err.split())
    assert "0.1.0" in done.err


def test_a_baseline_that_names_an_unknown_version(command: Command, tmp_path: Path) -> None:
    (tmp_path / "known.yaml").write_text("version: 2\nas_of: 0.0.9\nentries:\n", encoding="utf-8")
    record(tmp_path / "talk.jsonl")
    done = command("judge", "talk.jsonl", "--dialect", "openai", "--baseline", "known.yaml")
    assert done.code == 4
    assert "known.yaml: as_of: no version '0.0.9' is known" in " ".join(done.err.split())


def test_a_run_is_judged_as_of_a_version(command: Command) -> None:
    done = command("run", "--depth", "quick", "-k", "text", "--as-of", "0.1.0", "--out", "out")
    assert done.code == 0, done.said
    assert done.results["as_of"]["otherwise"] == []
    assert "They would find nothing more" in done.out


def test_pytest_says_so_too(tmp_path: Path) -> None:
    words = ["-q", "-k", "bootstrap", "--as-of", "0.1.0", f"--report={tmp_path / 'out'}"]
    line = [sys.executable, "-m", "pytest", "-p", "no:cacheprovider", *words]
    done = subprocess.run(line, cwd=ROOT, capture_output=True, text=True, timeout=120, check=False)
    assert done.returncode == 0, done.stdout
    assert "note: Judged as of version 0.1.0" in done.stdout
