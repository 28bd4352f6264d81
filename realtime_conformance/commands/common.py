"""Options that several commands share. Nothing here needs more than click."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

import click

F = TypeVar("F", bound=Callable[..., Any])


class DialectChoice(click.ParamType):  # type: ignore[type-arg,unused-ignore]
    """The name of a dialect, or one of `others`. Which there are is asked only once a name was given."""

    name = "dialect"

    def __init__(self, *others: str) -> None:
        self.others = others

    def _names(self) -> list[str]:
        from protocol.catalogue import dialects

        return [*dialects(), *self.others]

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> str:
        """Return the name. Raises `click.BadParameter` where there is none such."""
        names = self._names()
        if value not in names:
            from protocol.catalogue import VARIABLE

            known = ", ".join(map(repr, names))
            self.fail(f"{value!r} is not one of {known}; {VARIABLE} adds others.", param, ctx)
        return str(value)


DIALECT = DialectChoice()
DEFAULT_OUT = Path("conformance-report")


def dialect_option(function: F) -> F:
    """Add `--dialect`."""
    return click.option(
        "--dialect",
        type=DIALECT,
        metavar="NAME",
        help="Whose rules apply: inworld, openai, or one of yours.",
    )(function)


def out_option(function: F) -> F:
    """Add `--out`."""
    return click.option(
        "--out",
        type=click.Path(file_okay=False, path_type=Path),
        default=DEFAULT_OUT,
        show_default=True,
        help="Folder for the report.",
    )(function)


def document_options(function: F) -> F:
    """Add `--asyncapi` and `--channel`."""
    function = click.option("--channel", metavar="ADDRESS", help="Which channel of that document.")(function)
    return click.option("--asyncapi", metavar="FILE", help="Use this AsyncAPI document instead of ours.")(
        function
    )


def also_option(function: F) -> F:
    """Add `--also`."""
    return click.option(
        "--also",
        type=DialectChoice("none"),
        metavar="NAME",
        help="List the differences from this dialect, too.  [default: the parent of the dialect]",
    )(function)


def baseline_option(function: F) -> F:
    """Add `--baseline`."""
    return click.option(
        "--baseline",
        type=click.Path(dir_okay=False, path_type=Path),
        metavar="FILE",
        help="List of known failures: those do not count, all others do.",
    )(function)


def strict_option(function: F) -> F:
    """Add `--strict`."""
    return click.option("--strict", is_flag=True, help="Warnings count as failures.")(function)
