"""`realtime-conformance load`: exit codes, output, report, and what it refuses to do."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from reference.altered_behaviour import differing
from reference.conditions import Conditions
from reference.faults import FAULTS
from reference.server import ServerOptions
from tests.realtime_conformance.commandline.harness import (
    ROOT,
    Command,
    complaint_of,
    hostile_server,
    reference_server,
)
from tests.wire import hostile

FAST = ("--pace", "full", "--duration", "1", "--scenario", "text")


def test_0_the_embedded_server_bears_it(command: Command, out: Path) -> None:
    ran = command("load", "--dialect", "openai", "--sessions", "1,3", *FAST, "--out", out)
    assert ran.code == 0
    assert "Bears the load" in ran.out
    assert "your server was not judged" in ran.out
    found = json.loads((out / "load.json").read_text(encoding="utf-8"))
    assert found["verdict"]["exit"] == 0
    assert [row["name"] for row in found["rows"]] == ["1", "3"]
    assert found["rows"][1]["turns"] > 0
    assert found["rows"][1]["times"]["turn"][0] > 0
    assert "3 sessions" in (out / "load.html").read_text(encoding="utf-8")
    assert "Bears the load" in (out / "summary.md").read_text(encoding="utf-8")


def test_1_what_becomes_wrong_is_named_with_its_step(command: Command, out: Path, a_key: str) -> None:
    options = ServerOptions(pace=0.0, conditions=Conditions(wrong_from=3))
    behaviour = differing([FAULTS["output-index-changes-midway"]])
    with reference_server(behaviour, options=options) as url:
        named = ("load", "--endpoint", url, "--dialect", "openai", "--auth-env", a_key)
        arguments = (*named, "--sessions", "1,4", "--pace", "full", "--duration", "1", "--scenario", "speech")
        ran = command(*arguments, "--out", out)
        tolerant = command(*arguments, "--tolerate", "envelope/*", "--out", out)
        strict = command(*arguments, "--tolerate", "*", "--require-conformance-at", "4", "--out", out)
    assert ran.code == 1
    assert (
        "Does not bear the load: envelope/ids-keep-their-meaning holds at 1 session and breaks at 4"
        in ran.out
    )
    assert tolerant.code == 0
    assert "(tolerated)" in tolerant.out
    assert strict.code == 0


def test_1_a_limit_is_passed(command: Command, out: Path) -> None:
    ran = command("load", "--sessions", "1", *FAST, "--max-p95", "turn=0.000001", "--out", out)
    assert ran.code == 1
    assert "turn at 1 session: the 95th percentile is" in ran.out


def test_6_nobody_is_let_in(command: Command, out: Path) -> None:
    with hostile_server(hostile.refuses(401)) as url:
        ran = command(
            "load", "--endpoint", url, "--dialect", "openai", "--sessions", "6", *FAST, "--out", out
        )
    assert ran.code == 6
    assert "HTTP 401" in ran.out


def test_5_the_budget_ends_it(command: Command, out: Path) -> None:
    ran = command("load", "--sessions", "2", *FAST, "--budget", "responses=3", "--out", out)
    assert ran.code == 5
    assert "the run ended early" in ran.out


def test_a_plan_sends_nothing(command: Command, out: Path) -> None:
    ran = command("load", "--sessions", "10,20", "--duration", "1m", "--plan", "--out", out)
    assert ran.code == 0
    assert "20 sessions: likely 20 sessions, 60 responses, 498 s of audio" in ran.out
    assert not out.exists()


@pytest.mark.parametrize(
    ("arguments", "parts"),
    [
        (("--sessions", "0"), ("--sessions 0", "1,10,50")),
        (("--sessions", "1", "--rate", "1"), ("--sessions and --rate",)),
        (("--scenario", "song"), ("song", "text, speech, tool")),
        (("--duration", "soon"), ("soon", "90s")),
        (("--max-p95", "turn=fast"), ("turn=fast", "first_audio=1.5")),
        (("--require-conformance-at", "7"), ("7", "1, 10, 50")),
        (
            ("--endpoint", "wss://api.example.com/v1/realtime"),
            ("api.example.com", "--i-may-load api.example.com"),
        ),
        (
            ("--endpoint", "wss://api.example.com/v1/realtime", "--i-may-load", "example.org"),
            ("api.example.com", "example.org"),
        ),
    ],
)
def test_4_what_cannot_be_done(
    command: Command, out: Path, arguments: tuple[str, ...], parts: tuple[str, ...]
) -> None:
    complaint_of(command("load", *arguments, "--out", out), *parts)


def test_whoever_may_load_a_host_says_so(command: Command, out: Path) -> None:
    url = "wss://api.example.com/v1/realtime"
    ran = command("load", "--endpoint", url, "--i-may-load", "API.example.com", "--plan", "--out", out)
    assert ran.code == 0


def test_2_interrupted_it_leaves_a_report(out: Path) -> None:
    arguments = ["load", "--sessions", "2", "--duration", "60", "--pace", "full", "--scenario", "text"]
    process = subprocess.Popen(
        [sys.executable, "-m", "realtime_conformance", *arguments, "--out", str(out)],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    deadline = time.monotonic() + 30
    while time.monotonic() < deadline and process.poll() is None:
        if any(each.stem > "2-00003" for each in (out / "traces").glob("*.jsonl")):
            break  # the first callers have hung up
        time.sleep(0.01)
    process.send_signal(signal.SIGINT)
    said, complained = process.communicate(timeout=30)
    assert "Traceback" not in said + complained
    assert process.returncode == 2
    found = json.loads((out / "load.json").read_text(encoding="utf-8"))
    assert found["interrupted"]
    assert found["rows"][0]["opened"] >= 1
