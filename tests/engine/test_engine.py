"""The judge's short way for deltas: most events of a conversation are such, and few of them mean anything."""

from __future__ import annotations

import pytest

from rules.case import Case, Registered
from rules.engine import Rulebook
from rules.linking import Link, link
from rules.reading import Reading
from rules.rulebook import own_contract
from tests.rules.judging import book
from tests.rules.said import RUNNING, TYPED, created, deltas, server, trace
from wire.trace import Entry

PLACE = {"response_id": "resp_1", "output_index": 0}
PART = {**PLACE, "item_id": "item_a", "content_index": 0, "part": {"type": "text", "text": ""}}
EMPTY = {**TYPED, "id": "item_a", "status": "in_progress", "content": []}
OPEN = [
    created(),
    *RUNNING,
    server("response.output_item.added", **PLACE, item=EMPTY),
    server("conversation.item.added", previous_item_id=None, item=EMPTY),
    server("response.content_part.added", **PART),
]


def test_deltas_that_change_nothing_are_not_looked_at_closely(monkeypatch: pytest.MonkeyPatch) -> None:
    closely: list[str] = []

    def noting(reading: Reading, entry: Entry) -> Link:
        closely.append(entry.type)
        return link(reading, entry)

    monkeypatch.setattr("rules.engine.link", noting)
    book("openai").judge(trace(*OPEN, *deltas(50)))
    assert 1 <= closely.count("response.output_text.delta") <= 2, "the first, and what it leads to"


def test_a_rule_for_deltas_is_shown_each_of_them() -> None:
    shown: list[int] = []

    def note(case: Case) -> None:
        shown.append(case.entry.seq)

    rules = [Registered("noted", ("response.output_text.delta",), note)]
    Rulebook(own_contract("openai"), "openai", (), rules).judge(trace(*OPEN, *deltas(50)))
    assert len(shown) == 50
