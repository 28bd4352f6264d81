"""OpenAI's SDK for Python: it parses events; what follows from them is its user's business."""

from __future__ import annotations

import base64
from typing import Any, get_args

from conclusion import ERRAND, GREETING, RESULT, STORY, Conclusion, chunks, hold
from openai import AsyncOpenAI

_WEATHER = {
    "type": "function",
    "name": "get_weather",
    "description": "Look up the weather.",
    "parameters": {"type": "object", "properties": {"city": {"type": "string"}}, "required": ["city"]},
}


class Talk:
    """A connection, and what its events say."""

    def __init__(self, connection: Any, told: Conclusion) -> None:
        self.connection, self.told = connection, told

    async def until(self, *types: str) -> Any:
        """Return the next event of a type, noting all up to it."""
        async for event in self.connection:
            self.note(event)
            if event.type in types:
                return event
        raise ConnectionError("the connection has ended")

    def note(self, event: Any) -> None:
        self.told.events[event.type] += 1
        if event.type not in get_args(type(event).model_fields["type"].annotation):
            self.told.dropped.append(f"{event.type} is taken for {type(event).__name__}")
        match event.type:
            case "response.output_text.delta" | "response.output_audio_transcript.delta":
                self.told.say(event.delta)
            case "response.output_audio.delta":
                self.told.play(len(base64.b64decode(event.delta)))
            case "response.function_call_arguments.done":
                self.told.call(event.name, event.arguments)
            case "conversation.item.input_audio_transcription.completed":
                self.told.hear(event.transcript)
            case "error":
                self.told.errors.append(event.error.message)

    async def ask(self, text: str) -> None:
        content = [{"type": "input_text", "text": text}]
        item = {"type": "message", "role": "user", "content": content}
        await self.connection.conversation.item.create(item=item)
        await self.connection.response.create()


async def converse(told: Conclusion, url: str, key: str, sound: bytes) -> None:
    client = AsyncOpenAI(api_key=key, websocket_base_url=url.removesuffix("/realtime"))
    connection: Any
    async with client.realtime.connect(model="gpt-realtime") as connection:
        talk = Talk(connection, told)
        async with told.within("opening"):
            await talk.until("session.created")
            audio = {"input": {"transcription": {"model": "whisper-1"}}}
            await connection.session.update(session={"type": "realtime", "tools": [_WEATHER], "audio": audio})
            await talk.until("session.updated")
        async with told.within("text"):
            await talk.ask(GREETING)
            await talk.until("response.done")
        async with told.within("speech"):
            for chunk in chunks(sound):
                await connection.input_audio_buffer.append(audio=base64.b64encode(chunk).decode())
            await talk.until("response.done")
        async with told.within("function"):
            await talk.ask(ERRAND)
            for item in (await talk.until("response.done")).response.output or ():
                if item.type == "function_call":
                    result = {"type": "function_call_output", "call_id": item.call_id, "output": RESULT}
                    await connection.conversation.item.create(item=result)
            await connection.response.create()
            await talk.until("response.done")
        async with told.within("interruption") as turn:
            await talk.ask(STORY)
            await talk.until("response.output_audio.delta")
            await connection.response.cancel()
            turn["interrupted"] = (await talk.until("response.done")).response.status == "cancelled"


hold(converse, "openai", "websockets")
