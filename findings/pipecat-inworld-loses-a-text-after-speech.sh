#!/usr/bin/env bash
# Pipecat's service for Inworld's Realtime does not send the first text that is typed after a spoken turn.
#
# With:      pipecat-ai 1.14.0, websockets 17.4 (PyPI; 500 MB with what they need), Python 3.11
# Behaviour: Of a spoken turn that the server has answered, the service keeps a mark, so that the transcript is not sent
#            as a message when it comes back in the context. It comes back beneath the reply, and then the mark stays. The
#            next text that the application appends (`LLMMessagesAppendFrame`, `run_llm=True`) is taken for the spoken
#            turn: it is neither sent nor answered, and nothing is logged. The text after it is sent.
# Seen on 2026-12-01:
#   typed: first second
#   sent: second
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check 'pipecat-ai[inworld,openai,websocket]==1.14.0' websockets==17.4

expected='typed: first second
sent: second'

seen=$(timeout 90 "$folder/venv/bin/python" - <<'PYTHON'
import asyncio
import collections
import json
import os

from loguru import logger
from pipecat.frames.frames import LLMContextAssistantTurnFrame, LLMContextFrame, LLMMessagesAppendFrame, LLMRunFrame
from pipecat.pipeline.pipeline import Pipeline
from pipecat.pipeline.worker import PipelineWorker
from pipecat.processors.aggregators.llm_context import LLMContext
from pipecat.processors.aggregators.llm_response_universal import LLMContextAggregatorPair
from pipecat.processors.frame_processor import FrameProcessor
from pipecat.services.inworld.realtime.llm import InworldRealtimeLLMService
from pipecat.workers.runner import WorkerRunner
from websockets.asyncio.server import serve

logger.remove()
user = {"id": "item_u", "type": "message", "role": "user", "status": "completed", "content": []}
heard = {"item_id": "item_u", "content_index": 0, "transcript": "What I said."}
usage = {"total_tokens": 2, "input_tokens": 1, "output_tokens": 1}


def reply(name):
    """Return the events of a spoken reply."""
    item = {"id": f"item_{name}", "type": "message", "role": "assistant", "status": "in_progress", "content": []}
    response = {"id": f"resp_{name}", "object": "realtime.response", "status": "in_progress", "output": []}
    within = {"response_id": response["id"], "output_index": 0, "item_id": item["id"], "content_index": 0}
    yield {"type": "response.created", "response": response}
    yield {"type": "response.output_item.added", "response_id": response["id"], "output_index": 0, "item": item}
    yield {"type": "response.output_audio.delta", **within, "delta": "AAAA"}
    yield {"type": "response.output_audio_transcript.delta", **within, "delta": "Well."}
    yield {"type": "response.output_audio.done", **within}
    done = {**item, "status": "completed"}
    yield {"type": "response.done", "response": {**response, "status": "completed", "output": [done], "usage": usage}}


SPOKEN = [
    {"type": "input_audio_buffer.speech_started", "audio_start_ms": 0, "item_id": "item_u"},
    {"type": "input_audio_buffer.speech_stopped", "audio_end_ms": 900, "item_id": "item_u"},
    {"type": "conversation.item.added", "previous_item_id": None, "item": user},
    {"type": "conversation.item.input_audio_transcription.completed", **heard},
]


class Server:
    def __init__(self, passed):
        self.passed = passed
        self.typed = False  # from when on texts are of interest
        self.sent = asyncio.get_running_loop().create_future()

    async def speak(self, connection):
        number = 0

        async def say(*events):
            nonlocal number
            for event in events:
                number += 1
                await connection.send(json.dumps({"event_id": f"event_{number}", **event}))

        await say({"type": "session.created", "session": {"id": "sess_1"}})
        answered = False
        async for text in connection:
            event = json.loads(text)
            if event["type"] == "session.update":
                await say({"type": "session.updated", "session": event["session"]})
            elif event["type"] == "conversation.item.create" and self.typed:
                self.sent.set_result(event["item"]["content"][0]["text"])
                return
            elif event["type"] == "response.create" and not answered:
                answered = True
                # As the service is told of speech that it has sent, and of the reply to it.
                await say(*reply("greeting"))
                await self.passed.until(LLMContextAssistantTurnFrame, 1)
                await say(*SPOKEN, *reply("spoken"))


class Passed(FrameProcessor):
    """Counts what has come through the service."""

    def __init__(self):
        super().__init__()
        self.counts, self.changed = collections.Counter(), asyncio.Condition()

    async def process_frame(self, frame, direction):
        await super().process_frame(frame, direction)
        async with self.changed:
            self.counts[type(frame)] += 1
            self.changed.notify_all()
        await self.push_frame(frame, direction)

    async def until(self, kind, count):
        async with self.changed:
            await self.changed.wait_for(lambda: self.counts[kind] >= count)


async def main():
    passed = Passed()
    served = Server(passed)
    async with serve(served.speak, "127.0.0.1", 0) as running, asyncio.timeout(60):
        url = f"ws://127.0.0.1:{running.sockets[0].getsockname()[1]}"
        context = LLMContext([{"role": "user", "content": "Hello."}])
        above, below = LLMContextAggregatorPair(context)
        service = InworldRealtimeLLMService(api_key="any", base_url=url)
        worker = PipelineWorker(Pipeline([above, service, passed, below]))
        runner = WorkerRunner(handle_sigint=False)
        await runner.add_workers(worker)
        task = asyncio.create_task(runner.run())
        await worker.queue_frame(LLMRunFrame())
        await passed.until(LLMContextAssistantTurnFrame, 2)
        served.typed = True
        for text in ("first", "second"):
            contexts = passed.counts[LLMContextFrame]
            await worker.queue_frame(LLMMessagesAppendFrame([{"role": "user", "content": text}], run_llm=True))
            await passed.until(LLMContextFrame, contexts + 1)
        print("typed: first second")
        print("sent:", await served.sent, flush=True)
        os._exit(0)


asyncio.run(main())
PYTHON
)

diff <(printf '%s\n' "$expected") <(printf '%s\n' "$seen") || { echo "pipecat-inworld-loses-a-text-after-speech: this has changed" >&2; exit 1; }
echo "pipecat-inworld-loses-a-text-after-speech: as described"
