"""The conversation that both drivers of Pipecat hold."""

from __future__ import annotations

import asyncio
from typing import Any

from conclusion import ERRAND, STORY, Conclusion
from pipecat.frames import frames
from pipecat.workers.runner import WorkerRunner
from pipecat_pipeline import Talk, listen_to_loguru


async def talk_with(service: Any, events: Any, told: Conclusion, sound: bytes) -> None:
    """Hold the conversation; ``events`` is the module with the service's events."""

    async def ask(text: str) -> None:
        """Say a text by an event, for neither service sends all of a context that grows."""
        content = [events.ItemContent(type="input_text", text=text)]
        item = events.ConversationItem(type="message", role="user", content=content)
        await service.send_client_event(events.ConversationItemCreateEvent(item=item))
        await service.send_client_event(events.ResponseCreateEvent())

    listen_to_loguru(told)
    talk = Talk(service, told)
    runner = WorkerRunner(handle_sigint=False)
    await runner.add_workers(talk.worker)
    running = asyncio.create_task(runner.run())
    async with told.within("opening"):
        await talk.until(frames.StartFrame)
    async with told.within("text"):
        await talk.worker.queue_frame(frames.LLMRunFrame())
        await talk.until(frames.LLMFullResponseEndFrame)
    async with told.within("speech"):
        await talk.speak(sound)
        await talk.until(frames.LLMFullResponseEndFrame)
    async with told.within("function"):
        await ask(ERRAND)
        await talk.until(frames.LLMFullResponseEndFrame, 2)
    async with told.within("interruption"):
        await ask(STORY)
        await talk.until(frames.TTSAudioRawFrame)
        await talk.speak(sound)
        await talk.until(frames.InterruptionFrame)
    running.cancel()
