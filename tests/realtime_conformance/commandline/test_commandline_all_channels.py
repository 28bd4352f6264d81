"""`run --channel all`: one command judges every channel, with a verdict for each and one exit code."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import sys
import xml.etree.ElementTree as ET
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from packs.pack_run import PackRun
from realtime_conformance.application.channel_choice import channel_in, moved
from realtime_conformance.cli import run_command_line
from reference.altered_behaviour import differing
from reference.faults.services import SERVICE_FAULTS
from tests.addresses import free_port
from tests.packs.spoken import audio, chunk, config, conversation, create, heard, result, text, to, written
from tests.realtime_conformance.commandline.harness import RESULTS, ROOT, reference_server

SUMMARY = Draft202012Validator(
    json.loads((ROOT / "schemas" / "summary.schema.json").read_text(encoding="utf-8"))
)
FEW = "session_update.one_field or tts.one_context or stt.in_one_burst"
"""A scenario or two of each channel."""

HOST = "ws://nowhere.invalid"
TTS, STT = "/tts/v1/voice:streamBidirectional", "/stt/v1/transcribe:streamBidirectional"
KEY = "a2V5OnNlY3JldA=="


def _summary(out: Path) -> dict[str, Any]:
    found: dict[str, Any] = json.loads((out / "summary.json").read_text(encoding="utf-8"))
    SUMMARY.validate(found)
    return found


def _run(out: Path, *options: str) -> int:
    return run_command_line(["run", *options, "--out", str(out)])


def test_each_channel_has_its_report_and_all_have_one_verdict(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "report"
    assert _run(out, "--channel", "all", "-k", FEW) == 0
    said = capsys.readouterr().out
    summary = _summary(out)
    assert summary["sentence"] == "All 3 channels conform: realtime, tts, stt."
    assert summary["sentence"] in said
    assert said.index("together at most: ") < said.index("scenario")
    assert [each["channel"] for each in summary["channels"]] == ["realtime", "tts", "stt"]
    for each in summary["channels"]:
        results = json.loads((out / each["results"]).read_text(encoding="utf-8"))
        RESULTS.validate(results)
        assert results["counts"] == each["counts"]
        assert (out / each["report"]).is_file()
        assert list((out / each["channel"] / "traces").glob("*.jsonl"))
    assert summary["spent"]["characters"] == 25
    suites = ET.parse(out / "junit.xml").getroot().findall("testsuite")
    assert len({suite.get("name") for suite in suites}) == len(suites) == 6
    page = (out / "report.html").read_text(encoding="utf-8")
    assert all(f'href="{name}/report.html"' in page for name in ("realtime", "tts", "stt"))


def test_one_fault_of_one_channel_decides_and_the_others_still_conform(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("REALTIME_API_KEY", KEY)
    fault = SERVICE_FAULTS["tts-chunk-after-closed"]
    with reference_server(differing([fault]), "inworld") as url:
        host = url.partition("/api")[0]
        code = _run(tmp_path, "--endpoint", host, "--channel", "all", "-k", FEW)
    summary = _summary(tmp_path)
    assert code == summary["exit"] == 1
    assert [each["exit"] for each in summary["channels"]] == [0, 1, 0]
    assert summary["sentence"] == "2 of 3 channels conform; tts: does not conform."
    assert summary["channels"][1]["failed"]
    assert summary["channels"][0]["dialect"] == "inworld"
    page = (tmp_path / "report.html").read_text(encoding="utf-8")
    assert f'href="tts/report.html#{summary["channels"][1]["failed"][0]}"' in page


def test_a_target_names_its_channels_and_its_address_may_be_that_of_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("REALTIME_API_KEY", KEY)
    monkeypatch.chdir(tmp_path)
    with reference_server(dialect="inworld") as url:
        targets = {"mine": {"endpoint": url, "channels": ["stt", "tts"]}}
        Path("conformance.yaml").write_text(json.dumps({"targets": targets}), encoding="utf-8")
        assert _run(tmp_path / "r", "--target", "mine", "-k", FEW) == 0
    summary = _summary(tmp_path / "r")
    assert [each["channel"] for each in summary["channels"]] == ["tts", "stt"]
    assert summary["channels"][0]["url"].endswith(TTS)
    capsys.readouterr()


@pytest.mark.parametrize(
    ("channels", "told"),
    [
        (["realtime", "tss"], "did you mean tts? known are realtime, tts, stt"),
        ([], "is"),
        ("tts", "is"),
    ],
)
def test_what_a_target_says_wrongly_of_channels_is_told_in_a_sentence(
    tmp_path: Path,
    channels: object,
    told: str,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.chdir(tmp_path)
    targets = {"mine": {"endpoint": HOST, "channels": channels}}
    Path("conformance.yaml").write_text(json.dumps({"targets": targets}), encoding="utf-8")
    assert _run(tmp_path / "r", "--target", "mine") == 4
    said = capsys.readouterr().err
    assert "/targets/mine/channels" in said
    assert told in said
    assert said.count("\n") == 1
    assert not (tmp_path / "r").exists()


@pytest.mark.parametrize(
    ("options", "told"),
    [
        (("--channel", "tss"), "--channel names one of realtime, tts, stt, all"),
        (("--channel", "stt", "--endpoint", HOST + TTS), "its path is that of the channel tts"),
        (
            ("--channel", "tts", "--endpoint", HOST + "/v1/realtime"),
            "its path is that of the channel real",
        ),
        (("--channel", "realtime", "--endpoint", HOST + STT), "its path is that of the channel stt"),
        (
            ("--channel", "all", "--endpoint", HOST + "/mine"),
            "the path /mine of the endpoint is",
        ),
        (
            ("--channel", "all", "--dialect", "openai"),
            "tts is known in inworld, and not in openai",
        ),
        (("--channel", "all", "--asyncapi", "x.yaml"), "--asyncapi cannot be used with --channel all"),
        (("--channel", "all", "--continue", "x"), "--continue cannot be used with several channels"),
        (("--channel", "all", "-k", "no such scenario"), "no scenario has no such scenario"),
        (("--channel", "all", "-k", "(tts"), "-k"),
        (("--channel", "all", "--start", "x"), "--start needs --endpoint URL"),
    ],
)
def test_what_cannot_be_is_refused_in_one_sentence_before_anything_is_sent(
    options: tuple[str, ...], told: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert _run(tmp_path / "r", *options) == 4
    said = capsys.readouterr().err
    assert told in said
    assert said.count("\n") == 1
    assert not (tmp_path / "r").exists()


def test_a_plan_is_the_sum_and_lists_all(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert _run(tmp_path / "r", "--channel", "all", "--plan", "--depth", "quick") == 0
    said = capsys.readouterr().out
    assert "3 channels: realtime, tts, stt" in said
    assert "together at most: " in said
    assert "\ntts.one_context " in said
    assert "together, at most" in said
    assert not (tmp_path / "r").exists()


def test_one_budget_is_for_all(tmp_path: Path) -> None:
    _run(tmp_path, "--channel", "all", "-k", "(tts. or stt.) and not generated", "--budget", "sessions=32")
    summary = _summary(tmp_path)
    assert [each["channel"] for each in summary["channels"]] == ["tts", "stt"]
    assert [each["spent"]["sessions"] for each in summary["channels"]] == [31, 1]
    assert summary["spent"]["sessions"] == 32


def test_one_baseline_is_for_all_and_what_is_about_none_is_an_error_once(tmp_path: Path) -> None:
    baseline = tmp_path / "baseline.yaml"
    entries = [
        {"requirement": "no/such", "verdict": "fail", "reason": "known"},
        {"requirement": "stt/final/once-per-turn", "verdict": "fail", "reason": "known"},
    ]
    baseline.write_text(json.dumps({"version": 2, "entries": entries}), encoding="utf-8")
    assert _run(tmp_path / "r", "--channel", "all", "-k", FEW, "--baseline", str(baseline)) == 7
    summary = _summary(tmp_path / "r")
    assert [each["exit"] for each in summary["channels"]] == [7, 0, 0]
    states = {}
    for each in summary["channels"]:
        results = json.loads((tmp_path / "r" / each["results"]).read_text(encoding="utf-8"))
        states[each["channel"]] = [entry["state"] for entry in results["baseline"]["entries"]]
    assert states["realtime"] == ["unused", "other-channel"]
    assert states["tts"] == ["other-channel", "other-channel"]
    assert states["stt"][0] == "other-channel"
    assert states["stt"][1] != "other-channel"


def test_an_earlier_report_gives_way_whatever_it_was_about(tmp_path: Path) -> None:
    assert _run(tmp_path, "--channel", "all", "-k", FEW) == 0
    assert _run(tmp_path, "--channel", "stt", "-k", FEW) == 0
    assert not (tmp_path / "summary.json").exists()
    assert not (tmp_path / "tts" / "results.json").exists()
    assert not list((tmp_path / "tts").rglob("*.jsonl"))
    assert _run(tmp_path, "--channel", "all", "-k", FEW) == 0
    assert not (tmp_path / "results.json").exists()


def test_what_changed_since_an_earlier_report_is_said_by_channel(tmp_path: Path) -> None:
    assert _run(tmp_path / "a", "--channel", "all", "-k", FEW) == 0
    assert _run(tmp_path / "b", "--channel", "all", "-k", FEW, "--since", str(tmp_path / "a")) == 0
    for name in ("realtime", "tts", "stt"):
        summary = (tmp_path / "b" / name / "summary.md").read_text(encoding="utf-8")
        assert "Since the last run" in summary


@pytest.mark.parametrize(
    ("url", "channel"),
    [
        (HOST, ""),
        (HOST + "/", ""),
        (HOST + "/mine", ""),
        (HOST + TTS, "tts"),
        (HOST + "/gateway" + STT + "?x=1", "stt"),
        (HOST + "/v1/realtime?model=m", "realtime"),
        (HOST + "/api/v1/realtime/session", "realtime"),
    ],
)
def test_an_address_tells_its_channel(url: str, channel: str) -> None:
    assert channel_in(url) == channel


@pytest.mark.parametrize(
    ("url", "there"),
    [
        (HOST, HOST + TTS),
        (HOST + "/?a=b", HOST + TTS + "?a=b"),
        (HOST + TTS + "?a=b", HOST + TTS + "?a=b"),
        (HOST + STT, HOST + TTS),
        (HOST + "/gateway/api/v1/realtime/session?key=x", HOST + "/gateway" + TTS),
        (HOST + "/my-own-place", HOST + "/my-own-place"),
    ],
)
def test_another_channel_is_at_the_same_host(url: str, there: str) -> None:
    assert moved(url, "tts", TTS) == there


def test_a_baseline_is_kept_for_all_channels_at_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("REALTIME_API_KEY", KEY)
    report, baseline = str(tmp_path / "report"), tmp_path / "baseline.yaml"
    faults = [SERVICE_FAULTS["tts-chunk-after-closed"], SERVICE_FAULTS["stt-final-as-text"]]
    with reference_server(differing(faults), "inworld") as url:
        at = ("--endpoint", url.partition("/api")[0], "--channel", "all", "-k", FEW, "--strict")
        assert _run(Path(report), *at) == 1
        assert run_command_line(["baseline", "update", report, "--baseline", str(baseline)]) == 0
        text = baseline.read_text(encoding="utf-8")
        assert "requirement: tts/audio/within-context" in text
        assert "requirement: stt/final/says-so" in text
        assert run_command_line(["baseline", "explain", report, "--baseline", str(baseline)]) == 7
        baseline.write_text(text.replace("CHANGE ME", "it is known"), encoding="utf-8")
        assert run_command_line(["baseline", "explain", report, "--baseline", str(baseline)]) == 0
        assert _run(Path(report), *at, "--baseline", str(baseline)) == 0
    capsys.readouterr()
    assert run_command_line(["compare", report, report]) == 4
    assert "holds reports on several channels" in capsys.readouterr().err


def test_a_server_is_started_once_for_all(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("REALTIME_API_KEY", KEY)
    port = free_port()
    command = f"{sys.executable} -m realtime_conformance serve --port {port}"
    at = ("--start", command, "--endpoint", f"ws://127.0.0.1:{port}", "--channel", "all", "-k", FEW)
    assert _run(tmp_path, *at) == 0
    assert [each["exit"] for each in _summary(tmp_path)["channels"]] == [0, 0, 0]
    assert (tmp_path / "server.log").is_file()


@pytest.mark.skipif(sys.platform == "win32", reason="a process cannot send itself this signal")
def test_a_signal_ends_what_is_played_and_leaves_the_others_out(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def interrupted(*_: object) -> None:
        os.kill(os.getpid(), signal.SIGINT)
        await asyncio.sleep(30)

    monkeypatch.setattr(PackRun, "play", interrupted)
    assert _run(tmp_path, "--channel", "all", "-k", FEW) == 2
    summary = _summary(tmp_path)
    assert [(each["channel"], each["exit"]) for each in summary["channels"]] == [("realtime", 0), ("tts", 2)]
    assert summary["unplayed"] == ["stt"]
    assert "stt: interrupted" in summary["sentence"]


def test_the_recordings_of_all_channels_are_judged_each_by_its_own(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "report"
    assert _run(out, "--channel", "all", "-k", FEW) == 0
    ran = {each["channel"]: each["counts"]["pass"] for each in _summary(out)["channels"]}
    for again in (tmp_path / "again", out):  # what is judged is not removed
        assert run_command_line(["judge", str(out), "--out", str(again)]) == 0
        judged = _summary(again)
        assert {each["channel"]: each["counts"]["pass"] for each in judged["channels"]} == ran
    capsys.readouterr()
    assert run_command_line(["judge", str(out), "--dialect", "openai", "--out", str(tmp_path / "x")]) == 4
    assert "the channel tts is known in inworld, and not in openai" in capsys.readouterr().err
    only = ["judge", str(out / "tts"), str(out / "stt"), "--out", str(tmp_path / "y")]
    assert run_command_line([*only, "--feature", "mcp"]) == 4
    assert "--feature cannot be used with the channel tts" in capsys.readouterr().err


def test_foreign_recordings_are_told_apart_by_their_messages(tmp_path: Path) -> None:
    spoken = [
        create(),
        result("contextCreated"),
        text(),
        to("close_context"),
        chunk(),
        result("contextClosed"),
    ]
    (tmp_path / "c").mkdir()
    heard_ = [config(), audio(), heard("good"), heard("good morning", final=True)]
    written(tmp_path / "c" / "a.jsonl", conversation(*spoken))
    written(tmp_path / "c" / "b.jsonl", conversation(*heard_))
    written(tmp_path / "c" / "mute.jsonl", conversation())
    assert run_command_line(["judge", str(tmp_path / "c" / "a.jsonl"), "--out", str(tmp_path / "one")]) == 0
    run_command_line(["judge", str(tmp_path / "c"), "--out", str(tmp_path / "all")])
    summary = _summary(tmp_path / "all")
    assert [each["channel"] for each in summary["channels"]] == ["realtime", "tts", "stt"]
    assert [each["exit"] for each in summary["channels"]][1:] == [0, 0]
