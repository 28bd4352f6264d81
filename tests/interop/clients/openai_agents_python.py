"""OpenAI's Agents SDK for Python: it validates every event, and tells of each that it does not understand."""

from __future__ import annotations

from typing import Any

from agents import function_tool
from agents.realtime import RealtimeAgent, RealtimeRunner
from conclusion import ERRAND, GREETING, RESULT, STORY, Conclusion, chunks, hold


@function_tool
def get_weather(city: str) -> str:
    """Look up the weather."""
    return RESULT


class Talk:
    """A session, and what its events say."""

    def __init__(self, session: Any, told: Conclusion) -> None:
        self.session, self.told, self.events = session, told, session.__aiter__()

    async def until(self, kind: str, count: int = 1) -> None:
        """Note all events up to one of a kind, or to as many of them as is said."""
        while count:
            event = await anext(self.events)
            data = getattr(event, "data", None)
            name = event.type if data is None else f"{event.type}: {data.type}"
            self.told.events[name] += 1
            self.note(event, data)
            count -= event.type == kind

    def note(self, event: Any, data: Any) -> None:
        if event.type == "audio":
            self.told.play(len(event.audio.data))
        elif event.type == "tool_start":
            self.told.call(event.tool.name, event.arguments)
        elif event.type == "audio_interrupted":
            self.told.turn["interrupted"] = True
        elif event.type == "error":
            self.told.errors.append(str(event.error))
        elif data is not None and data.type == "transcript_delta":
            self.told.say(data.delta)
        elif data is not None and data.type == "input_audio_transcription_completed":
            self.told.hear(data.transcript)


async def converse(told: Conclusion, url: str, key: str, sound: bytes) -> None:
    agent = RealtimeAgent(name="Guide", instructions="Be brief.", tools=[get_weather])
    runner = RealtimeRunner(agent, config={"model_settings": {"model_name": "gpt-realtime"}})
    async with told.within("opening"):
        session = await runner.run(model_config={"url": f"{url}?model=gpt-realtime", "api_key": key})
        await session.enter()
    talk = Talk(session, told)
    async with told.within("text"):
        await session.send_message(GREETING)
        await talk.until("agent_end")
    async with told.within("speech"):
        for chunk in chunks(sound):
            await session.send_audio(chunk)
        await talk.until("agent_end")
    async with told.within("function"):
        await session.send_message(ERRAND)
        await talk.until("agent_end", 2)
    async with told.within("interruption"):
        await session.send_message(STORY)
        await talk.until("audio")
        for chunk in chunks(sound):  # `session.interrupt()` leaves the server to go on by default
            await session.send_audio(chunk)
        await talk.until("agent_end")
    await session.close()


hold(converse, "openai-agents", "openai", "websockets", dropped="Failed to (validate|convert)")
