"""`proxy`: what a user sees who stands it between a client and a server."""

from __future__ import annotations

import contextlib
import json
import queue
import re
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path
from ssl import SSLContext, create_default_context
from typing import Any

import pytest
import trustme
from websockets.exceptions import InvalidStatus
from websockets.sync.client import ClientConnection, connect

from reference.altered_behaviour import differing
from reference.behaviour import Behaviour
from reference.faults import FAULTS
from tests.realtime_conformance.commandline.harness import Command, complaint_of, reference_server

_ITEM = {"type": "message", "role": "user", "content": [{"type": "input_text", "text": "Hello."}]}
_KEY = "sk-of-the-client"


class Running:
    """A proxy in a process of its own; `lines` are what it says, `code` what it ended with."""

    def __init__(self, out: Path, *arguments: object) -> None:
        self.out = out
        command = [sys.executable, "-m", "realtime_conformance", "proxy", *map(str, arguments)]
        self._process = subprocess.Popen(
            [*command, "--out", str(out)],
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        self.lines: list[str] = []
        self._coming: queue.Queue[str] = queue.Queue()
        threading.Thread(target=self._read, daemon=True).start()
        self.url = self.until("listening").split()[1]

    def _read(self) -> None:
        assert self._process.stdout is not None
        for line in self._process.stdout:
            self._coming.put(line.rstrip("\n"))

    def until(self, text: str) -> str:
        """Return the next line with `text` in it."""
        while True:
            self.lines.append(self._coming.get(timeout=60))
            if text in self.lines[-1]:
                return self.lines[-1]

    def bound_files(self, largest: int) -> None:
        """Let it write no file from now on that is larger."""
        resource = pytest.importorskip("resource")
        if not hasattr(resource, "prlimit"):
            pytest.skip("only Linux bounds the files of a process that runs")
        resource.prlimit(self._process.pid, resource.RLIMIT_FSIZE, (largest, largest))

    def interrupt(self) -> None:
        self._process.send_signal(2)

    def ended(self, *, interrupted: bool = False) -> int:
        """Return the exit code, and have all lines."""
        if interrupted:
            self._process.send_signal(2)
        code = self._process.wait(timeout=120)
        with contextlib.suppress(queue.Empty):
            while True:
                self.lines.append(self._coming.get(timeout=1))
        return code

    def kill(self) -> None:
        self._process.kill()
        self._process.wait()

    @property
    def said(self) -> str:
        return "\n".join(self.lines)

    def results(self, *folder: str) -> Any:
        return json.loads(self.out.joinpath(*folder, "results.json").read_text(encoding="utf-8"))


@contextlib.contextmanager
def _proxy(out: Path, *arguments: object) -> Iterator[Running]:
    running = Running(out, *arguments)
    try:
        yield running
    finally:
        running.kill()


def _connected(url: str, ssl: SSLContext | None = None) -> ClientConnection:
    headers = {"Authorization": f"Bearer {_KEY}"}
    address = f"{url}/v1/realtime?model=gpt-realtime"
    return connect(address, additional_headers=headers, proxy=None, ssl=ssl)


def _turn(client: ClientConnection, until: str = "response.done") -> None:
    client.send(json.dumps({"type": "conversation.item.create", "item": _ITEM}))
    client.send(json.dumps({"type": "response.create"}))
    while json.loads(client.recv(timeout=20))["type"] != until:
        pass


def _differing(fault: str) -> Behaviour:
    return differing([FAULTS[fault]])


def _at(url: str) -> str:
    return url.partition("/v1/")[0]


def test_a_conversation_through_it_ends_in_the_usual_report(tmp_path: Path) -> None:
    with (
        reference_server() as url,
        _proxy(tmp_path, "--upstream", _at(url), "--sessions", 2) as proxy,
    ):
        for _ in range(2):
            with _connected(proxy.url) as client:
                _turn(client)
        assert proxy.ended() == 0
        results = proxy.results()
    assert results["verdict"]["exit"] == 0
    assert results["spent"] == {"sessions": 2}
    traces = sorted(path.name for path in (tmp_path / "traces").iterdir())
    assert traces == ["session-0001.jsonl", "session-0002.jsonl"]
    assert (tmp_path / "report.html").is_file()
    assert not [path for path in tmp_path.rglob("*.*") if path.is_file() and _KEY in path.read_text("utf-8")]
    assert _KEY not in proxy.said


def test_what_the_server_does_wrong_is_found(tmp_path: Path) -> None:
    with (
        reference_server(_differing("response-done-missing")) as url,
        _proxy(tmp_path, "--upstream", _at(url), "--sessions", 1) as proxy,
    ):
        with _connected(proxy.url) as client:
            _turn(client, until="rate_limits.updated")
            client.send(json.dumps({"type": "response.create"}))
            while json.loads(client.recv(timeout=20))["type"] != "response.created":
                pass
        assert proxy.ended() == 1
    assert "response/lifecycle/done-exactly-once" in proxy.said


def test_a_finding_is_told_while_the_conversation_goes_on(tmp_path: Path) -> None:
    with (
        reference_server(_differing("event-id-left-out")) as url,
        _proxy(tmp_path, "--upstream", _at(url), "--sessions", 1) as proxy,
    ):
        with _connected(proxy.url) as client:
            _turn(client)
            line = proxy.until(" fail ")
        assert line.startswith("session-0001 #")
        assert "session-0001 over" not in proxy.said
        assert proxy.ended() == 1
    assert re.search(r"session-0001 judged, \d+\.\d\d s behind: [1-9]", proxy.said)


@pytest.mark.parametrize(("whom", "code"), [("server", 0), ("client", 1), ("both", 1)])
def test_the_client_has_a_verdict_of_its_own(tmp_path: Path, whom: str, code: int) -> None:
    with (
        reference_server() as url,
        _proxy(tmp_path, "--upstream", _at(url), "--sessions", 1, "--judge", whom) as proxy,
    ):
        with _connected(proxy.url) as client:
            _turn(client)
            client.send(json.dumps({"type": "response.restart", "event_id": "mine"}))
            while json.loads(client.recv(timeout=20))["type"] != "error":
                pass
            line = proxy.until("the client: ")
        assert proxy.ended() == code
    assert " fail client/event/known-type: " in line
    server, clients = proxy.results(), proxy.results("client")
    assert (server["verdict"]["exit"], clients["verdict"]["exit"]) == (0, 1)
    assert not [each for each in server["requirements"] if each["id"].startswith("client/")]
    assert {each["id"].partition("/")[0] for each in clients["requirements"]} == {"client"}


def test_it_ends_when_it_is_interrupted_and_nothing_is_lost(tmp_path: Path) -> None:
    with (
        reference_server() as url,
        _proxy(tmp_path, "--upstream", _at(url)) as proxy,
        _connected(proxy.url) as client,
    ):
        _turn(client)
        assert proxy.ended(interrupted=True) == 0
        last = (tmp_path / "traces" / "session-0001.jsonl").read_text("utf-8").splitlines()[-1]
    assert json.loads(last)["end"] == "the proxy ended"
    assert proxy.results()["verdict"]["exit"] == 0


def test_a_second_signal_costs_nothing_either(tmp_path: Path) -> None:
    with (
        reference_server() as url,
        _proxy(tmp_path, "--upstream", _at(url)) as proxy,
        _connected(proxy.url) as client,
    ):
        _turn(client)
        proxy.interrupt()
        assert proxy.ended(interrupted=True) in (0, 2)
    assert "Traceback" not in proxy.said
    assert proxy.results()["requirements"]


def test_a_disk_that_fills_up_stops_no_traffic(tmp_path: Path) -> None:
    """The system lets the process write files of 40,000 bytes: the trace is cut there, and says so."""
    with (
        reference_server() as url,
        _proxy(tmp_path, "--upstream", _at(url), "--sessions", 2) as proxy,
    ):
        proxy.bound_files(40_000)
        for _ in range(2):
            with _connected(proxy.url) as client:
                for _ in range(12):
                    _turn(client)
        assert proxy.ended() == 4  # nor can the report be written
    assert proxy.said.count("not observed to the end: the trace cannot be written") == 1
    assert "relayed, and not observed to the end" in proxy.said
    assert "session-0001, session-0002" in proxy.said
    assert "cannot be written" in proxy.lines[-1]


def test_it_ends_when_its_time_is_over_and_says_that_nothing_came(tmp_path: Path) -> None:
    with reference_server() as url, _proxy(tmp_path, "--upstream", _at(url), "--for", 0.2) as proxy:
        assert proxy.ended() == 5
    assert "no trace was there to be judged" in proxy.said


def test_clients_may_speak_tls_to_it(tmp_path: Path) -> None:
    authority = trustme.CA()
    certificate = authority.issue_cert("127.0.0.1")
    certificate.private_key_and_cert_chain_pem.write_to_path(str(tmp_path / "both.pem"))
    trusting = create_default_context()
    authority.configure_trust(trusting)
    arguments = ("--certificate", tmp_path / "both.pem", "--sessions", 1)
    with (
        reference_server() as url,
        _proxy(tmp_path / "out", "--upstream", _at(url), *arguments) as proxy,
    ):
        assert proxy.url.startswith("wss://")
        with _connected(proxy.url, ssl=trusting) as client:
            _turn(client)
        assert proxy.ended() == 0


def test_a_server_that_is_not_there_is_a_502_and_exit_6(tmp_path: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        upstream = f"ws://127.0.0.1:{taken.getsockname()[1]}"
        with _proxy(tmp_path, "--upstream", upstream, "--sessions", 1) as proxy:
            with pytest.raises(InvalidStatus) as refused, _connected(proxy.url):
                pass
            assert refused.value.response.status_code == 502
            assert proxy.ended() == 6
    assert "session-0001 not opened by the server: nobody listens at that address" in proxy.said


def test_what_a_server_refuses_with_is_what_the_client_gets(tmp_path: Path) -> None:
    with reference_server() as url, _proxy(tmp_path, "--upstream", _at(url), "--sessions", 1) as proxy:
        with pytest.raises(InvalidStatus) as refused, connect(f"{proxy.url}/nowhere", proxy=None):
            pass
        assert refused.value.response.status_code == 404
        assert b"There is nothing at this path" in refused.value.response.body
        assert proxy.ended() == 6
    assert "session-0001 not opened by the server: HTTP 404" in proxy.said


def test_a_disk_that_is_full_stops_no_traffic(tmp_path: Path) -> None:
    """The one message, exit 4, and the conversation goes on."""
    with (
        reference_server() as url,
        _proxy(tmp_path, "--upstream", _at(url), "--sessions", 1) as proxy,
    ):
        (tmp_path / "traces").write_text("in the way: no folder can be made here")
        with _connected(proxy.url) as client:
            _turn(client)
        assert proxy.ended() == 5
    assert proxy.said.count("the trace cannot be written") >= 1


# --- bad input --------------------------------------------------------------------------------------------


def test_a_port_in_use_is_one_message(command: Command) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        place = f"127.0.0.1:{taken.getsockname()[1]}"
        ran = command("proxy", "--upstream", "ws://nobody", "--listen", place)
    complaint_of(ran, f"--listen {place}", "Address already in use", "name another port")


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("--upstream", "http://x"), "--upstream"),
        (("--upstream", "ws://x", "--listen", "here"), "is not HOST:PORT"),
        (("--upstream", "ws://x", "--listen", "0.0.0.0:0"), "--expose"),
        (("--upstream", "ws://x", "--key", "k.pem"), "--key needs --certificate"),
        (("--upstream", "ws://x", "--certificate", "none.pem"), "cannot be read (No such file"),
        (("--upstream", "ws://x", "--dialect", "openai", "--channel", "tts"), "is known in"),
    ],
)
def test_what_cannot_work_is_said_in_one_line(
    command: Command, arguments: tuple[str, ...], said: str
) -> None:
    complaint_of(command("proxy", *arguments), said)


def test_a_certificate_that_is_none_is_one_message(command: Command, tmp_path: Path) -> None:
    (tmp_path / "no.pem").write_text("not PEM")
    arguments = ("--upstream", "ws://x", "--certificate", tmp_path / "no.pem")
    complaint_of(command("proxy", *arguments), "no certificate with its key can be read")


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("--fault", "respons-done-missing"), "did you mean response-done-missing"),
        (("--fault", "nobody-let-in"), "a proxy cannot do that"),
        (("--delay", "response.done"), "is not TYPE=VALUE"),
        (("--delay", "response.done=soon"), "name seconds"),
        (("--close-after", "response.done=5"), "no close frame has that code"),
    ],
)
def test_what_cannot_be_altered_is_said_in_one_line(
    command: Command, arguments: tuple[str, ...], said: str
) -> None:
    complaint_of(command("proxy", "--upstream", "ws://x", *arguments), said)


def test_a_client_is_tried_against_a_fault_of_an_obedient_server(tmp_path: Path) -> None:
    arguments = ("--fault", "event-id-left-out", "--sessions", 1)
    with reference_server() as url, _proxy(tmp_path, "--upstream", _at(url), *arguments) as proxy:
        with _connected(proxy.url) as client:
            _turn(client)
        assert proxy.ended() == 1
    assert "was altered on its way to the client: event-id-left-out" in proxy.said
