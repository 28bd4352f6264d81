"""Servers that behave badly, each in one way, on a bare socket: no library makes them polite."""

from __future__ import annotations

import asyncio
import base64
import contextlib
import hashlib
import json
import struct
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any

TEXT, BINARY, CLOSE, PING = 1, 2, 8, 9
CREATED = {"type": "session.created", "event_id": "event_1", "session": {"id": "sess_1"}}


class Peer:
    """The server's end of one connection."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.reader = reader
        self.writer = writer

    async def request(self) -> str:
        """Read the opening request and return it."""
        return (await self.reader.readuntil(b"\r\n\r\n")).decode()

    async def accept(self, *headers: str) -> None:
        """Shake hands, properly so far."""
        request = await self.request()
        lines = dict(line.split(": ", 1) for line in request.split("\r\n") if ": " in line)
        key = lines["Sec-WebSocket-Key"] + "258EAFA5-E914-47DA-95CA-C5AB0DC85B11"
        accept = base64.b64encode(hashlib.sha1(key.encode()).digest()).decode()
        answer = ["HTTP/1.1 101 Switching Protocols", "Upgrade: websocket", "Connection: Upgrade"]
        answer += [f"Sec-WebSocket-Accept: {accept}", *headers, "", ""]
        await self.raw("\r\n".join(answer).encode())

    async def raw(self, data: bytes) -> None:
        self.writer.write(data)
        await self.writer.drain()

    async def frame(self, opcode: int, payload: bytes = b"") -> None:
        await self.raw(framed(opcode, payload))

    async def event(self, event: Any) -> None:
        await self.frame(TEXT, json.dumps(event).encode())

    async def close(self, code: int, reason: str = "") -> None:
        await self.frame(CLOSE, struct.pack("!H", code) + reason.encode())

    async def wait(self) -> None:
        """Do nothing for as long as the client stays."""
        while await self.reader.read(65_536):
            pass

    async def answer(self, status: int, body: str = "", *headers: str) -> None:
        """Answer the opening request as an HTTP server."""
        await self.request()
        data = body.encode()
        lines = [
            f"HTTP/1.1 {status} No",
            f"Content-Length: {len(data)}",
            "Connection: close",
            *headers,
            "",
            "",
        ]
        await self.raw("\r\n".join(lines).encode() + data)


def framed(opcode: int, payload: bytes = b"") -> bytes:
    """Return one unmasked frame, as servers send them."""
    if len(payload) < 126:
        return bytes((0x80 | opcode, len(payload))) + payload
    if len(payload) < 65_536:
        return bytes((0x80 | opcode, 126)) + struct.pack("!H", len(payload)) + payload
    return bytes((0x80 | opcode, 127)) + struct.pack("!Q", len(payload)) + payload


Behaviour = Callable[[Peer], Awaitable[None]]


@contextlib.asynccontextmanager
async def serving(behaviour: Behaviour) -> AsyncIterator[str]:
    """Serve with `behaviour`; the value is the server's URL."""
    tasks: set[asyncio.Task[None]] = set()

    async def connected(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        tasks.add(task)
        try:
            await behaviour(Peer(reader, writer))
        except (ConnectionError, asyncio.IncompleteReadError, asyncio.CancelledError):
            pass  # the client has left, or the test is over
        finally:
            writer.close()

    server = await asyncio.start_server(connected, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    try:
        yield f"ws://127.0.0.1:{port}/v1/realtime"
    finally:
        server.close()
        for task in list(tasks):
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


# --- at the handshake -------------------------------------------------------------------------------------


async def says_nothing_at_all(peer: Peer) -> None:
    await peer.wait()


async def hangs_up_at_once(peer: Peer) -> None:
    peer.writer.transport.abort()


async def answers_byte_by_byte(peer: Peer) -> None:
    await peer.request()
    for byte in b"HTTP/1.1 101 Switching Protocols\r\n" + b"X: y\r\n" * 1000:
        await peer.raw(bytes((byte,)))
        await asyncio.sleep(0.01)


async def never_ends_its_headers(peer: Peer) -> None:
    await peer.request()
    while True:
        await peer.raw(b"HTTP/1.1 101 Switching Protocols\r\n" + b"X: y\r\n" * 1000)


async def is_no_web_server(peer: Peer) -> None:
    await peer.raw(b"220 mail.example ESMTP\r\n")
    await peer.wait()


async def redirects(peer: Peer) -> None:
    await peer.answer(302, "", "Location: ws://192.0.2.1/v1/realtime")


async def shakes_the_wrong_hand(peer: Peer) -> None:
    await peer.request()
    await peer.raw(
        b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
        b"Sec-WebSocket-Accept: bm90IHRoZSByaWdodCBrZXk=\r\n\r\n"
    )
    await peer.wait()


def answers_with(text: str) -> Behaviour:
    """Return a server that answers the opening request with `text`, whatever it is."""

    async def behaviour(peer: Peer) -> None:
        await peer.request()
        await peer.raw(text.encode())

    return behaviour


def accepts_with(*headers: str) -> Behaviour:
    """Return a server that shakes hands with some more headers and sends `error`."""

    async def behaviour(peer: Peer) -> None:
        await peer.accept(*headers)
        await peer.event({"type": "error", "event_id": "event_1"})
        await peer.wait()

    return behaviour


def chooses_subprotocol(name: str) -> Behaviour:
    """Return a server that chooses a subprotocol, offered or not."""
    return accepts_with(f"Sec-WebSocket-Protocol: {name}")


def refuses(status: int) -> Behaviour:
    """Return a server that refuses with `status` and repeats the whole request in its answer."""

    async def behaviour(peer: Peer) -> None:
        request = await peer.request()
        body = json.dumps({"error": {"message": f"denied: {request}"}}).encode()
        lines = [f"HTTP/1.1 {status} No", f"Content-Length: {len(body)}", "Connection: close"]
        lines += [f"X-You-Said: {_authorization(request)}", "", ""]
        await peer.raw("\r\n".join(lines).encode() + body)

    return behaviour


def _authorization(request: str) -> str:
    return next((line for line in request.split("\r\n") if line.lower().startswith("authorization")), "")


# --- on an open connection --------------------------------------------------------------------------------


async def accepts_and_says_nothing(peer: Peer) -> None:
    await peer.accept()
    await peer.wait()


async def says_that_it_is_there(peer: Peer) -> None:
    await peer.accept()
    await peer.event(CREATED)
    await peer.wait()


def says(*frames: bytes) -> Behaviour:
    """Return a server that sends `frames` and nothing else."""

    async def behaviour(peer: Peer) -> None:
        await peer.accept()
        for each in frames:
            await peer.raw(each)
        await peer.wait()

    return behaviour


def text(*lines: str) -> Behaviour:
    """Return a server that sends `lines` as text frames and nothing else."""
    return says(*(framed(TEXT, line.encode("utf-8", "surrogatepass")) for line in lines))


async def floods(peer: Peer) -> None:
    await peer.accept()
    while True:
        await peer.raw(framed(TEXT, b'{"type":"flood"}') * 100)


async def pings_without_end(peer: Peer) -> None:
    await peer.accept()
    while True:
        await peer.raw(framed(PING, b"are you there?") * 100)
        await asyncio.sleep(0)


async def closes_at_once(peer: Peer) -> None:
    await peer.accept()
    await peer.close(1000)
    await peer.wait()


def closes(code: int, reason: str) -> Behaviour:
    """Return a server that closes as soon as it has shaken hands."""

    async def behaviour(peer: Peer) -> None:
        await peer.accept()
        await peer.close(code, reason)
        await peer.wait()

    return behaviour


async def breaks_off_with_1011(peer: Peer) -> None:
    await peer.accept()
    await peer.event(CREATED)
    await peer.event({"type": "response.created", "event_id": "event_2", "response": {"id": "resp_1"}})
    await peer.close(1011, "internal error")
    await peer.wait()


async def drops_the_line(peer: Peer) -> None:
    await peer.accept()
    await peer.event(CREATED)
    peer.writer.transport.abort()


async def stops_reading(peer: Peer) -> None:
    await peer.accept()
    await peer.event(CREATED)
    peer.writer.transport.pause_reading()  # type: ignore[attr-defined]
    await asyncio.get_running_loop().create_future()
