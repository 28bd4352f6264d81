"""`realtime-conformance baseline`: keep the list of known failures."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import click
from rich.text import Text

from realtime_conformance.baseline_editing import updated
from realtime_conformance.baseline_files import (
    DEFAULT_FILE,
    baseline_of,
    baseline_text,
    is_whole,
    read_baseline,
    read_results,
    seen_in,
)
from realtime_conformance.commands.common import console
from reports.baseline import RED, UNEXPLAINED_REASON, Baseline, hold
from reports.terminal import plain

_RESULTS = click.argument("results", type=click.Path(path_type=Path))
_BASELINE = click.option(
    "--baseline", "file", type=click.Path(dir_okay=False, path_type=Path), default=DEFAULT_FILE,
    show_default=True, help="The list of known failures.",
)  # fmt: skip


@click.group()
def baseline() -> None:
    """Keep the list of known failures, by which `run --baseline FILE` and `judge --baseline FILE` go."""


@baseline.command()
@_RESULTS
@_BASELINE
@click.option("--warnings", is_flag=True, help="Violated SHOULDs get an entry, too, as --strict needs it.")
@click.option("--days", type=click.IntRange(1), help="New entries expire after so many days.")
def update(results: Path, file: Path, *, warnings: bool, days: int | None) -> int:
    """Make the baseline describe RESULTS, a results.json or its folder.

    What fails and has no entry gets one with the reason CHANGE ME, which the gate refuses until somebody
    writes the reason. Entries that cover nothing any more are removed. All else in the file stays as it is.
    """
    content = read_results(results)
    old = baseline_text(file)
    known = baseline_of(old, str(file)) if old is not None else Baseline(file=str(file))
    made = updated(
        old, known, seen_in(content), content["target"]["dialect"], today=_today(), whole=is_whole(content),
        warnings=warnings, days=days,
    )  # fmt: skip
    baseline_of(made.text, str(file))
    try:
        file.write_text(made.text, encoding="utf-8", newline="")
    except OSError as error:
        raise click.UsageError(
            f"--baseline {file}: cannot be written ({error.strerror}); name another file"
        ) from None
    screen = console()
    for sign, names in (("-", made.removed), ("+", made.added)):
        for name in names:
            screen.print(f"  {sign} {name}", soft_wrap=True)
    screen.print(f"{file}: {len(made.added)} added, {len(made.removed)} removed", soft_wrap=True)
    if made.added:
        screen.print(
            f"Write a reason for each entry that says {UNEXPLAINED_REASON}; until then the gate is red."
        )
    return 0


@baseline.command()
@_RESULTS
@_BASELINE
def explain(results: Path, file: Path) -> int:
    """Say what each entry of the baseline does for RESULTS, a results.json or its folder."""
    content = read_results(results)
    held = hold(
        seen_in(content), read_baseline(file), content["target"]["dialect"], today=_today(),
        whole=is_whole(content),
    )  # fmt: skip
    screen = console()
    for each in held.entries:
        red = each.state in RED
        line = Text(f"{'✗' if red else '✓'} ", style="bold red" if red else "green")
        line.append(plain(each.entry.requirement), style="bold")
        line.append(f" ({each.entry.verdict}, line {each.entry.line}): {plain(each.told)}")
        screen.print(line, soft_wrap=True)
        if each.entry.is_pattern:
            for id_ in each.covers:
                screen.print(Text(f"    {id_}"), soft_wrap=True)
    for id_ in held.unobserved:
        screen.print(Text(f"✗ {id_}: not observed, and coverage is required", style="red"), soft_wrap=True)
    unknown = [
        id_ for id_, e in held.expectations.items() if e == "unexpected" and id_ not in held.unobserved
    ]
    for id_ in unknown:
        screen.print(Text(f"! {id_}: violated, and in no entry"), soft_wrap=True)
    good = len(held.entries) - len(held.red)
    screen.print(
        f"{len(held.entries)} entries, {good} in order; {len(unknown)} violated requirements in none"
    )
    return 0


def _today() -> dt.date:
    return dt.datetime.now(dt.UTC).date()
