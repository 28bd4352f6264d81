"""The shell: starting, stopping, many sessions, bad frames on a real socket, repeatability."""

from __future__ import annotations

import asyncio
import base64
import json
import time
from typing import Any

import pytest
from websockets.asyncio.client import connect
from websockets.exceptions import ConnectionClosed

from protocol.dialect import DialectName
from reference.behaviour import Behaviour
from reference.outbox import Outbox
from reference.server import ReferenceServer, ServerOptions, serve_forever
from tests.reference.dialogue import QUERY, WEATHER, dial, done, kinds, only, silence, tone
from tests.reference.ledger import Ledger

FAST = ServerOptions(pace=0)
HEADERS = {"Authorization": "Bearer test"}


def user(text: str) -> dict[str, Any]:
    return {"type": "message", "role": "user", "content": [{"type": "input_text", "text": text}]}


def test_urls() -> None:
    async def run() -> None:
        server = ReferenceServer()
        with pytest.raises(RuntimeError):
            _ = server.port
        async with server:
            assert server.port > 0
            base = f"ws://127.0.0.1:{server.port}"
            assert server.url("inworld") == base + "/api/v1/realtime/session"
            assert server.url("openai") == base + "/v1/realtime"

    asyncio.run(run())


@pytest.mark.parametrize("dialect", ["openai", "inworld"])
def test_a_conversation(dialect: DialectName) -> None:
    async def run() -> None:
        async with ReferenceServer(FAST) as server, dial(server, dialect) as line:
            await line.send("conversation.item.create", item=user("hello"))
            await line.send("response.create", response={"output_modalities": ["text"]})
            assert done(await line.until("response.done"))["status"] == "completed"
            sound = base64.b64encode(tone(300) + silence(700)).decode()
            await line.send("input_audio_buffer.append", audio=sound)
            assert done(await line.until("response.done"))["status"] == "completed"
            Ledger().read(line.events)

    asyncio.run(run())


def test_deltas_come_at_the_pace() -> None:
    async def run() -> float:
        async with ReferenceServer(ServerOptions(pace=0.01)) as server, dial(server) as line:
            await line.send("conversation.item.create", item=user("one word"))
            began = time.monotonic()
            await line.send("response.create", response={"output_modalities": ["text"]})
            await line.until("response.done")
            return time.monotonic() - began

    assert 0.03 < asyncio.run(run()) < 1


def test_a_response_can_be_cancelled_on_the_way() -> None:
    async def run() -> None:
        async with ReferenceServer() as server, dial(server) as line:
            await line.send("conversation.item.create", item=user("count"))
            await line.send("response.create", response={"output_modalities": ["text"]})
            await line.until("response.output_text.delta")
            await line.send("response.cancel")
            response = done(await line.until("response.done"))
            assert response["status"] == "cancelled"
            assert 0 < response["usage"]["output_tokens"] < 60
            await line.send("response.create", response={"output_modalities": ["text"]})
            assert done(await line.until("response.done"))["status"] == "completed"

    asyncio.run(run())


def test_bad_frames_do_not_close_the_connection() -> None:
    async def run() -> None:
        async with ReferenceServer(FAST) as server, dial(server) as line:
            for frame in ("not json", b"\x00\x01", "[]", '{"type": "?"}', '{"type": NaN}', "[" * 50_000):
                await line.socket.send(frame)
                assert (await line.receive())["type"] == "error"
            audio = "A" * (15 * 1024 * 1024 + 4)
            await line.send("input_audio_buffer.append", audio=audio)
            assert (await line.receive())["error"]["code"] == "string_above_max_length"
            await line.send("input_audio_buffer.clear")
            assert (await line.receive())["type"] == "input_audio_buffer.cleared"

    asyncio.run(run())


def test_a_frame_beyond_the_limit_closes_the_connection() -> None:
    async def run() -> None:
        options = ServerOptions(max_frame_bytes=1000)
        async with ReferenceServer(options) as server, dial(server) as line:
            await line.socket.send("x" * 1001)
            with pytest.raises(ConnectionClosed):
                await line.receive()
            assert line.socket.close_code == 1009

    asyncio.run(run())


def test_a_session_expires() -> None:
    async def run() -> None:
        async with ReferenceServer(ServerOptions(lifetime=0.05)) as server, dial(server) as line:
            assert (await line.receive())["error"]["code"] == "session_expired"
            with pytest.raises(ConnectionClosed):
                await line.receive()

    asyncio.run(run())


def test_starting_and_stopping_is_quick() -> None:
    async def run() -> float:
        began = time.monotonic()
        for _ in range(20):
            async with ReferenceServer(FAST) as server, dial(server):
                pass
        return (time.monotonic() - began) / 20

    assert asyncio.run(run()) < 0.1


def test_nothing_is_left_after_stopping() -> None:
    async def run() -> None:
        before = asyncio.all_tasks()
        server = ReferenceServer(ServerOptions(pace=0.01))
        await server.start()
        port = server.port
        url = server.url("openai") + QUERY["openai"]
        options = ServerOptions()
        assert options.host == "127.0.0.1"
        talking = await connect(url, additional_headers=HEADERS, proxy=None, compression=None)
        await talking.send(json.dumps({"type": "conversation.item.create", "item": user("count")}))
        await talking.send('{"type": "response.create"}')
        await talking.recv()
        silent_reader, silent_writer = await asyncio.open_connection("127.0.0.1", port)
        deaf_reader, deaf_writer = await asyncio.open_connection("127.0.0.1", port)
        deaf_writer.write(
            b"GET /v1/realtime?model=m HTTP/1.1\r\nHost: x\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
            b"Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n"
            b"Authorization: Bearer x\r\n\r\n"
        )
        assert (await deaf_reader.readline()).startswith(b"HTTP/1.1 101")
        began = time.monotonic()
        await server.stop()
        assert time.monotonic() - began < 2
        await talking.wait_closed()
        assert talking.close_code == 1001
        assert await silent_reader.read() == b""
        for writer in (silent_writer, deaf_writer):
            writer.close()
        with pytest.raises(ConnectionRefusedError):
            await asyncio.open_connection("127.0.0.1", port)
        await asyncio.sleep(0)
        assert asyncio.all_tasks() == before
        await server.stop()

    asyncio.run(run())


def test_a_client_that_does_not_read_holds_nobody_up() -> None:
    async def run() -> None:
        async with ReferenceServer(FAST) as server:
            url = server.url("openai") + QUERY["openai"]
            lazy = await connect(
                url, additional_headers=HEADERS, proxy=None, compression=None, max_queue=1, close_timeout=0.1
            )
            for _ in range(40):
                await lazy.send(json.dumps({"type": "conversation.item.create", "item": user("count")}))
                await lazy.send('{"type": "response.create", "response": {"conversation": "none"}}')
            async with dial(server) as line:
                await line.send("response.create")
                assert done(await line.until("response.done"))["status"] == "completed"
            began = time.monotonic()
        assert time.monotonic() - began < 2
        await lazy.close()

    asyncio.run(run())


def test_fifty_sessions_at_once() -> None:
    async def converse(server: ReferenceServer, number: int) -> str:
        async with dial(server, "openai" if number % 2 else "inworld") as line:
            await line.send("conversation.item.create", item=user(f"number {number}, list"))
            await line.send("response.create", response={"output_modalities": ["text"]})
            events = await line.until("response.done")
            Ledger().read(line.events)
            return str(done(events)["output"][0]["content"][0]["text"])

    async def run() -> None:
        async with ReferenceServer(FAST) as server:
            answers = await asyncio.gather(*(converse(server, number) for number in range(50)))
            assert answers == [f"You said: number {number}, list." for number in range(50)]

    asyncio.run(run())


def test_the_same_seed_says_the_same() -> None:
    async def talk(seed: int) -> list[dict[str, Any]]:
        async with ReferenceServer(ServerOptions(pace=0, seed=seed)) as server, dial(server) as line:
            await line.send(
                "session.update",
                session={
                    "type": "realtime",
                    "tools": [WEATHER],
                    "audio": {"input": {"transcription": {"model": "m"}}},
                },
            )
            await line.until("session.updated")
            await line.send("conversation.item.create", item=user("hello"))
            await line.send("response.create")
            await line.until("rate_limits.updated")
            await line.send("conversation.item.create", item=user("what is the weather"))
            await line.send("response.create")
            await line.until("rate_limits.updated")
            sound = base64.b64encode(tone(300) + silence(700)).decode()
            await line.send("input_audio_buffer.append", audio=sound)
            await line.until("rate_limits.updated")
            for event in line.events:
                event.get("session", {}).pop("expires_at", None)
            return line.events

    one, two, other = (asyncio.run(talk(seed)) for seed in (7, 7, 8))
    assert one == two
    assert kinds(one)[:3] == kinds(other)[:3]
    assert one[0]["session"]["id"] != other[0]["session"]["id"]


def test_sessions_of_one_server_have_ids_of_their_own() -> None:
    async def run() -> None:
        async with ReferenceServer(FAST) as server, dial(server) as one, dial(server) as two:
            first, second = one.events[0], two.events[0]
            assert first["session"]["id"] != second["session"]["id"]
            assert first["event_id"] != second["event_id"]

    asyncio.run(run())


def test_an_outbox_can_be_replaced() -> None:
    class Shouting(Outbox):
        def send(self, event_type: str, /, **members: Any) -> None:
            super().send(event_type.upper(), **members)

    async def run() -> None:
        behaviour = Behaviour(outbox=Shouting)
        async with ReferenceServer(FAST, behaviour) as server:
            url = server.url("inworld") + QUERY["inworld"]
            async with connect(url, additional_headers=HEADERS, proxy=None) as socket:
                assert json.loads(await socket.recv())["type"] == "SESSION.CREATED"

    asyncio.run(run())


def test_serve_forever_announces_itself_once() -> None:
    async def run() -> None:
        announced: list[str] = []
        ready = asyncio.Event()

        def announce(line: str) -> None:
            announced.append(line)
            ready.set()

        task = asyncio.create_task(serve_forever(FAST, announce))
        await asyncio.wait_for(ready.wait(), 5)
        listening, _, url = announced[0].partition(" ")
        assert listening == "listening"
        assert url.startswith("ws://127.0.0.1:")
        assert url.endswith("/api/v1/realtime/session")
        async with connect(url + QUERY["inworld"], additional_headers=HEADERS, proxy=None) as socket:
            event = json.loads(await socket.recv())
            assert only([event], "session.created")
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        base = url.removesuffix("/api/v1/realtime/session")
        assert announced[1:] == [
            f"tts {base}/tts/v1/voice:streamBidirectional",
            f"stt {base}/stt/v1/transcribe:streamBidirectional",
        ]

    asyncio.run(run())
