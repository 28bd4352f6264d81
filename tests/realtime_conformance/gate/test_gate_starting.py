"""`--start`: the server under test is up when the run begins, and gone with its children when it is over."""

from __future__ import annotations

import http.server
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from realtime_conformance.supervision import server_process
from realtime_conformance.supervision.server_process import Ready, Server, StartError
from reports.model import Exit
from tests.addresses import free_port
from tests.realtime_conformance.commandline.harness import Command, command_in
from tests.realtime_conformance.gate.servers import LISTENING, STUBBORN, is_running, pids, program

_PROJECT = Path(__file__).resolve().parents[3]
_SERVE = f"{sys.executable} -m realtime_conformance serve"

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="process groups are POSIX's")


@pytest.fixture(autouse=True)
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(server_process, "_GRACE_S", 0.3)


def _server(folder: Path, command: str, ready: str | None = None, port: int = 0, **more: object) -> Server:
    endpoint = f"ws://127.0.0.1:{port}/v1/realtime" if port else ""
    given = Ready.parsed(ready, endpoint) if ready or endpoint else Ready()
    return Server(command, given, folder / "server.log", **more)  # type: ignore[arg-type]


def _within(condition: Callable[[], bool], seconds: float = 10) -> bool:
    deadline = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > deadline:
            return False
        threading.Event().wait(0.01)
    return True


@pytest.mark.parametrize(
    "ready",
    [None, "tcp://127.0.0.1:{port}", "ready to (talk|listen)", "ws://user:pw@127.0.0.1:{port}/x?key=secret"],
)
def test_it_is_ready_inside_the_block_and_gone_after_it(tmp_path: Path, ready: str | None) -> None:
    port = free_port()
    server = _server(tmp_path, program(tmp_path, LISTENING, port), ready and ready.format(port=port), port)
    with server:
        assert server.code is None
        assert server.ready.answers()
        assert "secret" not in str(server.ready)
    assert not server.ready.answers()
    assert (tmp_path / "server.log").read_text(encoding="utf-8") == "ready to talk\n"


def test_it_goes_with_its_children_although_they_refuse_and_one_has_escaped(tmp_path: Path) -> None:
    port = free_port()
    with _server(tmp_path, program(tmp_path, STUBBORN, port), "all up", port):
        known = pids(tmp_path / "server.log")
        assert set(known) == {"child", "escaped", "self"}
        assert all(map(is_running, known.values()))
    assert not any(map(is_running, known.values()))


@pytest.mark.parametrize("error", [RuntimeError, KeyboardInterrupt, SystemExit])
def test_it_goes_whatever_happens_inside(tmp_path: Path, error: type[BaseException]) -> None:
    port = free_port()
    server = _server(tmp_path, program(tmp_path, LISTENING, port), None, port)
    with pytest.raises(error), server:
        raise error
    assert not server.ready.answers()


def test_a_daemon_that_its_start_script_leaves_behind_goes_too(tmp_path: Path) -> None:
    port = free_port()
    command = f"setsid {program(tmp_path, LISTENING, port)} > /dev/null 2>&1 &"
    server = _server(tmp_path, command, None, port)
    with server:
        assert server.ready.answers()
    assert not server.ready.answers()


@pytest.mark.parametrize(
    ("command", "ready", "code", "said"),
    [
        ("no-such-command", None, Exit.USAGE, "a command in it was not found"),
        ("/etc/passwd", None, Exit.USAGE, "it cannot be executed"),
        (
            "echo no licence; echo bye; exit 3",
            None,
            Exit.UNREACHABLE,
            "ended with exit code 3 before it was ready; its last output: no licence | bye; see ",
        ),
        ("exit 0", None, Exit.UNREACHABLE, "ended with exit code 0 before it was ready; it printed nothing"),
        ("kill -9 $$", None, Exit.UNREACHABLE, "ended with signal 9 before it was ready"),
        (
            "echo hello; sleep 60",
            None,
            Exit.UNREACHABLE,
            "was not ready after 0.3 s: waited until ws://127.0.0.1:",
        ),
        (
            "echo hello; sleep 60",
            "good bye",
            Exit.UNREACHABLE,
            "matches good bye and ws://127.0.0.1:{port}/v1",
        ),
        ("echo hello; exit 0", "hel+o", Exit.UNREACHABLE, "ended with exit code 0 before it was ready"),
    ],
)
def test_it_does_not_start(tmp_path: Path, command: str, ready: str | None, code: Exit, said: str) -> None:
    port = free_port()
    with pytest.raises(StartError) as caught, _server(tmp_path, command, ready, port, timeout=0.3):
        pytest.fail("it is not ready")
    assert caught.value.exit is code
    assert said.format(port=port) in str(caught.value)
    assert "\n" not in str(caught.value)


def test_what_is_there_already_is_not_judged_by_mistake(tmp_path: Path) -> None:
    port = free_port()
    with _server(tmp_path, program(tmp_path, LISTENING, port), None, port):
        with pytest.raises(StartError, match="something already answers at ws:") as caught:
            _server(tmp_path, "true", None, port).__enter__()
        assert caught.value.exit is Exit.USAGE


class _Health(http.server.BaseHTTPRequestHandler):
    status = 503

    def do_GET(self) -> None:
        self.send_response(type(self).status if self.path == "/health" else 500)
        self.end_headers()

    def log_message(self, *_: object) -> None:
        """Say nothing."""


def test_a_url_is_ready_when_it_answers_with_less_than_500() -> None:
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), _Health) as health:
        threading.Thread(target=health.serve_forever, daemon=True).start()
        url = f"http://127.0.0.1:{health.server_port}/health"
        _Health.status = 503
        assert not Ready.parsed(url, "").answers()
        for status in (200, 302, 404):
            _Health.status = status
            assert Ready.parsed(url, "").answers()
        assert not Ready.parsed(url + "y", "").answers()
        health.shutdown()
    assert not Ready.parsed(url, "").answers()


def test_its_output_is_redacted_before_it_is_written(tmp_path: Path) -> None:
    command = "echo key is hunter22hunter; printf 'without end hunter22hunter'; exit 1"
    server = _server(
        tmp_path, command, "never", redact=lambda text: text.replace("hunter22hunter", "[redacted]")
    )
    with pytest.raises(StartError) as caught:
        server.__enter__()
    log = (tmp_path / "server.log").read_text(encoding="utf-8")
    assert log == "key is [redacted]\nwithout end [redacted]\n"
    assert "hunter22hunter" not in str(caught.value)


def test_a_server_that_talks_for_ever_does_not_fill_the_disk(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(server_process, "_LOGGED", 10_000)
    talk = "yes a rather long line of output that says nothing | head -c 3000000; echo; echo up; sleep 60"
    with _server(tmp_path, talk, "^up$"):
        pass
    assert (tmp_path / "server.log").stat().st_size <= 10_000


def test_the_handlers_of_signals_are_as_before(tmp_path: Path) -> None:
    before = [signal.getsignal(n) for n in (signal.SIGTERM, signal.SIGHUP, signal.SIGINT)]
    with _server(tmp_path, "echo up; sleep 60", "up"):
        assert signal.getsignal(signal.SIGTERM) is not before[0]
    assert [signal.getsignal(n) for n in (signal.SIGTERM, signal.SIGHUP, signal.SIGINT)] == before


# --- from the command line ---------------------------------------------------------------------------------


@pytest.fixture
def command(tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Command:
    monkeypatch.setenv("PYTHONPATH", str(_PROJECT))
    monkeypatch.setenv("REALTIME_API_KEY", "hunter22hunter")
    monkeypatch.chdir(tmp_path)
    return command_in(tmp_path / "report", capsys)


def test_a_server_that_says_where_it_is(command: Command, tmp_path: Path) -> None:
    ran = command(
        "run",
        "--start",
        _SERVE,
        "--ready",
        r"listening (?P<endpoint>ws://\S+)",
        "--out",
        tmp_path / "report",
        "-k",
        "bootstrap",
        "--no-probe",
    )
    assert ran.code == 0, ran.said
    assert "/api/v1/realtime/session (inworld)" in ran.out
    log = (tmp_path / "report" / "server.log").read_text(encoding="utf-8")
    assert log.startswith("listening ws://127.0.0.1:")


def test_a_server_that_dies_during_the_run_is_told_of(command: Command, tmp_path: Path) -> None:
    port = free_port()
    dying = LISTENING.replace("while True:", "for _ in range(2):") + "\nsys.exit(9)\n"
    ran = command(
        "run",
        "--start",
        program(tmp_path, dying, port),
        "--endpoint",
        f"ws://127.0.0.1:{port}/",
        "--out",
        tmp_path / "report",
        "--dialect",
        "openai",
        "--connect-timeout",
        "0.5",
    )
    assert ran.code == 6
    assert "note: the server under test ended by itself during the run (9)" in ran.out


def test_a_server_that_does_not_start_is_one_line(command: Command, tmp_path: Path) -> None:
    ran = command(
        "run",
        "--start",
        "echo bad hunter22hunter; exit 5",
        "--endpoint",
        f"ws://127.0.0.1:{free_port()}/",
        "--out",
        tmp_path / "report",
    )
    assert ran.code == 6
    assert len(ran.err.splitlines()) == 1
    assert "its last output: bad [redacted]" in ran.err


_IMPATIENT = """
import sys
from realtime_conformance.supervision import server_process
from realtime_conformance.__main__ import main
server_process._GRACE_S = 0.3
main()
"""


@pytest.mark.parametrize(
    ("number", "up"), [(signal.SIGTERM, False), (signal.SIGINT, True), (signal.SIGTERM, True)]
)
def test_a_signal_takes_the_server_along(tmp_path: Path, number: signal.Signals, up: bool) -> None:
    """While it is awaited, and while the scenarios are under way."""
    port, log = free_port(), tmp_path / "report" / "server.log"
    start = program(tmp_path, STUBBORN, port)
    ready = "all up" if up else "never"
    with subprocess.Popen(
        [
            sys.executable,
            "-c",
            _IMPATIENT,
            "run",
            "--start",
            start,
            "--ready",
            ready,
            "--endpoint",
            f"ws://127.0.0.1:{port}/",
            "--dialect",
            "openai",
            "--out",
            str(tmp_path / "report"),
            "--connect-timeout",
            "30",
            "--no-probe",
        ],
        cwd=_PROJECT,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        env={**os.environ, "REALTIME_API_KEY": "any"},
    ) as running:
        try:
            assert _within(lambda: log.exists() and len(pids(log)) == 3 and "all up" in log.read_text())
            known = pids(log)
            assert all(map(is_running, known.values()))
            running.send_signal(number)
            out, _ = running.communicate(timeout=30)
        finally:
            running.kill()
    assert running.returncode == 2, out
    assert not any(map(is_running, known.values()))


def test_the_server_goes_also_where_the_suite_is_killed(tmp_path: Path) -> None:
    port, log = free_port(), tmp_path / "report" / "server.log"
    with subprocess.Popen(
        [
            sys.executable,
            "-c",
            _IMPATIENT,
            "run",
            "--start",
            program(tmp_path, STUBBORN, port),
            "--ready",
            "all up",
            "--endpoint",
            f"ws://127.0.0.1:{port}/",
            "--out",
            str(tmp_path / "report"),
            "--connect-timeout",
            "30",
            "--no-probe",
            "--dialect",
            "openai",
        ],
        cwd=_PROJECT,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        env={**os.environ, "REALTIME_API_KEY": "any"},
    ) as running:
        try:
            assert _within(lambda: log.exists() and len(pids(log)) == 3 and "all up" in log.read_text())
        finally:
            running.kill()
    known = pids(log)
    assert _within(lambda: not any(map(is_running, known.values())))


def test_nobody_waits_for_a_death_that_was_seen_to(tmp_path: Path) -> None:
    server = _server(tmp_path, "echo up; sleep 60", "up")
    with server:
        heir = server._heir
        assert heir is not None
        shell = heir._shell
        assert shell is not None
        assert shell.poll() is None
    assert shell.returncode == 0, "it was told, and did nothing"
