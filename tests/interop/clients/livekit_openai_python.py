"""LiveKit's plugin for OpenAI's Realtime, by the session that an agent of LiveKit's holds."""

from __future__ import annotations

import asyncio
import os
from functools import partial
from typing import Any

os.environ["LK_OPENAI_DEBUG"] = "1"  # says of each event that the plugin does not handle it

import aiohttp
from conclusion import ERRAND, GREETING, RESULT, STORY, Conclusion, chunks, hold
from livekit import rtc
from livekit.agents import function_tool, llm
from livekit.plugins import openai

_RATE = 24_000
_KINDS = (
    *("generation_created", "input_speech_started", "input_speech_stopped", "remote_item_added"),
    *("input_audio_transcription_completed", "metrics_collected", "error"),
)


@function_tool
async def get_weather(city: str) -> str:
    """Look up the weather."""
    return RESULT


class Talk:
    """A session, and what its generations and events say."""

    def __init__(self, session: Any, told: Conclusion) -> None:
        self.session, self.told = session, told
        self.unasked: asyncio.Queue[Any] = asyncio.Queue()
        for kind in _KINDS:
            session.on(kind, partial(self.note, kind))

    def note(self, kind: str, event: Any) -> None:
        self.told.events[kind] += 1
        if kind == "generation_created" and not event.user_initiated:
            self.unasked.put_nowait(event)
        elif kind == "input_audio_transcription_completed" and event.is_final:
            self.told.hear(event.transcript)
        elif kind == "metrics_collected":
            self.told.turn["interrupted"] |= getattr(event, "cancelled", False)
        elif kind == "error":
            self.told.errors.append(str(event.error))

    async def reply(self, said: Any) -> Any:
        """Add a text or an output to the conversation and return the generation that follows."""
        context = self.session.chat_ctx.copy()
        text = isinstance(said, str)
        context.items.append(llm.ChatMessage(role="user", content=[said]) if text else said)
        await self.session.update_chat_ctx(context)
        return await self.session.generate_reply()

    async def take(self, generation: Any, *, interrupt: bool = False) -> list[Any]:
        """Take all of a generation and return its calls; or interrupt it as soon as it is heard."""

        async for message in generation.message_stream:
            async for frame in message.audio_stream:
                self.told.play(len(frame.data) * 2)
                if interrupt:
                    self.session.interrupt()
                    interrupt = False
            async for text in message.text_stream:
                self.told.say(str(text))
        calls = [call async for call in generation.function_stream]
        for call in calls:
            self.told.call(call.name, call.arguments)
        return calls


async def converse(told: Conclusion, url: str, key: str, sound: bytes) -> None:
    async with aiohttp.ClientSession() as http:
        model = openai.realtime.RealtimeModel(base_url=url, api_key=key, http_session=http)
        session = model.session()
        talk = Talk(session, told)
        async with told.within("opening"):
            await session.update_tools([get_weather])
        async with told.within("text"):
            await talk.take(await talk.reply(GREETING))
        async with told.within("speech"):
            for chunk in chunks(sound):
                session.push_audio(rtc.AudioFrame(chunk, _RATE, 1, len(chunk) // 2))
            await talk.take(await talk.unasked.get())
        async with told.within("function"):
            for call in await talk.take(await talk.reply(ERRAND)):
                output = llm.FunctionCallOutput(call_id=call.call_id, output=RESULT, is_error=False)
                await talk.take(await talk.reply(output))
        async with told.within("interruption"):
            await talk.take(await talk.reply(STORY), interrupt=True)
        await session.aclose()


hold(converse, "livekit-plugins-openai", "livekit-agents", "openai", "aiohttp", unused="^unhandled event")
