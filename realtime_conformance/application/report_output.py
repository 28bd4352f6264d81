"""Tells what came of a judgement: files, the terminal, and GitHub Actions where that is where we are."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path

import click
from rich.console import Console

from reports.annotations import annotated, output_lines, outputs
from reports.markdown import markdown
from reports.model import Report
from reports.terminal import summary
from reports.writing import write


def tell(
    report: Report, out: Path, screen: Console, environment: Mapping[str, str] | None = None
) -> list[Path]:
    """Write `report` into `out`, summarize it on `screen`, and return what was written.

    With GITHUB_ACTIONS set, print annotations, and append to the step's summary and outputs.
    """
    try:
        written = write(report, out)
    except OSError as error:
        summary(screen, report, [])  # what was found is told all the same
        raise click.ClickException(
            f"--out {out}: cannot be written ({error.strerror}); name another folder"
        ) from None
    summary(screen, report, written)
    for line in announced(report, out, environment):
        click.echo(line)
    return written


def announced(report: Report, out: Path, environment: Mapping[str, str] | None = None) -> list[str]:
    """Append to the summary and the outputs of a GitHub Actions step; return the annotations to print.

    Does nothing and returns nothing where GITHUB_ACTIONS is not set.
    """
    environment = os.environ if environment is None else environment
    if environment.get("GITHUB_ACTIONS") != "true":
        return []
    _append(environment.get("GITHUB_STEP_SUMMARY"), markdown(report))
    _append(environment.get("GITHUB_OUTPUT"), output_lines(outputs(report, out)))
    return annotated(report)


def _append(file: str | None, text: str) -> None:
    """Append `text` to `file`; that it cannot be done must not change the verdict."""
    if not file:
        return
    try:
        with Path(file).open("ab") as opened:
            opened.write(text.encode("utf-8", "replace"))
    except OSError as error:
        click.echo(f"warning: {file} cannot be written ({error.strerror})", err=True)
