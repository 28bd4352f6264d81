"""The client's side of one conversation: what it says, and what it waits for."""

from __future__ import annotations

import asyncio
import base64
import contextlib
import itertools
import json
from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Any

from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed
from websockets.typing import Subprotocol

from protocol.json_values import Json

_PATIENCE_S = 10.0
SILENCE = base64.b64encode(bytes(9_600)).decode()
"""200 ms of PCM at 24 kHz."""


@dataclass(frozen=True, slots=True)
class Manner:
    """How a client speaks: in fragments, compressed, without ids, with pings, with what it offers."""

    fragments: int = 1
    compression: str | None = None
    ids: bool = True
    pings: bool = False
    subprotocols: tuple[str, ...] = ()
    headers: tuple[tuple[str, str], ...] = ()


class Speaker:
    """A conversation of the client that is under way."""

    def __init__(self, connection: ClientConnection, manner: Manner) -> None:
        self.connection, self._manner = connection, manner
        self._ids = itertools.count(1)
        self.heard: list[Json] = []

    async def say(self, type_: str, /, **fields: Any) -> None:
        """Send an event, in the manner of this client."""
        event: Json = {"type": type_, **fields}
        if self._manner.ids:
            event["event_id"] = f"evt_{next(self._ids)}"
        await self.write(json.dumps(event))
        if self._manner.pings:
            await (await self.connection.ping())

    async def write(self, message: str | bytes) -> None:
        """Send a message."""
        if isinstance(message, str) and self._manner.fragments > 1:
            size = -(-len(message) // self._manner.fragments)
            await self.connection.send(message[at : at + size] for at in range(0, len(message), size))
        else:
            await self.connection.send(message)

    async def hear(self, *types: str) -> Json:
        """Return the next event of one of `types`; raises `TimeoutError` where none comes in time."""
        async with asyncio.timeout(_PATIENCE_S):
            while True:
                event: Json = json.loads(await self.connection.recv())
                self.heard.append(event)
                if event["type"] in types:
                    return event

    async def ask(self, type_: str, answer: str, /, **fields: Any) -> Json:
        """Send an event, and return what answers it."""
        await self.say(type_, **fields)
        return await self.hear(answer)

    def last(self, type_: str) -> Json:
        """Return the last event of a type that was heard."""
        return next(each for each in reversed(self.heard) if each["type"] == type_)


@contextlib.asynccontextmanager
async def speaking(url: str, manner: Manner) -> AsyncIterator[Speaker]:
    """Open a conversation at `url`, and say goodbye at its end."""
    async with connect(
        url,
        compression=manner.compression,
        subprotocols=[Subprotocol(each) for each in manner.subprotocols] or None,
        additional_headers=[("Authorization", "Bearer sk-reference-client"), *manner.headers],
        proxy=None,
        ping_interval=None,
    ) as connection:
        speaker = Speaker(connection, manner)
        with contextlib.suppress(ConnectionClosed):  # which a misstep may lead to
            yield speaker
