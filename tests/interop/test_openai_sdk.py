"""OpenAI's own Python SDK, as it is, talks to the reference server."""

from __future__ import annotations

import asyncio
import base64
import json
from collections.abc import Awaitable, Callable
from typing import Any

import openai

from reference.server import ReferenceServer, ServerOptions
from tests.reference.dialogue import WEATHER, silence, tone


def converse(talk: Callable[[Any], Awaitable[None]]) -> None:
    """Run a conversation over a connection of the SDK."""

    async def run() -> None:
        async with ReferenceServer(ServerOptions(pace=0)) as server:
            base_url = server.url("openai").removesuffix("/realtime")
            client = openai.AsyncOpenAI(api_key="x", websocket_base_url=base_url)
            async with client.realtime.connect(model="gpt-realtime") as connection:
                assert (await next_event(connection)).type == "session.created"
                await talk(connection)
            await client.close()

    asyncio.run(run())


async def next_event(connection: Any) -> Any:
    return await asyncio.wait_for(connection.recv(), 5)


async def until(connection: Any, event_type: str) -> list[Any]:
    events = [await next_event(connection)]
    while events[-1].type != event_type:
        events.append(await next_event(connection))
    return events


async def say(connection: Any, text: str) -> None:
    content = [{"type": "input_text", "text": text}]
    await connection.conversation.item.create(item={"type": "message", "role": "user", "content": content})


def test_a_text_conversation() -> None:
    async def talk(connection: Any) -> None:
        await connection.session.update(
            session={"type": "realtime", "output_modalities": ["text"], "instructions": "Hum."}
        )
        updated = (await until(connection, "session.updated"))[-1]
        assert updated.session.instructions == "Hum."
        await say(connection, "What are your instructions?")
        await connection.response.create()
        events = await until(connection, "response.done")
        text = "".join(event.delta for event in events if event.type == "response.output_text.delta")
        assert text == "My instructions are: Hum."
        response = events[-1].response
        assert response.status == "completed"
        assert response.usage.total_tokens == response.usage.input_tokens + response.usage.output_tokens
        assert response.output[0].content[0].text == text

    converse(talk)


def test_an_audio_conversation() -> None:
    async def talk(connection: Any) -> None:
        await connection.session.update(
            session={"type": "realtime", "audio": {"input": {"transcription": {"model": "whisper-1"}}}}
        )
        sound = tone(400) + silence(800)
        for at in range(0, len(sound), 4800):
            await connection.input_audio_buffer.append(audio=base64.b64encode(sound[at : at + 4800]).decode())
        events = await until(connection, "response.done")
        seen = {event.type for event in events}
        assert {"input_audio_buffer.speech_started", "input_audio_buffer.committed"} <= seen
        deltas = [event.delta for event in events if event.type == "response.output_audio.delta"]
        assert sum(len(base64.b64decode(delta)) for delta in deltas) > 24000
        transcript = events[-1].response.output[0].content[0].transcript
        assert transcript == "I heard audio of 900 milliseconds."
        transcribed = [e for e in events if e.type == "conversation.item.input_audio_transcription.completed"]
        assert [event.transcript for event in transcribed] == ["audio of 900 milliseconds"]

    converse(talk)


def test_a_function_call() -> None:
    async def talk(connection: Any) -> None:
        await connection.session.update(
            session={"type": "realtime", "output_modalities": ["text"], "tools": [WEATHER]}
        )
        await say(connection, "What is the weather?")
        await connection.response.create()
        events = await until(connection, "response.done")
        [call] = events[-1].response.output
        assert call.name == "get_weather"
        assert json.loads(call.arguments) == {"city": "example"}
        await connection.conversation.item.create(
            item={"type": "function_call_output", "call_id": call.call_id, "output": "Foggy."}
        )
        await connection.response.create()
        events = await until(connection, "response.done")
        assert events[-1].response.output[0].content[0].text == "The function says: Foggy."
        await connection.conversation.item.retrieve(item_id=call.id)
        assert (await until(connection, "conversation.item.retrieved"))[-1].item.id == call.id

    converse(talk)


def test_every_event_is_known_to_the_sdk() -> None:
    """What the SDK cannot place it still returns; here it has to know each type and each member's type."""

    async def talk(connection: Any) -> None:
        await say(connection, "count")
        await connection.response.create()
        await until(connection, "response.output_audio.delta")
        await connection.response.cancel()
        done = (await until(connection, "response.done"))[-1].response
        assert done.status == "cancelled"
        await connection.conversation.item.truncate(
            item_id=done.output[0].id, content_index=0, audio_end_ms=10
        )
        await connection.conversation.item.delete(item_id=done.output[0].id)
        await connection.input_audio_buffer.clear()
        await connection.input_audio_buffer.commit()
        events = await until(connection, "error")
        assert {
            "rate_limits.updated",
            "conversation.item.truncated",
            "conversation.item.deleted",
            "input_audio_buffer.cleared",
        } <= {event.type for event in events}
        assert events[-1].error.code == "input_audio_buffer_commit_empty"
        for event in events:
            type(event).model_validate(event.model_dump(by_alias=True))

    converse(talk)
