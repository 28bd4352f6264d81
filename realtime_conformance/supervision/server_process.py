"""Starts the server under test, waits until it is ready, and stops it with its children, whatever happens."""

from __future__ import annotations

import contextlib
import http.client
import os
import re
import signal
import socket
import ssl
import subprocess
import sys
import threading
import time
import uuid
from collections import deque
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from types import FrameType, TracebackType
from typing import IO, Any, Self
from urllib.parse import urlsplit

from realtime_conformance.limits import READY_S
from realtime_conformance.supervision.watchdog import Heir
from reports.exits import Exit

_GRACE_S = 5.0  # between asking it to end and ending it
_POLL_S = 0.02
_ATTEMPT_S = 1.0
_MARK = "REALTIME_CONFORMANCE_STARTED"  # in the environment of the server and of all its children
_KEPT = 65_536  # characters of output in which a pattern is looked for
_LOGGED = 16 * 2**20  # characters of output that are written down
_LAST_LINES = 5
_NOT_FOUND, _NOT_EXECUTABLE = 127, 126  # exit codes of a POSIX shell
_PROC_STAT = Path("/proc/self/stat")
_PORTS = {"http": 80, "ws": 80, "https": 443, "wss": 443}


class StartError(Exception):
    """The server under test did not start; `exit` is the exit code that says so."""

    def __init__(self, message: str, code: Exit) -> None:
        super().__init__(message)
        self.exit = code


@dataclass(frozen=True, slots=True)
class Ready:
    """When a server is ready: its output matches `pattern`, and then `url` answers, as far as given.

    An `http:` or `https:` URL answers with any status below 500, any other with an open port.
    """

    url: str = ""
    pattern: re.Pattern[str] | None = None

    @classmethod
    def parsed(cls, text: str | None, endpoint: str) -> Ready:
        """Return what `--ready TEXT` means, by default that `endpoint` has an open port.

        Raises `StartError`.
        """
        if text is None:
            return cls(url=_address(endpoint))
        if re.match(r"(?:https?|wss?|tcp)://", text):
            return cls(url=_address(text))
        try:
            return cls(url=_address(endpoint) if endpoint else "", pattern=re.compile(text, re.MULTILINE))
        except re.error as error:
            raise StartError(
                f"--ready {text}: no URL, and no regular expression ({error}); correct it", Exit.USAGE
            ) from None

    def __str__(self) -> str:
        words = [f"its output matches {self.pattern.pattern}"] if self.pattern is not None else []
        return " and ".join([*words, f"{self.url} answers"] if self.url else words)

    def answers(self) -> bool:
        """Tell whether `url` answers now."""
        parts = urlsplit(self.url)
        host, port = parts.hostname or "", parts.port or _PORTS.get(parts.scheme, 0)
        try:
            if parts.scheme in ("http", "https"):
                return _http_status(parts.scheme, host, port, parts.path or "/") < 500
            with socket.create_connection((host, port), timeout=_ATTEMPT_S):
                return True
        except (OSError, http.client.HTTPException):
            return False


def _address(url: str) -> str:
    """Return `url` without what may be secret. Raises `StartError` where it names no host and port."""
    try:
        parts = urlsplit(url)
        port = parts.port or _PORTS.get(parts.scheme)
    except ValueError:
        parts, port = urlsplit(""), None
    if not parts.hostname or not port:
        raise StartError(f"--ready {url}: names no host and port; write tcp://HOST:PORT", Exit.USAGE)
    host = f"[{parts.hostname}]" if ":" in parts.hostname else parts.hostname
    return f"{parts.scheme}://{host}:{port}{parts.path}"


def _http_status(scheme: str, host: str, port: int, path: str) -> int:
    if scheme == "https":
        # Whether it is up is asked, not who it is; the sessions check that.
        context = ssl._create_unverified_context()  # noqa: S323, SLF001
        connection: http.client.HTTPConnection = http.client.HTTPSConnection(
            host, port, timeout=_ATTEMPT_S, context=context
        )
    else:
        connection = http.client.HTTPConnection(host, port, timeout=_ATTEMPT_S)
    try:
        connection.request("GET", path)
        return connection.getresponse().status
    finally:
        connection.close()


@dataclass(slots=True)
class Server:
    """The server under test as a child process. A context manager: ready inside the block, gone after it.

    `command` is a line for the shell. Its output goes to the file `log`, through `redact`. Entering raises
    `StartError`: with exit code 4 where the command cannot be found or something else is already there, with
    6 where the server ends or is not ready after `timeout` seconds.
    """

    command: str
    ready: Ready
    log: Path
    redact: Callable[[str], str] = str
    timeout: float = READY_S
    found: dict[str, str] = field(default_factory=dict)
    _process: subprocess.Popen[bytes] | None = None
    _heir: Heir | None = None
    _output: _Output | None = None
    _mark: str = ""
    _handlers: dict[int, Any] = field(default_factory=dict)

    def __enter__(self) -> Self:
        if self.ready.url and self.ready.answers():
            raise StartError(
                f"something already answers at {self.ready.url}; stop it, or leave --start out", Exit.USAGE
            )
        self._catch_signals()
        try:
            self._start()
            self._wait()
        except BaseException:
            self.stop()
            raise
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    @property
    def code(self) -> int | None:
        """Its exit code where it has ended, else None."""
        return self._process.poll() if self._process is not None else None

    def ended(self, seconds: float) -> int | None:
        """Return its exit code where it has ended, or ends within so many seconds; else None."""
        with contextlib.suppress(subprocess.TimeoutExpired):
            return self._process.wait(seconds) if self._process is not None else None
        return None

    def _start(self) -> None:
        self._mark = uuid.uuid4().hex
        detached: dict[str, Any] = {"start_new_session": True}
        if sys.platform == "win32":
            detached = {"creationflags": subprocess.CREATE_NEW_PROCESS_GROUP}
        try:
            self._process = subprocess.Popen(  # noqa: S602 - the user's own command line
                self.command,
                shell=True,
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
                env={**os.environ, _MARK: self._mark},
                **detached,
            )
        except (OSError, ValueError) as error:
            raise StartError(f"--start: cannot be started ({error})", Exit.USAGE) from None
        self._heir = Heir(self._process.pid, self._mark, _GRACE_S)
        self._heir.wait()
        assert self._process.stdout is not None
        self._output = _Output(self._process.stdout, self.log, self.redact, self.ready.pattern)
        self._output.start()

    def _wait(self) -> None:
        output, process = self._output, self._process
        assert output is not None
        assert process is not None
        deadline = time.monotonic() + self.timeout
        while True:
            matched = self.ready.pattern is None or output.match is not None
            answers = matched and (not self.ready.url or self.ready.answers())
            # A start script may leave a daemon behind and end well; nothing else may end now.
            if self.code or not self._alive(process):
                output.join(_ATTEMPT_S)
                raise self._ended(process.wait())
            if answers:
                self.found = dict(output.match.groupdict()) if output.match is not None else {}
                return
            if time.monotonic() > deadline:
                raise self._failed(f"was not ready after {self.timeout:g} s: waited until {self.ready}")
            output.changed.wait(_POLL_S)
            output.changed.clear()

    def _ended(self, code: int) -> StartError:
        if code == _NOT_FOUND:
            return self._failed("cannot be started: a command in it was not found", Exit.USAGE)
        if code == _NOT_EXECUTABLE:
            return self._failed("cannot be started: it cannot be executed", Exit.USAGE)
        how = f"exit code {code}" if code >= 0 else f"signal {-code}"
        return self._failed(f"ended with {how} before it was ready")

    def _failed(self, what: str, code: Exit = Exit.UNREACHABLE) -> StartError:
        assert self._output is not None
        last = " | ".join(line.strip() for line in self._output.last if line.strip())
        said = f"its last output: {last}" if last else "it printed nothing"
        return StartError(f"--start {self.redact(self.command)}: {what}; {said}; see {self.log}", code)

    # --- stopping ---------------------------------------------------------------------------------------

    def stop(self) -> None:
        """End the server and all its children: ask, wait a little, then insist. Later calls do nothing."""
        process, self._process = self._process, None
        try:
            if process is not None:
                try:
                    self._catch_signals()  # an event loop may have let go of them
                    self._ask(process)
                except KeyboardInterrupt:
                    pass  # whoever presses Ctrl-C again does not want to wait
                finally:
                    self._insist(process)
        finally:
            if self._heir is not None:
                self._heir.release()
            self._release_signals()

    def _ask(self, process: subprocess.Popen[bytes]) -> None:
        self._signal(process, signal.SIGTERM)
        deadline = time.monotonic() + _GRACE_S
        pause = threading.Event()
        while time.monotonic() < deadline and self._alive(process):
            with contextlib.suppress(subprocess.TimeoutExpired):
                process.wait(_POLL_S)
                pause.wait(_POLL_S)  # the leader is gone: its children have the rest of the time

    def _insist(self, process: subprocess.Popen[bytes]) -> None:
        deadline = time.monotonic() + _GRACE_S
        while self._alive(process) and time.monotonic() < deadline:
            self._signal(process, signal.SIGKILL if sys.platform != "win32" else signal.SIGTERM)
            with contextlib.suppress(subprocess.TimeoutExpired):
                process.wait(_POLL_S)
        if self._output is not None:
            self._output.join(_ATTEMPT_S)

    def _alive(self, process: subprocess.Popen[bytes]) -> bool:
        if process.poll() is None:
            return True
        if sys.platform == "win32":
            return False
        if _PROC_STAT.exists():
            return any(True for _ in _members(process.pid, self._mark))
        try:
            os.killpg(process.pid, 0)
        except (ProcessLookupError, PermissionError):
            return False
        return True

    def _signal(self, process: subprocess.Popen[bytes], number: int) -> None:
        if sys.platform == "win32":
            tree = ["taskkill", "/T", "/F", "/PID", str(process.pid)]
            subprocess.run(tree, check=False, capture_output=True)  # noqa: S603 - nothing of a stranger's
            return
        for pid in [*_members(process.pid, self._mark)]:
            with contextlib.suppress(ProcessLookupError, PermissionError):
                os.kill(pid, number)
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(process.pid, number)

    def _catch_signals(self) -> None:
        """Make the signals that would end us without a word end the block instead."""
        if threading.current_thread() is not threading.main_thread():
            return
        for name in ("SIGTERM", "SIGHUP"):
            number = getattr(signal, name, None)
            if number is not None and signal.getsignal(number) is signal.SIG_DFL:
                self._handlers.setdefault(number, signal.signal(number, _interrupt))

    def _release_signals(self) -> None:
        while self._handlers:
            number, before = self._handlers.popitem()
            signal.signal(number, before)


def _interrupt(_number: int, _frame: FrameType | None) -> None:
    raise KeyboardInterrupt


def _members(session: int, mark: str) -> Iterator[int]:
    """Yield the processes of a session, and those that left it with `mark` in their environment.

    Yields nothing where there is no `/proc`.
    """
    if not _PROC_STAT.exists():
        return
    wanted = f"{_MARK}={mark}".encode()
    for entry in Path("/proc").iterdir():
        if not entry.name.isdigit() or int(entry.name) == os.getpid():
            continue
        with contextlib.suppress(OSError, ValueError, IndexError):
            # pid (name) state parent group session …; the name may hold spaces and brackets
            stat = (entry / "stat").read_text(encoding="utf-8", errors="replace")
            fields = stat.rpartition(")")[2].split()
            if fields[0] in ("Z", "X"):
                continue
            if int(fields[3]) == session or wanted in (entry / "environ").read_bytes().split(b"\0"):
                yield int(entry.name)


class _Output(threading.Thread):
    """Reads what a server prints: writes it down, keeps the last lines, looks for a pattern."""

    def __init__(
        self, pipe: IO[bytes], log: Path, redact: Callable[[str], str], pattern: re.Pattern[str] | None
    ) -> None:
        super().__init__(name="server output", daemon=True)
        self.match: re.Match[str] | None = None
        self.last: deque[str] = deque(maxlen=_LAST_LINES)
        self.changed = threading.Event()
        self._pipe = pipe
        self._log = log
        self._redact = redact
        self._pattern = pattern
        self._text = ""
        self._line = ""
        self._room = _LOGGED

    def run(self) -> None:
        try:
            with self._log.open("w", encoding="utf-8", errors="replace") as log:
                while chunk := os.read(self._pipe.fileno(), 8192):
                    self._take(chunk.decode("utf-8", "replace"), log)
                self._finish(log)
        except OSError:
            while os.read(self._pipe.fileno(), 8192):
                pass  # a full disk must not block the server
        finally:
            self.changed.set()

    def _take(self, text: str, log: IO[str]) -> None:
        if self._pattern is not None and self.match is None:
            self._text = (self._text + text)[-_KEPT:]
            self.match = self._pattern.search(self._text)
        *lines, self._line = (self._line + text).split("\n")
        for line in lines:
            self._write(line, log)
        if len(self._line) > _KEPT:
            self._finish(log)
        self.changed.set()

    def _finish(self, log: IO[str]) -> None:
        if self._line:
            self._write(self._line, log)
            self._line = ""

    def _write(self, line: str, log: IO[str]) -> None:
        clean = self._redact(line.rstrip("\r"))
        self.last.append(clean)
        self._room -= len(clean) + 1
        if self._room >= 0:
            log.write(clean + "\n")
            log.flush()
