"""Runs of the other channels with messages that are made up: findings name them; `judge` says the same."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from packs.catalogue import PACKS
from realtime_conformance.cli import run_command_line
from reference.faults.services import SERVICE_FAULTS
from suites.depth import STANDARD
from tests.packs.living import play
from wire.trace_files import TraceFile


def _judged(folder: Path, out: Path) -> dict[str, Any]:
    run_command_line(["judge", str(folder), "--out", str(out)])
    results: dict[str, Any] = json.loads((out / "results.json").read_text(encoding="utf-8"))
    return results


@pytest.mark.parametrize("name", PACKS)
def test_judge_says_of_the_traces_of_a_run_what_the_run_said(name: str, tmp_path: Path) -> None:
    command = ["run", "--channel", name, "-k", "generated", "--seed", "7", "--out", str(tmp_path)]
    run_command_line(command)
    ran = json.loads((tmp_path / "results.json").read_text(encoding="utf-8"))
    judged = _judged(tmp_path / "traces", tmp_path / "judged")

    def told(results: dict[str, Any]) -> dict[str, tuple[str, int]]:
        return {r["id"]: (r["verdict"], r["subjects"]) for r in results["requirements"]}

    assert told(judged) == told(ran)
    assert told(ran)[f"{name}/misuse/refused"][0] == "pass"
    assert told(ran)[f"{name}/settings/taken"][0] == "pass"
    assert ran["seed"] == 7


def test_a_finding_names_the_mutant_and_shows_it(tmp_path: Path) -> None:
    fault = SERVICE_FAULTS["tts-voice-by-default"]
    play(PACKS["tts"], tmp_path / "traces", [fault], ["tts.generated_mutants"])
    results = _judged(tmp_path / "traces", tmp_path / "judged")
    wrong = next(r for r in results["requirements"] if r["id"] == "tts/misuse/refused")
    assert wrong["verdict"] == "warn"
    finding = wrong["findings"][0]
    assert finding["message"].startswith("create with create.")
    assert ": remove was not refused" in finding["message"]
    shown = next(
        e for e in TraceFile(tmp_path / "traces" / f"{finding['trace']}.jsonl") if e.seq in finding["because"]
    )
    assert shown.detail is not None
    assert shown.detail["stimulus"]["operator"] == "remove"


def test_what_is_sent_depends_on_depth_and_seed_alone(tmp_path: Path) -> None:
    sent = []
    for again in ("one", "other"):
        played = play(
            PACKS["tts"], tmp_path / again, only=["tts.generated_mutants", "tts.generated_contexts"]
        )
        assert {each.outcome for each in played} == {"passed"}
        traces = [TraceFile(path) for each in played for path in each.traces]
        sent.append(sorted(str(e.event) for trace in traces for e in trace if e.dir == "client" and e.event))
        assert all(each.used == each.scenario.cost_at(STANDARD) for each in played)
    assert sent[0] == sent[1]
