"""Several channels as one report: the gravest exit code, a sentence, forms that hold anything."""

from __future__ import annotations

import xml.etree.ElementTree as ET
from dataclasses import replace
from pathlib import Path

import pytest

from reports.combined import GRAVEST_FIRST, CombinedReport, summary_json
from reports.combined_page import combined_page
from reports.combined_writing import combined_markdown, combined_outputs
from reports.exits import Exit
from reports.junit import junit
from reports.markdown import LIMIT
from reports.model import Report
from tests.reports.formats.sample import report


def _ending(code: Exit) -> Report:
    """Return a report that ends so."""
    sample = replace(report(), scenarios=())
    sample = replace(sample, requirements=tuple(r for r in sample.requirements if not r.tally.errors))
    match code:
        case Exit.INTERRUPTED:
            return replace(sample, interrupted=True)
        case Exit.UNREACHABLE:
            return replace(sample, requirements=(), opened=False)
        case Exit.NOTHING_JUDGED:
            return replace(sample, requirements=())
        case Exit.DOES_NOT_CONFORM:
            return sample
    passed = tuple(r for r in sample.requirements if str(r.verdict) == "pass")
    return replace(sample, requirements=passed, core=())


def _combined(**codes: Exit) -> CombinedReport:
    reports = {name: _ending(code) for name, code in codes.items()}
    assert {name: each.exit for name, each in reports.items()} == codes
    return CombinedReport(reports, {name: f"the channel {name}" for name in (*codes, "left")})


@pytest.mark.parametrize(
    ("codes", "exit_", "sentence"),
    [
        ({"a": Exit.CONFORMS, "b": Exit.CONFORMS}, 0, "Both channels conform: a, b."),
        (
            {"a": Exit.CONFORMS, "b": Exit.UNREACHABLE},
            6,
            "1 of 2 channels conforms; b: could not be reached.",
        ),
        (
            {"a": Exit.UNREACHABLE, "b": Exit.DOES_NOT_CONFORM, "c": Exit.NOTHING_JUDGED},
            1,
            "0 of 3 channels conform; a: could not be reached; b: does not conform; c: no verdict.",
        ),
        ({"a": Exit.DOES_NOT_CONFORM, "b": Exit.INTERRUPTED}, 2, "a: does not conform; b: interrupted."),
    ],
)
def test_the_gravest_decides_and_each_is_named(codes: dict[str, Exit], exit_: int, sentence: str) -> None:
    combined = _combined(**codes)
    assert combined.exit == exit_
    assert combined.sentence.endswith(sentence)
    assert combined_outputs(combined, Path("out"))["exit-code"] == str(exit_)


def test_every_exit_of_a_report_has_its_place() -> None:
    assert set(GRAVEST_FIRST) == set(Exit) - {Exit.USAGE}


def test_what_was_never_begun_is_interrupted_and_is_said() -> None:
    combined = replace(_combined(a=Exit.CONFORMS), unplayed=("left",))
    assert combined.exit is Exit.INTERRUPTED
    assert combined.sentence == "1 of 2 channels conforms; left: interrupted."
    assert summary_json(combined)["unplayed"] == ["left"]
    assert "interrupted before it began" in combined_markdown(combined)
    assert "Interrupted before it began" in combined_page(combined)


def test_what_is_spent_is_added_up() -> None:
    combined = _combined(a=Exit.CONFORMS, b=Exit.CONFORMS)
    one = combined.reports["a"].spent
    assert combined.spent == {unit: 2 * number for unit, number in one.items()}
    assert combined.duration_s == 2 * combined.reports["a"].duration_s


def test_what_a_server_says_takes_over_no_form() -> None:
    combined = _combined(a=Exit.DOES_NOT_CONFORM)
    page = combined_page(combined)
    assert "<img" not in page
    assert "&lt;" in page
    ET.fromstring(junit(*combined.reports.values()).split("?>", 1)[1])
    assert len(combined_markdown(combined).encode()) < LIMIT
