"""The command line as a user sees it: arguments in; exit code, output and report out."""

from __future__ import annotations

import asyncio
import contextlib
import json
import threading
from collections.abc import Callable, Iterator
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from realtime_conformance.cli import run_command_line
from reference.behaviour import Behaviour
from reference.server import ReferenceServer, ServerOptions
from tests.wire import hostile

ROOT = Path(__file__).resolve().parents[3]
RESULTS = Draft202012Validator(
    json.loads((ROOT / "schemas" / "results.schema.json").read_text(encoding="utf-8"))
)

SHORT = (
    "--connect-timeout",
    "0.5",
    "--answer-timeout",
    "0.2",
    "--response-timeout",
    "0.3",
    "--silence",
    "0.2",
)
"""For servers that never answer."""


@dataclass(frozen=True)
class Ran:
    """What came of one command. `results` is the content of results.json, None where there is no report."""

    code: int
    out: str
    err: str
    folder: Path

    @property
    def said(self) -> str:
        return self.out + self.err

    @property
    def results(self) -> Any:
        path = self.folder / "results.json"
        if not path.exists():
            return None
        found = json.loads(path.read_text(encoding="utf-8"))
        RESULTS.validate(found)
        return found

    def verdicts(self, verdict: str) -> list[str]:
        """Return the ids of the requirements that got `verdict`."""
        return [r["id"] for r in self.results["requirements"] if r["verdict"] == verdict]


def complaint_of(ran: Ran, *parts: str) -> str:
    """Return the one line of complaint, which holds `parts`; nothing was tried and nothing written."""
    assert ran.code == 4
    assert ran.out == ""
    assert ran.results is None
    complaint = ran.err.strip().splitlines()[-1]
    for part in parts:
        assert part in complaint
    return complaint


Command = Callable[..., Ran]


def command_in(folder: Path, capsys: pytest.CaptureFixture[str]) -> Command:
    """Return what runs a command in this process; a report goes to `folder`."""

    def run(*arguments: object) -> Ran:
        capsys.readouterr()
        code = run_command_line([str(a) for a in arguments])
        captured = capsys.readouterr()
        assert "Traceback" not in captured.out + captured.err
        return Ran(code, captured.out, captured.err, folder)

    return run


@contextlib.contextmanager
def in_background(server: Callable[[], AbstractAsyncContextManager[str]]) -> Iterator[str]:
    """Run `server` on an event loop of its own, beside the command; the value is its URL."""
    started: list[str] = []
    ready, loop = threading.Event(), asyncio.new_event_loop()
    stop = asyncio.Event()

    async def serve() -> None:
        try:
            async with server() as url:
                started.append(url)
                ready.set()
                await stop.wait()
        finally:
            ready.set()

    def run() -> None:
        with contextlib.closing(loop):
            loop.run_until_complete(serve())

    thread = threading.Thread(target=run, daemon=True)
    thread.start()
    assert ready.wait(20)
    assert started, "the server did not start"
    try:
        yield started[0]
    finally:
        loop.call_soon_threadsafe(stop.set)
        thread.join(20)


def hostile_server(behaviour: hostile.Behaviour) -> contextlib.AbstractContextManager[str]:
    """A server on a bare socket that behaves so."""
    return in_background(lambda: hostile.serving(behaviour))


def reference_server(
    behaviour: Behaviour | None = None, dialect: Any = "openai", options: ServerOptions | None = None
) -> contextlib.AbstractContextManager[str]:
    """The reference server, differing from the one that obeys in `behaviour`."""

    @contextlib.asynccontextmanager
    async def serving() -> Any:
        async with ReferenceServer(options or ServerOptions(), behaviour) as server:
            yield server.url(dialect)

    return in_background(serving)
