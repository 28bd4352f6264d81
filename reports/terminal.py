"""What is said on the terminal: progress while a run lasts, and a summary at its end.

Quiet and plain when nobody looks (no terminal), colours only where they are wanted (`NO_COLOR`).
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any, Self

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn
from rich.text import Text

from reports.model import Exit, Report, RequirementResult
from rules.verdicts import Verdict

_LISTED = 15
_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]")

_STYLES = {
    Verdict.FAIL: "bold red", Verdict.WARN: "yellow", Verdict.PASS: "green", Verdict.INCONCLUSIVE: "magenta",
    Verdict.HARNESS_ERROR: "bold magenta",
}  # fmt: skip


def plain(text: str) -> str:
    """Return `text` without control characters: what came from a server must not steer the terminal."""
    return _CONTROL.sub("�", text.replace("\n", " "))


class Watching:
    """Shows how far a run has come, on a terminal; says nothing elsewhere. A context manager."""

    def __init__(self, console: Console, total: int) -> None:
        self._progress = Progress(
            TextColumn("{task.description}"),
            BarColumn(),
            MofNCompleteColumn(),
            TimeElapsedColumn(),
            TextColumn("{task.fields[note]}"),
            console=console,
            transient=True,
            disable=not console.is_terminal,
        )
        self._task = self._progress.add_task("scenarios", total=total, note="")
        self._stalled = 0

    def __enter__(self) -> Self:
        self._progress.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._progress.stop()

    def began(self, scenario: Any) -> None:
        """Show which scenario has begun."""
        self._progress.update(self._task, note=scenario.id)

    def ended(self, outcome: Any) -> None:
        """Count a scenario that has ended."""
        self._stalled += outcome.status == "stalled"
        self._progress.advance(self._task)
        if self._stalled:
            self._progress.update(self._task, description=f"scenarios ({self._stalled} stalled)")


def summary(console: Console, report: Report, written: list[Path]) -> None:
    """Print the verdict, the counts, what failed first, and where the report is."""
    good = report.exit is Exit.CONFORMS
    console.print(Text(plain(report.sentence), style="bold green" if good else "bold red"))
    counts = [(v, report.counts[str(v)]) for v in Verdict if report.counts[str(v)]]
    line = Text("  ")
    for verdict, number in counts:
        line.append(f"{number} {verdict}", style=_STYLES.get(verdict, ""))
        line.append("   ")
    console.print(line)
    for verdict in (Verdict.HARNESS_ERROR, Verdict.FAIL, Verdict.WARN):
        _list(console, report.of(verdict), verdict)
    for scenario in report.scenarios:
        if scenario.outcome == "harness-error":
            console.print(
                Text(f"  harness-error {scenario.id}: {plain(scenario.message)}", style="bold magenta")
            )
    for layer in report.layers:
        console.print(Text(f"  {plain(layer.sentence)}"))
        for result in layer.differences[:_LISTED]:
            console.print(Text(f"    {result.verdict} {result.id}"), soft_wrap=True)
    for note in report.notes:
        console.print(Text(f"  note: {plain(note)}", style="yellow"), soft_wrap=True)
    if written:
        console.print(
            f"  report: {next((p for p in written if p.suffix == '.html'), written[0])}", soft_wrap=True
        )


def _list(console: Console, results: list[RequirementResult], verdict: Verdict) -> None:
    for result in results[:_LISTED]:
        line = Text("  ")
        line.append(f"{verdict} ", style=_STYLES.get(verdict, ""))
        line.append(result.id, style="bold")
        console.print(line, soft_wrap=True)
        if result.findings:
            finding = result.findings[0]
            where = f"{finding.trace} #{finding.seqs[0]}" if finding.seqs else finding.trace
            console.print(Text(f"      {plain(finding.message)} ({plain(where)})"), soft_wrap=True)
        for error in result.tally.errors[:1]:
            console.print(Text(f"      {plain(error)}"), soft_wrap=True)
    if len(results) > _LISTED:
        console.print(f"  … and {len(results) - _LISTED} more with verdict {verdict}")
