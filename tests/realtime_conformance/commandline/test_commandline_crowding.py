"""What a user reads where a server has little room, or the account nothing left."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from reference.conditions import Conditions
from reference.server import ServerOptions
from tests.realtime_conformance.commandline.harness import ROOT, Command, reference_server

_SOME = ("-k", "conversation_item_create", "--no-probe")


@pytest.fixture
def a_key(monkeypatch: pytest.MonkeyPatch) -> str:
    monkeypatch.setenv("SOME_KEY", "a-key-of-ours")
    return "SOME_KEY"


def test_refusals_stand_on_the_first_screen_with_what_avoids_them(
    command: Command, out: Path, a_key: str
) -> None:
    options = ServerOptions(conditions=Conditions(sessions=2, full="http-429", retry_after=0))
    with reference_server(options=options) as url:
        some = ("-k", "conversation_item_create or conversation_item_delete or bootstrap", "--no-probe")
        ran = command("run", "--endpoint", url, "--auth-env", a_key, *some, "--out", out)
    assert ran.code == 0
    crowding = ran.results["crowding"]
    assert list(crowding["refused"]) == ["HTTP 429"]
    assert crowding["avoided_by"] == "--concurrency 1"
    said = f"{crowding['refused']['HTTP 429']} x HTTP 429"
    assert said in ran.said
    assert "--concurrency 1 avoids it" in ran.said
    assert said in (out / "summary.md").read_text(encoding="utf-8")
    assert said in (out / "report.html").read_text(encoding="utf-8")
    judged = command("judge", out / "traces", "--out", out / "again")
    assert judged.code == 0
    assert "left out: no room while other sessions were open" in judged.said


def test_one_at_a_time_is_refused_nothing(command: Command, out: Path, a_key: str) -> None:
    options = ServerOptions(conditions=Conditions(sessions=2))
    with reference_server(options=options) as url:
        ran = command("run", "--endpoint", url, "--auth-env", a_key, "--concurrency", 1, *_SOME, "--out", out)
    assert ran.code == 0
    assert ran.results["crowding"] is None


@pytest.mark.parametrize("quota", [0, 4])
def test_an_account_with_nothing_left(command: Command, out: Path, a_key: str, quota: int) -> None:
    with reference_server(options=ServerOptions(conditions=Conditions(quota=quota))) as url:
        some = ("-k", "response_create", "--no-probe")
        ran = command("run", "--endpoint", url, "--auth-env", a_key, *some, "--out", out)
    assert ran.code == 6
    assert "No verdict: the quota of the account has ended (insufficient_quota" in ran.said
    assert ran.verdicts("fail") == []


def test_serve_may_be_crowded(command: Command, out: Path, a_key: str) -> None:
    crowded = ("--session-limit", "0", "--full-by", "http-503", "--retry-after", "1")
    process = subprocess.Popen(
        [sys.executable, "-m", "realtime_conformance", "serve", *crowded],
        stdout=subprocess.PIPE,
        text=True,
        cwd=ROOT,
    )
    try:
        assert process.stdout is not None
        found = re.search(r"listening (ws://\S+)", process.stdout.readline())
        assert found
        ran = command("run", "--endpoint", found[1], "--auth-env", a_key, *_SOME, "--out", out)
    finally:
        process.terminate()
        process.wait(20)
    assert ran.code == 6
    assert "HTTP 503" in ran.said


_TRIES = 8  # whether it comes while another session is open, is for the machine to say


@pytest.mark.parametrize("full", ["error", "close-1008"])
def test_a_refusal_is_no_answer_to_who_spoke_before_it(
    command: Command, out: Path, a_key: str, full: Any
) -> None:
    options = ServerOptions(conditions=Conditions(sessions=1, full=full))
    traces: list[str] = []
    for _ in range(_TRIES):
        with reference_server(dialect="inworld", options=options) as url:
            some = ("-k", "bootstrap", "--dialect", "inworld", "--no-probe")
            ran = command("run", "--endpoint", url, "--auth-env", a_key, *some, "--out", out)
        found = sorted((out / "traces").glob("bootstrap.update_before_created_was_read.*"))
        traces = [path.read_text(encoding="utf-8") for path in found]
        if len(traces) > 1:
            break
    refused, *_, played = traces
    # Behind an error, the suite may be the first to close.
    assert ("session_limit_reached" if full == "error" else '"code":1008') in refused
    assert '"session.created"' not in refused
    assert '"attempt":"crowded"' in refused
    assert '"session.updated"' in played, "there was room for it later"
    assert ran.code == 0
    assert ran.verdicts("fail") == []
