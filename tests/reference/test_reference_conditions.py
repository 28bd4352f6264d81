"""A server that is crowded, out of quota, old, slow or standing still obeys as long as it serves."""

from __future__ import annotations

import asyncio
import contextlib
import json
from collections.abc import Awaitable, Callable
from itertools import pairwise
from typing import Any

import pytest
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed, InvalidStatus

from reference.conditions import Conditions, Delay, House
from reference.server import ReferenceServer, ServerOptions

Act = Callable[[Callable[[], Any]], Awaitable[None]]


def _serve(conditions: Conditions, act: Act, **options: Any) -> None:
    """Serve under `conditions`; `act` is given what opens a connection."""

    async def serve() -> None:
        async with (
            asyncio.timeout(30),
            ReferenceServer(ServerOptions(conditions=conditions, **options)) as server,
        ):
            url = f"{server.url('openai')}?model=m"
            await act(lambda: connect(url, additional_headers={"Authorization": "Bearer key"}))

    asyncio.run(serve())


async def _hear(connection: ClientConnection) -> dict[str, Any]:
    heard: dict[str, Any] = json.loads(await connection.recv())
    return heard


async def _end(connection: ClientConnection) -> tuple[int | None, str | None]:
    with contextlib.suppress(ConnectionClosed):
        async for _ in connection:
            pass
    return connection.close_code, connection.close_reason


def test_a_session_too_many_is_told_so_and_its_place_is_free_again_later() -> None:
    async def act(opening: Callable[[], Any]) -> None:
        async with opening() as first:
            assert (await _hear(first))["type"] == "session.created"
            async with opening() as second:
                told = await _hear(second)
                assert told["type"] == "error"
                assert told["error"]["code"] == "session_limit_reached"
                assert told["error"]["event_id"] is None
                assert (await _end(second))[0] == 1008
        while True:  # the place is freed once the server has seen the end
            async with opening() as third:
                if (await _hear(third))["type"] == "session.created":
                    return

    _serve(Conditions(sessions=1), act)


@pytest.mark.parametrize(("full", "code"), [("close-1008", 1008), ("close-1013", 1013)])
def test_or_closed_without_a_word(full: Any, code: int) -> None:
    async def act(opening: Callable[[], Any]) -> None:
        async with opening() as refused:
            assert (await _end(refused))[0] == code

    _serve(Conditions(sessions=0, full=full), act)


@pytest.mark.parametrize(("full", "status"), [("http-429", 429), ("http-503", 503)])
def test_or_refused_by_http(full: Any, status: int) -> None:
    async def act(opening: Callable[[], Any]) -> None:
        with pytest.raises(InvalidStatus) as refused:
            async with opening():
                pass
        response = refused.value.response
        assert response.status_code == status
        assert response.headers["Retry-After"] == "7"
        assert json.loads(response.body or b"")["error"]["code"] == "rate_limit_exceeded"

    _serve(Conditions(sessions=0, full=full, retry_after=7), act)


def test_an_account_with_nothing_left_is_told_in_the_midst_and_then_at_the_door() -> None:
    async def act(opening: Callable[[], Any]) -> None:
        async with opening() as connection:
            for _ in range(2):
                await connection.send('{"type": "response.create"}')
            heard = await _hear(connection)
            while heard["type"] != "error" or heard["error"]["code"] == _RUNNING:
                if heard["type"] == "response.done":
                    await connection.send('{"type": "response.create"}')
                heard = await _hear(connection)
            assert heard["error"]["code"] == "insufficient_quota"
            assert heard["error"]["event_id"] is None
            assert (await _end(connection))[0] == 1013
        async with opening() as connection:
            assert (await _hear(connection))["error"]["code"] == "insufficient_quota"
            assert (await _end(connection))[0] == 1013

    _serve(Conditions(quota=1), act)


_RUNNING = "conversation_already_has_active_response"


@pytest.mark.parametrize("silent", [False, True])
def test_a_session_ends_at_its_age_with_or_without_an_error(silent: bool) -> None:
    async def act(opening: Callable[[], Any]) -> None:
        async with opening() as connection:
            types = [json.loads(frame)["type"] async for frame in connection]
            assert connection.close_code == 1001
            assert connection.close_reason
        assert types == ["session.created", *([] if silent else ["error"])]

    _serve(Conditions(silent_age=silent), act, lifetime=0.05)


def test_what_is_late_keeps_its_order_and_its_bound() -> None:
    late = Delay(0.5, "seed")
    sent = [n / 10 for n in range(100)]
    due = [late.due(moment) for moment in sent]
    assert all(first <= then for first, then in pairwise(due))
    assert all(0 <= left - moment <= 0.5 for left, moment in zip(due, sent, strict=True))
    again = Delay(0.5, "seed")
    assert [again.due(moment) for moment in sent] == due
    assert Delay(0.0, "seed").due(7.0) == 7.0


def test_it_stands_still_once() -> None:
    house = House(Conditions(standstill=5.0, standstill_after=2))
    assert [house.leaving(moment) for moment in (1.0, 2.0, 3.0, 4.0, 9.0)] == [0.0, 0.0, 8.0, 8.0, 8.0]
