"""What passes a proxy: every byte as it is, in both directions, whatever the observer makes of it."""

from __future__ import annotations

import asyncio
import random
import socket
from collections.abc import Coroutine
from pathlib import Path
from typing import Any

import pytest
from websockets.frames import Frame, Opcode

from proxy.heads import END_OF_HEAD
from proxy.observer import ConversationObserver
from proxy.side import MOST_WAITING
from tests.proxy.relayed import ASKING, SWITCHING, accept, asked, served, standing
from wire.redaction import MASK

_TEXT = Frame(Opcode.TEXT, b'{"type":"session.created"}').serialize(mask=False)
_SAID = Frame(Opcode.TEXT, b'{"type":"response.create"}').serialize(mask=True)
_CLOSE = Frame(Opcode.CLOSE, b"\x03\xe8").serialize(mask=True)


def _run(made: Coroutine[Any, Any, None]) -> None:
    async def bounded() -> None:
        async with asyncio.timeout(20):
            await made

    asyncio.run(bounded())


# --- the handshake ----------------------------------------------------------------------------------------


def test_only_the_host_of_a_handshake_is_another(tmp_path: Path) -> None:
    head = (
        b"GET /v1/realtime?model=a&x=%20y HTTP/1.1\r\nhOsT: here:1\r\nUpgrade: WebSocket\r\nX-Odd:  two  \r\n"
        b"Sec-WebSocket-Protocol: realtime, openai-insecure-api-key.sk-1\r\nOrigin: http://page\r\n"
        b"Sec-WebSocket-Extensions: permessage-deflate; client_max_window_bits\r\n\r\n"
    )
    got: list[bytes] = []

    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        got.append(await accept(reader, writer))

    async def act() -> None:
        async with served(talk) as url, standing(tmp_path, url) as proxy:
            answer, *_ = await asked(proxy.port, head)
            assert answer == SWITCHING
            assert got == [head.replace(b"hOsT: here:1", b"Host: " + url[5:].encode())]

    _run(act())


def test_who_asks_for_no_path_gets_that_of_the_address(tmp_path: Path) -> None:
    got: list[bytes] = []

    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        got.append(await accept(reader, writer))

    async def act() -> None:
        async with served(talk) as url, standing(tmp_path, f"{url}/v1/realtime?model=a") as proxy:
            await asked(proxy.port, ASKING.replace(b"/v1/realtime?model=gpt-realtime", b"/"))
            await asked(proxy.port)
        assert [head.split()[1] for head in got] == [
            b"/v1/realtime?model=a",
            b"/v1/realtime?model=gpt-realtime",
        ]

    _run(act())


def test_a_refusal_passes_with_status_and_body_and_is_recorded(tmp_path: Path) -> None:
    refusal = b"HTTP/1.1 401 Unauthorized\r\nContent-Length: 9\r\nX-Why: none\r\n\r\nno key 9!"

    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(END_OF_HEAD)
        writer.write(refusal)
        await reader.read()

    async def act() -> None:
        async with served(talk) as url, standing(tmp_path, url) as proxy:
            answer, reader, _ = await asked(proxy.port)
            assert answer + await reader.read() == refusal
            session = await proxy.over()
            assert (session.opened, session.why) == (False, "HTTP 401")
            (entry,) = proxy.entries()
            assert entry.kind == "refusal"
            assert entry.detail is not None
            assert (entry.detail["status"], entry.detail["body"]) == (401, "no key 9!")

    _run(act())


def test_a_server_that_is_not_there_is_a_502(tmp_path: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))  # and nobody listens
        port = taken.getsockname()[1]

        async def act() -> None:
            async with standing(tmp_path, f"ws://127.0.0.1:{port}") as proxy:
                answer, reader, _ = await asked(proxy.port)
                assert answer.startswith(b"HTTP/1.1 502 ")
                assert b"nobody listens" in await reader.read()
                session = await proxy.over()
                assert "nobody listens" in session.why
                (entry,) = proxy.entries()
                assert (entry.dir, entry.kind) == ("server", "refusal")

        _run(act())


def test_a_server_that_is_no_http_is_a_502(tmp_path: Path) -> None:
    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(END_OF_HEAD)
        writer.write(b"SSH-2.0-x\r\n\r\n")
        await reader.read()

    async def act() -> None:
        async with served(talk) as url, standing(tmp_path, url) as proxy:
            answer, *_ = await asked(proxy.port)
            assert answer.startswith(b"HTTP/1.1 502 ")
            assert "none of HTTP" in (await proxy.over()).why

    _run(act())


@pytest.mark.parametrize(
    ("sent", "status"),
    [
        (b"GET / HTTP/1.1\r\nHost: x\r\n\r\n", b"426"),
        (b"POST / HTTP/1.1\r\nHost: x\r\nUpgrade: websocket\r\n\r\n", b"426"),
        (b"\x16\x03\x01 hello\r\n\r\n", b"400"),
        (b"GET / HTTP/1.1\r\n: x\r\n\r\n", b"400"),
    ],
)
def test_what_is_no_client_of_websocket_never_reaches_the_server(
    tmp_path: Path, sent: bytes, status: bytes
) -> None:
    got: list[bytes] = []

    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        got.append(await accept(reader, writer))

    async def act() -> None:
        async with served(talk) as url, standing(tmp_path, url) as proxy:
            answer, reader, _ = await asked(proxy.port, sent)
            assert answer.split()[1] == status
            await reader.read()  # to its end: the proxy hangs up
            assert len(proxy.noted.turned) == 1
            assert (got, proxy.sessions.all) == ([], [])

    _run(act())


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

    _run(act())


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

    _run(act())


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

    _run(act())


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

    _run(act())


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
                async with asyncio.timeout(0.5):
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

    _run(act())


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

    _run(act())


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

    _run(act())


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

    _run(act())


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

    _run(act())


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

    _run(act())
