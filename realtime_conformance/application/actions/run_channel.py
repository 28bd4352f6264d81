"""Judges another channel than realtime: at an endpoint, or of the embedded reference server."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from rich.console import Console

from packs.catalogue import PACKS
from realtime_conformance.application.actions.common import begin_report, console
from realtime_conformance.application.channel_run import channel_run, perform_channel_run
from realtime_conformance.application.report_output import tell
from realtime_conformance.application.since_earlier import compared_with, earlier_side
from realtime_conformance.supervision.interruption import Signals
from reports.exits import Exit


def run_channel(name: str, given: Mapping[str, Any]) -> int:
    """Judge the channel of that `name`; return the exit code."""
    made = channel_run(PACKS[name], given)
    screen = Console(stderr=True, quiet=True) if given["quiet"] else console(given["color"])
    if given["plan"]:
        screen.print(f"Nothing is sent. {made.cost} at most:", soft_wrap=True)
        for line in made.listed():
            screen.print(line, soft_wrap=True, markup=False, highlight=False)
        return int(Exit.CONFORMS)
    since = earlier_side(given["since"])
    begin_report(made.out, recordings=True)
    with Signals() as signals:
        perform_channel_run(made, screen, signals, given["verbose"])
        with signals.finishing() as interrupted:
            report = made.report()
            if interrupted():
                report = replace(report, interrupted=True)
            tell(compared_with(since, report), made.out, screen)
    screen.print(f"  spent: {made.spent}", soft_wrap=True)
    return int(report.exit)
