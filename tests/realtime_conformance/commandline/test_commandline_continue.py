"""`run --continue REPORT` plays what that report has as not played, and judges both together."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from reference.alterations import Alteration
from reference.behaviour import Behaviour
from reference.edits import drop
from tests.addresses import NOWHERE
from tests.realtime_conformance.commandline.harness import SHORT, Command, Ran, reference_server

CHOSEN = ("-k", "conversation_item_retrieve or conversation_item_delete", "--no-probe")


def _outcomes(ran: Ran) -> dict[str, str]:
    found = [(each["id"], each["outcome"]) for each in ran.results["scenarios"]]
    assert len(found) == len(dict(found)), "each scenario is told once"
    return dict(found)


def _written(path: Path, **changes: Any) -> None:
    content = json.loads(path.read_text(encoding="utf-8"))
    path.write_text(json.dumps({**content, **changes}), encoding="utf-8")


@pytest.mark.parametrize("same", [True, False], ids=["in its own folder", "in another"])
def test_what_a_budget_did_not_allow_is_played_later(command: Command, out: Path, same: bool) -> None:
    first = out if same else out.parent / "first"
    before = command("run", *CHOSEN, "--budget", "sessions=1", "--out", first)
    stopped = json.loads((first / "results.json").read_text(encoding="utf-8"))
    played = {s["id"] for s in stopped["scenarios"] if s["outcome"] == "passed"}
    assert before.code in (0, 5)
    assert 0 < len(played) < len(stopped["scenarios"])
    ran = command("run", *CHOSEN, "--continue", first, "--out", out)
    assert ran.code == 0, ran.said
    outcomes = _outcomes(ran)
    assert set(outcomes) == {s["id"] for s in stopped["scenarios"]}
    assert set(outcomes.values()) == {"passed"}
    assert f"{len(played)} of {len(outcomes)} scenarios were played in {first}" in ran.out
    assert f"{len(outcomes) - len(played)} scenarios against" in ran.out
    assert ran.results["spent"]["sessions"] > stopped["spent"]["sessions"] == 1
    assert any("had been played in the run of" in note for note in ran.results["notes"])
    for each in ran.results["scenarios"]:
        for trace in each["traces"]:
            assert (out / "traces" / f"{trace}.jsonl").is_file()
    again = command("run", *CHOSEN, "--continue", out, "--out", out)
    assert again.code == 0
    assert again.out.strip() == f"Everything was played in {out}: there is nothing to continue."
    assert _outcomes(again) == outcomes, "the report is still there"


def test_what_an_interruption_left_out_is_played_later(command: Command, out: Path) -> None:
    command("run", *CHOSEN, "--out", out)
    scenarios = json.loads((out / "results.json").read_text(encoding="utf-8"))["scenarios"]
    cut = {**scenarios[1], "outcome": "inconclusive", "message": "interrupted", "traces": [], "trace": ""}
    _written(out / "results.json", scenarios=[scenarios[0], cut])
    ran = command("run", *CHOSEN, "--continue", out, "--plan")
    assert scenarios[0]["id"] not in ran.out
    assert all(each["id"] in ran.out for each in scenarios[1:])
    ran = command("run", *CHOSEN, "--continue", out, "--out", out)
    assert set(_outcomes(ran)) == {each["id"] for each in scenarios}


def test_who_shares_a_trace_with_what_was_not_played_is_played_again(command: Command, out: Path) -> None:
    command("run", *CHOSEN, "--out", out)
    scenarios = json.loads((out / "results.json").read_text(encoding="utf-8"))["scenarios"]
    shared = {"traces": scenarios[0]["traces"], "trace": scenarios[0]["trace"]}
    cut = {**scenarios[1], **shared, "outcome": "inconclusive", "message": "interrupted"}
    _written(out / "results.json", scenarios=[scenarios[0], cut, *scenarios[2:]])
    ran = command("run", *CHOSEN, "--continue", out, "--plan")
    assert all(each["id"] in ran.out for each in scenarios[:2])


def test_what_failed_then_still_fails(command: Command, out: Path, tmp_path: Path, a_key: str) -> None:
    config = tmp_path / "conformance.yaml"
    it = ("run", *CHOSEN, *SHORT, "--target", "mine", "--config", config, "--auth-env", a_key, "--out", out)
    text = "targets: {{mine: {{endpoint: '{}', dialect: openai}}}}"
    faulty = Behaviour(alteration=lambda _dialect: Alteration([drop("conversation.item.retrieved")]))
    with reference_server(faulty) as url:
        config.write_text(text.format(url), encoding="utf-8")
        assert command(*it).code == 1
    failed = "items/retrieve/acknowledged"
    scenarios = json.loads((out / "results.json").read_text(encoding="utf-8"))["scenarios"]
    _written(out / "results.json", scenarios=[s for s in scenarios if "retrieve" in s["id"]])
    with reference_server() as url:
        config.write_text(text.format(url), encoding="utf-8")
        ran = command(*it, "--continue", out)
    assert ran.code == 1
    assert failed in ran.verdicts("fail")
    assert set(_outcomes(ran)) == {each["id"] for each in scenarios}


def test_what_was_found_to_be_offered_is_not_asked_again(command: Command, out: Path) -> None:
    chosen = CHOSEN[:2]
    ran = command("run", *chosen, "--out", out)
    probed = ran.results["target"]["probed"]
    assert probed
    _written(out / "results.json", scenarios=ran.results["scenarios"][:2])
    ran = command("run", *chosen, "--continue", out, "--out", out)
    assert ran.code == 0
    assert ran.results["target"]["probed"] == probed
    assert not list((out / "traces" / "probes").glob("*.jsonl"))


def test_what_cannot_be_continued_is_a_usage_error(command: Command, out: Path) -> None:
    command("run", *CHOSEN, "--out", out)
    path = out / "results.json"
    there = path.read_text(encoding="utf-8")
    elsewhere = ("--endpoint", NOWHERE, "--dialect", "inworld")
    for arguments, part in (
        ((*elsewhere,), "and this is another target"),
        (("--dialect", "openai"), "say --dialect inworld"),
        (("--only-failed", out), "--continue goes with neither --only-failed nor --repeat"),
        (("--repeat", 2), "--continue goes with neither --only-failed nor --repeat"),
    ):
        ran = command("run", *CHOSEN, "--continue", out, "--out", out, *arguments)
        assert ran.code == 4, ran.said
        assert part in ran.err
        assert path.read_text(encoding="utf-8") == there
    _written(path, repeats=2)
    assert "was repeated cannot be continued" in command("run", "--continue", out, "--out", out).err
    path.write_text(there, encoding="utf-8")
    next((out / "traces").glob("*.jsonl")).unlink()
    ran = command("run", "--continue", out, "--out", out)
    assert ran.code == 4
    assert "keep a report with its traces" in ran.err
