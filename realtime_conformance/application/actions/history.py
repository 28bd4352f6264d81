"""Shows the history of targets: all reports below a folder, each target's runs in a line."""

from __future__ import annotations

from pathlib import Path

import click
from rich.console import Console
from rich.text import Text

from realtime_conformance.application.actions.common import console
from realtime_conformance.application.report_pages import found_below, read_sides, write_page
from reports.history import History, histories
from reports.history_page import history_page
from reports.html_first import date
from reports.model import Exit, count
from reports.terminal import plain
from rules.verdicts import Verdict

_LISTED = 20  # runs of one target, the newest ones


def show_history(folder: Path, out: Path, *, fail_on_regression: bool) -> int:
    """Write the page of histories of all reports below `folder`; return the exit code."""
    sides, problems = read_sides(found_below(folder), folder, out.parent)
    if not sides:
        why = f"; {problems[0]}" if problems else ""
        raise click.UsageError(f"--history {folder}: no report is there{why}; name a folder of reports")
    for problem in problems:
        click.echo(f"warning: {plain(str(problem))}", err=True)
    found = histories(sides)
    write_page(out, history_page(found, [f"Left out: {problem}" for problem in problems]))
    screen = console()
    for each in found:
        tell_history(screen, each)
    screen.print(Text(f"  page: {out}"), soft_wrap=True)
    worse = fail_on_regression and any(each.worse for each in found)
    return int(Exit.DOES_NOT_CONFORM if worse else Exit.CONFORMS)


def tell_history(screen: Console, history: History) -> None:
    """Print a line for each run of `history`: what came of it, and what changed since the one before."""
    runs = count(len(history.runs), "run")
    screen.print(Text(f"{plain(history.target)} ({history.dialect}): {runs}"), soft_wrap=True)
    before = len(history.runs) - _LISTED
    if before > 0:
        screen.print(f"  … {before} older")
    for n, run in list(enumerate(history.runs))[-_LISTED:]:
        fails, warns = (
            sum(cell.verdict is verdict for cell in run.cells.values())
            for verdict in (Verdict.FAIL, Verdict.WARN)
        )
        said = (
            f"  {date(run.started)} {plain(run.label)}: {count(fails, 'failure')}, {count(warns, 'warning')}"
        )
        if n:
            step = history.steps[n - 1]
            said += f"; +{len(step.new_failures)} -{len(step.fixed)}"
            said += f", {len(step.unobserved)} not seen any more" if step.unobserved else ""
            changed = [change.id for change in (*step.new_failures, *step.fixed)]
            said += f": {', '.join(map(plain, changed[:5]))}{', …' * (len(changed) > 5)}" if changed else ""
        screen.print(Text(said), soft_wrap=True)
