"""Pipecat with its service for Inworld's Realtime, on Inworld's path."""

from __future__ import annotations

from conclusion import Conclusion, hold
from pipecat.services.inworld.realtime import events
from pipecat.services.inworld.realtime.llm import InworldRealtimeLLMService
from pipecat_talk import talk_with


async def converse(told: Conclusion, url: str, key: str, sound: bytes) -> None:
    await talk_with(InworldRealtimeLLMService(api_key=key, base_url=url), events, told, sound)


hold(
    converse,
    "pipecat-ai",
    "websockets",
    dropped="Failed to (decode|parse) server",
    unused="ignoring unhandled server event|known but undispatched server event",
)
