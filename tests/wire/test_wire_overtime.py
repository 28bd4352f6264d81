"""After a deadline a session listens on, so that what comes late is told from what never comes."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

import pytest

from tests.wire import hostile
from tests.wire.calls import SHORT, Call, call, greeting
from tests.wire.hostile import CREATED, Peer
from wire.failures import Stalled
from wire.overtime import IN_ALL, PER_KIND, Overtime
from wire.session import Received, Session


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "call.jsonl"


def _greeted_late(path: Path, overtime: Overtime | None) -> Call:
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

    return call(path, late, act, overtime, timeouts=SHORT)


def test_what_comes_late_is_heard_and_the_trace_shows_both(path: Path) -> None:
    overtime = Overtime()
    made = _greeted_late(path, overtime)
    assert made.failure is None
    assert made.result.event == CREATED
    assert [kind for _, kind in made.kinds()] == ["open", "deadline", "text", "close"]
    deadline = made.detail("deadline")
    assert deadline["awaited"] == "session.created"
    assert deadline["listened_on_s"] == SHORT.answer
    assert overtime.vain.total() == 0, "it was not in vain"


def test_what_never_comes_is_waited_for_twice_as_long(path: Path) -> None:
    overtime = Overtime()
    made = call(path, hostile.accepts_and_says_nothing, overtime=overtime, timeouts=SHORT)
    assert isinstance(made.failure, Stalled)
    assert [kind for _, kind in made.kinds()] == ["open", "deadline", "deadline", "close"]
    first, second = ((entry.detail or {}) for entry in made.entries[1:3])
    assert [first["listened_on_s"], second["listened_on_s"]] == [SHORT.answer, 0]
    assert second["waited_s"] >= first["waited_s"] + SHORT.answer
    assert second["silent"]
    assert overtime.vain == {"session.created": 1}


def test_without_overtime_a_deadline_is_the_end(path: Path) -> None:
    made = _greeted_late(path, None)
    assert isinstance(made.failure, Stalled)
    assert made.detail("deadline")["listened_on_s"] == 0


def test_a_wait_with_a_bound_of_its_own_is_not_drawn_out(path: Path) -> None:
    async def act(session: Session) -> None:
        await session.wait_for("nothing", within=0.05)

    made = call(path, hostile.says_that_it_is_there, act, Overtime(), timeouts=SHORT)
    assert isinstance(made.failure, Stalled)
    assert made.detail("deadline")["listened_on_s"] == 0


def test_a_silent_server_costs_only_a_few_waits_more(path: Path) -> None:
    async def act(session: Session) -> None:
        for _ in range(PER_KIND + 2):
            with pytest.raises(Stalled):
                await session.wait_for("something")

    made = call(path, hostile.says_that_it_is_there, act, Overtime(), timeouts=SHORT)
    assert made.failure is None
    longer = [(e.detail or {})["listened_on_s"] for e in made.entries if e.kind == "deadline"]
    assert longer == [SHORT.answer, 0] * PER_KIND + [0, 0]


def test_many_kinds_of_silence_are_bounded_together() -> None:
    overtime = Overtime()
    for number in range(IN_ALL):
        assert overtime.allows(f"kind {number}")
        overtime.in_vain(f"kind {number}")
    assert not overtime.allows("another kind")
