"""What is said on the terminal: progress while a run lasts, and a summary at its end.

Quiet and plain when nobody looks (no terminal), colours only where they are wanted (`NO_COLOR`).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any, Self

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn
from rich.table import Column
from rich.text import Text

from reports.absences import absences
from reports.escaping import plain as plain  # noqa: PLC0414 - known from here, too
from reports.failures import failure_of
from reports.model import Exit, Report, count
from reports.requirement_results import RequirementResult, Standing
from reports.timing import MOSTLY
from rules.verdicts import Verdict

_LISTED = 15
_PARTLY = 3  # passes of which some cases are undecided
_EXPLAINED = 5  # requirements that one failure explains
_KEPT = Column(no_wrap=True)
_CUT = Column(no_wrap=True, overflow="ellipsis", ratio=1)  # what is least missed where there is little room

_STYLES = {
    Verdict.FAIL: "bold red",
    Verdict.WARN: "yellow",
    Verdict.PASS: "green",
    Verdict.INCONCLUSIVE: "magenta",
    Verdict.HARNESS_ERROR: "bold magenta",
}


class Watching:
    """Shows how far a run has come, on a terminal; says nothing elsewhere. A context manager.

    `failing` returns the requirements that the traces of a scenario violate; `spending` says what was spent
    so far. They are asked only where somebody looks.
    """

    def __init__(
        self,
        console: Console,
        total: int,
        failing: Callable[[Any], Iterable[str]] = lambda _: (),
        spending: Callable[[], str] = str,
    ) -> None:
        self._shown = console.is_terminal and not console.is_dumb_terminal and not console.quiet
        self._progress = Progress(
            TextColumn("{task.description}", markup=False),
            BarColumn(bar_width=16),
            MofNCompleteColumn(),
            TimeElapsedColumn(),
            TextColumn("{task.fields[found]}", style="bold red", markup=False, table_column=_KEPT),
            TextColumn("{task.fields[note]}", markup=False, table_column=_CUT),
            console=console,
            transient=True,
            expand=True,
            disable=not self._shown,
        )
        self._task = self._progress.add_task("scenarios", total=total, note="", found="")
        self._failing = failing
        self._spending = spending
        self.violated: set[str] = set()

    def __enter__(self) -> Self:
        self._progress.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._progress.stop()

    def began(self, scenario: Any) -> None:
        """Show which scenario has begun."""
        if self._shown:
            self._progress.update(self._task, note=f"{self._spending()}  {plain(scenario.id)}".strip())

    def ended(self, outcome: Any) -> None:
        """Count a scenario that has ended, and what was found in it."""
        if not self._shown:
            return
        self.violated.update(self._failing(outcome))
        found = f"{len(self.violated)} violated" if self.violated else ""
        self._progress.update(self._task, found=found, note=self._spending(), advance=1)


def summary(console: Console, report: Report, written: list[Path]) -> None:
    """Print the verdict, the counts, what failed first, and where the report is."""
    good = report.exit is Exit.CONFORMS
    style = "bold red" if not good else "bold yellow" if report.failed else "bold green"
    _print(console, Text(plain(report.sentence), style=style))
    counted = [(n, verdict) for verdict in Verdict if (n := report.counts[str(verdict)])]
    line = Text("   ").join(Text(f"{n} {verdict}", _STYLES.get(verdict, "")) for n, verdict in counted)
    _print(console, Text("  ") + line)
    _partly(console, report)
    _hindered(console, report)
    for sentence in absences(report):
        _print(console, Text(f"  {plain(sentence)}", "dim"))
    for verdict in (Verdict.HARNESS_ERROR, Verdict.FAIL, Verdict.WARN):
        _list(console, report, verdict, _folder(written))
    _baseline(console, report)
    for scenario in report.scenarios:
        if scenario.outcome == "harness-error":
            _print(console, Text(f"  harness-error {scenario.id}: {plain(scenario.message)}", "bold magenta"))
    for layer in report.layers:
        _print(console, Text(f"  {plain(layer.sentence)}"))
        for result in layer.differences[:_LISTED]:
            _print(console, Text(f"    differs {result.id}"))
        _more(console, len(layer.differences), "    ")
    for note in report.notes:
        _print(console, Text(f"  note: {plain(note)}", "yellow"))
    if written:
        _print(console, Text(f"  report: {next((p for p in written if p.suffix == '.html'), written[0])}"))


def _hindered(console: Console, report: Report) -> None:
    """Print what hindered the run: a crowded server, a silent one."""
    if report.crowding is not None:
        _print(console, Text(f"  {plain(report.crowding.sentence)}", "yellow"))
    if report.timing is not None and report.timing.share > MOSTLY:
        _print(console, Text(f"  {plain(report.timing.sentence)}", "yellow"))


def _partly(console: Console, report: Report) -> None:
    named = [f"{r.id} ({r.beside})" for r in report.partly]
    if named:
        more = ", …" if len(named) > _PARTLY else ""
        _print(console, Text(f"  {len(named)} passed in part: {', '.join(named[:_PARTLY])}{more}", "dim"))


def _print(console: Console, line: Text) -> None:
    console.print(line, soft_wrap=True)


def _more(console: Console, count: int, indent: str = "  ") -> None:
    if count > _LISTED:
        _print(console, Text(f"{indent}… and {count - _LISTED} more"))


def _folder(written: list[Path]) -> str:
    """Return what leads to the folder of the report; empty where that is here, or none was written."""
    folder = written[0].parent.as_posix() if written else "."
    return "" if folder == "." else f"{folder}/"


def _list(console: Console, report: Report, verdict: Verdict, folder: str) -> None:
    results = report.unknown(verdict)
    for result in results[:_LISTED]:
        line = Text("  ")
        line.append(f"{verdict} ", style=_STYLES.get(verdict, ""))
        line.append(result.id, style="bold")
        if result.flaky:
            line.append(f"  flaky: in {result.failures} of {len(result.runs)} runs")
        _print(console, line)
        if result.findings:
            _failure(console, report, result, folder)
        for id_, number in list(result.explains.items())[:_EXPLAINED]:
            _print(console, Text(f"      explains {count(number, 'violation')} of {id_}", "dim"))
        if len(result.explains) > _EXPLAINED:
            _print(console, Text(f"      … and of {len(result.explains) - _EXPLAINED} more", "dim"))
        for error in result.tally.errors[:1]:
            _print(console, Text(f"      · {plain(error)}"))
    _more(console, len(results))


def _failure(console: Console, report: Report, result: RequirementResult, folder: str) -> None:
    told = failure_of(report, result, folder)
    # What begins a line is ours: no server's text may be taken for a command there.
    finding = result.findings[0]
    where = f"{finding.trace} #{finding.seqs[0]}" if finding.seqs else finding.trace
    _print(console, Text(f"      · {plain(told.message)} ({plain(where)})"))
    for name, value in told.lines:
        line = Text(f"        {name:<10}", "dim")
        line.append(plain(value), style="default")
        _print(console, line)


def _baseline(console: Console, report: Report) -> None:
    held = report.held
    if held is None:
        return
    known = report.standing(Standing.KNOWN)
    if known:
        _print(console, Text(f"  {len(known)} known in {plain(held.baseline.file)}"))
    for each in held.red[:_LISTED]:
        line = Text("  baseline ", "bold yellow")
        line.append(plain(each.entry.requirement), style="bold")
        line.append(f" (line {each.entry.line}): {plain(each.told)}", style="default")
        _print(console, line)
    _more(console, len(held.red))
    uncovered = report.standing(Standing.UNCOVERED)
    for result in uncovered[:_LISTED]:
        _print(console, Text(f"  baseline {result.id}: {result.sentence}", "bold yellow"))
    _more(console, len(uncovered))
