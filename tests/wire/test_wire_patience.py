"""A session listens on after a deadline, and no longer waits in full for what has proved never to come."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from tests.wire import hostile
from tests.wire.hostile import CREATED, Peer
from tests.wire.recorded_calls import SHORT, Call, call, greeting
from wire.failures import Stalled
from wire.frames import Received
from wire.patience import (
    DRAWN_OUT,
    DRAWN_OUT_PER_KIND,
    FLOOR_S,
    FULL_WAITS,
    SILENT_KINDS,
    SILENT_WAITS,
    Patience,
)
from wire.session import Session


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "call.jsonl"


def _greeted_late(path: Path, patience: Patience | None) -> Call:
    """Call a server that greets only once the deadline for it has passed."""
    passed = asyncio.Event()

    async def late(peer: Peer) -> None:
        await peer.accept()
        await passed.wait()
        await peer.event(CREATED)
        await peer.wait()

    async def act(session: Session) -> Received:
        add = session.recorder.add

        def noted(direction: Any, kind: Any, **detail: Any) -> Any:
            if kind == "deadline":
                passed.set()
            return add(direction, kind, **detail)

        session.recorder.add = noted  # type: ignore[method-assign]
        return await greeting(session)

    return call(path, late, act, patience, timeouts=SHORT)


def test_what_comes_late_is_heard_and_the_trace_shows_both(path: Path) -> None:
    patience = Patience()
    made = _greeted_late(path, patience)
    assert made.failure is None
    assert made.result.event == CREATED
    assert [kind for _, kind in made.kinds()] == ["open", "deadline", "text", "close"]
    deadline = made.detail("deadline")
    assert deadline["awaited"] == "session.created"
    assert deadline["listened_on_s"] == SHORT.answer
    assert patience.drawn_out.total() == 0, "it was not in vain"


def test_what_never_comes_is_waited_for_twice_as_long(path: Path) -> None:
    patience = Patience()
    made = call(path, hostile.accepts_and_says_nothing, patience=patience, timeouts=SHORT)
    assert isinstance(made.failure, Stalled)
    assert [kind for _, kind in made.kinds()] == ["open", "deadline", "deadline", "close"]
    first, second = ((entry.detail or {}) for entry in made.entries[1:3])
    assert [first["listened_on_s"], second["listened_on_s"]] == [SHORT.answer, 0]
    assert second["waited_s"] >= first["waited_s"] + SHORT.answer
    assert second["silent"]
    assert patience.drawn_out == {"session.created": 1}


def test_without_patience_a_deadline_is_the_end(path: Path) -> None:
    made = _greeted_late(path, None)
    assert isinstance(made.failure, Stalled)
    assert made.detail("deadline")["listened_on_s"] == 0


def test_a_wait_with_a_bound_of_its_own_is_not_drawn_out(path: Path) -> None:
    async def act(session: Session) -> None:
        await session.wait_for("nothing", within=0.05)

    made = call(path, hostile.says_that_it_is_there, act, Patience(), timeouts=SHORT)
    assert isinstance(made.failure, Stalled)
    assert made.detail("deadline")["listened_on_s"] == 0


def test_a_silent_server_costs_only_a_few_waits_more(path: Path) -> None:
    async def act(session: Session) -> None:
        for _ in range(DRAWN_OUT_PER_KIND + 2):
            with pytest.raises(Stalled):
                await session.wait_for("something")

    made = call(path, hostile.says_that_it_is_there, act, Patience(), timeouts=SHORT)
    assert made.failure is None
    longer = [(e.detail or {})["listened_on_s"] for e in made.entries if e.kind == "deadline"]
    assert longer == [SHORT.answer, 0] * DRAWN_OUT_PER_KIND + [0, 0]


def test_many_kinds_of_silence_are_bounded_together() -> None:
    patience = Patience()
    patience.came("session.updated", 0.1)
    for number in range(DRAWN_OUT):
        assert patience.draws_out(f"kind {number}")
        patience.drew_out(f"kind {number}")
    assert not patience.draws_out("another kind")


def test_a_server_that_has_not_answered_at_all_is_not_drawn_out_for_each_kind() -> None:
    patience = Patience()
    patience.came("error or session.created", 0.1)
    for number in range(2):
        assert patience.draws_out(f"kind {number}")
        patience.drew_out(f"kind {number}")
    assert not patience.draws_out("another kind")


# --- waits that are cut short -----------------------------------------------------------------------------


def test_waits_are_short_after_full_ones_on_two_connections() -> None:
    patience = Patience()
    for _ in range(3):
        patience.in_vain("something", 1)
        assert patience.short_s("something", 5.0) is None, "one connection may be broken"
    patience.in_vain("something", 2)
    assert patience.full_waits("something") == FULL_WAITS
    assert patience.short_s("something", 5.0) == FLOOR_S
    assert patience.short_s("something else", 5.0) is None


def test_waits_for_what_ever_came_are_full() -> None:
    patience = _learned("something")
    patience.came("something", 0.1)
    assert patience.short_s("something", 5.0) is None


def test_a_slow_server_is_never_hurried() -> None:
    patience = _learned("something")
    patience.came("something else", 4.5)
    assert patience.short_s("something", 5.0) is None, "the next thing may take as long"


def test_full_patience_learns_nothing() -> None:
    patience = Patience(learning=False)
    for connection in range(5):
        patience.in_vain("something", connection)
    assert patience.short_s("something", 5.0) is None


def test_that_something_came_says_nothing_of_what_is_awaited_about_something_else() -> None:
    patience = Patience()
    patience.came("error", 0.1, about="a refusal of one thing")
    for connection in range(FULL_WAITS):
        patience.in_vain("error", connection, about="a refusal of another")
    assert patience.short_s("error", 5.0, about="a refusal of another") == FLOOR_S
    assert patience.short_s("error", 5.0, about="a refusal of one thing") is None
    assert patience.short_s("error", 5.0, about="a refusal of a third thing") is None
    patience.came("error", 0.1, about="a refusal of another")
    assert patience.short_s("error", 5.0, about="a refusal of another") is None, "full again, for good"


def test_how_slowly_responses_come_says_nothing_of_answers() -> None:
    patience = _learned("something")
    patience.came("response.done", 4.5, streaming=True)
    assert patience.short_s("something", 5.0) == FLOOR_S
    assert patience.short_s("something", 5.0, streaming=True) is None


def _silent() -> Patience:
    patience = Patience()
    for connection in range(SILENT_WAITS):
        patience.in_vain(f"kind {connection % SILENT_KINDS}", connection)
    patience.drew_out("kind 0")
    return patience


def test_of_a_server_that_answers_nothing_no_other_answer_is_waited_for_in_full() -> None:
    patience = _silent()
    assert patience.silent
    assert patience.short_s("what nobody has waited for", 5.0) == FLOOR_S
    assert patience.full_waits("what nobody has waited for") == SILENT_WAITS
    assert patience.short_s("session.created", 5.0) is None, "that is no answer"
    patience.came("anything", 0.1)
    assert not patience.silent
    assert patience.short_s("what nobody has waited for", 5.0) is None


def test_fewer_waits_or_waits_for_one_thing_alone_do_not_show_that_a_server_answers_nothing() -> None:
    fewer, alone, hasty = Patience(), Patience(), Patience()
    for connection in range(SILENT_WAITS):
        alone.in_vain("one kind", connection)
        hasty.in_vain(f"kind {connection}", connection)
    for connection in range(SILENT_WAITS - 1):
        fewer.in_vain(f"kind {connection}", connection)
    for patience in (fewer, alone):
        patience.drew_out("one kind")
    assert not fewer.silent
    assert not alone.silent
    assert not hasty.silent, "nothing was waited for longer than an answer may take"


def _learned(awaited: str) -> Patience:
    patience = Patience()
    for connection in range(FULL_WAITS):
        patience.in_vain(awaited, -connection)
    return patience


LONG = replace(SHORT, answer=20.0, silence=30.0)


def test_a_short_wait_in_vain_is_told_at_the_end_with_what_it_is_worth(path: Path) -> None:
    async def act(session: Session) -> None:
        await greeting(session)
        with pytest.raises(Stalled):
            await session.wait_for("something")

    made = call(path, hostile.says_that_it_is_there, act, _learned("something"), timeouts=LONG)
    assert made.failure is None
    told = made.detail("deadline")
    assert told["awaited"] == "something"
    assert told["full_waits"] == FULL_WAITS
    assert told["worth_s"] == LONG.answer, "and nothing is said of what takes longer"
    assert told["silent"]
    assert told["waited_s"] < LONG.answer
    assert [kind for _, kind in made.kinds()][-2:] == ["deadline", "close"]


def test_what_comes_after_a_short_wait_shows_that_it_was_too_short(path: Path) -> None:
    given_up = asyncio.Event()

    async def late(peer: Peer) -> None:
        await peer.accept()
        await given_up.wait()
        await peer.event(CREATED)
        await peer.wait()

    async def act(session: Session) -> bool:
        with pytest.raises(Stalled):
            await greeting(session)
        given_up.set()
        await session.wait("anything", lambda _: True, after=0)
        return session.hurried.too_short

    patience = _learned("session.created")
    made = call(path, late, act, patience, timeouts=LONG)
    assert made.failure is None
    assert made.result
    assert patience.short_s("session.created", 5.0) is None, "full again, for good"
    assert "deadline" not in [kind for _, kind in made.kinds()]
