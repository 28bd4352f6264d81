"""Text for patterns of ECMA-262: what is drawn matches, and what cannot be drawn is said."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from generators.events import Events
from generators.patterns import matching
from generators.python_patterns import python_pattern
from realtime_conformance.cli import run_command_line
from schemas.contract import contract_of
from schemas.ecma import searching
from schemas.loader import load
from tests.generators.documents import saying, version_2, written


@pytest.mark.parametrize(
    "pattern",
    [
        "foo|bar",
        "^$",
        r"^\p{Lu}\p{Ll}+$",
        r"^[\p{L}\d_]{1,4}$",
        r"^\P{L}$",
        r"^\p{Script=Greek}+$",
        r"^\cA\u{1F600}\0$",
        r"^\uD83D\uDE00$",
        r"^\x41\u0042\/$",
        r"(?<y>a|b)\k<y>",
        "^[^]$",
        r"^\s[\s&]$",
        r"^[a-z&&b][[]$",
        r"^\-[\]\[]$",
        "^.$",
        "^a|b$",
        r"\$",
        r"^(?=.*\d)(?=.*[a-z]).{8,12}$",
        r"^(?!x)[a-z]{3}$",
    ],
)
def test_text_is_made_for_what_hypothesis_can_translate(pattern: str) -> None:
    texts = matching(pattern)
    assert texts
    assert all(searching(pattern)(text) for text in texts)


@pytest.mark.parametrize("pattern", ["(?<=a+)b", "[]", r"^\p{Nonsense}", "(?:(?<a>x)|(?<a>y))", "a(?=b)$"])
def test_where_no_text_is_found_there_is_none(pattern: str) -> None:
    assert matching(pattern) == ()


_PIECES = st.sampled_from(
    [
        *"ab-_]}/&~,. $^()|[*",
        *(r"\d", r"\W", r"\s", r"\p{L}", r"\P{Lu}", r"\cJ", r"\u{3b1}", r"\n", r"\.", r"\b", r"\k<n>"),
        *("[^", "a-z", "+?", "{2}", "(?:", "(?=", "(?!", "(?<n>", "[]", "[^]"),
    ]
)


@given(
    st.lists(_PIECES, max_size=8).map("".join), st.text(st.sampled_from("ab-_]/ .\nzα\u2028$"), max_size=4)
)
@settings(max_examples=500, derandomize=True, database=None, deadline=None)
def test_a_translation_finds_nothing_that_ecma_262_does_not(pattern: str, text: str) -> None:
    r"""But for `\W`, `\s` and their like, which are ASCII's in a translation."""
    try:
        search = searching(pattern)
    except ValueError:
        return
    found = python_pattern(pattern)
    ascii_only = not any(each in pattern for each in (r"\W", r"\b", r"\P", "(?!", "[^")) and text.isascii()
    if found is not None and ascii_only and found.search(text):
        assert search(text)


def _say(folder: Path, *, required: bool) -> Path:
    payload = saying(
        {"type": "string", "pattern": "(?<=a+)b"}, **({"required": ["type", "x"]} if required else {})
    )
    return written(folder, version_2(payload))


SAID = "say: no text was found that matches the pattern (?<=a+)b, at #/properties/x/pattern"


def test_a_pattern_that_nothing_is_found_for_is_said(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = _say(tmp_path, required=False)
    events = Events(contract_of(load(path)))
    events.check()
    assert [each.startswith(SAID) for each in events.unmatched()] == [True]
    assert events.examples("say", 5)[0] == {"type": "say"}
    assert run_command_line(["document", str(path)]) == 0
    assert SAID in capsys.readouterr().out


def test_names_that_nothing_is_found_for_are_said(tmp_path: Path) -> None:
    payload = saying({"type": "object", "patternProperties": {"(?<=a+)b": {"type": "integer"}}})
    events = Events(contract_of(load(written(tmp_path, version_2(payload)))))
    assert [each.split(", at ")[1].split(" with")[0] for each in events.unmatched()] == [
        "#/properties/x/patternProperties"
    ]


def test_a_document_says_so_too_where_nothing_can_be_sent(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run_command_line(["document", str(_say(tmp_path, required=True))]) == 0
    assert SAID in capsys.readouterr().out


def test_a_run_says_so_in_its_notes(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """No scenario that is played has to speak by the document for that."""
    out = tmp_path / "out"
    command = ["run", "--asyncapi", str(_say(tmp_path, required=False)), "-k", "session_update.one_field"]
    run_command_line([*command, "--no-probe", "--out", str(out)])
    notes = json.loads((out / "results.json").read_text(encoding="utf-8"))["notes"]
    assert len([note for note in notes if note.startswith(SAID)]) == 1
    assert f"note: {SAID}" in capsys.readouterr().out
