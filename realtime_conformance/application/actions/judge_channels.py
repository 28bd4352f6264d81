"""Judges recordings of several channels: those of each by themselves, with one verdict for all."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from rich.console import Console

from packs.catalogue import channels
from packs.paths import REALTIME
from realtime_conformance.application.actions.common import begin_report, console
from realtime_conformance.application.option_checks import (
    check_channel_options,
    dialect_with,
    without_realtime_options,
)
from realtime_conformance.application.recordings import Recording, Recordings
from realtime_conformance.application.report_output import tell_combined
from reports.combined import CombinedReport
from reports.model import Exit, Report

TakeReport = Callable[[Report, Path, Console], object]
"""What becomes of a report that goes into a folder."""


def judge_several(
    groups: Mapping[str, list[Recording]],
    found: Recordings,
    given: Mapping[str, Any],
    judged: Callable[[Recordings, Mapping[str, Any], TakeReport], int],
) -> int:
    """Judge what was `found` by the channels of `groups`; return the exit code.

    `judged` judges the recordings of one with options of its own, and has its report done.
    """
    _check(groups, given)
    out: Path = given["out"]
    begin_report(out)
    reports: dict[str, Report] = {}
    readable = True
    for number, (name, group) in enumerate(groups.items()):
        unreadable, notes = ([], []) if number else (found.unreadable, found.notes)
        part = Recordings(group, unreadable, notes, len({each.shown for each in group}))

        def done(report: Report, _out: Path, _screen: Console, name: str = name) -> None:
            reports[name] = report

        code = judged(part, _own(name, given, beside=number > 0), done)
        readable &= code != Exit.USAGE
        if reports[name].interrupted:
            break
    titles = {name: channels()[name].title for name in groups}
    combined = CombinedReport(reports, titles, tuple(name for name in groups if name not in reports))
    tell_combined(combined, out, console(given["color"]))
    return int(combined.exit) if readable else int(Exit.USAGE)


def _check(groups: Mapping[str, list[Recording]], given: Mapping[str, Any]) -> None:
    """Raise `click.UsageError` for options that say nothing of these channels."""
    if REALTIME not in groups:
        check_channel_options(next(iter(groups)), given, "target")
    for name in groups:
        if name != REALTIME:
            dialect_with(channels()[name], given)


def _own(name: str, given: Mapping[str, Any], *, beside: bool) -> dict[str, Any]:
    """Return the options for one of the channels."""
    since: Path | None = given["since"]
    own = {**given, "out": given["out"] / name, "beside": beside}
    if since is not None and (since / name).is_dir():
        own["since"] = since / name
    return own if name == REALTIME else {**without_realtime_options(own), "target": None}
