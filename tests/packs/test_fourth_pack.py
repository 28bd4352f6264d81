"""A fourth channel is a folder: whatever the suite does with three, it does with one made up here."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from packs.keyed.messages import KeyedMessage
from realtime_conformance.cli import run_command_line
from reference.behaviour import Behaviour
from reference.channels.conduct import ServiceConduct
from tests.packs.abacus.known import make_known
from tests.packs.abacus.pack import ABACUS_CHANNEL
from tests.packs.spoken import Line, conversation, held, violated, written
from tests.realtime_conformance.commandline.harness import RESULTS, ROOT, reference_server

WRONG = Behaviour(services={"abacus": ServiceConduct(policy={"off_by": 1})})
"""An abacus that is wrong by one."""


@pytest.fixture(autouse=True)
def _abacus(monkeypatch: pytest.MonkeyPatch) -> None:
    make_known(monkeypatch)
    monkeypatch.setenv("REALTIME_API_KEY", "a2V5")


def _add(context: str, *numbers: int) -> Line:
    return ">", {"add": {"numbers": list(numbers)}, "contextId": context}


def _sum(context: str, total: Any) -> Line:
    return "<", {"result": {"sum": {"total": total}, "contextId": context}}


def _results(folder: Path) -> dict[str, Any]:
    found: dict[str, Any] = json.loads((folder / "results.json").read_text(encoding="utf-8"))
    RESULTS.validate(found)
    return found


def _verdicts(folder: Path) -> dict[str, str]:
    return {each["id"]: each["verdict"] for each in _results(folder)["requirements"]}


# --- rules ------------------------------------------------------------------------------------------------


def test_its_rules_judge() -> None:
    pack = ABACUS_CHANNEL.pack()
    good = conversation(_add("a", 1, 2), _add("b", 3), _sum("b", 3), _sum("a", 3))
    assert violated(pack, good) == {}
    assert held(pack, good) == {each.id for each in pack.registry()}
    assert violated(pack, conversation(_add("a", 1, 2), _sum("a", 4))) == {"abacus/sum/right": {"wrong"}}
    assert violated(pack, conversation(_add("a", 1), ("…", 5.0))) == {"abacus/sum/comes": {"missing"}}
    as_text = conversation(_add("a", 1), _sum("a", "1"))
    assert violated(pack, as_text) == {"abacus/payload/as-documented": {"type"}}


def test_its_messages_could_be_told_apart_by_type() -> None:
    channel = ABACUS_CHANNEL.__class__(
        **{name: getattr(ABACUS_CHANNEL, name) for name in ABACUS_CHANNEL.__slots__ if name != "by_type"},
        by_type=True,
    )
    pack = channel.pack()
    trace = conversation(
        (">", {"type": "add", "contextId": "a", "numbers": [1, 2]}),
        ("<", {"type": "sum", "contextId": "a", "total": 4}),
    )
    read = [pack.read(entry) for entry in trace]
    assert [each.name for each in read if isinstance(each, KeyedMessage)] == ["add", "sum"]
    assert violated(pack, trace)["abacus/sum/right"] == {"wrong"}
    assert [pack.speaks(entry) for entry in trace] == [False, True, True]
    assert not ABACUS_CHANNEL.pack().speaks(list(trace)[1])


# --- commands ---------------------------------------------------------------------------------------------


def test_a_run_judges_the_suites_own_service_and_judge_knows_its_traces(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run_command_line(["run", "--channel", "abacus", "--out", str(tmp_path / "run")]) == 0
    said = capsys.readouterr().out
    assert "2 scenarios of adding numbers against the embedded reference server" in said
    results = _results(tmp_path / "run")
    assert results["target"]["channel"] == "abacus"
    assert set(_verdicts(tmp_path / "run").values()) == {"pass"}
    assert results["latency"]["turn"]["median_s"] >= 0
    assert "Inworld adding numbers" in (tmp_path / "run" / "report.html").read_text(encoding="utf-8")
    again = ["judge", str(tmp_path / "run" / "traces"), "--out", str(tmp_path / "judge")]
    assert run_command_line(again) == 0
    assert _verdicts(tmp_path / "judge") == _verdicts(tmp_path / "run")


def test_a_capture_of_somebody_else_is_recognised(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    trace = written(tmp_path / "talk.jsonl", conversation(_add("a", 1, 2), _sum("a", 4)))
    assert run_command_line(["judge", str(trace), "--out", str(tmp_path / "r")]) == 1
    assert "its messages are those of adding numbers" in capsys.readouterr().out
    assert _verdicts(tmp_path / "r")["abacus/sum/right"] == "fail"


def test_a_wrong_server_fails_and_is_compared_and_its_failure_may_be_known(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with reference_server(WRONG, "inworld") as url:
        at = ["run", "--endpoint", url.partition("/api")[0] + "/abacus/v1/add"]
        assert run_command_line([*at, "--out", str(tmp_path / "b")]) == 1
        baseline = str(tmp_path / "known.yaml")
        assert run_command_line(["baseline", "update", str(tmp_path / "b"), "--baseline", baseline]) == 0
        text = Path(baseline).read_text(encoding="utf-8").replace("CHANGE ME", "it is old")
        Path(baseline).write_text(text, encoding="utf-8")
        assert run_command_line([*at, "--baseline", baseline, "--out", str(tmp_path / "k")]) == 0
        everything = [
            "run",
            "--endpoint",
            url.partition("/api")[0],
            "--channel",
            "all",
            "-k",
            "abacus or tts.one_context",
        ]
        assert run_command_line([*everything, "--baseline", baseline, "--out", str(tmp_path / "all")]) == 0
    assert _verdicts(tmp_path / "b")["abacus/sum/right"] == "fail"
    script = tmp_path / "b" / "replays" / "abacus.one_sum.jsonl"
    assert run_command_line(["replay", str(script)]) == 0
    assert "abacus/sum/right holds now" in capsys.readouterr().out
    summary = json.loads((tmp_path / "all" / "summary.json").read_text(encoding="utf-8"))
    assert [each["channel"] for each in summary["channels"]] == ["tts", "abacus"]
    assert run_command_line(["run", "--channel", "abacus", "--out", str(tmp_path / "a")]) == 0
    capsys.readouterr()
    sides = [str(tmp_path / "a"), str(tmp_path / "b"), "--name", "good", "--name", "bad"]
    assert run_command_line(["compare", *sides, "--out", str(tmp_path / "compare.html")]) == 0
    assert "abacus/sum/right" in (tmp_path / "compare.html").read_text(encoding="utf-8")


def test_it_is_explained_and_generated_and_its_document_is_known(capsys: pytest.CaptureFixture[str]) -> None:
    assert run_command_line(["explain", "abacus/sum/right"]) == 0
    said = capsys.readouterr().out
    assert "def sum_right" in said
    assert "abacus.one_sum" in said
    assert run_command_line(["generate", "--channel", "abacus", "--list"]) == 0
    said = capsys.readouterr().out
    assert "add.numbers" in said
    assert "mutants" in said
    assert run_command_line(["document", "--channel", "abacus"]) == 0
    assert "/abacus/v1/add" in capsys.readouterr().out


def test_pytest_has_its_items(tmp_path: Path) -> None:
    environment = {k: v for k, v in os.environ.items() if not k.startswith("PYTEST_")}
    command = ["-m", "pytest", "-q", "-rA", "-p", "no:cacheprovider", "-p", "tests.packs.abacus.in_pytest"]
    done = subprocess.run(
        [sys.executable, *command, "--channel=abacus", f"--report={tmp_path}"],
        check=False,
        cwd=ROOT,
        env=environment,
        capture_output=True,
        text=True,
        timeout=120,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert "PASSED tests/packs/abacus/scenarios.py::abacus.one_sum" in done.stdout
    assert "PASSED tests/packs/abacus/registry/abacus.yaml::abacus/sum/right" in done.stdout
    assert set(_verdicts(tmp_path).values()) == {"pass"}
