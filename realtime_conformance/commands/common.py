"""Options of click, made of the table of options. Nothing here needs more than click."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

import click

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

F = TypeVar("F", bound=Callable[..., Any])


class _DialectName(click.ParamType):  # type: ignore[type-arg,unused-ignore]
    """The name of a dialect; see `DialectKind`."""

    name = "dialect"

    def __init__(self, kind: DialectKind) -> None:
        self.kind = kind

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> str:
        """Return the name. Raises `click.BadParameter` where there is none such."""
        problem = self.kind.problem(value)
        if problem:
            self.fail(problem, param, ctx)
        return str(value)


class _Seconds(click.types.FloatParamType):
    """A time in seconds, more than 0."""

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:
        seconds = super().convert(value, param, ctx)
        if seconds <= 0:
            raise click.BadParameter("must be more than 0", ctx=ctx, param=param)
        return seconds


_UNITS = {"s": 1, "m": 60, "h": 3600}


class Length(click.ParamType):  # type: ignore[type-arg,unused-ignore]
    """A length of time, in seconds where no unit says otherwise; more than 0."""

    name = "length"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> float:
        """Return the seconds. Raises `click.BadParameter`."""
        text = str(value).strip().lower()
        unit = _UNITS.get(text[-1:], 0)
        try:
            seconds = float(text[:-1] if unit else text) * (unit or 1)
        except ValueError:
            seconds = 0.0
        if not 0 < seconds < 1e7:
            self.fail(f"{value!r} is no length of time; write 30, 90s, 30m or 1h", param, ctx)
        return seconds


def shared_options(door: str) -> Callable[[F], F]:
    """Add the options that the table has for the command `door`."""

    def add(function: F) -> F:
        for option in reversed(FRONT_DOORS[door]):
            function = click_option(option)(function)
        return function

    return add


def click_option(option: Option) -> Callable[[F], F]:
    """Return what adds `option` to a command."""
    names = [*([option.short] if option.short else []), option.name]
    known: dict[str, Any] = {"help": option.told, "metavar": option.metavar}
    if option.repeatable:
        known["multiple"] = True
    elif option.default is not None:
        known |= {"default": option.default, "show_default": not isinstance(option.kind, FlagKind)}
    if isinstance(option.kind, CountKind):
        known = {"help": option.told, "count": True}
    elif isinstance(option.kind, FlagKind):
        known["is_flag"] = True
        names[-1] += f"/{option.kind.no}" if option.kind.no else ""
        del known["metavar"]
    else:
        known["type"] = _type(option.kind)
    return click.option(*names, option.field, **known)


def _type(kind: Kind) -> click.ParamType | type[str]:  # type: ignore[type-arg,unused-ignore]
    match kind:
        case Seconds():
            return _Seconds()
        case WholeKind(None, None):
            return click.INT
        case WholeKind():
            return click.IntRange(kind.least, kind.most)
        case OneOfKind():
            return click.Choice(kind.names)
        case PlaceKind():
            return click.Path(file_okay=kind.file, dir_okay=kind.folder, path_type=Path)
        case DialectKind():
            return _DialectName(kind)
        case TextKind() | FlagKind() | CountKind():
            return str
