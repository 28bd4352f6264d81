"""What all tests of the command line start from."""

from __future__ import annotations

import signal
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.realtime_conformance.commandline.harness import Command, command_in


@pytest.fixture
def out(tmp_path: Path) -> Path:
    """The folder for the report."""
    return tmp_path / "report"


@pytest.fixture
def command(out: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Command:
    """Run a command line in an empty folder, with no credential in the environment."""
    monkeypatch.chdir(out.parent)
    monkeypatch.delenv("REALTIME_API_KEY", raising=False)
    return command_in(out, capsys)


@pytest.fixture
def a_key(monkeypatch: pytest.MonkeyPatch) -> str:
    """The name of an environment variable with a key that the reference server lets in."""
    monkeypatch.setenv("A_KEY", "any-key-will-do")
    return "A_KEY"


@pytest.fixture(autouse=True)
def _hangup_ends() -> Iterator[None]:
    """A hangup has its effect, even where the tests themselves run under nohup."""
    if not hasattr(signal, "SIGHUP"):
        yield
        return
    before = signal.signal(signal.SIGHUP, signal.SIG_DFL)
    yield
    signal.signal(signal.SIGHUP, before)
