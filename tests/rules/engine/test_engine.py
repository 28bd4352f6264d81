"""The judge: its short way for deltas, which most events are, and what it says of an end."""

from __future__ import annotations

import pytest

from rules.case import EventCase
from rules.engine import Rulebook
from rules.event_subjects import Link, link
from rules.reading import Reading
from rules.registration import ANYWHERE, Registered
from rules.rulebook import own_contract
from tests.rules.judged_traces import book
from tests.rules.said import (
    CLEAR,
    FLOOD,
    RUNNING,
    TYPED,
    Said,
    client,
    created,
    deltas,
    error,
    hangs_up,
    server,
    trace,
)
from wire.trace import Entry, RecordedTrace

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

    monkeypatch.setattr("rules.judgement.link", noting)
    book("openai").judge(trace(*OPEN, *deltas(50)))
    assert 1 <= closely.count("response.output_text.delta") <= 2, "the first, and what it leads to"


def _shown(spoken: RecordedTrace, type_: str, *malformed: str) -> int:
    """Return how many events of a type a rule for it is shown."""
    shown: list[int] = []

    def note(case: EventCase) -> None:
        shown.append(case.entry.seq)

    rules = [Registered("noted", (type_,), note, malformed)]
    Rulebook(own_contract("openai"), "openai", (), rules).judge(spoken)
    return len(shown)


def test_a_rule_for_deltas_is_shown_each_of_them() -> None:
    assert _shown(trace(*OPEN, *deltas(50)), "response.output_text.delta") == 50


def test_a_rule_is_shown_malformed_events_only_if_it_asks() -> None:
    broken = trace(created(), error(param=7))
    assert _shown(broken, "error") == 0
    assert _shown(broken, "error", ANYWHERE) == 1


@pytest.mark.parametrize(
    ("end", "reason"),
    [
        ((), "the capture ended before it came"),
        ((hangs_up(1000),), "the connection ended before it came"),
        ((FLOOD,), "the server sent so much that the suite stopped listening"),
    ],
)
def test_why_what_is_owed_at_the_end_is_undecided(end: tuple[Said, ...], reason: str) -> None:
    found = book("openai").judge(trace(created(), *RUNNING, CLEAR, *end))
    for requirement in ("response/lifecycle/done-exactly-once", "audio/clear/acknowledged"):
        assert found[requirement].undecided == {reason: 1}


def test_of_client_events_that_wait_for_an_answer_the_oldest_are_let_go() -> None:
    found = book("openai").judge(trace(created(), *[client("input_audio_buffer.clear")] * 502))
    tally = found["audio/clear/acknowledged"]
    assert tally.undecided["too many client events were waiting for an answer"] == 2
    assert tally.undecided["the capture ended before it came"] + tally.violations == 500
