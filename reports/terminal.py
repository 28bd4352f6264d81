"""What is said on the terminal at the end of a run.

Quiet and plain when nobody looks (no terminal), colours only where they are wanted (`NO_COLOR`).
"""

from __future__ import annotations

from pathlib import Path

from rich.console import Console
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

_STYLES = {
    Verdict.FAIL: "bold red",
    Verdict.WARN: "yellow",
    Verdict.PASS: "green",
    Verdict.INCONCLUSIVE: "magenta",
    Verdict.HARNESS_ERROR: "bold magenta",
}


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
