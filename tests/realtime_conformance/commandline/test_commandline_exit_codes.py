"""Each exit code, one by one; whatever it is, no traceback, and a report wherever something was tried."""

from __future__ import annotations

import json
import re
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest

from reference.alterations import Alteration
from reference.behaviour import Behaviour
from reference.edits import drop, instead, put
from suites.scenario import scenario
from suites.talk import Talk
from tests.realtime_conformance.commandline.harness import (
    ROOT,
    SHORT,
    Command,
    Ran,
    hostile_server,
    reference_server,
)
from tests.wire import hostile

ONE = ("-k", "session_update.one_field", "--no-probe")


def _faulty(*changes: Any) -> Behaviour:
    return Behaviour(alteration=lambda _dialect: Alteration(changes))


def _whole(ran: Ran) -> Ran:
    """Check what is true of every report: it is there, it is valid, and it says the exit code."""
    results = ran.results
    assert results is not None
    assert results["verdict"]["exit"] == ran.code
    assert sum(results["counts"].values()) == len(results["requirements"])
    for name in ("report.html", "junit.xml"):
        assert (ran.folder / name).stat().st_size > 0
    assert results["verdict"]["sentence"] in ran.out
    return ran


# --- 0 and 1 ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("dialect", ["inworld", "openai"])
def test_0_the_embedded_server_conforms(command: Command, out: Path, dialect: str) -> None:
    ran = _whole(command("run", "--dialect", dialect, *ONE, "--out", out))
    assert ran.code == 0
    assert "session/update/acknowledged" in ran.verdicts("pass")
    assert ran.results["target"]["dialect"] == dialect
    assert [p.name for p in (out / "traces").glob("*.jsonl")] == ["session_update.one_field.jsonl"]


def test_0_its_own_traces_conform(command: Command, out: Path) -> None:
    command("run", *ONE, "--out", out)
    ran = _whole(command("judge", out / "traces", "--out", out))
    assert ran.code == 0
    assert ran.results["target"]["dialect"] == "inworld", "the trace says so itself"


def test_0_a_warning_is_no_failure_unless_strict(command: Command, out: Path, a_key: str) -> None:
    behaviour = _faulty(put("input_audio_buffer.cleared", "event_id", "evt_0001"))  # the client's own
    with reference_server(behaviour) as url:
        arguments = ("run", "--endpoint", url, "--auth-env", a_key, *ONE, "--out", out)
        relaxed = _whole(command(*arguments))
        assert relaxed.code == 0
        assert len(relaxed.verdicts("warn")) == 1
        strict = _whole(command(*arguments, "--strict"))
        assert strict.code == 1
        assert strict.verdicts("fail") == []


def test_1_a_server_that_does_not_acknowledge(command: Command, out: Path, a_key: str) -> None:
    with reference_server(_faulty(drop("session.updated"))) as url:
        ran = _whole(command("run", "--endpoint", url, "--auth-env", a_key, *ONE, *SHORT, "--out", out))
    assert ran.code == 1
    assert ran.verdicts("fail") == ["session/update/acknowledged"]
    [failed] = [r for r in ran.results["requirements"] if r["verdict"] == "fail"]
    [finding] = failed["findings"]
    assert finding["trace"] == "session_update.one_field"
    assert finding["message"] in ran.out
    [outcome] = ran.results["scenarios"]
    assert (outcome["outcome"], outcome["explained_by"]) == ("stalled", "session/update/acknowledged")


# --- 2 ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["SIGINT", "SIGTERM", "SIGHUP"])
def test_2_an_interrupted_run_leaves_its_report(out: Path, name: str) -> None:
    traces = out / "traces"
    with hostile_server(hostile.says_that_it_is_there) as url:
        arguments = ["run", "--endpoint", url, "--answer-timeout", "60", "--no-probe", "--out", str(out)]
        process = subprocess.Popen(
            [sys.executable, "-m", "realtime_conformance", *arguments],
            cwd=ROOT,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        deadline = time.monotonic() + 30
        while not any(traces.glob("*.jsonl")) and process.poll() is None and time.monotonic() < deadline:
            time.sleep(0.02)
        process.send_signal(getattr(signal, name))
        said, complained = process.communicate(timeout=30)
    ran = _whole(Ran(process.returncode, said, complained, out))
    assert "Traceback" not in ran.said
    assert ran.code == 2
    assert ran.results["verdict"]["sentence"].startswith("Interrupted")
    assert any(s["message"] == "interrupted" for s in ran.results["scenarios"])
    for path in traces.glob("*.jsonl"):
        assert json.loads(path.read_text().splitlines()[-1])["end"], "each trace has its footer"


# --- 3 ----------------------------------------------------------------------------------------------------


@scenario("session/created/first")
async def _broken(talk: Talk) -> None:
    """It breaks."""
    await talk.opened()
    raise KeyError("a mistake of ours")


@scenario("session/created/first")
async def _waiting(talk: Talk) -> None:
    """It waits for what nobody has promised."""
    await talk.opened()
    await talk.session.wait_for("something.nobody.promised", within=0.05)


def test_3_a_scenario_with_a_mistake(command: Command, out: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("realtime_conformance.application.actions.choosing.catalogue", lambda: [_broken])
    ran = _whole(command("run", "--no-probe", "--out", out))
    assert ran.code == 3
    assert "a mistake of ours" in ran.out
    assert ran.results["scenarios"][0]["outcome"] == "harness-error"


def test_a_stall_that_no_requirement_explains_is_no_mistake_of_the_suite(
    command: Command, out: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("realtime_conformance.application.actions.choosing.catalogue", lambda: [_waiting])
    ran = _whole(command("run", "--no-probe", "--out", out))
    assert ran.code != 3
    [scenario_] = ran.results["scenarios"]
    assert scenario_["outcome"] == "inconclusive"
    assert scenario_["explained_by"] == ""
    assert re.fullmatch(
        r"no something\.nobody\.promised within [\d.]+ s; no requirement says why", scenario_["message"]
    )


def test_3_a_rule_with_a_mistake(command: Command, out: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_: object, **__: object) -> None:
        raise KeyError("a mistake of ours")

    monkeypatch.setattr("rules.areas.updates.unshown", broken)  # which one rule calls
    ran = _whole(command("run", *ONE, "--out", out))
    assert ran.code == 3
    assert ran.verdicts("harness-error") == ["session/update/echoes-values"]
    assert ran.verdicts("fail") == []


# --- 5 ----------------------------------------------------------------------------------------------------


def test_5_nothing_could_be_judged(command: Command, out: Path, tmp_path: Path) -> None:
    path = tmp_path / "nothing.jsonl"
    path.write_text('{"trace": 1, "name": "nothing", "dialect": "openai"}\n{"end": "closed", "entries": 0}\n')
    ran = _whole(command("judge", path, "--out", out))
    assert ran.code == 5
    assert "no session was established" in ran.out


def test_what_could_not_be_read_is_not_the_servers_silence(command: Command, out: Path) -> None:
    ran = command("judge", "nowhere.jsonl", "--out", out)
    assert ran.code == 4
    assert "No verdict: no trace was there to be judged." in ran.out


# --- 6 ----------------------------------------------------------------------------------------------------


def _run(command: Command, out: Path, url: str, *more: str) -> Ran:
    """Run against a target that is not waited for long, not even for its answer to a close."""
    timeouts = {"connect": 0.5, "answer": 0.2, "response": 0.3, "silence": 0.2, "close": 0.05}
    target = {"endpoint": url, "auth": {"scheme": "none"}, "timeouts": timeouts}
    Path("conformance.yaml").write_text(json.dumps({"targets": {"it": target}}), encoding="utf-8")
    return _whole(command("run", "--target", "it", *more, "--out", out))


def test_6_nobody_listens(command: Command, out: Path, refusing: str) -> None:
    ran = _run(command, out, f"{refusing}/v1/realtime")
    assert ran.code == 6
    assert "connection refused" in ran.out
    assert ran.results["counts"]["fail"] == 0
    assert ran.results["counts"]["pass"] == 0


def test_6_a_name_that_does_not_exist(command: Command, out: Path) -> None:
    ran = _run(command, out, "ws://no-such-host.invalid/v1/realtime", "--connect-timeout", "5")
    assert ran.code == 6


@pytest.mark.parametrize("status", [401, 403, 404, 429, 500])
def test_6_refused(command: Command, out: Path, status: int) -> None:
    with hostile_server(hostile.refuses(status)) as url:
        ran = _run(command, out, url)
    assert ran.code == 6
    assert f"HTTP {status}" in ran.out
    assert ran.results["counts"]["fail"] == 0, "who is not let in, judges nobody"
    assert "Compatible" not in ran.out, "and says nothing of what it may be compatible with"


@pytest.mark.parametrize(
    "behaviour", [hostile.says_nothing_at_all, hostile.hangs_up_at_once, hostile.is_no_web_server]
)
def test_6_no_websocket_server(command: Command, out: Path, behaviour: hostile.Behaviour) -> None:
    with hostile_server(behaviour) as url:
        assert _run(command, out, url).code == 6


def test_5_most_was_not_played_for_want_of_budget(command: Command, out: Path) -> None:
    ran = command("run", "-k", "session_update", "--budget", "sessions=1", "--out", out)
    assert ran.code == 5
    assert "No verdict: the budget (sessions=1) did not allow " in ran.out
    assert "none failed; " in ran.out
    assert ran.verdicts("pass"), "what was seen is told all the same"


# --- servers that are there, and no good ------------------------------------------------------------------


def test_a_server_that_accepts_and_says_nothing(command: Command, out: Path) -> None:
    with hostile_server(hostile.accepts_and_says_nothing) as url:
        ran = _run(command, out, url)
    assert ran.code == 1
    assert "session/created/first" in ran.verdicts("fail")
    given_up = [s for s in ran.results["scenarios"] if "says nothing" in s["message"]]
    assert len(given_up) > 100, "after a few it is given up"


@pytest.mark.parametrize(
    "behaviour",
    [hostile.text("{", "[]", '{"type": 5}'), hostile.closes_at_once, hostile.text('{"a":' * 5000)],
    ids=["garbage", "closes at once", "deep"],
)
def test_a_server_that_sends_garbage(command: Command, out: Path, behaviour: hostile.Behaviour) -> None:
    with hostile_server(behaviour) as url:
        ran = _run(command, out, url, *ONE, "-k", "bootstrap.session_created_comes_first")
    assert ran.code == 1
    assert ran.verdicts("harness-error") == []
    assert "session/created/first" in ran.verdicts("fail")


@pytest.mark.parametrize(("code", "exit_code"), [(1011, 6), (1000, 1)])
def test_how_a_server_ended_every_session_stands_on_the_first_screen(
    command: Command, out: Path, code: int, exit_code: int
) -> None:
    with hostile_server(hostile.closes(code, "no service")) as url:
        ran = _run(command, out, url, "--answer-timeout", "2")
    assert ran.code == exit_code
    told = f"ends them before it says anything: close code {code} (no service)"
    assert told in ran.out
    page = (out / "report.html").read_text(encoding="utf-8")
    assert told in page.partition('id="requirements"')[0]


def test_a_redirect_is_told_with_its_place(command: Command, out: Path) -> None:
    with hostile_server(hostile.redirects) as url:
        ran = _run(command, out, url)
    assert ran.code == 6
    assert "It redirects to ws://192.0.2.1/v1/realtime, which is not followed" in ran.out


def test_a_server_that_turns_every_session_down_is_not_judged(command: Command, out: Path) -> None:
    with hostile_server(hostile.closes(4001, "who are you?")) as url:
        ran = _run(command, out, url, *ONE)
    assert ran.code == 6
    assert ran.verdicts("fail") == []


# --- what a target says of itself -------------------------------------------------------------------------


def test_a_target_that_says_what_is_not_so_is_told(command: Command, out: Path, a_key: str) -> None:
    def refusal(event: Any, memory: Any) -> Any:
        error = {"type": "invalid_request_error", "code": None, "message": "not here", "param": None}
        named = {**error, "event_id": memory.asked[-1]["event_id"]}
        return {"type": "error", "event_id": event["event_id"], "error": named}

    declared = ("--feature", "retrieve", "--no-feature", "truncation")
    needing = "conversation_item_retrieve.unknown or conversation_item_truncate.spoken_words"
    chosen = ("-k", f"session_update.one_field or {needing}", "--out", out)
    with reference_server(_faulty(instead("conversation.item.retrieved", refusal))) as url:
        ran = _whole(command("run", "--endpoint", url, "--auth-env", a_key, *declared, *chosen))
    assert ran.results["notes"] == [
        "judged by OpenAI GA: its address holds /v1/realtime",
        "retrieve is declared as offered, and was not found",
        "truncation is declared as not offered, and was found",
    ]
    assert "note: retrieve is declared as offered, and was not found" in ran.out
    assert ran.results["target"]["probed"]["retrieve"] is False
    assert ran.results["target"]["features"]["retrieve"] is True, "what is declared counts"


def test_serve_says_where_it_listens_and_ends_when_interrupted(tmp_path: Path) -> None:
    process = subprocess.Popen(
        [sys.executable, "-m", "realtime_conformance", "serve", "--port", "0"],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    assert process.stdout is not None
    first, *channels = (process.stdout.readline() for _ in range(3))
    process.send_signal(signal.SIGINT)
    rest, complained = process.communicate(timeout=30)
    assert re.fullmatch(r"listening ws://127\.0\.0\.1:\d+/api/v1/realtime/session\n", first)
    assert [line.split()[0] for line in channels] == ["tts", "stt"]
    assert (process.returncode, rest, complained) == (0, "", "")
