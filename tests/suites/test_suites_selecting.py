"""`-k`: texts, `and`, `or`, `not`, parentheses; one clear message for what is none of it."""

from __future__ import annotations

from pathlib import Path

import pytest

from suites.scenario import catalogue
from suites.scheduling import selected
from suites.selecting import SelectionError, matcher
from tests.realtime_conformance.commandline.harness import command_in

NAMES = ("session_update.one_field", "session/update/acknowledged", "payload/session.updated")


@pytest.mark.parametrize(
    ("expression", "expected"),
    [
        ("one_field", True),
        ("session/update/acknow", True),
        ("payload/session.updated", True),
        ("session_create", False),
        ("", True),
        ("one field", False),
        ("one_field and payload", True),
        ("one_field and delete", False),
        ("delete or acknowledged", True),
        ("not delete", True),
        ("not one_field", False),
        ("not not one_field", True),
        ("delete or one_field and payload", True),
        ("(delete or one_field) and voice", False),
        ("one_field and not(voice or delete)", True),
        ("delete and voice or one_field", True),
        ("delete and (voice or one_field)", False),
        ("((one_field))", True),
        ("nothing-and-more", False),  # the words count between spaces only
    ],
)
def test_what_matches(expression: str, expected: bool) -> None:
    assert matcher(expression)(NAMES) is expected


@pytest.mark.parametrize("text", ["session update", "and-then", "or.not", "andor"])
def test_a_plain_text_stays_one_text(text: str) -> None:
    assert matcher(text)((f"a {text} b",))
    assert not matcher(text)(text.split() if " " in text else ("session", "update"))


BROKEN = {
    "and": "a text, not, or ( is expected, not 'and' at column 1",
    "a or": "a text, not, or ( is expected, not the end",
    "a and or b": "a text, not, or ( is expected, not 'or' at column 7",
    "(a or b": "and, or, or ) is expected, not the end",
    "a or b)": "and, or, or the end is expected, not ')' at column 7",
    "a not b": "and, or, or the end is expected, not 'not' at column 3",
    "()": "a text, not, or ( is expected, not ')' at column 2",
    "a and b c": "and, or, or the end is expected, not 'c' at column 9",
    "(" * 2000: "no more than 100 levels is expected, not '(' at column 101",
}


@pytest.mark.parametrize("expression", BROKEN, ids=lambda text: text[:12])
def test_a_broken_expression_names_the_place(expression: str) -> None:
    with pytest.raises(SelectionError) as raised:
        matcher(expression)
    assert str(raised.value).endswith(BROKEN[expression])
    assert str(raised.value).startswith(repr(expression))


def test_scenarios_are_chosen_by_their_ids_and_requirements() -> None:
    every = catalogue()
    found = selected(every, ["response_create and not payload", "session_update.one_field"])
    assert found
    for each in found:
        names = (each.id, *each.provokes)
        by_first = any("response_create" in n for n in names) and not any("payload" in n for n in names)
        assert by_first or each.id == "session_update.one_field"


def test_the_command_line_says_it_in_a_line(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    ran = command_in(tmp_path / "report", capsys)("run", "-k", "a and", "--out", tmp_path / "report")
    assert ran.code == 4
    assert "-k 'a and': a text, not, or ( is expected, not the end" in ran.err
    assert not ran.folder.exists()
