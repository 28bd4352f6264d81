"""`realtime-conformance replay`: the same verdicts, wherever it is played."""

from __future__ import annotations

import asyncio
import json
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from realtime_conformance.cli import run_command_line
from reference.alterations import Alteration
from reference.behaviour import Behaviour
from reference.faults import FAULTS
from reference.server import ReferenceServer, ServerOptions
from suites.scenario import catalogue
from tests.realtime_conformance.replays.playing import played

FAULT = FAULTS["cancelled-response-not-done"]
FAILED = "response/lifecycle/done-exactly-once"


@pytest.fixture(scope="module")
def script(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A script that a server with a fault left behind."""
    folder = tmp_path_factory.mktemp("found")
    scenarios = [s for s in catalogue() if s.id == "response_cancel.while_it_speaks"]
    played(scenarios, folder, "openai", FAULT.changes)
    (path,) = (folder / "replays").glob("*.jsonl")
    return path


@pytest.fixture
def faulty() -> Iterator[str]:
    """The address of a server with the fault, on a loop of its own."""
    ready: list[str] = []
    started, stop = threading.Event(), asyncio.Event()
    loops: list[asyncio.AbstractEventLoop] = []

    async def serve() -> None:
        behaviour = Behaviour(alteration=lambda _: Alteration(FAULT.changes))
        loops.append(asyncio.get_running_loop())
        # A pace: an answer that is whole at once cannot be cancelled on a busy machine.
        async with ReferenceServer(ServerOptions(pace=0.05), behaviour) as server:
            ready.append(server.url("openai"))
            started.set()
            await stop.wait()

    thread = threading.Thread(target=lambda: asyncio.run(serve()))
    thread.start()
    assert started.wait(10)
    yield ready[0]
    loops[0].call_soon_threadsafe(stop.set)
    thread.join(10)
    assert not thread.is_alive()


HASTE = ["--answer-timeout", "1", "--silence", "1"]


def test_it_fails_again_on_the_server_that_failed(
    script: Path, faulty: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("REALTIME_API_KEY", "a-key")
    assert run_command_line(["replay", str(script), "--endpoint", faulty, *HASTE]) == 1
    said = capsys.readouterr().out
    assert f"{FAILED} fails again" in said
    assert "Does not conform to OpenAI GA" in said


def test_it_holds_on_a_server_that_obeys(script: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run_command_line(["replay", str(script)]) == 0
    assert f"{FAILED} holds now" in capsys.readouterr().out


def test_several_scripts_and_a_report(
    script: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "report"
    assert run_command_line(["replay", str(script), str(script), "--out", str(out)]) == 0
    assert "2 scripts against the embedded reference server (openai)" in capsys.readouterr().out
    results = json.loads((out / "results.json").read_text(encoding="utf-8"))
    assert len(results["scenarios"]) == 2
    assert len({s["trace"] for s in results["scenarios"]}) == 2


def test_a_budget_is_kept(script: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run_command_line(["replay", str(script), "--budget", "responses=0"]) == 5
    assert "did not allow 1 of 1" in capsys.readouterr().out


def test_frames_for_wscat(script: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run_command_line(["replay", str(script), "--print", "wscat"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert lines[1].startswith("# wscat --connect ")
    assert any(line.startswith("# wait for response.") for line in lines)
    frames = [json.loads(line) for line in lines if not line.startswith("#")]
    assert frames[-1]["type"] == "response.cancel"


def test_frames_for_websocat(script: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run_command_line(["replay", str(script), "--print", "websocat"]) == 0
    said = capsys.readouterr()
    frames = [json.loads(line) for line in said.out.splitlines()]
    assert [f["type"] for f in frames][-2:] == ["response.create", "response.cancel"]
    assert frames[-1]["response_id"] == "${response.created[1].response.id}"
    assert "put in what the server answered" in said.err


def test_a_file_that_is_no_script(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "broken.jsonl"
    path.write_text('{"trace": 1}\n', encoding="utf-8")
    assert run_command_line(["replay", str(path)]) == 4
    said = capsys.readouterr().err.strip()
    assert "\n" not in said
    assert "line 1" in said


def test_a_server_that_is_not_there(
    script: Path, refusing: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("REALTIME_API_KEY", "a-key")
    assert run_command_line(["replay", str(script), "--endpoint", f"{refusing}/v1/realtime"]) == 6
    assert "connection refused" in capsys.readouterr().out
