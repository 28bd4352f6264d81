"""A session: what is sent, what is awaited, and that nothing takes longer or more memory than it may."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path
from typing import Any

import pytest

from tests.wire import hostile
from tests.wire.hostile import CREATED, Peer
from tests.wire.recorded_calls import SHORT, call, greeting
from wire.endpoint import Timeouts
from wire.failures import Ended, Stalled
from wire.incoming import Incoming
from wire.session import Session


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "call.jsonl"


def _event(type_: str, **fields: Any) -> str:
    return json.dumps({"type": type_, **fields})


# --- sending ----------------------------------------------------------------------------------------------


def test_each_event_gets_an_id_of_its_own_unless_it_has_one(path: Path) -> None:
    async def act(session: Session) -> list[str]:
        return [
            await session.send("response.create"),
            await session.send("response.create"),
            await session.send("response.create", event_id="mine"),
            await session.send("response.create", event_id=None),
        ]

    made = call(path, hostile.says_that_it_is_there, act)
    sent = [e.event for e in made.entries if e.dir == "client" and e.event]
    assert made.result == ["evt_0001", "evt_0002", "mine", ""]
    assert [e.get("event_id") for e in sent] == ["evt_0001", "evt_0002", "mine", None]
    assert "event_id" not in sent[3]


def test_what_is_sent_arrives_as_it_was_written(path: Path) -> None:
    heard: list[bytes] = []

    async def behaviour(peer: Peer) -> None:
        await peer.accept()
        await peer.event(CREATED)
        while data := await peer.reader.read(65_536):
            heard.append(data)

    async def act(session: Session) -> None:
        await greeting(session)
        await session.send_text("{no json")
        await session.send_bytes(b"\x00\x01")

    made = call(path, behaviour, act)
    opcodes = {b[0] & 0x0F for b in heard[:1]}
    assert opcodes == {1}
    assert [(e.kind, e.detail) for e in made.entries if e.dir == "client"][:2] == [
        ("text", {"raw": "{no json"}),
        ("binary", {"size": 2}),
    ]


# --- waiting ----------------------------------------------------------------------------------------------


def test_a_wait_sees_what_came_before_it_was_asked_for(path: Path) -> None:
    async def act(session: Session) -> list[str]:
        await session.wait_for("c", after=0)
        return [(await session.wait_for(t, after=0)).type for t in ("a", "b", "c")]

    assert call(path, hostile.text(_event("a"), _event("b"), _event("c")), act).result == ["a", "b", "c"]


def test_a_wait_sees_only_what_came_after_the_last_frame_sent(path: Path) -> None:
    async def act(session: Session) -> None:
        await session.wait_for("a", after=0)
        await session.send("response.create")
        await session.wait_for("a")

    made = call(path, hostile.text(_event("a")), act, timeouts=SHORT)
    assert isinstance(made.failure, Stalled)
    detail = made.detail("deadline")
    assert detail["awaited"] == "a"
    assert detail["since"] == next(e.seq for e in made.entries if e.dir == "client")


def test_a_wait_may_ask_more_than_the_type(path: Path) -> None:
    async def act(session: Session) -> Any:
        return (await session.wait_for(("x", "a"), where=lambda e: e.get("n") == 2, after=0)).event

    assert call(path, hostile.text(_event("a", n=1), _event("a", n=2)), act).result == {"type": "a", "n": 2}


def test_a_wait_has_a_bound_of_its_own(path: Path) -> None:
    async def act(session: Session) -> None:
        await greeting(session)
        await session.wait_for("never", within=0.05)

    made = call(path, hostile.says_that_it_is_there, act)
    assert isinstance(made.failure, Stalled)
    assert made.detail("deadline")["waited_s"] >= 0.05


def test_silence_cuts_a_streaming_wait_short(path: Path) -> None:
    async def act(session: Session) -> None:
        await greeting(session)
        await session.wait_for("response.done", streaming=True)

    timeouts = Timeouts(connect=10, answer=10, response=20, silence=0.1, close=0.1)
    made = call(path, hostile.says_that_it_is_there, act, timeouts=timeouts)
    assert isinstance(made.failure, Stalled)
    assert made.failure.silent
    assert made.failure.waited < timeouts.response


@pytest.mark.parametrize(("type_", "silent"), [("response.output_text.delta", False), ("ping", True)])
def test_deltas_are_a_sign_of_life_and_pings_are_not(path: Path, type_: str, silent: bool) -> None:
    async def babbles(peer: Peer) -> None:
        await peer.accept()
        await peer.event(CREATED)
        while True:
            await peer.event({"type": type_})
            await asyncio.sleep(0.01)

    async def act(session: Session) -> None:
        await greeting(session)
        await session.wait_for("response.done", streaming=True)

    timeouts = Timeouts(connect=10, answer=10, response=0.6, silence=0.3, close=0.1)
    made = call(path, babbles, act, timeouts=timeouts)
    assert isinstance(made.failure, Stalled)
    assert made.failure.silent is silent


def test_what_does_not_come_because_the_connection_ended_is_no_stall(path: Path) -> None:
    async def act(session: Session) -> None:
        await session.wait_for("never", after=0)

    made = call(path, hostile.closes(4000, "good bye"), act)
    assert isinstance(made.failure, Ended)
    assert made.failure.reason == "the connection ended before never: close code 4000 (good bye)"
    assert [e for e in made.entries if e.kind == "deadline"] == []


def test_waiting_for_the_close(path: Path) -> None:
    async def act(session: Session) -> tuple[bool, str | None]:
        return await session.wait_closed(), session.ended

    assert call(path, hostile.closes(1000, ""), act).result == (True, "close code 1000")
    made = call(path, hostile.says_that_it_is_there, act, timeouts=SHORT)
    assert made.result == (False, None)


def test_an_error_event_is_an_event_and_no_end(path: Path) -> None:
    async def act(session: Session) -> list[str]:
        await session.wait_for("b", after=0)
        return [r.type for r in session.since(0)]

    lines = (_event("error", error={"message": "no"}), _event("b"))
    assert call(path, hostile.text(*lines), act).result == ["error", "b"]


def test_a_fault_of_ours_while_listening_is_not_theirs(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    async def act(session: Session) -> None:
        monkeypatch.setattr(Incoming, "_hear", _break)
        await session.send("response.create")
        await session.wait_for("a", after=0)

    async def answers(peer: Peer) -> None:
        await peer.accept()
        await peer.reader.read(65_536)
        await peer.event({"type": "a"})
        await peer.wait()

    with pytest.raises(RuntimeError, match="could not be captured"):
        call(path, answers, act)


def _break(*_: object) -> None:
    raise KeyError("a mistake of ours")


# --- the session as a whole -------------------------------------------------------------------------------


def test_an_exception_in_the_middle_closes_the_connection(path: Path) -> None:
    async def act(session: Session) -> None:
        await greeting(session)
        raise Ended("enough")

    made = call(path, hostile.says_that_it_is_there, act)
    assert made.kinds()[-1] == ("client", "close")
    assert made.complete
