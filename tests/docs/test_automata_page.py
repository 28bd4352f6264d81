"""The page and the pictures of the automata: they show all that the tables hold, and are up to date."""

from __future__ import annotations

from pathlib import Path
from xml.etree import ElementTree as ET

import pytest

from docs.automata_page import automata_page, picture_name
from docs.automata_svg import automaton_svg
from reports.automata import Combinator, combinators
from rules.requirements import registry
from rules.rulebook import ORDER

DOCS = Path(__file__).resolve().parents[2] / "docs"


@pytest.mark.parametrize("combinator", combinators(), ids=lambda each: each.name)
def test_a_picture_shows_every_state_every_role_and_every_effect(combinator: Combinator) -> None:
    drawn = ET.fromstring(automaton_svg(combinator))
    texts = ["".join(each.itertext()) for each in drawn.iter("{http://www.w3.org/2000/svg}text")]
    assert set(combinator.states) <= set(texts)
    for step in combinator.steps:
        effect = f": {step.effect}" if step.effect else ""
        assert f"{' or '.join(step.roles)}{effect}" in texts
    assert ("deadline: missing" in texts) is bool(combinator.owing)


def test_page_and_pictures_are_up_to_date() -> None:
    page = (DOCS / "automata.md").read_text(encoding="utf-8")
    assert page == automata_page(registry(), ORDER), "run python docs/generate.py"
    pictures = {path.name: path.read_text(encoding="utf-8") for path in DOCS.glob("pictures/automata/*")}
    assert pictures == {picture_name(each): automaton_svg(each) for each in combinators()}
