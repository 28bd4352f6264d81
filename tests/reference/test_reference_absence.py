"""The catalogue of absence on the live server: what is left out, how it ends, and what is refused."""

from __future__ import annotations

import asyncio
import contextlib
import json
from typing import Any

import pytest
from websockets.asyncio.client import connect
from websockets.exceptions import ConnectionClosed, InvalidStatus

from reference.absence import ABSENCE
from reference.altered_behaviour import differing
from reference.server import ReferenceServer, ServerOptions

Json = dict[str, Any]


async def _heard(name: str, *says: Json) -> tuple[list[Json], int | None]:
    """Return what a client hears that says something to a server with an absence, and the close code."""
    async with (
        ReferenceServer(ServerOptions(), differing([ABSENCE[name]])) as server,
        connect(
            f"{server.url('openai')}?model=m", additional_headers={"Authorization": "Bearer k"}
        ) as client,
    ):
        heard: list[Json] = []
        for each in says:
            with contextlib.suppress(ConnectionClosed):  # what was sent before is still to be read
                await client.send(json.dumps(each))
        try:
            async with asyncio.timeout(0.5):
                while True:
                    heard.append(json.loads(await client.recv()))
        except TimeoutError:
            return heard, None
        except ConnectionClosed:
            return heard, client.close_code


UPDATE = {"type": "session.update", "session": {"type": "realtime", "output_modalities": ["text"]}}
APPEND = {"type": "input_audio_buffer.append", "audio": "AAAAAAAA"}


@pytest.mark.parametrize(
    ("name", "types", "code"),
    [
        ("dies:session.update:1011", ["session.created"], 1011),
        ("dies:session.update:1006", ["session.created"], 1006),
        ("dies:session.update:1000", ["session.created"], 1000),
        ("dies:session.update:error", ["session.created", "error"], 1011),
        ("dies:input_audio_buffer.append:1011", ["session.created", "session.updated"], 1011),
        ("closes-at:session-update:session.updated", ["session.created"], 1011),
        ("refused:error-1013", ["error"], 1013),
        ("refused:close-1006", [], 1006),
        ("silent-at:session-update:session.updated", ["session.created"], None),
        ("absent:session.updated", ["session.created"], None),
        ("unanswered:session.update", ["session.created"], None),
        ("twice:session.updated", ["session.created", "session.updated", "session.updated"], None),
        ("unasked:ping", ["session.created", "session.updated"], None),
        ("unasked:rate_limits.updated", ["session.created", "session.updated", "rate_limits.updated"], None),
    ],
)
def test_absence_on_the_wire(name: str, types: list[str], code: int | None) -> None:
    heard, ended = asyncio.run(_heard(name, UPDATE, APPEND))
    assert [each["type"] for each in heard] == types
    assert ended == code
    assert len({each["event_id"] for each in heard}) == len(heard)


@pytest.mark.parametrize("status", [401, 403, 404, 429, 500, 503])
def test_refused_handshake(status: int) -> None:
    with pytest.raises(InvalidStatus) as refused:
        asyncio.run(_heard(f"refused:http-{status}"))
    assert refused.value.response.status_code == status


def test_invalid_event_does_not_kill() -> None:
    heard, ended = asyncio.run(_heard("dies:session.update:1011", {"type": "session.update"}))
    assert [each["type"] for each in heard] == ["session.created", "error"]
    assert ended is None
