"""A signal ends a run in good order at every stage, and no older report is left in place of a new one."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from realtime_conformance.application import parallel_judging, report_folder
from realtime_conformance.application.conformance_run import ConformanceRun
from realtime_conformance.application.plan import Plan
from realtime_conformance.application.recordings import Recording
from realtime_conformance.application.report_folder import FolderError
from realtime_conformance.supervision.interruption import Signals
from reports.writing import NAMES
from suites.outcome import Listener
from suites.running import Run
from tests.addresses import NOWHERE
from tests.realtime_conformance.commandline.harness import ROOT, Command, Ran
from tests.realtime_conformance.gate.servers import is_running
from wire.endpoint import Endpoint

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="a process cannot send itself these signals")

SIGNALS = ("SIGINT", "SIGTERM", "SIGHUP")
ONE = ("-k", "session_update.one_field", "--no-probe")


def _send(name: str) -> None:
    os.kill(os.getpid(), getattr(signal, name))


# --- signals ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", SIGNALS)
def test_a_signal_interrupts_where_nothing_else_is_said(name: str) -> None:
    with pytest.raises(KeyboardInterrupt), Signals():
        _send(name)


@pytest.mark.parametrize("name", SIGNALS)
def test_a_signal_cancels_a_run(name: str, tmp_path: Path) -> None:
    class Waiting(ConformanceRun):
        async def perform(self, _listener: Listener | None = None) -> None:
            self.runs.append(Run(Endpoint(NOWHERE, "openai"), tmp_path))
            try:
                asyncio.get_running_loop().call_later(0.05, _send, name)
                await asyncio.sleep(30)
            except asyncio.CancelledError:
                self.interrupted = True

    conformance = Waiting(Plan((), tmp_path))
    with Signals() as signals:
        conformance.perform_until(signals)
    assert conformance.interrupted


def test_a_run_that_is_interrupted_before_it_has_begun_has_nothing_to_report(tmp_path: Path) -> None:
    class Waiting(ConformanceRun):
        async def perform(self, _listener: Listener | None = None) -> None:
            _send("SIGTERM")
            await asyncio.sleep(30)

    with pytest.raises(KeyboardInterrupt), Signals() as signals:
        Waiting(Plan((), tmp_path)).perform_until(signals)


def test_a_report_is_finished_and_only_a_second_signal_stops_that() -> None:
    with Signals() as signals, signals.finishing() as interrupted:
        assert not interrupted()
        _send("SIGTERM")
        assert interrupted()
        with pytest.raises(KeyboardInterrupt):
            _send("SIGINT")


def test_handlers_are_as_before_and_a_hangup_that_is_ignored_stays_so() -> None:
    numbers = [getattr(signal, name) for name in SIGNALS]
    before = [signal.getsignal(n) for n in numbers]
    with Signals():
        assert all(signal.getsignal(n) is not b for n, b in zip(numbers, before, strict=True))
    assert [signal.getsignal(n) for n in numbers] == before
    signal.signal(signal.SIGHUP, signal.SIG_IGN)
    try:
        with Signals():
            _send("SIGHUP")
    finally:
        signal.signal(signal.SIGHUP, before[-1])


def test_a_signal_while_the_report_is_made(
    command: Command, out: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = ConformanceRun.report

    def report(conformance: ConformanceRun) -> object:
        _send("SIGTERM")
        return made(conformance)

    monkeypatch.setattr(ConformanceRun, "report", report)
    ran = command("run", *ONE, "--out", out)
    assert ran.code == 2
    assert ran.results["verdict"]["exit"] == 2
    assert "session/update/acknowledged" in ran.verdicts("pass"), "what was seen is judged all the same"


# --- older reports ----------------------------------------------------------------------------------------


def _older_report(out: Path) -> None:
    (out / "traces" / "probes").mkdir(parents=True)
    (out / "replays").mkdir()
    for name in NAMES:
        (out / name).write_text("older", encoding="utf-8")
    (out / "traces" / "older.jsonl").write_text('{"trace":1,"name":"older"}\n', encoding="utf-8")
    (out / "traces" / "probes" / "older.jsonl").write_text('{"trace":1,"name":"older"}\n', encoding="utf-8")
    (out / "replays" / "older.jsonl").write_text('{"replay":1,"name":"older"}\n', encoding="utf-8")
    (out / "traces" / "mine.jsonl").write_text('{"dir":"server","event":{}}\n', encoding="utf-8")
    (out / "notes.txt").write_text("mine", encoding="utf-8")


def _left(out: Path) -> set[str]:
    return {p.relative_to(out).as_posix() for p in out.rglob("*") if p.is_file()}


def test_a_server_that_does_not_start_leaves_no_older_report(
    command: Command, out: Path, refusing: str
) -> None:
    _older_report(out)
    ran = command("run", "--start", "exit 3", "--endpoint", refusing, "--out", out)
    assert ran.code == 6
    assert not _left(out) & set(NAMES)


def test_a_run_replaces_what_earlier_ones_recorded_and_nothing_else(command: Command, out: Path) -> None:
    _older_report(out)
    assert command("run", *ONE, "--out", out).code == 0
    left = _left(out)
    assert {"notes.txt", "traces/mine.jsonl", *NAMES} <= left
    assert not any("older" in name for name in left)
    assert json.loads((out / "results.json").read_text(encoding="utf-8"))["schema_version"] == 2


def test_a_mistake_on_the_command_line_costs_nobody_a_report(command: Command, out: Path) -> None:
    _older_report(out)
    before = _left(out)
    assert command("run", "--endpoint", "http://host/", "--out", out).code == 4
    assert command("judge", out / "absent.jsonl", "--out", out, "--dialect", "klingon").code == 4
    assert _left(out) == before


def test_judging_leaves_the_traces_where_they_are(command: Command, out: Path) -> None:
    command("run", *ONE, "--out", out)
    traces = {name for name in _left(out) if name.startswith("traces/")}
    assert command("judge", out / "traces", "--out", out).code == 0
    assert traces <= _left(out)


def test_what_is_to_be_played_again_is_not_removed(command: Command, out: Path) -> None:
    (out / "replays").mkdir(parents=True)
    script = out / "replays" / "it.jsonl"
    script.write_text('{"replay":1,"name":"it","dialect":"openai"}\n', encoding="utf-8")
    ran = command("replay", script, "--out", out)
    assert ran.code == 4
    assert "it.jsonl, which is to be played; name another folder" in ran.err
    assert script.exists()


def test_a_folder_in_the_place_of_a_file_is_told_before_the_run(command: Command, out: Path) -> None:
    (out / "report.html").mkdir(parents=True)
    ran = command("run", *ONE, "--out", out)
    assert ran.code == 4
    assert "report.html: is a folder" in ran.err
    assert not (out / "traces").exists()


def test_a_report_that_cannot_be_written_is_told_on_the_terminal(
    command: Command, out: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(path: Path, _: bytes) -> int:
        path.touch()
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(report_folder, "check", lambda _: None)
    monkeypatch.setattr(Path, "write_bytes", full)
    ran = command("run", *ONE, "--out", out)
    assert ran.code == 4
    assert "Conforms to Inworld" in ran.out
    assert "No space left on device" in ran.err
    assert [p for p in out.iterdir() if p.is_file()] == [], "no half of a file"


def test_a_full_disk_is_noticed_before_the_run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(_path: Path, _: bytes) -> int:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(Path, "write_bytes", full)
    with pytest.raises(FolderError, match="cannot be written \\(No space left on device\\); name another"):
        report_folder.check(tmp_path)


# --- traces that are judged -------------------------------------------------------------------------------


def _three_traces(folder: Path) -> None:
    event = {"type": "error", "event_id": "event_1", "error": {"type": "server_error", "message": "no"}}
    for number in range(3):
        (folder / f"{number}.jsonl").write_text(
            json.dumps({"dir": "server", "t": 0.5, "event": event}) + "\n", "utf-8"
        )


def _interrupted_at(time_: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """Interrupt when file number `time_` is judged, counted over all dialects."""
    judged, times = parallel_judging._judge_one, 0

    def judge(work: Recording) -> object:
        nonlocal times
        times += 1
        if times == time_:
            _send("SIGTERM")
        return judged(work)

    monkeypatch.setattr(parallel_judging, "_judge_one", judge)


def _events(ran: Ran) -> int:
    return int(
        next(r["subjects"] for r in ran.results["requirements"] if r["id"] == "envelope/event-id-present")
    )


def test_traces_that_are_judged_when_a_signal_comes_are_reported(
    command: Command, out: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    _three_traces(tmp_path)
    _interrupted_at(3, monkeypatch)
    ran = command("judge", tmp_path, "--dialect", "inworld", "--out", out)
    assert ran.code == ran.results["verdict"]["exit"] == 2
    assert _events(ran) == 2
    assert ran.results["notes"] == ["interrupted: 2 of 3 files are judged"]
    assert ran.results["layers"] == [], "the other dialect would have more to go by"
    assert "interrupted: 2 of 3 files are judged" in ran.out


def test_a_dialect_that_is_not_judged_to_its_end_is_left_out(
    command: Command, out: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    _three_traces(tmp_path)
    for at in (4, 5):  # before and after there is anything of the other dialect
        _interrupted_at(at, monkeypatch)
        ran = command("judge", tmp_path, "--dialect", "inworld", "--out", out)
        assert ran.code == ran.results["verdict"]["exit"] == 2
        assert _events(ran) == 3
        assert (ran.results["notes"], ran.results["layers"]) == ([], [])
        monkeypatch.undo()


def test_nothing_is_reported_where_nothing_is_judged(
    command: Command, out: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    _three_traces(tmp_path)
    _interrupted_at(1, monkeypatch)
    ran = command("judge", tmp_path, "--out", out)
    assert (ran.code, ran.results, ran.err.strip()) == (2, None, "interrupted")


# --- processes that judge ---------------------------------------------------------------------------------


def _children(pid: int) -> set[int]:
    found = set()
    for task in Path(f"/proc/{pid}/task").iterdir():
        found |= {int(each) for each in (task / "children").read_text(encoding="utf-8").split()}
    return found


@pytest.mark.skipif(not Path("/proc/self/task").exists(), reason="children are looked for in /proc")
@pytest.mark.skipif((os.cpu_count() or 1) < 2, reason="one core judges alone")
@pytest.mark.parametrize("name", ["SIGTERM", "SIGINT", "SIGKILL"])
def test_what_judges_beside_goes_with_the_judge(tmp_path: Path, out: Path, name: str) -> None:
    event = {"type": "rate_limits.updated", "event_id": "event_1", "rate_limits": [{"name": "x" * 900}]}
    line = json.dumps({"dir": "server", "event": event}) + "\n"
    for number in range(2):
        (tmp_path / f"{number}.jsonl").write_text(line * 20_000, encoding="utf-8")
    with subprocess.Popen(
        [sys.executable, "-m", "realtime_conformance", "judge", str(tmp_path), "--out", str(out)],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as judge:
        deadline = time.monotonic() + 30
        while len(_children(judge.pid)) < 2 and time.monotonic() < deadline:
            time.sleep(0.02)
        beside = _children(judge.pid)
        judge.send_signal(getattr(signal, name))
        _, complained = judge.communicate(timeout=30)  # nobody holds the pipes any more
    assert len(beside) >= 2
    if name != "SIGKILL":
        assert (judge.returncode, complained.strip()) == (2, "interrupted")
    while any(map(is_running, beside)) and time.monotonic() < deadline:
        time.sleep(0.02)
    assert not any(map(is_running, beside))
