"""Tells what came of a judgement: files, the terminal, and GitHub Actions where that is where we are."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path

import click
from rich.console import Console
from rich.text import Text

from reports.annotations import annotated, output_lines, outputs
from reports.combined import CombinedReport
from reports.combined_writing import combined_markdown, combined_outputs, write_combined
from reports.markdown import markdown
from reports.model import Exit, Report
from reports.terminal import plain, summary
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


def tell_combined(
    combined: CombinedReport, out: Path, screen: Console, environment: Mapping[str, str] | None = None
) -> None:
    """Write `combined` into `out` and each channel's report below, and summarize all on `screen`.

    With GITHUB_ACTIONS set, print annotations, and append to the step's summary and outputs.
    """
    try:
        for name, report in combined.reports.items():
            summary(screen, report, write(report, out / name))
        written = write_combined(combined, out)
    except OSError as error:
        raise click.ClickException(
            f"--out {out}: cannot be written ({error.strerror}); name another folder"
        ) from None
    style = "bold green" if combined.exit is Exit.CONFORMS else "bold red"
    screen.print(Text(plain(combined.sentence), style=style), soft_wrap=True)
    screen.print(f"  report: {written[0]}", soft_wrap=True)
    environment = os.environ if environment is None else environment
    if environment.get("GITHUB_ACTIONS") == "true":
        _append(environment.get("GITHUB_STEP_SUMMARY"), combined_markdown(combined))
        _append(environment.get("GITHUB_OUTPUT"), output_lines(combined_outputs(combined, out)))
        for line in (line for report in combined.reports.values() for line in annotated(report)):
            click.echo(line)


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
