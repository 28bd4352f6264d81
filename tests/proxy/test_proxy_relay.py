"""What passes a proxy: every byte as it is, in both directions, whatever the observer makes of it."""

from __future__ import annotations

import asyncio
import json
import random
from pathlib import Path

import pytest
from websockets.asyncio.client import connect
from websockets.asyncio.server import ServerConnection, serve
from websockets.frames import Frame, Opcode

from proxy.heads import END_OF_HEAD
from proxy.observer import ConversationObserver
from proxy.side import MOST_WAITING
from tests.proxy.relayed import ASKING, SWITCHING, accept, asked, bounded, served, standing
from wire.redaction import MASK

_TEXT = Frame(Opcode.TEXT, b'{"type":"session.created"}').serialize(mask=False)
_SAID = Frame(Opcode.TEXT, b'{"type":"response.create"}').serialize(mask=True)
_CLOSE = Frame(Opcode.CLOSE, b"\x03\xe8").serialize(mask=True)


# --- bytes ------------------------------------------------------------------------------------------------


def test_bytes_pass_as_they_are_though_they_are_no_frames(tmp_path: Path) -> None:
    """Malformed frames are relayed and reported, never repaired."""
    noise = random.Random(17)
    up, down = noise.randbytes(300_000), noise.randbytes(300_000)
    got: list[bytes] = []

    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await accept(reader, writer)
        writer.write(down)
        got.append(await reader.readexactly(len(up)))

    async def act() -> None:
        async with served(talk) as url, standing(tmp_path, url) as proxy:
            _, reader, writer = await asked(proxy.port)
            writer.write(up)
            assert await reader.readexactly(len(down)) == down
            writer.close()
            await proxy.over()
            assert got == [up]

    bounded(act())


def test_what_comes_together_with_a_head_is_relayed_too(tmp_path: Path) -> None:
    got: list[bytes] = []

    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(END_OF_HEAD)
        writer.write(SWITCHING + _TEXT)
        got.append(await reader.readexactly(len(_SAID)))

    async def act() -> None:
        async with served(talk) as url, standing(tmp_path, url) as proxy:
            _, reader, writer = await asked(proxy.port, ASKING + _SAID)
            assert await reader.readexactly(len(_TEXT)) == _TEXT
            writer.close()
            await proxy.over()
            assert got == [_SAID]
            assert [e.type for e in proxy.entries()][1:3] == ["session.created", "response.create"]

    bounded(act())


@pytest.mark.parametrize(
    ("sent", "kind"), [(b"\xf1\x00", "server"), (Frame(Opcode.TEXT, b"\xff").serialize(mask=False), "server")]
)
def test_a_frame_of_the_server_that_breaks_the_rules_is_a_finding(
    tmp_path: Path, sent: bytes, kind: str
) -> None:
    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await accept(reader, writer)
        writer.write(_TEXT + sent)
        await reader.read()

    async def act() -> None:
        async with served(talk) as url, standing(tmp_path, url) as proxy:
            _, reader, writer = await asked(proxy.port)
            assert await reader.readexactly(len(_TEXT + sent)) == _TEXT + sent
            writer.close()
            await proxy.over()
            last = proxy.entries()[-1]
            assert last.kind == "close"
            assert last.detail is not None
            assert last.detail["by"] == kind
            assert last.detail["protocol_error"]

    bounded(act())


def test_what_is_compressed_is_read_and_passes_as_it_is(tmp_path: Path) -> None:
    async def talk(connection: ServerConnection) -> None:
        assert connection.protocol.extensions
        async for message in connection:
            await connection.send(message)

    async def act() -> None:
        said = '{"type":"error","event_id":"' + "e" * 5_000 + '"}'
        async with serve(talk, "127.0.0.1", 0) as server:
            url = f"ws://127.0.0.1:{server.sockets[0].getsockname()[1]}"
            async with standing(tmp_path, url) as proxy:
                async with connect(f"ws://127.0.0.1:{proxy.port}", proxy=None) as client:
                    assert client.protocol.extensions
                    for _ in range(3):
                        await client.send(said)
                        assert await client.recv() == said
                await proxy.over()
                entries = proxy.entries()
                assert [entry.kind for entry in entries] == ["open", *["text"] * 6, "close"]
                assert {str(entry.event) for entry in entries[1:-1]} == {str(json.loads(said))}

    bounded(act())


def test_nothing_that_the_observer_does_reaches_the_traffic(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fails(*_: object) -> None:
        raise RuntimeError("it is broken")

    monkeypatch.setattr(ConversationObserver, "_message", fails)

    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await accept(reader, writer)
        while data := await reader.read(65_536):
            writer.write(data)

    async def act() -> None:
        async with served(talk) as url, standing(tmp_path, url) as proxy:
            _, reader, writer = await asked(proxy.port)
            for _ in range(3):
                writer.write(_SAID)
                assert await reader.readexactly(len(_SAID)) == _SAID
            writer.close()
            session = await proxy.over()
            assert "it is broken" in session.observer.cut
            assert not [line for line in session.path.read_text().splitlines() if '"end"' in line]

    bounded(act())


def test_a_side_that_does_not_read_slows_the_other(tmp_path: Path) -> None:
    """Memory is bounded: the server cannot send on while the client takes nothing."""
    most = 64 * 2**20
    sent = 0
    stopped = asyncio.Event()

    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        nonlocal sent
        await accept(reader, writer)
        while sent < most:
            writer.write(bytes(65_536))
            try:
                async with asyncio.timeout(1.5):
                    await writer.drain()
            except TimeoutError:
                break
            sent += 65_536
        stopped.set()
        await reader.read()

    async def act() -> None:
        async with served(talk) as url, standing(tmp_path, url) as proxy:
            _, writer = await asyncio.open_connection("127.0.0.1", proxy.port, limit=1024)
            writer.write(ASKING)
            await stopped.wait()
            assert sent < most / 2
            (side,) = [s for s in proxy.relay.sides if s.full]
            assert side.transport.get_write_buffer_size() <= 5 * MOST_WAITING
            writer.transport.abort()
            await proxy.over()

    bounded(act())


def test_two_hundred_connections_at_once_lose_nothing(tmp_path: Path) -> None:
    number, each = 200, 20

    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await accept(reader, writer)
        for _ in range(each):
            await reader.readexactly(len(_SAID))
            writer.write(_TEXT)
        await reader.read()

    async def converse(port: int, everybody: asyncio.Barrier) -> None:
        _, reader, writer = await asked(port)
        await everybody.wait()  # all are open
        for _ in range(each):
            writer.write(_SAID)
            assert await reader.readexactly(len(_TEXT)) == _TEXT
        writer.write(_CLOSE)
        writer.close()

    async def act() -> None:
        everybody = asyncio.Barrier(number)
        async with served(talk) as url, standing(tmp_path, url) as proxy:
            await asyncio.gather(*(converse(proxy.port, everybody) for _ in range(number)))
            async with asyncio.timeout(10):
                while not all(session.over for session in proxy.sessions.all):
                    proxy.noted.ended.clear()
                    await proxy.noted.ended.wait()
            for session in proxy.sessions.all:
                lines = session.path.read_text("utf-8").splitlines()
                assert len(lines) == 2 * each + 4  # a header, how it opened, how it closed, a footer
                assert '"end":"close code 1000 by the client"' in lines[-1]

    bounded(act())


# --- the end ----------------------------------------------------------------------------------------------


def test_a_half_of_a_connection_may_end_before_the_other(tmp_path: Path) -> None:
    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await accept(reader, writer)
        assert await reader.read() == _SAID  # up to the end
        writer.write(_TEXT)

    async def act() -> None:
        async with served(talk) as url, standing(tmp_path, url) as proxy:
            _, reader, writer = await asked(proxy.port)
            writer.write(_SAID)
            writer.write_eof()
            assert await reader.read() == _TEXT
            await proxy.over()
            last = proxy.entries()[-1]
            assert (last.dir, last.kind, (last.detail or {})["code"]) == ("client", "close", 1006)

    bounded(act())


def test_who_closes_is_told_by_the_first_close_frame(tmp_path: Path) -> None:
    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await accept(reader, writer)
        await reader.readexactly(len(_CLOSE))
        writer.write(Frame(Opcode.CLOSE, b"\x03\xe9").serialize(mask=False))

    async def act() -> None:
        async with served(talk) as url, standing(tmp_path, url) as proxy:
            _, reader, writer = await asked(proxy.port)
            writer.write(_CLOSE)
            await reader.read()
            writer.close()
            await proxy.over()
            last = proxy.entries()[-1]
            assert (last.dir, (last.detail or {})["code"]) == ("client", 1000)

    bounded(act())


def test_a_trace_whose_proxy_ends_blames_nobody(tmp_path: Path) -> None:
    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await accept(reader, writer)
        writer.write(_TEXT)
        await reader.read()

    async def act() -> None:
        async with served(talk) as url:
            async with standing(tmp_path, url) as proxy:
                _, reader, _ = await asked(proxy.port)
                await reader.readexactly(len(_TEXT))
            assert [e.kind for e in proxy.entries()] == ["open", "text"]
            assert '"end":"the proxy ended"' in proxy.sessions.all[0].path.read_text()

    bounded(act())


def test_keys_pass_and_are_written_down_nowhere(tmp_path: Path) -> None:
    secrets = ("sk-in-the-header", "sk-in-the-query", "sk-in-a-subprotocol")
    head = ASKING.replace(b"model=", b"token=sk-in-the-query&model=").replace(
        b"Host:",
        b"Authorization: Bearer sk-in-the-header\r\n"
        b"Sec-WebSocket-Protocol: realtime, openai-insecure-api-key.sk-in-a-subprotocol\r\nHost:",
    )
    echo = Frame(Opcode.TEXT, b'{"type":"error","said":"' + " ".join(secrets).encode() + b'"}')
    got: list[bytes] = []

    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        got.append(await accept(reader, writer))
        writer.write(echo.serialize(mask=False))

    async def act() -> None:
        async with served(talk) as url, standing(tmp_path, url) as proxy:
            _, reader, writer = await asked(proxy.port, head)
            said = await reader.readuntil(b"}")
            assert all(each.encode() in said for each in secrets)
            writer.close()
            session = await proxy.over()
            text = session.path.read_text()
            assert not [each for each in secrets if each in text + session.address]
            assert MASK in text
        assert all(each.encode() in got[0] for each in secrets)

    bounded(act())
