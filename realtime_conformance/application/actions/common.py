"""What several commands do alike."""

from __future__ import annotations

import sys
from pathlib import Path

import click
from rich.console import Console

from realtime_conformance.application import report_folder


def console(color: str = "auto") -> Console:
    """Return the console for summaries: standard output, no markup, no guessing of numbers.

    `color` is `auto` (on a terminal, unless `NO_COLOR` is set), `always` or `never`.
    """
    always = color == "always"
    return Console(
        highlight=False,
        markup=False,
        emoji=False,
        no_color={"always": False, "never": True}.get(color),
        color_system="standard" if always else "auto",
        force_terminal=True if always else None,
        force_interactive=sys.stdout.isatty(),
    )


def check_out(out: Path) -> None:
    """Raise `click.UsageError` where nothing can be written to `out`."""
    try:
        report_folder.check(out)
    except report_folder.FolderError as error:
        raise click.UsageError(str(error)) from None


def begin_report(out: Path, *, recordings: bool = False) -> None:
    """Remove an earlier report from `out`; where others are made, the `recordings` of its channels, too.

    Raises `click.UsageError` where nothing can be written there.
    """
    check_out(out)
    try:
        report_folder.remove_report(out, recordings=recordings)
    except report_folder.FolderError as error:
        raise click.UsageError(str(error)) from None
