"""results.csv: one row for each requirement, for spreadsheets. Pure.

A spreadsheet runs a cell that begins with a sign of its formulas, wherever the text came from. Such a cell
begins with an apostrophe here, which says that it is text; so does what follows a character at which a
spreadsheet of another language might divide a cell.
"""

from __future__ import annotations

import csv
import io
import re

from reports.escaping import visible
from reports.model import Report
from reports.requirement_results import RequirementResult

COLUMNS = (
    "target",
    "dialect",
    "requirement",
    "area",
    "level",
    "verdict",
    "standing",
    "examined",
    "violations",
    "statement",
    "what came",
    "trace",
    "event",
    "source",
)
"""The first row."""

_LONGEST = 2000  # characters of one cell; what a server sends may be of any length
_FORMULA = re.compile(
    "(^|[;\t\n])([\\s\"']*)(?=[=+\\-@\N{FULLWIDTH EQUALS SIGN}\N{FULLWIDTH PLUS SIGN}"
    "\N{FULLWIDTH HYPHEN-MINUS}\N{FULLWIDTH COMMERCIAL AT}])"
)


def results_csv(report: Report) -> str:
    """Return `report` as comma-separated values with a row of names, each cell in quotes (RFC 4180)."""
    file = io.StringIO()
    rows = csv.writer(file, quoting=csv.QUOTE_ALL)
    rows.writerow(COLUMNS)
    target = report.target.name or report.target.url
    for result in report.requirements:
        rows.writerow(map(_cell, (target, report.target.dialect, *_values(result))))
    return file.getvalue()


def _values(result: RequirementResult) -> tuple[str | int, ...]:
    first = result.findings[0] if result.findings else None
    return (
        result.id,
        result.requirement.area,
        str(result.level),
        str(result.verdict),
        str(result.standing),
        result.tally.subjects,
        result.tally.violations,
        result.requirement.statement,
        result.came if result.violated else result.sentence,
        first.trace if first is not None else "",
        first.seqs[0] if first is not None and first.seqs else "",
        " ".join(result.requirement.source.values()),
    )


def _cell(value: str | int) -> str | int:
    """Return `value` as it may stand in a cell: on one line, and no formula."""
    if isinstance(value, int):
        return value
    text = " ".join(visible(value[:_LONGEST]).split())
    return _FORMULA.sub(r"\1\2'", text)
