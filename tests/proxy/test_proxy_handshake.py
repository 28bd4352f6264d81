"""The opening handshake through a proxy: what passes, what is refused, and what is told of it."""

from __future__ import annotations

import asyncio
import socket
import ssl
from pathlib import Path

import pytest
import trustme

from proxy.heads import END_OF_HEAD
from tests.proxy.relayed import ASKING, SWITCHING, accept, asked, bounded, served, standing


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

    bounded(act())


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

    bounded(act())


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

    bounded(act())


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

        bounded(act())


@pytest.mark.parametrize("trusted", [True, False])
def test_a_server_of_tls_is_trusted_or_a_502(tmp_path: Path, trusted: bool) -> None:
    authority = trustme.CA()
    serving = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert("localhost").configure_cert(serving)
    trusting = ssl.create_default_context()
    if trusted:
        authority.configure_trust(trusting)

    async def connected(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await accept(reader, writer)
        await reader.read()
        writer.close()

    async def act() -> None:
        server = await asyncio.start_server(connected, "localhost", 0, ssl=serving)
        port = server.sockets[0].getsockname()[1]
        async with standing(tmp_path, f"wss://localhost:{port}", tls=trusting) as proxy:
            answer, reader, writer = await asked(proxy.port)
            if trusted:
                assert answer == SWITCHING
            else:
                assert answer.startswith(b"HTTP/1.1 502 ")
                assert b"the certificate is not trusted" in await reader.read()
            writer.close()
            assert (await proxy.over()).opened is trusted
        server.close()

    bounded(act())


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

    bounded(act())


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

    bounded(act())
