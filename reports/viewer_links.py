"""Links into the page that shows the conversations of a report. Pure."""

from __future__ import annotations

from urllib.parse import quote

from reports.model import Report

TRACES_PAGE = "traces.html"
"""The file of that page, in the folder of the report."""


def address(report: Report, trace: str, seq: int | None = None) -> str:
    """Return the link that shows `trace`, at entry `seq`; the file itself where it is not on the page.

    Empty where nobody knows where it is.
    """
    conversations = report.conversations.shown if report.conversations is not None else []
    if any(each.name == trace and each.packed for each in conversations):
        return f"{TRACES_PAGE}#trace={quote(trace, safe='')}" + (f"&seq={seq}" if seq is not None else "")
    return quote(report.evidence.files.get(trace, "")) if report.evidence is not None else ""
