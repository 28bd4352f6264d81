"""Whoever follows a link to a finding stands before it: by a click, a permalink or a cell of a comparison."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import pytest

from reports.compare import rows, side_of
from reports.compare_page import matrix
from reports.results_json import as_dict
from reports.writing import write
from tests.reports.html.browser import browse
from tests.reports.html.html_samples import report_on

_WIDTHS = (390, 1280, 1920)
_NEAR = 90  # pixels below what covers the top of the page


@pytest.fixture(scope="module")
def report_and_landings(tmp_path_factory: pytest.TempPathFactory) -> tuple[int, Sequence[Mapping[str, Any]]]:
    """Return how many findings a report has, and where the browser came to stand on the way to each."""
    folder: Path = tmp_path_factory.mktemp("landing")
    sides = []
    for name in ("good", "bad"):
        report = report_on(folder / name, hostile=name == "bad")
        write(report, folder / name)
        sides.append(side_of(as_dict(report), name, f"{name}/report.html"))
    page = folder / "matrix.html"
    page.write_text(matrix(sides, rows(sides)), encoding="utf-8")
    findings = sum(len(r.findings) for r in report.requirements if r.violated)
    findings += sum(len(r.findings) for layer in report.layers for r in layer.differences)
    seen = browse(
        plays={
            "landing": {
                "report": str(folder / "bad" / "report.html"),
                "matrix": str(page),
                "widths": _WIDTHS,
            }
        }
    )
    return findings, seen["plays"]["landing"]


@pytest.mark.parametrize("way", ["click", "hash", "load", "cell"])
def test_a_link_to_a_finding_lands_on_it(
    report_and_landings: tuple[int, Sequence[Mapping[str, Any]]], way: str
) -> None:
    landings = [each for each in report_and_landings[1] if each["way"] == way]
    astray = [each for each in landings if not _before_it(each)]
    assert landings
    assert astray == []


@pytest.mark.parametrize("width", _WIDTHS)
def test_every_finding_has_a_permalink(
    report_and_landings: tuple[int, Sequence[Mapping[str, Any]]], width: int
) -> None:
    findings, landings = report_and_landings
    assert findings >= 20
    ways = Counter(each["way"] for each in landings if each["width"] == width)
    assert ways["hash"] == ways["load"] == findings


def _before_it(landing: Mapping[str, Any]) -> bool:
    """Tell whether the finding begins at the top of what can be seen, as far as the page can be scrolled."""
    if not (landing["found"] and landing["open"]):
        return False
    below = landing["top"] - landing["least"]
    at_the_end = landing["room"] <= 1 and 0 <= below < landing["height"] - landing["least"]
    return bool(0 <= below <= _NEAR or at_the_end)
