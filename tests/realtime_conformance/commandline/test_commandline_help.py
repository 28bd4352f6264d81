"""The help of each command: options in groups, an example that can be typed, no marks of the formatter."""

from __future__ import annotations

import shlex
from pathlib import Path

import click
import pytest

from realtime_conformance.cli import SUMMARIES, command_line
from realtime_conformance.commands.helpful import USES
from realtime_conformance.options import FRONT_DOORS, GROUPS
from tests.realtime_conformance.commandline.harness import Command


def test_every_option_is_in_one_group() -> None:
    every = {option.field for door, options in FRONT_DOORS.items() if door != "pytest" for option in options}
    grouped = [field for fields in GROUPS.values() for field in fields]
    assert sorted(grouped) == sorted(every)


@pytest.mark.parametrize("name", sorted(SUMMARIES))
def test_a_help_has_an_example_and_no_marks(command: Command, name: str) -> None:
    shown = command(name, "--help").out
    assert "\\b" not in shown
    assert "\b" not in shown
    for example in USES[name]:
        assert f"  {example}\n" in shown


def test_the_first_help_has_no_marks(command: Command) -> None:
    shown = command("--help").out
    assert "\\b" not in shown
    assert "Exit codes: 0 conforms" in shown


def test_options_stand_in_groups(command: Command) -> None:
    shown = command("run", "--help").out
    own = {option.field for option in FRONT_DOORS["run"]}
    places = [shown.index(f"\n{heading}:\n") for heading, fields in GROUPS.items() if own & set(fields)]
    assert places == sorted(places)
    assert shown.index("Whom to judge:") < shown.index("  --endpoint") < shown.index("What it offers:")
    assert "What it may cost" not in command("judge", "--help").out


@pytest.mark.parametrize("line", [line for name in sorted(SUMMARIES) for line in USES[name]])
def test_an_example_can_be_typed(line: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    program, name, *words = shlex.split(line)
    assert program == "realtime-conformance"
    for word in words:  # files that it names are there where somebody types it
        if word.endswith((".json", ".jsonl")):
            Path(word).parent.mkdir(parents=True, exist_ok=True)
            Path(word).touch()
        elif word.endswith("/"):
            Path(word).mkdir(parents=True)
    context = click.Context(command_line)
    command = command_line.get_command(context, name)
    assert command is not None
    if isinstance(command, click.Group):
        name, *words = words
        command = command.get_command(context, name)
        assert command is not None
    command.make_context(name, words, parent=context).close()
