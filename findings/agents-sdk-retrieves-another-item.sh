#!/usr/bin/env bash
# When what the user said is transcribed, the Python Agents SDK retrieves what the assistant is saying.
#
# With:      openai-agents 0.24.0, openai 3.57.0, websockets 15.0.1 (PyPI), Python 3.11
# Behaviour: `conversation.item.input_audio_transcription.completed` names the user's item. The client answers it with
#            `conversation.item.retrieve` of the item whose audio came last, which is the assistant's, still being
#            generated. Servers have to answer for an item in progress in the midst of every spoken turn; none is asked
#            for the user's.
# Seen on 2026-11-30:
#   transcribed: item_user
#   retrieved: item_assistant
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check openai-agents==0.24.0 openai==3.57.0 websockets==15.0.1

expected='transcribed: item_user
retrieved: item_assistant'

seen=$("$folder/venv/bin/python" - <<'PYTHON'
import asyncio
import json

from agents.realtime import RealtimeAgent, RealtimeRunner
from websockets.asyncio.server import serve

user = {"id": "item_user", "type": "message", "role": "user", "status": "completed"}
user["content"] = [{"type": "input_audio", "transcript": None}]
reply = {"id": "item_assistant", "type": "message", "role": "assistant", "status": "in_progress", "content": []}
response = {"id": "resp_1", "object": "realtime.response", "status": "in_progress", "output": []}
within = {"response_id": "resp_1", "output_index": 0}
usage = {"type": "duration", "seconds": 1}
events = [
    {"type": "session.created", "session": {"type": "realtime", "object": "realtime.session", "id": "sess_1"}},
    {"type": "conversation.item.added", "previous_item_id": None, "item": user},
    {"type": "response.created", "response": response},
    {"type": "response.output_item.added", **within, "item": reply},
    {"type": "conversation.item.added", "previous_item_id": "item_user", "item": reply},
    {"type": "response.output_audio.delta", **within, "item_id": "item_assistant", "content_index": 0, "delta": "AAAA"},
    {
        "type": "conversation.item.input_audio_transcription.completed",
        "item_id": "item_user",
        "content_index": 0,
        "transcript": "Hello.",
        "usage": usage,
    },
]


async def main():
    retrieved = asyncio.Event()

    async def speak(connection):
        for number, event in enumerate(events):
            await connection.send(json.dumps({"event_id": f"event_{number}", **event}))
        print("transcribed:", events[-1]["item_id"])
        async for text in connection:
            event = json.loads(text)
            if event["type"] == "conversation.item.retrieve":
                print("retrieved:", event["item_id"])
                retrieved.set()

    async with serve(speak, "127.0.0.1", 0) as server:
        url = f"ws://127.0.0.1:{server.sockets[0].getsockname()[1]}/v1/realtime"
        runner = RealtimeRunner(RealtimeAgent(name="Guide", instructions="Be brief."))
        session = await runner.run(model_config={"url": url, "api_key": "any"})
        async with asyncio.timeout(20), session:
            await retrieved.wait()


asyncio.run(main())
PYTHON
)

diff <(printf '%s\n' "$expected") <(printf '%s\n' "$seen") || { echo "agents-sdk-retrieves-another-item: this has changed" >&2; exit 1; }
echo "agents-sdk-retrieves-another-item: as described"
