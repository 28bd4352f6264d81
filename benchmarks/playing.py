"""What is played on two builds in turn: commands, what they took, and what they said of a server."""

from __future__ import annotations

import contextlib
import json
import os
import shutil
import socket
import subprocess
import sys
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from benchmarks.builds import Build
from realtime_conformance.supervision.server_process import Ready, Server, StartError
from reports.model import Exit

_MEASURED = Path(__file__).with_name("measured.py")
_BROKEN = (Exit.INTERRUPTED, Exit.HARNESS_ERROR, Exit.USAGE)
_LAST = 3  # lines of what a command printed that are told where it failed


class PlayError(Exception):
    """A case could not be played; the message is one sentence."""


@dataclass(frozen=True, slots=True)
class Verdicts:
    """What a report says, as far as every version of results.json has it."""

    exit: int
    counts: dict[str, int] = field(default_factory=dict)
    by_requirement: dict[str, str] = field(default_factory=dict)

    @classmethod
    def read(cls, results: dict[str, Any], code: int) -> Verdicts:
        """Return the verdicts in a results.json, of whatever version; `code` is the command's exit code."""
        requirements = results.get("requirements") or []
        verdicts = {r["id"]: r["verdict"] for r in requirements if "id" in r and "verdict" in r}
        return cls(code, dict(results.get("counts") or {}), verdicts)


@dataclass(frozen=True, slots=True)
class Play:
    """One command that was played once: seconds, the peak of memory of its largest process, and verdicts."""

    wall_s: float
    cpu_s: float
    peak_mb: float
    verdicts: Verdicts


@dataclass(frozen=True, slots=True)
class Serving:
    """A server that is started anew for each play; `{port}` stands for a port that is free then."""

    command: str
    ready: str | None
    endpoint: str


@dataclass(frozen=True, slots=True)
class Case:
    """A command line of `realtime-conformance`; with `reports`, one that leaves a report.

    `{out}` in an argument stands for the folder of the report, `{endpoint}` for the URL of what `serving`
    starts. `code` is what it ends with, None where the report says. One with `{port}` in an argument is
    played until it has sent its first frame to a server that listens there.
    """

    name: str
    arguments: tuple[str, ...]
    reports: bool = True
    serving: Serving | None = None
    code: int | None = None


def play(case: Case, build: Build, scratch: Path, limit: float) -> Play:
    """Play a case once, in the folder `scratch`, for `limit` seconds at most. Raises `PlayError`."""
    shutil.rmtree(scratch, ignore_errors=True)
    scratch.mkdir(parents=True)
    out, problem = scratch / "report", f"{case.name} on {build.name}"
    with _served(case, scratch, problem) as endpoint:
        words = [word.replace("{out}", str(out)).replace("{endpoint}", endpoint) for word in case.arguments]
        took = _measured(build.command(*words), build.folder, scratch, limit, problem)
    code = took["code"]
    verdicts = Verdicts(code)
    if case.reports:
        try:
            results = json.loads((out / "results.json").read_text(encoding="utf-8"))
        except (OSError, ValueError):
            raise PlayError(f"{problem} left no report (exit code {code}){_last_of(scratch)}") from None
        verdicts = Verdicts.read(results, code)
    if code != case.code if case.code is not None else code < 0 or code in _BROKEN:
        raise PlayError(f"{problem} failed (exit code {code}){_last_of(scratch)}")
    return Play(took["wall_s"], took["cpu_s"], took["peak_mb"], verdicts)


def in_turn(
    case: Case,
    builds: Sequence[Build],
    rounds: int,
    *,
    scratch: Path,
    limit: float,
    told: Callable[[str], None] = lambda _: None,
) -> list[list[Play]]:
    """Return the plays of a case by build: A B A B …, so that what else the machine does meets both alike."""
    plays: list[list[Play]] = [[] for _ in builds]
    for number in range(1, rounds + 1):
        for build, of_build in zip(builds, plays, strict=True):
            of_build.append(play(case, build, scratch, limit))
            told(f"{case.name}: round {number} of {rounds}, {build.name}: {of_build[-1].wall_s:.2f} s")
    return plays


def free_port() -> int:
    """Return a port on which nothing listens now."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        return int(listener.getsockname()[1])


@contextlib.contextmanager
def _served(case: Case, scratch: Path, problem: str) -> Iterator[str]:
    """Yield the endpoint of the server that a case wants; empty where it wants none."""
    if case.serving is None:
        yield ""
        return
    port = str(free_port())
    command, endpoint = (
        text.replace("{port}", port) for text in (case.serving.command, case.serving.endpoint)
    )
    ready = case.serving.ready and case.serving.ready.replace("{port}", port)
    try:
        with Server(command, Ready.parsed(ready, endpoint), scratch / "server.log"):
            yield endpoint
    except StartError as error:
        raise PlayError(f"{problem}: {error}") from None


def _measured(command: list[str], folder: Path, scratch: Path, limit: float, problem: str) -> dict[str, Any]:
    file = scratch / "took.json"
    measured = [sys.executable, "-S", "-E", str(_MEASURED), str(file), str(limit), *command]
    # Nobody wants to compare how long modules are compiled, nor the settings of pytest in a checkout.
    kept = {k: v for k, v in os.environ.items() if k not in ("PYTHONDONTWRITEBYTECODE", "PYTHONPATH")}
    with (scratch / "output.txt").open("wb") as output:
        done = subprocess.run(
            measured,
            cwd=folder,
            env={**kept, "COLUMNS": "110"},
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            check=False,
        )
    if done.returncode or not file.exists():
        raise PlayError(f"{problem} could not be measured{_last_of(scratch)}")
    took: dict[str, Any] = json.loads(file.read_text(encoding="utf-8"))
    if took["timed_out"]:
        raise PlayError(f"{problem} was not done after {limit:g} s; allow it more with --limit")
    return took


def _last_of(scratch: Path) -> str:
    """Return the last lines that a command printed, as the end of a sentence."""
    text = (scratch / "output.txt").read_text(encoding="utf-8", errors="replace")
    lines = [line.strip() for line in text.splitlines() if line.strip()][-_LAST:]
    return f": {' | '.join(lines)}" if lines else ""
