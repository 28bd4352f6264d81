"""What the command line loads: `--help` and a mistake in the options need little, and wait for little."""

from __future__ import annotations

import importlib
import subprocess
import sys
from pathlib import Path

import click
import pytest

from realtime_conformance.cli import SUMMARIES, command_line

ROOT = Path(__file__).resolve().parents[3]

HEAVY = {
    "asyncio",
    "generators",
    "hypothesis",
    "jinja2",
    "jsonschema",
    "jsonschema_rs",
    "orjson",
    "reference.faults",
    "reference.server",
    "reports.model",
    "rich",
    "rules",
    "schemas",
    "websockets",
    "yaml",
}
"""What no help and no complaint about the options may need."""

_LOADED = """
import sys
from realtime_conformance.rooms import open_rooms
open_rooms()
from realtime_conformance.cli import run_command_line
code = run_command_line(sys.argv[1:])
print("loaded", code, *sys.modules)
"""


def _loaded(*arguments: str) -> tuple[int, set[str]]:
    """Return the exit code of a command, and the modules that it loaded."""
    ran = subprocess.run(
        [sys.executable, "-c", _LOADED, *arguments], cwd=ROOT, capture_output=True, text=True, check=True
    )
    _, code, *modules = ran.stdout.splitlines()[-1].split()
    return int(code), set(modules)


@pytest.mark.parametrize("name", ["", *sorted(SUMMARIES)])
def test_help_needs_nothing_of_what_the_command_does(name: str) -> None:
    code, modules = _loaded(*name.split(), "--help")
    assert (code, modules & HEAVY) == (0, set())


@pytest.mark.parametrize(
    "arguments",
    [("nonsense",), ("run", "--depth", "bottomless"), ("judge",), ("replay", "--nonsense"), ("--nonsense",)],
)
def test_neither_does_a_mistake_in_the_options(arguments: tuple[str, ...]) -> None:
    code, modules = _loaded(*arguments)
    assert (code, modules & HEAVY) == (4, set())


@pytest.mark.parametrize("name", sorted(SUMMARIES))
def test_the_list_of_commands_says_what_their_help_begins_with(name: str) -> None:
    command = command_line.get_command(click.Context(command_line), name)
    assert command is not None
    assert SUMMARIES[name] == (command.help or "").partition("\n\n")[0].replace("\n", " ")


def test_every_command_is_listed() -> None:
    package = importlib.import_module("realtime_conformance.commands")
    modules = {p.stem for p in Path(package.__path__[0]).glob("*.py")}
    assert modules - {"__init__", "common", "helpful", "lazy_group", "standard_streams"} == set(SUMMARIES)


LATE = {"hypothesis", "jinja2", "jsonschema", "reference.server", "referencing", "rules.engine"}
"""What a run needs after its first frame at the earliest."""

_BEGINNING = """
import os, sys
from realtime_conformance.rooms import open_rooms
open_rooms()
from benchmarks.first_frame import Waiting
from realtime_conformance.cli import run_command_line

def tell():
    print("loaded", *list(sys.modules), flush=True)
    os._exit(0)

waiting = Waiting()
waiting.then(tell)
endpoint = f"ws://127.0.0.1:{waiting.port}/v1/realtime"
options = ["--endpoint", endpoint, "--dialect", "openai", "--auth", "none", "--out", sys.argv[1]]
run_command_line(["run", *options])
print("no frame was sent")
"""


def test_the_first_frame_waits_for_nothing_that_is_needed_later(tmp_path: Path) -> None:
    ran = subprocess.run(
        [sys.executable, "-c", _BEGINNING, str(tmp_path / "out")],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
        timeout=60,
    )
    *_, last = ran.stdout.splitlines()
    word, *modules = last.split()
    assert word == "loaded", ran.stdout
    assert LATE & set(modules) == set()
