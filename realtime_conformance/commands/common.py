"""Options that several commands share. Nothing here needs more than click."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

import click

F = TypeVar("F", bound=Callable[..., Any])

DIALECT = click.Choice(["inworld", "openai"])
DEFAULT_OUT = Path("conformance-report")


def dialect_option(function: F) -> F:
    """Add `--dialect`."""
    return click.option("--dialect", type=DIALECT, help="Whose rules apply.")(function)


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
        type=click.Choice(["inworld", "openai", "none"]),
        help="List the differences from this dialect, too.  [default: openai for inworld]",
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
