"""What several commands do alike."""

from __future__ import annotations

from pathlib import Path

import click
from rich.console import Console

from realtime_conformance.application import report_folder


def console() -> Console:
    """Return the console for summaries: standard output, no markup, no guessing of numbers."""
    return Console(highlight=False, markup=False, emoji=False)


def check_out(out: Path) -> None:
    """Raise `click.UsageError` where nothing can be written to `out`."""
    try:
        report_folder.check(out)
    except report_folder.FolderError as error:
        raise click.UsageError(str(error)) from None


def begin_report(out: Path) -> None:
    """Remove an earlier report from `out`. Raises `click.UsageError` where nothing can be written there."""
    check_out(out)
    try:
        report_folder.remove_report(out)
    except report_folder.FolderError as error:
        raise click.UsageError(str(error)) from None
