"""What a run of another channel may cost: said before, kept to, and what then is not played says why."""

from __future__ import annotations

import json
import re
from dataclasses import asdict
from pathlib import Path
from typing import Any

import pytest

from packs.catalogue import PACKS
from realtime_conformance.application.channel_cost import cost_of_scenarios
from realtime_conformance.cli import run_command_line
from suites.depth import DEPTHS, QUICK, STANDARD
from tests.packs.living import play
from tests.realtime_conformance.commandline.harness import RESULTS

HOST = "ws://nowhere.invalid"
TEXT_OR_AUDIO = {"tts": "characters", "stt": "audio_s"}


def _run(channel: str, folder: Path, *options: str) -> tuple[int, dict[str, Any]]:
    code = run_command_line(["run", "--channel", channel, "--out", str(folder), *options])
    results: dict[str, Any] = json.loads((folder / "results.json").read_text(encoding="utf-8"))
    RESULTS.validate(results)
    return code, results


@pytest.mark.parametrize("name", PACKS)
def test_no_scenario_takes_more_than_it_says(name: str, tmp_path: Path) -> None:
    for each in play(PACKS[name], tmp_path):
        assert each.outcome == "passed", (each.scenario.id, each.message)
        most = each.scenario.cost_at(STANDARD)
        assert asdict(each.used) == pytest.approx(asdict(most)), each.scenario.id


@pytest.mark.parametrize("name", PACKS)
def test_the_usual_run_costs_little_and_a_quick_one_less(name: str) -> None:
    quick, standard = (cost_of_scenarios(PACKS[name].scenarios, DEPTHS[d]) for d in ("quick", "standard"))
    assert standard.characters <= 6000
    assert standard.audio_s <= 120
    assert 0 < quick.sessions < standard.sessions
    paid = TEXT_OR_AUDIO[name]
    assert 0 < getattr(quick, paid) <= getattr(standard, paid) / 2


def test_a_budget_of_characters_is_kept_and_what_it_left_out_is_undecided(tmp_path: Path) -> None:
    code, results = _run("tts", tmp_path, "--depth", "quick", "--budget", "characters=100")
    assert 0 < results["spent"]["characters"] <= 100
    left = [s for s in results["scenarios"] if s["outcome"] == "inconclusive"]
    assert left
    assert {s["message"] for s in left} == {"the budget of 100 characters does not allow it"}
    assert all(s["traces"] == [] for s in left)
    verdicts = {r["id"]: r for r in results["requirements"]}
    assert verdicts["tts/times/restart"]["verdict"] == "inconclusive"
    assert "the budget of 100 characters does not allow it" in str(verdicts["tts/times/restart"])
    assert code == 5
    note = next(n for n in results["notes"] if "did not allow" in n)
    enough = re.search(r"--budget (\S+) would do", note)
    assert enough is not None
    code, results = _run("tts", tmp_path / "again", "--depth", "quick", "--budget", enough[1])
    assert code == 0
    assert {s["outcome"] for s in results["scenarios"]} == {"passed"}


def test_a_budget_of_audio_is_kept(tmp_path: Path) -> None:
    _, results = _run("stt", tmp_path, "--depth", "quick", "--budget", "audio_s=4")
    assert 0 < results["spent"]["audio_s"] <= 4
    assert {s["outcome"] for s in results["scenarios"]} == {"passed", "inconclusive"}


def test_what_judges_the_traces_of_a_run_short_of_money_says_what_it_said(tmp_path: Path) -> None:
    _, ran = _run("tts", tmp_path, "--depth", "quick", "--budget", "characters=300")
    run_command_line(["judge", str(tmp_path / "traces"), "--out", str(tmp_path / "judged")])
    judged = json.loads((tmp_path / "judged" / "results.json").read_text(encoding="utf-8"))
    assert {r["id"]: r["verdict"] for r in judged["requirements"]} == {
        r["id"]: r["verdict"] for r in ran["requirements"]
    }


@pytest.mark.parametrize("name", PACKS)
def test_a_plan_says_what_each_depth_costs_and_sends_nothing(
    name: str, capsys: pytest.CaptureFixture[str]
) -> None:
    budget = f"{TEXT_OR_AUDIO[name]}=1"
    command = ["run", "--channel", name, "--endpoint", HOST, "--plan", "--depth", "quick"]
    assert run_command_line([*command, "--auth", "none", "--budget", budget]) == 0
    said = capsys.readouterr().out
    assert said.startswith("Nothing is sent.")
    scenarios = PACKS[name].scenarios
    played = [s.id for s in scenarios if s.played_at(QUICK)]
    assert all(re.search(rf"^{re.escape(id_)} ", said, re.MULTILINE) for id_ in played)
    assert len(re.findall(r"^not played: ", said, re.MULTILINE)) == len(scenarios) - len(played)
    for depth, at in DEPTHS.items():
        assert f"--depth {depth}: {cost_of_scenarios(scenarios, at).sessions} sessions, " in said
    assert f"The budget ({budget}) is not enough; --budget {TEXT_OR_AUDIO[name]}=" in said


def test_prices_tell_money_of_characters(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    target = f"{{endpoint: '{HOST}', prices: {{million_characters: 1000000}}}}"
    config = tmp_path / "conformance.yaml"
    config.write_text(f"targets: {{dear: {target}}}\n", encoding="utf-8")
    command = ["run", "--channel", "tts", "--target", "dear", "--config", str(config), "--plan"]
    assert run_command_line([*command, "-k", "one_context"]) == 0
    said = capsys.readouterr().out
    assert "1 session, 25 characters, 25.00 by the target's prices at most" in said
    assert re.search(r"^tts\.one_context +1 +25 +25\.00$", said, re.MULTILINE)
