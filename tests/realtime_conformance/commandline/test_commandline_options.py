"""The doors of click and pytest, held against each other: the same options, names, defaults and helps."""

from __future__ import annotations

import argparse
import dataclasses
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import click
import pytest

from realtime_conformance.cli import SUMMARIES, command_line
from realtime_conformance.options import (
    FRONT_DOORS,
    OPTIONS,
    DialectKind,
    FlagKind,
    OneOfKind,
    Option,
    PlaceKind,
    Seconds,
    WholeKind,
)
from realtime_conformance.pytest_plugin.options import add_options, in_words
from tests.realtime_conformance.commandline.harness import ROOT

ONLY_IN_CLICK = {"k", "only_failed", "continue", "plan", "quiet", "verbose", "color"}
"""Options of `run` that pytest has itself, as `-k`, `--lf`, `--collect-only` and `-q`, or cannot have."""

OLD_NAMES = {"--targets-file": "--config", "--report": "--out"}


class _Parser:
    """Takes options as pytest does, and hands them to argparse, as it does."""

    def __init__(self) -> None:
        self.taken = argparse.ArgumentParser(allow_abbrev=False)

    def getgroup(self, _name: str, _description: str) -> _Parser:
        return self

    def addoption(self, *names: str, **known: Any) -> None:
        self.taken.add_argument(*names, **known)


def _pytests() -> argparse.ArgumentParser:
    parser = _Parser()
    add_options(parser)  # type: ignore[arg-type]
    return parser.taken


def _actions() -> Mapping[str, argparse.Action]:
    """Return pytest's options that are shown, by their names."""
    shown = [a for a in _pytests()._actions if a.help is not argparse.SUPPRESS]
    return {name: a for a in shown for name in a.option_strings if name not in ("-h", "--help")}


def _parameters(command: str) -> Mapping[str, click.Option]:
    found = command_line.get_command(click.Context(command_line), command)
    assert found is not None
    return {p.opts[-1]: p for p in found.params if isinstance(p, click.Option)}


def _said(command: str, *arguments: str) -> Mapping[str, Any]:
    """Return what a command of click is called with."""
    found = command_line.get_command(click.Context(command_line), command)
    assert found is not None
    return found.make_context(command, [*arguments]).params


def _shared() -> list[Option]:
    return [o for o in FRONT_DOORS["run"] if o.field not in ONLY_IN_CLICK]


def test_both_doors_have_the_same_options() -> None:
    assert [o.field for o in FRONT_DOORS["pytest"]] == [o.field for o in _shared()]
    names = {o.in_pytest or o.name for o in _shared()} | {"--no-probe"}
    assert set(_actions()) == names
    assert {o.name for o in FRONT_DOORS["run"]} == set(_parameters("run"))


def test_only_what_pytest_has_itself_is_called_otherwise_there() -> None:
    renamed = {o.name: o.in_pytest for o in OPTIONS.values() if o.in_pytest}
    assert renamed == {"--strict": "--strict-conformance"}
    its_own = subprocess.run(
        [sys.executable, "-m", "pytest", "--help", "--noconftest", "-p", "no:cacheprovider"],
        cwd=Path(sys.executable).parent,
        capture_output=True,
        text=True,
        check=True,
    ).stdout
    assert "--strict " in its_own
    assert [name for name in _actions() if f"  {name} " in its_own or f"  {name}=" in its_own] == []


@pytest.mark.parametrize("option", _shared(), ids=lambda option: option.field)
def test_an_option_means_the_same_at_both_doors(option: Option) -> None:
    ours, theirs = _parameters("run")[option.name], _actions()[option.in_pytest or option.name]
    assert (_said("run")[option.field] or None) == (theirs.default or None)
    assert ours.metavar in (None, theirs.metavar)
    shown = f"  [default: {option.default}]" if ours.show_default else ""
    assert f"{ours.help}{shown}" == (theirs.help or "").replace("%%", "%")
    match option.kind:
        case FlagKind():
            assert (ours.is_flag, theirs.nargs) == (True, 0)
        case OneOfKind():
            assert isinstance(ours.type, click.Choice)
            assert list(ours.type.choices) == list(theirs.choices or ())
    assert ours.multiple == isinstance(theirs, argparse._AppendAction) == option.repeatable


SAMPLES: Mapping[type, tuple[tuple[str, ...], tuple[str, ...]]] = {
    Seconds: (("0.5", "60"), ("0", "-1", "soon")),
    WholeKind: (("1", "7"), ("x", "1.5")),
    PlaceKind: (("somewhere",), ()),
    DialectKind: (("openai",), ("klingon",)),
}
"""By kind, values that are taken, and values that are refused."""


@pytest.mark.parametrize(
    "option", [o for o in _shared() if type(o.kind) in SAMPLES], ids=lambda option: option.field
)
def test_a_value_is_the_same_at_both_doors(option: Option) -> None:
    ours, name = _parameters("run")[option.name], option.in_pytest or option.name
    good, bad = SAMPLES[type(option.kind)]
    context = click.Context(click.Command("run"))
    for text in good:
        there = getattr(_pytests().parse_args([f"{name}={text}"]), _actions()[name].dest)
        assert ours.type_cast_value(context, text) == there
    outside = [str(most + 1) for most in [getattr(option.kind, "most", None)] if most is not None]
    outside += [str(least - 1) for least in [getattr(option.kind, "least", None)] if least is not None]
    for text in (*bad, *outside):
        with pytest.raises(click.BadParameter):
            ours.type_cast_value(context, text)
        with pytest.raises(SystemExit):
            _pytests().parse_args([f"{name}={text}"])


@pytest.mark.parametrize(("old", "name"), OLD_NAMES.items())
def test_old_names_are_obeyed_by_pytest_and_not_shown(old: str, name: str) -> None:
    field = _actions()[name].dest
    assert getattr(_pytests().parse_args([f"{old}=somewhere"]), field) == Path("somewhere")
    assert old not in _pytests().format_help()
    assert {each for o in OPTIONS.values() for each in o.old} == set(OLD_NAMES)


def test_what_is_said_arrives_by_the_same_names() -> None:
    arguments = ["--header=a: b", "--header=c: d", "--no-probe", "--feature=mcp", "--seed=7"]
    there = vars(_pytests().parse_args(arguments))
    here = _said("run", *arguments)
    for option in _shared():
        value = there[f"conformance_{option.field}"]
        assert (tuple(value) if isinstance(value, list) else value) == here[option.field], option.field


@pytest.mark.parametrize("door", sorted(set(FRONT_DOORS) - {"pytest"}))
def test_a_command_has_the_options_of_the_table(door: str) -> None:
    assert door in SUMMARIES
    parameters = _parameters(door)
    for option in FRONT_DOORS[door]:
        assert parameters[option.name].help == option.told
        assert parameters[option.name].name == option.field


def test_the_table_says_everything_once() -> None:
    names = [name for o in OPTIONS.values() for name in (o.name, *o.old, *([o.short] if o.short else []))]
    assert len(set(names)) == len(names)
    assert all(o.help.endswith(".") for o in OPTIONS.values())
    assert all(in_words(o).startswith(o.help) for o in OPTIONS.values())
    used = {o.field for options in FRONT_DOORS.values() for o in options}
    assert used == set(OPTIONS)
    assert all(dataclasses.is_dataclass(o.kind) for o in OPTIONS.values())


def test_pytest_refuses_what_run_refuses() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "--feature=mcp"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 4
    assert "--feature needs --endpoint URL" in done.stdout + done.stderr
