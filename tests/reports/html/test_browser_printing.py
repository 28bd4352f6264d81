"""A report on paper: the verdict, the failures and their evidence, and not many pages."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import pytest

from reports.model import Report
from reports.writing import write
from rules.verdicts import Tally, Verdict
from tests.reports.html.browser import browse
from tests.reports.html.html_samples import report_on

_FAILED = ("session/updated/same-id", "response/text/deltas-add-up", "payload/response.created")


def _with(report: Report, failed: Sequence[str]) -> Report:
    """Return `report` with no other failures than `failed`."""
    results = tuple(
        r if r.id in failed or not r.violated else replace(r, verdict=Verdict.PASS, tally=Tally(subjects=1))
        for r in report.requirements
    )
    return replace(report, requirements=results)


@pytest.mark.parametrize(("failed", "most"), [(_FAILED, 6), ((), 2)])
def test_three_failures_are_printed_on_few_pages(tmp_path: Path, failed: Sequence[str], most: int) -> None:
    report = _with(report_on(tmp_path, hostile=True), failed)
    assert [r.id for r in report.failed] == sorted(failed, key=[r.id for r in report.failed].index)
    write(report, tmp_path)
    printed = browse(plays={"printing": {"report": str(tmp_path / "report.html")}})["plays"]["printing"]
    assert 1 <= printed["pages"] <= most
