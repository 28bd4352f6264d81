"""`pytest` in a checkout runs the same suite, and its own options do what its users expect."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest

from reference.alterations import Alteration
from reference.behaviour import Behaviour
from reference.edits import drop
from reference.server import ReferenceServer, ServerOptions
from tests.realtime_conformance.commandline.harness import RESULTS, ROOT, in_background

CHOSEN = "one_field or retrieve"


class _Counting:
    """A reference server that never acknowledges an update, and counts its sessions."""

    def __init__(self) -> None:
        self.sessions = 0

    @asynccontextmanager
    async def serving(self) -> AsyncIterator[str]:
        def begin(_family: tuple[str, ...]) -> Alteration:
            self.sessions += 1
            return Alteration([drop("session.updated")])

        async with ReferenceServer(ServerOptions(), Behaviour(alteration=begin)) as server:
            yield server.url("openai")


@pytest.fixture(scope="module")
def counting() -> _Counting:
    return _Counting()


@pytest.fixture(scope="module")
def url(counting: _Counting) -> Iterator[str]:
    with in_background(counting.serving) as found:
        yield found


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("pytest")


@pytest.fixture(scope="module")
def faulty_run(folder: Path, it: tuple[str, ...]) -> subprocess.CompletedProcess[str]:
    """A run against the faulty server, from which `--lf` learns what failed."""
    return _pytest(folder, *it, "-k", CHOSEN, f"--report={folder / 'report'}", "-rA")


@pytest.fixture(scope="module")
def it(folder: Path, url: str) -> tuple[str, ...]:
    """The options that name the faulty server; nobody waits long for what it does not send."""
    timeouts = {"answer": 0.3, "silence": 0.5, "close": 0.1}
    target = {"endpoint": url, "dialect": "openai", "timeouts": timeouts}
    (folder / "targets.yaml").write_text(json.dumps({"targets": {"it": target}}), encoding="utf-8")
    return ("--target", "it", f"--targets-file={folder / 'targets.yaml'}")


def _pytest(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    environment = {**os.environ, "REALTIME_API_KEY": "any-key-will-do"}
    for name in ("PYTEST_ADDOPTS", "PYTEST_CURRENT_TEST", "PYTEST_XDIST_WORKER"):
        environment.pop(name, None)
    cache = ("-o", f"cache_dir={folder / 'cache'}")
    done = subprocess.run(
        [sys.executable, "-m", "pytest", *cache, *arguments],
        cwd=ROOT,
        env=environment,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert "Traceback" not in done.stdout + done.stderr, done.stdout
    return done


def _items(done: subprocess.CompletedProcess[str]) -> list[str]:
    return [line.strip() for line in done.stdout.splitlines() if "::" in line]


def test_collecting_runs_nothing(folder: Path, counting: _Counting, url: str) -> None:
    before = counting.sessions
    done = _pytest(folder, "--endpoint", url, "--collect-only", "-q", "-k", CHOSEN)
    assert done.returncode == 0, done.stdout
    assert counting.sessions == before
    items = _items(done)
    assert "suites/test_session_update.py::one_field" in items
    assert any(i.endswith("::session/update/acknowledged") for i in items), "with the requirement it provokes"
    requirements = [i for i in items if i.startswith("rules/registry/")]
    assert requirements == items[-len(requirements) :], "requirements come last"
    assert not any("turn_detection" in i for i in items)


def test_a_failing_requirement_fails_the_run(
    faulty_run: subprocess.CompletedProcess[str], folder: Path
) -> None:
    done = faulty_run
    assert done.returncode == 1, done.stdout
    failed = [line for line in done.stdout.splitlines() if line.startswith("FAILED")]
    assert [line.split("::")[1].split(" ")[0] for line in failed] == ["session/update/acknowledged"]
    stalled = [line for line in done.stdout.splitlines() if "see session/update/acknowledged" in line]
    assert stalled, "a scenario that stalled names the requirement that says why"
    assert "Does not conform to OpenAI GA: 1 requirement failed; " in done.stdout
    results = json.loads((folder / "report" / "results.json").read_text(encoding="utf-8"))
    RESULTS.validate(results)
    came = next(r["sentence"] for r in results["requirements"] if r["verdict"] == "fail")
    told = failed[0].partition(" - ")[2].removesuffix("...")
    assert told
    assert came.startswith(told), "what came, however short the line"
    assert results["verdict"]["exit"] == 1
    assert (folder / "report" / "traces" / "session_update.one_field.jsonl").exists()


def test_last_failed_plays_only_what_the_failure_needs(
    faulty_run: subprocess.CompletedProcess[str], folder: Path, it: tuple[str, ...]
) -> None:
    assert faulty_run.returncode == 1
    arguments = (*it, "--lf", "-q", "-rA", f"--report={folder / 'again'}", "-k", CHOSEN)
    done = _pytest(folder, *arguments)
    assert done.returncode == 1, done.stdout
    reported = [
        line.split("::")[1].split(" ")[0]
        for line in done.stdout.splitlines()
        if line.startswith(("FAILED", "PASSED"))
    ]
    assert reported == ["session/update/acknowledged"]


def test_exitfirst_and_markers(folder: Path, it: tuple[str, ...]) -> None:
    junit = folder / "junit.xml"
    chosen = ("-m", "requirement and must", "-x", "-k", "session/update")
    done = _pytest(folder, *it, *chosen, f"--report={folder / 'x'}", f"--junitxml={junit}")
    assert done.returncode == 1, done.stdout
    suite = ET.parse(junit).getroot().find("testsuite")
    assert suite is not None
    assert suite.get("failures") == "1"
    names = [str(case.get("name")) for case in suite.iter("testcase")]
    assert names[-1] == "session/update/acknowledged", "nothing after the first failure"
    assert all("/" in name for name in names), "requirements only"


def test_exitfirst_sends_nothing_more_once_something_failed(
    folder: Path, it: tuple[str, ...], counting: _Counting
) -> None:
    """All scenarios of one module, of which each fails, one at a time."""
    chosen = ("-x", "--concurrency=1", "-k", "session_update or session/update", "-rfs")
    before = counting.sessions
    done = _pytest(folder, *it, *chosen, f"--report={folder / 'stopped'}")
    assert done.returncode == 1, done.stdout
    failed = [line for line in done.stdout.splitlines() if line.startswith("FAILED")]
    assert [line.split("::")[1].split(" ")[0] for line in failed] == ["session/update/acknowledged"]
    assert "pytest was to stop at the first failure, and there was one" in done.stdout
    results = json.loads((folder / "stopped" / "results.json").read_text(encoding="utf-8"))
    RESULTS.validate(results)
    assert results["verdict"]["exit"] == 1
    outcomes = [each["outcome"] for each in results["scenarios"]]
    assert outcomes.count("inconclusive") > len(outcomes) // 2
    assert counting.sessions - before == results["spent"]["sessions"]
    assert counting.sessions - before < len(outcomes) // 2


def test_what_cannot_work_is_a_usage_error(folder: Path) -> None:
    done = _pytest(folder, "--endpoint", "http://host/")
    assert done.returncode == 4
    assert "is not a ws:// or wss:// URL with a host" in done.stderr + done.stdout
