"""Options of pytest, made of the table of options; and what was said by them. Loads nothing but the table."""

from __future__ import annotations

import argparse
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from realtime_conformance.options import (
    FRONT_DOORS,
    CountKind,
    DialectKind,
    FlagKind,
    Kind,
    OneOfKind,
    Option,
    PlaceKind,
    Seconds,
    TextKind,
    WholeKind,
)

_PREFIX = "conformance_"  # of our fields among those of pytest and its plugins


def add_options(parser: pytest.Parser) -> None:
    """Add all options of ours to pytest, and the names that they had earlier."""
    # A value behind a space is taken for a path of tests, where it is one, before conftest.py is read.
    group = parser.getgroup("conformance", "Realtime conformance (values are written as --name=VALUE)")
    for option in FRONT_DOORS["pytest"]:
        known = arguments(option)
        name = option.in_pytest or option.name
        group.addoption(name, **known, help=in_words(option).replace("%", "%%"))
        hidden = {**known, "default": argparse.SUPPRESS, "help": argparse.SUPPRESS}
        for each in option.old:
            group.addoption(each, **hidden)
        if isinstance(option.kind, FlagKind) and option.kind.no:
            known |= {"action": "store_false", "help": f"The contrary of {name}."}
            group.addoption(option.kind.no, **known)


def in_words(option: Option) -> str:
    """Return the help of `option`, with its default as click shows it."""
    shown = option.default is not None and not isinstance(option.kind, FlagKind)
    return f"{option.told}  [default: {option.default}]" if shown else option.told


def options_given(config: pytest.Config) -> dict[str, Any]:
    """Return the values of our options by their fields, as a command of click has them."""
    given = {each.field: getattr(config.option, _PREFIX + each.field) for each in FRONT_DOORS["pytest"]}
    return {name: tuple(value) if isinstance(value, list) else value for name, value in given.items()}


def arguments(option: Option) -> dict[str, Any]:
    """Return what argparse has to know of `option` besides its name and its help."""
    known: dict[str, Any] = {"dest": _PREFIX + option.field, "default": option.default}
    if isinstance(option.kind, FlagKind):
        return {**known, "action": "store_true"}
    known["metavar"] = option.metavar or _METAVARS.get(type(option.kind))
    if option.repeatable:
        known |= {"action": "append", "default": []}
    if isinstance(option.kind, OneOfKind):
        del known["metavar"]
        return {**known, "choices": list(option.kind.names)}
    return {**known, "type": _reading(option.kind)}


_METAVARS = {Seconds: "FLOAT", WholeKind: "INTEGER", PlaceKind: "PATH"}


def _reading(kind: Kind) -> Callable[[str], Any]:
    """Return what makes a value of a text. It raises `argparse.ArgumentTypeError` for one that is none."""
    match kind:
        case Seconds():
            return _seconds
        case WholeKind():
            return lambda text: _whole(text, kind)
        case PlaceKind():
            return Path
        case DialectKind():
            return lambda text: _dialect(text, kind)
        case TextKind() | FlagKind() | CountKind() | OneOfKind():
            return str


def _seconds(text: str) -> float:
    try:
        seconds = float(text)
    except ValueError:
        raise argparse.ArgumentTypeError(f"{text!r} is not a number of seconds") from None
    if seconds <= 0:
        raise argparse.ArgumentTypeError("must be more than 0")
    return seconds


def _whole(text: str, kind: WholeKind) -> int:
    try:
        number = int(text)
    except ValueError:
        raise argparse.ArgumentTypeError(f"{text!r} is not a whole number") from None
    least, most = kind.least, kind.most
    if (least is not None and number < least) or (most is not None and number > most):
        bounds = f"from {least} to {most}" if most is not None else f"at least {least}"
        raise argparse.ArgumentTypeError(f"{number} is not {bounds}")
    return number


def _dialect(text: str, kind: DialectKind) -> str:
    from protocol.errors import DocumentError  # noqa: PLC0415 - which dialects there are is asked only now

    try:
        problem = kind.problem(text)
    except DocumentError as error:
        raise argparse.ArgumentTypeError(str(error)) from None
    if problem:
        raise argparse.ArgumentTypeError(problem)
    return text
