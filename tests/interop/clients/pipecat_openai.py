"""Pipecat with its service for OpenAI's Realtime."""

from __future__ import annotations

from conclusion import Conclusion, hold
from pipecat.services.openai.realtime import events
from pipecat.services.openai.realtime.llm import OpenAIRealtimeLLMService
from pipecat_talk import talk_with


async def converse(told: Conclusion, url: str, key: str, sound: bytes) -> None:
    heard = events.AudioInput(transcription=events.InputAudioTranscription())
    properties = events.SessionProperties(audio=events.AudioConfiguration(input=heard))
    settings = OpenAIRealtimeLLMService.Settings(session_properties=properties)
    service = OpenAIRealtimeLLMService(api_key=key, base_url=url, settings=settings)

    await talk_with(service, events, told, sound)


hold(converse, "pipecat-ai", "websockets")
