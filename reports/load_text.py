"""A load run on the terminal, in Markdown, and as JSON."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict

from rich.console import Console

from reports.escaping import plain
from reports.html_views import seconds_text
from reports.load_model import LoadReport, LoadRow
from reports.model import count
from reports.statistics import FIRST_AUDIO, TURN

LOAD_VERSION = 1
"""Of the form of load.json."""

_SHOWN = 5
_COLUMNS = (
    *("step", "turns", "turns/s", "first audio p50 · p95 · p99", "turn p50 · p95 · p99", "refused"),
    *("findings", "our lag p95"),
)


def load_json(report: LoadReport) -> str:
    """Return load.json."""
    content = {
        "schema_version": LOAD_VERSION,
        "verdict": {"sentence": report.sentence, "exit": int(report.exit)},
        **asdict(report),
    }
    return json.dumps(content, ensure_ascii=False, indent=1) + "\n"


def load_table(report: LoadReport) -> tuple[tuple[str, ...], list[tuple[str, ...]]]:
    """Return the steps as a table of text: what stands above the columns, and the lines."""
    return _COLUMNS, [_line(report, n, row) for n, row in enumerate(report.rows)]


def _line(report: LoadReport, place: int, row: LoadRow) -> tuple[str, ...]:
    findings = sum(course.violations[place] for course in report.courses)
    return (
        row.name + ("" if row.whole else " (cut short)"),
        str(row.turns),
        f"{row.turns_a_second:.2f}",
        figures_text(row.times.get(FIRST_AUDIO)),
        figures_text(row.times.get(TURN)),
        str(sum(row.refused.values())),
        str(findings),
        f"{row.lag[1] * 1000:.0f} ms",
    )


def figures_text(found: Sequence[float] | None) -> str:
    """Return times as text: `210 ms · 350 ms · 1.2 s`."""
    return " · ".join(map(seconds_text, found)) if found else "–"


def say_load(report: LoadReport, console: Console) -> None:
    """Print what a load run says."""
    console.print(plain(report.sentence), soft_wrap=True)
    heads, lines = load_table(report)
    widths = [max(len(each[n]) for each in (heads, *lines)) for n in range(len(heads))]
    for line in (heads, *lines):
        cells = "  ".join(f"{text:<{width}}" for text, width in zip(line, widths, strict=True))
        console.print(f"  {cells}".rstrip(), soft_wrap=True)
    for sentence in _said(report):
        console.print(f"  {plain(sentence)}", soft_wrap=True)


def _said(report: LoadReport) -> Iterator[str]:
    """Yield what stands below the table."""
    for course in report.breaking:
        tolerated = " (tolerated)" if course.tolerated else ""
        yield f"breaks at {course.breaks_at}: {course.level} {course.id}{tolerated}"
        if course.message:
            yield f"    {course.message} ({course.trace} #{', #'.join(map(str, course.seqs))})"
    yield from report.wrong[:_SHOWN]
    if report.already:
        named = ", ".join(each.id for each in report.already[:_SHOWN])
        more = f" and {len(report.already) - _SHOWN} more" if len(report.already) > _SHOWN else ""
        yield f"not for the load's sake, violated from the first step on or not seen there: {named}{more}"
    for row in report.rows:
        for what, counted in (("stalled", row.stalled), ("failed", row.failed), ("errors", row.errors)):
            if counted:
                yield f"{row.said}: {what}: {_counts(counted)}"
    yield from (f"our own mistake: {each}" for each in report.mistakes)
    yield from report.notes


def _counts(counted: Mapping[str, int]) -> str:
    ranked = sorted(counted.items(), key=lambda each: (-each[1], each[0]))
    more = f", and {count(len(ranked) - _SHOWN, 'other kind')}" if len(ranked) > _SHOWN else ""
    return ", ".join(f"{number} × {kind}" for kind, number in ranked[:_SHOWN]) + more


def load_markdown(report: LoadReport) -> str:
    """Return summary.md of a load run."""
    heads, lines = load_table(report)
    rows = [f"| {' | '.join(each)} |" for each in (heads, ("---",) * len(heads), *lines)]
    said = [f"- {_escaped(line)}" for line in _said(report)]
    target, verdict, plan = map(_escaped, (report.target, report.sentence, report.plan))
    head = f"# Load on {target}\n\n**{verdict}**\n\n{plan}\n"
    return "\n".join([head, *rows, "", *said]) + "\n"


def _escaped(text: str) -> str:
    return plain(text).replace("<", "&lt;").replace("|", "\\|").replace("`", "'")
