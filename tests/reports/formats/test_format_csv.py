"""results.csv: a row for each requirement, and no cell that a spreadsheet would run as a formula."""

from __future__ import annotations

import csv
import io
import re
from dataclasses import replace

import pytest

from reports.model import Report
from reports.results_csv import COLUMNS, results_csv
from rules.verdicts import Tally
from tests.reports.formats.sample import FAILED, HELD, entry, finding, held, report

_BEGINS_A_FORMULA = re.compile(r"""[\s"']*[=+\-@＝＋－＠]""")


def _rows(made: Report) -> dict[str, dict[str, str]]:
    return {row["requirement"]: row for row in csv.DictReader(io.StringIO(results_csv(made)))}


def _saying(message: str) -> Report:
    counted = {FAILED: Tally(subjects=1, violations=1, findings=[finding(message)])}
    return report(counted=counted)


def test_every_requirement_has_a_row() -> None:
    made = report()
    rows = _rows(made)
    assert list(rows) == [r.id for r in made.requirements]
    row = rows[FAILED]
    assert tuple(row) == COLUMNS
    assert (row["level"], row["verdict"], row["standing"]) == ("MUST", "fail", "failed")
    assert (row["examined"], row["violations"]) == ("12", "11")
    assert (row["trace"], row["event"]) == ("response_create.text", "12")
    assert rows[HELD]["what came"] == ""
    assert _rows(held(made, entry(FAILED)))[FAILED]["standing"] == "known"


@pytest.mark.parametrize(
    "message",
    [
        "=cmd|'/C calc'!A0",
        "+1+1",
        "-2+3",
        "@SUM(1+1)",
        "\t=1+1",
        "\r=1+1",
        "\n=1+1",
        '"=1+1"',
        "  =1+1",
        "\uff1d1+1",
        "\uff20SUM(1)",
    ],
)
def test_no_cell_is_a_formula(message: str) -> None:
    came = _rows(_saying(message))[FAILED]["what came"]
    assert not re.match(r"""[\s"]*[=+\-@＝＋－＠]""", came), "what begins one is behind an apostrophe"
    assert came.replace("'", "").endswith(re.sub(r"[\s']", "", message)[-3:])


def test_what_another_language_would_divide_is_no_formula_either() -> None:
    came = _rows(_saying('a;=1+1 and b; "=2"'))[FAILED]["what came"]
    assert came == "a;'=1+1 and b; \"'=2\""


def test_a_name_that_a_user_gave_is_no_formula() -> None:
    row = _rows(report(name="=HYPERLINK(1)"))[FAILED]
    assert row["target"] == "'=HYPERLINK(1)"


def test_whatever_a_server_says_stays_on_one_line_and_in_its_cell() -> None:
    made = report()
    text = results_csv(replace(made, requirements=made.requirements))
    assert text.count("\r\n") == len(made.requirements) + 1
    assert "\n" not in text.replace("\r\n", "")
    assert not any(sign in text for sign in "\u202e\x1b\x00\ud800")
    for row in csv.reader(io.StringIO(text)):
        assert len(row) == len(COLUMNS)
        assert not [cell for cell in row if _BEGINS_A_FORMULA.match(cell) and not cell.startswith("'")]
