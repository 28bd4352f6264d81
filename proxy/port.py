"""Listens for clients, and relays each to the server, up to its end."""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import Callable

from proxy.relay import Relay
from proxy.side import RelaySide

_BACKLOG = 512  # connections that may wait to be let in: more than are relayed at once


class _ClientSide(RelaySide):
    """A client's side, which is relayed as soon as it is there."""

    def __init__(self, came: Callable[[RelaySide], None]) -> None:
        super().__init__()
        self._came = came

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        super().connection_made(transport)
        self._came(self)


class ProxyPort:
    """A port at which clients are let in. `close` it in the end, and its connections."""

    def __init__(self, relay: Relay) -> None:
        self._relay = relay
        self._tasks: set[asyncio.Task[None]] = set()
        self._server: asyncio.Server | None = None

    async def open(self, host: str, port: int, tls: ssl.SSLContext | None = None) -> tuple[str, int]:
        """Listen at `host` and `port`, 0 for a free one; return where. Raises `OSError`."""
        loop = asyncio.get_running_loop()
        self._server = await loop.create_server(
            lambda: _ClientSide(self._relayed), host, port, ssl=tls, backlog=_BACKLOG
        )
        name = self._server.sockets[0].getsockname()
        return str(name[0]), int(name[1])

    def _relayed(self, client: RelaySide) -> None:
        task = asyncio.ensure_future(self._relay.serve(client))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    def stop(self) -> None:
        """Let nobody in any more."""
        if self._server is not None:
            self._server.close()

    async def close(self) -> None:
        """Let nobody in, cut what is still relayed, and wait until each trace is finished."""
        self.stop()
        self._relay.cut()
        if self._tasks:
            await asyncio.wait(self._tasks)
