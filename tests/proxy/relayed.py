"""A proxy between scripted peers that speak bytes: what the one sends, and what the other gets."""

from __future__ import annotations

import asyncio
import contextlib
import ssl
from collections.abc import AsyncIterator, Awaitable, Callable, Coroutine
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from proxy.heads import END_OF_HEAD
from proxy.port import ProxyPort
from proxy.relay import Relay
from proxy.rewriting import Rewriter
from proxy.sessions import ProxiedSession, ProxySessions, Spoken
from proxy.upstream import Upstream
from wire.redaction import Redactor
from wire.trace import Entry
from wire.trace_files import TraceFile

SWITCHING = b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\r\n"
ASKING = (
    b"GET /v1/realtime?model=gpt-realtime HTTP/1.1\r\nHost: here:1\r\nUpgrade: websocket\r\n"
    b"Connection: Upgrade\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n"
)

Talk = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[Any]]


@dataclass
class Noted:
    """What a proxy told whoever watches it; a `SessionWatch`."""

    opened_: list[str] = field(default_factory=list)
    turned: list[str] = field(default_factory=list)
    ended: asyncio.Event = field(default_factory=asyncio.Event)

    def began(self, session: ProxiedSession) -> None: ...

    def wrote(self, session: ProxiedSession) -> None: ...

    def opened(self, session: ProxiedSession) -> None:
        self.opened_.append(session.name)

    def over(self, _session: ProxiedSession) -> None:
        self.ended.set()

    def turned_away(self, what: str) -> None:
        self.turned.append(what)


@dataclass
class Standing:
    """A proxy that stands: where it listens, its sessions, and what it told."""

    port: int
    relay: Relay
    sessions: ProxySessions
    noted: Noted

    def entries(self, number: int = 0) -> list[Entry]:
        return list(TraceFile(self.sessions.all[number].path))

    async def over(self) -> ProxiedSession:
        """Wait until a session is over; return the first one."""
        async with asyncio.timeout(5):
            await self.noted.ended.wait()
        return self.sessions.all[0]


@contextlib.asynccontextmanager
async def standing(
    folder: Path,
    url: str,
    rewriters: Callable[[Spoken, int], Rewriter | None] = lambda _spoken, _number: None,
    tls: ssl.SSLContext | None = None,
) -> AsyncIterator[Standing]:
    """Stand before the server at `url`, with traces in `folder`."""
    noted, upstream = Noted(), Upstream(url, tls, timeout=2.0)
    sessions = ProxySessions(upstream, folder, Redactor(), lambda _: Spoken("openai"), noted, rewriters)
    relay = Relay(upstream, sessions)
    listener = ProxyPort(relay)
    _, port = await listener.open("127.0.0.1", 0)
    try:
        yield Standing(port, relay, sessions, noted)
    finally:
        await listener.close()


@contextlib.asynccontextmanager
async def served(talk: Talk) -> AsyncIterator[str]:
    """Serve with `talk`, which gets each connection behind no handshake; yield the address."""
    tasks: set[asyncio.Task[Any] | None] = set()

    async def connected(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        tasks.add(asyncio.current_task())
        with contextlib.suppress(OSError, asyncio.IncompleteReadError):
            await talk(reader, writer)
        writer.close()

    server = await asyncio.start_server(connected, "127.0.0.1", 0, limit=2**20)
    try:
        yield f"ws://127.0.0.1:{server.sockets[0].getsockname()[1]}"
    finally:
        server.close()
        for task in tasks:
            if task is not None:
                task.cancel()


async def accept(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> bytes:
    """Read the head of a request, open the WebSocket, and return the head."""
    head = await reader.readuntil(END_OF_HEAD)
    writer.write(SWITCHING)
    return head


async def asked(port: int, head: bytes = ASKING) -> tuple[bytes, asyncio.StreamReader, asyncio.StreamWriter]:
    """Connect to `port` and send `head`; return the head of the answer, and the connection."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port, limit=2**20)
    writer.write(head)
    return await reader.readuntil(END_OF_HEAD), reader, writer


def bounded(made: Coroutine[Any, Any, None]) -> None:
    """Run a test, and no longer than 20 s."""

    async def within() -> None:
        async with asyncio.timeout(20):
            await made

    asyncio.run(within())
