"""The HTML report: one self-contained file."""

from __future__ import annotations

from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from reports.model import Report
from rules.verdicts import Verdict

_TEMPLATES = Path(__file__).parent / "templates"

SYMBOLS = {
    Verdict.FAIL: "✗",
    Verdict.WARN: "!",
    Verdict.PASS: "✓",
    Verdict.INCONCLUSIVE: "?",
    Verdict.NOT_OBSERVED: "·",
    Verdict.NOT_OFFERED: "–",
    Verdict.HARNESS_ERROR: "⚠",
}


def html(report: Report) -> str:
    """Return `report` as one HTML page. Everything that came from a server is escaped."""
    environment = Environment(
        loader=FileSystemLoader(_TEMPLATES), autoescape=True, undefined=StrictUndefined, trim_blocks=True,
        lstrip_blocks=True,
    )  # fmt: skip
    template = environment.get_template("report.html")
    groups = [(verdict, report.of(verdict)) for verdict in Verdict]
    return template.render(report=report, groups=[g for g in groups if g[1]], symbols=SYMBOLS)
