"""What both drivers of Pipecat listen to: a pipeline around a realtime service, with ears on both sides."""

from __future__ import annotations

import asyncio
from typing import Any

from conclusion import GREETING, RESULT, Conclusion, chunks
from loguru import logger
from pipecat.adapters.llm.schemas.tools_schema import ToolsSchema
from pipecat.frames import frames
from pipecat.pipeline.pipeline import Pipeline
from pipecat.pipeline.worker import PipelineParams, PipelineWorker
from pipecat.processors.aggregators.llm_context import LLMContext
from pipecat.processors.aggregators.llm_response_universal import LLMContextAggregatorPair
from pipecat.processors.frame_processor import FrameDirection, FrameProcessor
from pipecat.services.llm_service import FunctionCallParams

_RATE = 24_000


async def get_weather(params: FunctionCallParams, city: str) -> None:
    """Look up the weather.

    Args:
        city: Where.
    """
    await params.result_callback(RESULT)


class Ear(FrameProcessor):
    """Notes what comes by in one direction."""

    def __init__(self, talk: Talk, direction: FrameDirection) -> None:
        super().__init__()
        self.talk, self.direction = talk, direction

    async def process_frame(self, frame: frames.Frame, direction: FrameDirection) -> None:
        await super().process_frame(frame, direction)
        if direction == self.direction:
            self.talk.note(frame, self.direction)
        if isinstance(frame, frames.TTSStoppedFrame):  # as a loudspeaker would that has nothing left to play
            await self.push_frame(frames.BotStoppedSpeakingFrame(), FrameDirection.UPSTREAM)
        await self.push_frame(frame, direction)


class Talk:
    """A pipeline with a service, and what its frames say."""

    def __init__(self, service: Any, told: Conclusion) -> None:
        self.told, self.changed = told, asyncio.Event()
        tools = ToolsSchema(standard_tools=[get_weather])
        context = LLMContext([{"role": "user", "content": GREETING}], tools)
        user, assistant = LLMContextAggregatorPair(context)
        above, below = Ear(self, FrameDirection.UPSTREAM), Ear(self, FrameDirection.DOWNSTREAM)
        params = PipelineParams(audio_in_sample_rate=_RATE, audio_out_sample_rate=_RATE)
        self.worker = PipelineWorker(Pipeline([user, above, service, below, assistant]), params=params)

    def note(self, frame: frames.Frame, direction: FrameDirection) -> None:
        self.told.events[type(frame).__name__] += 1
        if isinstance(frame, frames.TTSAudioRawFrame):
            self.told.play(len(frame.audio))
        elif isinstance(frame, frames.TTSTextFrame):
            self.told.say(frame.text)
        elif isinstance(frame, frames.TranscriptionFrame):
            self.told.hear(frame.text)
        elif isinstance(frame, frames.FunctionCallResultFrame) and direction == FrameDirection.DOWNSTREAM:
            self.told.call(frame.function_name, frame.arguments)
        elif isinstance(frame, frames.ErrorFrame):
            self.told.errors.append(str(frame.error))
        elif isinstance(frame, frames.InterruptionFrame):
            self.told.turn["interrupted"] = True
        self.changed.set()

    async def until(self, kind: type[frames.Frame], count: int = 1) -> None:
        """Wait until so many more frames of a kind have come by."""
        wanted = self.told.events[kind.__name__] + count
        while self.told.events[kind.__name__] < wanted:
            self.changed.clear()
            await self.changed.wait()

    async def speak(self, sound: bytes) -> None:
        await self.worker.queue_frames([frames.InputAudioRawFrame(each, _RATE, 1) for each in chunks(sound)])


def listen_to_loguru(told: Conclusion) -> None:
    """Look at what Pipecat logs, by whatever way it does."""
    logger.remove()
    logger.add(lambda line: told.log(line.record["message"], line.record["level"].no), level="DEBUG")
