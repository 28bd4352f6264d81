"""Two utterances, with Pipecat's service for Inworld as it is; prints what the service told of them.

`python pipecat_inworld_speech.py URL`, run by an interpreter that has pipecat-ai: with its dependencies it is
500 MB, so it lives in an environment of its own.
"""

from __future__ import annotations

import asyncio
import json
import sys
import warnings

from pipecat.frames.frames import (
    EndFrame,
    ErrorFrame,
    Frame,
    TTSAudioRawFrame,
    TTSSpeakFrame,
    TTSStoppedFrame,
    TTSTextFrame,
)
from pipecat.pipeline.pipeline import Pipeline
from pipecat.pipeline.runner import PipelineRunner
from pipecat.pipeline.task import PipelineParams, PipelineTask
from pipecat.processors.frame_processor import FrameDirection, FrameProcessor
from pipecat.services.inworld.tts import InworldTTSService

_LIMIT_S = 20
_RATE = 24_000
_TEXTS = ("Hello there, my friend.", "How are you today?")


class Listener(FrameProcessor):
    """Keeps what comes out of the service."""

    def __init__(self) -> None:
        super().__init__()
        self.audio_bytes = 0
        self.words: list[str] = []
        self.errors: list[str] = []
        self.stopped = asyncio.Event()

    async def process_frame(self, frame: Frame, direction: FrameDirection) -> None:
        await super().process_frame(frame, direction)
        if isinstance(frame, TTSAudioRawFrame):
            self.audio_bytes += len(frame.audio)
        elif isinstance(frame, TTSTextFrame):
            self.words.append(frame.text)
        elif isinstance(frame, ErrorFrame):
            self.errors.append(str(frame.error))
        elif isinstance(frame, TTSStoppedFrame):
            self.stopped.set()
        await self.push_frame(frame, direction)


async def converse(url: str) -> None:
    tts = InworldTTSService(api_key="dGVzdDp0ZXN0", url=url, voice_id="Ashley", sample_rate=_RATE)
    listener = Listener()
    params = PipelineParams(audio_out_sample_rate=_RATE)
    task = PipelineTask(Pipeline([tts, listener]), params=params)
    running = asyncio.create_task(PipelineRunner(handle_sigint=False).run(task))
    async with asyncio.timeout(_LIMIT_S):
        for text in _TEXTS:
            listener.stopped.clear()
            await task.queue_frames([TTSSpeakFrame(text)])
            await listener.stopped.wait()
        await task.queue_frames([EndFrame()])
        await running
    seconds = listener.audio_bytes / 2 / _RATE
    print(json.dumps({"seconds": seconds, "words": listener.words, "errors": listener.errors}))


warnings.simplefilter("ignore", DeprecationWarning)
asyncio.run(converse(sys.argv[1]))
