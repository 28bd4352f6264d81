"""Pydantic AI's realtime session: it runs tools and keeps a history, of which this tells."""

from __future__ import annotations

import asyncio
from typing import Any

from conclusion import ERRAND, GREETING, RESULT, STORY, Conclusion, chunks, hold
from pydantic_ai import Agent
from pydantic_ai.messages import ModelResponse, SpeechPart
from pydantic_ai.providers.openai import OpenAIProvider
from pydantic_ai.realtime.openai import OpenAIRealtimeModel

agent = Agent(instructions="Be brief.")


@agent.tool_plain
def get_weather(city: str) -> str:
    """Look up the weather."""
    return RESULT


async def listen(session: Any, told: Conclusion, completed: asyncio.Event) -> None:
    """Note what the session yields."""
    async for event in session:
        told.events[event.event_kind] += 1
        if event.event_kind == "realtime_turn_complete":
            completed.set()
        part: Any = getattr(event, "part", None)
        if event.event_kind == "part_end" and isinstance(part, SpeechPart):
            if part.speaker == "user":
                told.hear(part.transcript)
            else:
                told.say(part.transcript)
                told.turn["interrupted"] |= part.interrupted_at_ms is not None
        elif event.event_kind == "function_tool_call":
            told.call(part.tool_name, part.args_as_dict())
        elif event.event_kind == "realtime_session_error":
            told.errors.append(event.message)


async def play(session: Any, told: Conclusion, playing: asyncio.Event) -> None:
    """Take the audio as a loudspeaker would."""
    async for chunk in session.stream_audio():
        told.play(len(chunk))
        playing.set()


async def take(happened: asyncio.Event) -> None:
    """Wait for what happens next."""
    await happened.wait()
    happened.clear()


async def converse(told: Conclusion, url: str, key: str, sound: bytes) -> None:
    base = url.replace("ws://", "http://").removesuffix("/realtime")
    model = OpenAIRealtimeModel("gpt-realtime", provider=OpenAIProvider(base_url=base, api_key=key))
    opening = agent.realtime(model).session()
    async with told.within("opening"):
        session = await opening.__aenter__()
    completed, playing = asyncio.Event(), asyncio.Event()
    tasks = [
        asyncio.create_task(listen(session, told, completed)),
        asyncio.create_task(play(session, told, playing)),
    ]
    async with told.within("text"):
        await session.send(GREETING)
        await take(completed)
    async with told.within("speech"):
        for chunk in chunks(sound):
            await session.send_audio(chunk)
        await take(completed)
    async with told.within("function"):
        await session.send(ERRAND)
        await take(completed)
    async with told.within("interruption") as turn:
        playing.clear()
        await session.send(STORY)
        await take(playing)
        await session.interrupt(played_ms=1)
        await take(completed)
        replies = [each for each in session.all_messages() if isinstance(each, ModelResponse)]
        turn["interrupted"] |= replies[-1].state == "interrupted"
    for task in tasks:
        task.cancel()


hold(converse, "pydantic-ai-slim", "openai", "websockets")
