"""The page of what is required of the other channels, and of the facts that it rests on."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from docs.channel_page import FACT, channel_page, facts_of
from docs.generate import unrequired_facts
from packs.catalogue import PACKS

DOCS = Path(__file__).resolve().parents[2] / "docs"
FACTS = DOCS.parent.parent / "shared" / "reference" / "tts-stt-facts.md"


def test_the_page_is_the_registry_of_today() -> None:
    shown = (DOCS / "channel-requirements.md").read_text(encoding="utf-8")
    assert shown == channel_page(list(PACKS.values()), unrequired_facts()), "python docs/generate.py"
    for entry in (entry for pack in PACKS.values() for entry in pack.registry()):
        assert f"`{entry.id}`" in shown


def test_a_fact_is_required_or_has_a_reason_and_never_both() -> None:
    unrequired = unrequired_facts()
    assert set(unrequired) & set(facts_of(PACKS.values())) == set()
    assert all(FACT.fullmatch(fact) and why for fact, why in unrequired.items())


@pytest.mark.skipif(not FACTS.exists(), reason="the facts are not beside this checkout")
def test_no_row_of_the_facts_is_forgotten() -> None:
    rows = set(re.findall(rf"^\|\s*({FACT.pattern})\s*\|", FACTS.read_text(encoding="utf-8"), re.MULTILINE))
    assert len(rows) > 100
    assert rows - set(facts_of(PACKS.values())) - set(unrequired_facts()) == set()
