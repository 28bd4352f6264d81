"""What the judge lets go of in a long conversation, shown with small limits; that it keeps the rest."""

from __future__ import annotations

from collections.abc import Sequence
from types import ModuleType

import pytest

from rules import conversation, exchanges, reading, reading_updates
from rules.case import Case
from rules.engine import Rulebook
from rules.reading import Reading
from rules.registration import Registered
from rules.rulebook import own_contract
from tests.rules.said import (
    CLEAR,
    CLEARED,
    RUNNING,
    Said,
    begins,
    client,
    created,
    ends,
    sent_last,
    speaks,
    trace,
    transcribed,
    updated,
)


def read(*said: Said) -> Reading:
    """Return what is known at the end of a trace."""
    found: list[Reading] = []

    def note(case: Case) -> None:
        assert isinstance(case.reading, Reading)
        found.append(case.reading)

    Rulebook(own_contract("openai"), "openai", (), [Registered("noted", ("@end",), note)]).judge(trace(*said))
    return found[-1]


def answers(number: int) -> list[Said]:
    said: list[Said] = []
    for n in range(1, number + 1):
        said += [client("response.create"), begins(f"resp_{n}"), *speaks(f"resp_{n}", f"item_{n}", 20)]
    return said


@pytest.mark.parametrize(("number", "kept"), [(1, [1]), (2, [1, 2]), (3, [2, 3]), (4, [3, 4])])
def test_of_responses_the_newest_are_kept(
    monkeypatch: pytest.MonkeyPatch, number: int, kept: Sequence[int]
) -> None:
    monkeypatch.setattr(reading_updates, "_RESPONSES_KEPT", 2)
    known = read(created(), *answers(number))
    assert list(known.responses) == [f"resp_{n}" for n in kept]
    assert {item_id for item_id, _, _ in known.streams} == {f"item_{n}" for n in kept}


def test_a_response_that_runs_is_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reading_updates, "_RESPONSES_KEPT", 2)
    begun = [begins("resp_0"), *speaks("resp_0", "item_0", 20)[:5]]
    known = read(created(), *begun, *answers(3))
    assert list(known.responses) == ["resp_0", "resp_3"]
    assert {item_id for item_id, _, _ in known.streams} == {"item_0", "item_3"}


@pytest.mark.parametrize(("number", "kept"), [(1, [1]), (2, [1, 2]), (3, [2, 3]), (4, [3, 4])])
def test_of_items_the_newest_are_kept(
    monkeypatch: pytest.MonkeyPatch, number: int, kept: Sequence[int]
) -> None:
    monkeypatch.setattr(reading_updates, "_ITEMS_KEPT", 2)
    known = read(created(), *answers(number))
    assert list(known.items) == [f"item_{n}" for n in kept]
    assert known.forgot == (number > 2)


@pytest.mark.parametrize(("number", "kept"), [(1, [1]), (2, [1, 2]), (3, [2, 3]), (4, [3, 4])])
def test_of_transcriptions_the_newest_are_kept(
    monkeypatch: pytest.MonkeyPatch, number: int, kept: Sequence[int]
) -> None:
    monkeypatch.setattr(reading_updates, "_ITEMS_KEPT", 2)
    known = read(
        created(), *(transcribed(f"item_{n}") for n in range(1, number + 1)), *RUNNING, ends("resp_1")
    )
    assert list(known.transcriptions) == [(f"item_{n}", 0) for n in kept]


@pytest.mark.parametrize(("number", "kept"), [(2, [1, 2]), (3, [2, 3])])
def test_of_responses_that_run_the_newest_are_kept(
    monkeypatch: pytest.MonkeyPatch, number: int, kept: Sequence[int]
) -> None:
    monkeypatch.setattr(reading, "_RUNNING_KEPT", 2)
    known = read(created(), *(begins(f"resp_{n}") for n in range(1, number + 1)))
    assert list(known.running) == [f"resp_{n}" for n in kept]


def test_of_when_things_were_the_newest_is_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reading, "_MARKS_KEPT", 2)
    known = read(created(), CLEAR, CLEARED, CLEAR, CLEARED)
    assert list(known.times) == [3, 5]
    known = read(created(), CLEAR, CLEARED, CLEAR, CLEARED, CLEAR, CLEARED)
    assert list(known.times) == [5, 7]
    assert known.deltas_since(3) == known.deltas_since(5) == 0


def test_an_item_that_is_let_go_holds_nothing() -> None:
    item = read(created(), *answers(1)).items["item_1"]
    part = item.parts[0]
    assert item.response is not None
    assert [each.id for each in item.below()] == [
        "item_1[0]",
        "item_1[0] output_audio",
        "item_1[0] output_audio_transcript",
    ]
    item.forget()
    assert item.response is None
    assert not item.below()
    assert not part.below()


def test_an_item_that_was_let_go_may_still_be_cut(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reading_updates, "_ITEMS_KEPT", 1)
    cut = client("conversation.item.truncate", item_id="item_1", content_index=0, audio_end_ms=10)
    owed = sent_last("openai", trace(created(), *answers(2), cut)).expectation
    assert (owed.kind, owed.reason) == ("either", "item-under-way")


@pytest.mark.parametrize(("module", "limit"), [(reading_updates, "_ITEMS_KEPT"), (conversation, "_KEPT")])
def test_when_items_were_let_go_one_may_exist_that_is_not_known(
    monkeypatch: pytest.MonkeyPatch, module: ModuleType, limit: str
) -> None:
    monkeypatch.setattr(module, limit, 2)
    retrieve = client("conversation.item.retrieve", item_id="item_9")
    for number, owed in ((2, "refuse"), (3, "either")):
        assert sent_last("openai", trace(created(), *answers(number), retrieve)).expectation.kind == owed


@pytest.mark.parametrize(("number", "waiting"), [(2, 2), (3, 2)])
def test_of_what_waits_for_an_answer_the_oldest_is_given_up(
    monkeypatch: pytest.MonkeyPatch, number: int, waiting: int
) -> None:
    monkeypatch.setattr(exchanges, "_WAITING", 2)
    known: list[int] = []

    def note(case: Case) -> None:
        known.append(len(case.reading.exchanges.open))

    book = Rulebook(own_contract("openai"), "openai", (), [Registered("noted", ("session.updated",), note)])
    book.judge(trace(created(), *[CLEAR] * number, updated()))
    assert known == [waiting]
