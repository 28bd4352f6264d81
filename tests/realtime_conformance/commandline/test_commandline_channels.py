"""`judge` finds out which channel a capture is of, and says what it judged."""

from __future__ import annotations

import base64
import json
import re
import zlib
from pathlib import Path
from typing import Any

import pytest

from packs.catalogue import PACKS
from realtime_conformance.cli import run_command_line
from tests.packs.spoken import (
    Line,
    audio,
    chunk,
    config,
    conversation,
    create,
    heard,
    result,
    sent,
    text,
    to,
    told,
    written,
)
from tests.realtime_conformance.commandline.harness import RESULTS

SPOKEN: list[Line] = [
    *(create(), result("contextCreated"), text(), to("close_context"), chunk(), result("contextClosed")),
]
HEARD: list[Line] = [config(), audio(), heard("good"), heard("good morning", final=True), sent("closeStream")]
NOWHERE_AT_ALL = "ws://nowhere.invalid"
USAGE = told("usage", transcribedAudioMs=100)


def _judged(folder: Path, lines: list[Line], *options: str) -> tuple[int, dict[str, Any]]:
    trace = written(folder / "talk.jsonl", conversation(*lines))
    out = folder / "report"
    code = run_command_line(["judge", str(trace), "--out", str(out), *options])
    results: dict[str, Any] = json.loads((out / "results.json").read_text(encoding="utf-8"))
    RESULTS.validate(results)
    return code, results


@pytest.mark.parametrize(
    ("lines", "channel", "code"),
    [(SPOKEN, "tts", 0), ([*SPOKEN, chunk()], "tts", 1), ([*HEARD, USAGE], "stt", 0)],
)
def test_messages_tell_the_channel(
    tmp_path: Path, lines: list[Line], channel: str, code: int, capsys: pytest.CaptureFixture[str]
) -> None:
    ended, results = _judged(tmp_path, lines)
    assert ended == code
    assert results["target"]["channel"] == channel
    assert f"Inworld {PACKS[channel].title}" in results["verdict"]["sentence"]
    assert {r["id"].split("/")[0] for r in results["requirements"]} == {channel}
    said = capsys.readouterr().out
    assert f"its messages are those of {PACKS[channel].title}" in said
    if code:
        assert "realtime-conformance judge" in said
        assert "inworld-speech TO-03" in said


def test_an_option_tells_the_channel_of_a_capture_that_does_not(tmp_path: Path) -> None:
    code, results = _judged(tmp_path, [chunk(), result("audioChunk")], "--channel", "tts")
    assert code == 1
    assert results["target"]["channel"] == "tts"
    failed = [r["id"] for r in results["requirements"] if r["verdict"] == "fail"]
    assert failed == ["tts/context/id-carried"]


def test_a_server_that_says_nothing_earns_no_verdict(tmp_path: Path) -> None:
    code, results = _judged(tmp_path, [create(), text()])
    assert code == 5
    assert results["verdict"]["sentence"].startswith("No verdict")


def test_the_realtime_channel_is_judged_where_no_other_is_spoken(tmp_path: Path) -> None:
    created: Line = ("<", {"type": "session.created", "event_id": "e", "session": {"type": "realtime"}})
    _, results = _judged(tmp_path, [created], "--dialect", "openai")
    assert "channel" not in results["target"]


def test_a_channel_is_not_known_in_every_dialect(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    trace = written(tmp_path / "talk.jsonl", conversation(*SPOKEN))
    assert run_command_line(["judge", str(trace), "--dialect", "openai", "--out", str(tmp_path / "r")]) == 4
    assert "the channel tts is known in inworld, and not in openai" in capsys.readouterr().err


def test_a_baseline_knows_what_a_channel_fails(tmp_path: Path) -> None:
    code, _ = _judged(tmp_path, [*SPOKEN, chunk()])
    assert code == 1
    baseline = tmp_path / "baseline.yaml"
    report = str(tmp_path / "report" / "results.json")
    assert run_command_line(["baseline", "update", report, "--baseline", str(baseline)]) == 0
    baseline.write_text(baseline.read_text(encoding="utf-8").replace("CHANGE ME", "it is known"), "utf-8")
    code, _ = _judged(tmp_path, [*SPOKEN, chunk()], "--baseline", str(baseline))
    assert code == 0


def test_a_rule_of_a_channel_is_explained(capsys: pytest.CaptureFixture[str]) -> None:
    assert run_command_line(["explain", "tts/context/closed"]) == 0
    said = capsys.readouterr().out
    assert "MUST in inworld" in said
    assert "def close_paid" in said


@pytest.mark.parametrize(("name", "kind"), [("tts", "first_audio"), ("stt", "turn")])
def test_a_run_without_an_endpoint_judges_the_services_of_the_suite(
    name: str, kind: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    wanted = {"tts": "tts.one_context or tts.in_one_burst", "stt": "stt.in_one_burst"}[name]
    command = ["run", "--channel", name, "-k", wanted, "--out", str(tmp_path)]
    assert run_command_line(command) == 0
    results = json.loads((tmp_path / "results.json").read_text(encoding="utf-8"))
    RESULTS.validate(results)
    assert results["target"]["channel"] == name
    assert {s["outcome"] for s in results["scenarios"]} == {"passed"}
    assert results["spent"]["sessions"] == len(results["scenarios"])
    said = capsys.readouterr().out
    assert "costs at most" in said
    assert "your server was not judged" in said
    assert results["latency"][kind]["median_s"] >= 0
    assert run_command_line(["judge", str(tmp_path / "traces"), "--out", str(tmp_path / "again")]) == 0


def test_nobody_listens(tmp_path: Path) -> None:
    command = ["run", "--channel", "tts", "--endpoint", NOWHERE_AT_ALL, "--out", str(tmp_path)]
    assert run_command_line(command) == 6


def test_messages_are_shown_under_their_names(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    command = ["run", "--channel", "tts", "-k", "tts.one_context", "-v", "--out", str(tmp_path)]
    assert run_command_line(command) == 0
    said = capsys.readouterr().out
    assert re.search(r"> create +\d+ B +tts.one_context", said)
    assert re.search(r"< audioChunk +\d+ B +tts.one_context", said)
    page = (tmp_path / "traces.html").read_text(encoding="utf-8")
    block = re.search(r'<script type="text/plain" id="[^"]+">([^<]+)</script>', page)
    assert block is not None
    packed = json.loads(zlib.decompress(base64.b64decode(block[1])))
    assert {"create", "sendText", "contextCreated", "audioChunk", "contextClosed"} <= set(packed["types"])


@pytest.mark.parametrize(
    "option", [("--deadline", "9"), ("--repeat", "2"), ("--feature", "mcp"), ("--only-failed", "report")]
)
def test_what_says_nothing_of_a_channel_is_refused(
    option: tuple[str, str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run_command_line(["run", "--channel", "tts", *option, "--out", str(tmp_path / "report")]) == 4
    assert f"{option[0]} cannot be used with the channel tts" in capsys.readouterr().err
    assert not (tmp_path / "report").exists()


def test_a_plan_sends_nothing_and_says_what_it_costs(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "report"
    assert (
        run_command_line(
            ["run", "--channel", "stt", "--endpoint", "ws://nowhere.invalid", "--plan", "--out", str(out)]
        )
        == 0
    )
    said = capsys.readouterr().out
    assert "94 sessions, 35.6 s of audio at most" in said
    assert re.search(r"^stt\.two_utterances +1 +6\.\d$", said, re.MULTILINE)
    assert not out.exists()


def test_one_baseline_serves_all_channels(tmp_path: Path) -> None:
    baseline = tmp_path / "baseline.yaml"
    of_realtime = "- {requirement: items/delete/acknowledged, verdict: fail, reason: known}"
    baseline.write_text(f"version: 2\nentries:\n{of_realtime}\n", encoding="utf-8")
    code, results = _judged(tmp_path, SPOKEN, "--baseline", str(baseline))
    assert code == 0
    assert [each["state"] for each in results["baseline"]["entries"]] == ["other-channel"]
    _judged(tmp_path, [*SPOKEN, chunk()])
    report = str(tmp_path / "report")
    assert run_command_line(["baseline", "update", report, "--baseline", str(baseline)]) == 0
    text_ = baseline.read_text(encoding="utf-8")
    assert of_realtime in text_
    assert "requirement: tts/audio/within-context" in text_
    baseline.write_text(
        text_ + "- {requirement: tts/no/such, verdict: fail, reason: known}\n", encoding="utf-8"
    )
    code, results = _judged(tmp_path, SPOKEN, "--baseline", str(baseline))
    assert code == 7
    assert results["baseline"]["entries"][-1]["state"] == "unused"


@pytest.mark.parametrize(
    "option", [("--feature", "mcp"), ("--also", "openai"), ("--asyncapi", "x.yaml"), ("--target", "x")]
)
def test_judging_another_channel_takes_nothing_that_is_about_realtime(
    option: tuple[str, str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    trace = written(tmp_path / "talk.jsonl", conversation(*SPOKEN))
    assert run_command_line(["judge", str(trace), *option, "--out", str(tmp_path / "report")]) == 4
    said = capsys.readouterr().err
    assert said.count("\n") == 1
    assert f"{option[0]} cannot be used with the channel tts" in said


def test_the_realtime_channel_has_a_name_as_well(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    created: Line = ("<", {"type": "session.created", "event_id": "e", "session": {"type": "realtime"}})
    _, results = _judged(tmp_path, [created], "--dialect", "openai", "--channel", "realtime")
    assert "channel" not in results["target"]
    assert run_command_line(["run", "--channel", "tss", "--out", str(tmp_path / "r")]) == 4
    assert "--channel names one of realtime, tts, stt, all" in capsys.readouterr().err


def test_a_rule_of_a_channel_is_explained_with_its_faults_and_scenarios(
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert run_command_line(["explain", "tts/context/closed"]) == 0
    said = capsys.readouterr().out
    assert "tts.one_context" in said
