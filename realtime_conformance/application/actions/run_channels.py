"""Judges several channels of one endpoint, or of the embedded reference server, with one verdict for all."""

from __future__ import annotations

import contextlib
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

import click
from rich.console import Console

from packs.catalogue import channels
from packs.paths import REALTIME
from realtime_conformance.application.actions.common import begin_report, console
from realtime_conformance.application.channel_choice import check_host, named_dialect
from realtime_conformance.application.channel_runs import (
    PlannedRun,
    planned_runs,
    rest_of,
    sum_in_words,
    with_scenarios,
)
from realtime_conformance.application.hypothesis_home import drawing_home
from realtime_conformance.application.option_checks import check_channel_options, dialect_with
from realtime_conformance.application.planning import server_of, target_given
from realtime_conformance.application.report_output import tell_combined
from realtime_conformance.supervision.interruption import Signals
from realtime_conformance.supervision.server_process import Server
from reports.combined import CombinedReport
from reports.exits import Exit
from reports.model import Report
from reports.model import count as counted
from wire.budget import Budget


@drawing_home()
def run_channels(names: tuple[str, ...], given: Mapping[str, Any]) -> int:
    """Judge the channels with such `names`; return the exit code."""
    _check(names, given)
    screen = Console(stderr=True, quiet=True) if given["quiet"] else console(given["color"])
    runs = list(planned_runs(with_scenarios(names, given), given))
    screen.print(f"{counted(len(runs), 'channel')}: {', '.join(each.pack.name for each in runs)}")
    screen.print(f"  together at most: {sum_in_words(runs)}", soft_wrap=True)
    if given["plan"]:
        return _told(runs, screen)
    target = target_given({**given, "channel": None})
    server = server_of(given, target)
    begin_report(given["out"], recordings=True)
    for each in runs:
        begin_report(each.out, recordings=True)
    with Signals() as signals:
        with server or contextlib.nullcontext():
            performed = _performed(runs, target.budget, screen, signals, given["verbose"])
            ended = server.ended(0) if server is not None else None
        with signals.finishing() as interrupted:
            reports = {each.pack.name: _report(each, server, ended) for each in performed}
            if interrupted():
                reports = {name: replace(report, interrupted=True) for name, report in reports.items()}
            unplayed = tuple(each.pack.name for each in runs if each not in performed)
            titles = {each.pack.name: each.pack.title for each in runs}
            combined = CombinedReport(reports, titles, unplayed)
            tell_combined(combined, given["out"], screen)
    return int(combined.exit)


def _check(names: Sequence[str], given: Mapping[str, Any]) -> None:
    """Raise `click.UsageError` for options that say nothing of several channels, or not of these."""
    for name in ("only_failed", "continue"):
        if given[name] is not None:
            flag = f"--{name.replace('_', '-')}"
            raise click.UsageError(f"{flag} cannot be used with several channels; name one with --channel")
    if given["start"] is not None and given["endpoint"] is None and given["target"] is None:
        raise click.UsageError("--start needs --endpoint URL, or --target NAME, with several channels")
    check_host(given)
    dialect = named_dialect(given)
    for name in names:
        if name != REALTIME:
            dialect_with(channels()[name], {"dialect": dialect})
    if REALTIME not in names:
        check_channel_options(names[0], given)


def _performed(
    runs: Sequence[PlannedRun], budget: Budget, screen: Console, signals: Signals, verbosity: int
) -> list[PlannedRun]:
    """Perform `runs` one after another with one `budget`; return those that had begun when a signal came."""
    performed: list[PlannedRun] = []
    for each in runs:
        each.spend_no_more_than(budget)
        try:
            each.perform(screen, signals, verbosity)
        except KeyboardInterrupt:
            if not performed:
                raise
            break
        performed.append(each)
        budget = rest_of(budget, each.spent())
        if each.interrupted:
            break
    return performed


def _report(run: PlannedRun, server: Server | None, ended: int | None) -> Report:
    report = run.report()
    if server is None or ended is None:
        return report
    note = f"the server under test ended by itself during the run ({ended}); server.log has its output"
    return replace(report, notes=(*report.notes, note))


def _told(runs: Sequence[PlannedRun], screen: Console) -> int:
    screen.print("Nothing is sent.")
    for each in runs:
        screen.print(each.what, soft_wrap=True, markup=False, highlight=False)
        for line in each.listed():
            screen.print(line, soft_wrap=True, markup=False, highlight=False)
    return int(Exit.CONFORMS)
