#!/usr/bin/env bash
# The Python `openai` SDK gives an event whose type it does not know the class of another event.
#
# With:      openai 3.57.0, websockets 17.4 (PyPI), Python 3.11
# Behaviour: Whatever `type` is in none of the classes of RealtimeServerEvent arrives as an object of the first
#            class of that union, ConversationCreatedEvent; only its `type` says what it is. No error, no warning.
#            So a client that asks `isinstance` takes xAI's keep-alive `ping`, or the beta's names of deltas, for a
#            conversation that was created, and its `conversation`, which that class requires, is None.
# Seen on 2026-11-30:
#   conversation.created -> ConversationCreatedEvent with a conversation
#   ping -> ConversationCreatedEvent without conversation
#   response.audio.delta -> ConversationCreatedEvent without conversation
#   response.output_audio.delta -> ResponseAudioDeltaEvent without conversation
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check openai==3.57.0 websockets==17.4

expected='conversation.created -> ConversationCreatedEvent with a conversation
ping -> ConversationCreatedEvent without conversation
response.audio.delta -> ConversationCreatedEvent without conversation
response.output_audio.delta -> ResponseAudioDeltaEvent without conversation'

seen=$("$folder/venv/bin/python" - <<'PYTHON'
import asyncio
import json

from openai import AsyncOpenAI
from websockets.asyncio.server import serve

delta = {"response_id": "r", "item_id": "i", "output_index": 0, "content_index": 0, "delta": "AAAA"}
events = [
    {"type": "conversation.created", "event_id": "e1", "conversation": {"id": "c", "object": "realtime.conversation"}},
    {"type": "ping", "event_id": "e2", "timestamp": 1},
    {"type": "response.audio.delta", "event_id": "e3", **delta},
    {"type": "response.output_audio.delta", "event_id": "e4", **delta},
]


async def speak(connection):
    for event in events:
        await connection.send(json.dumps(event))
    await connection.wait_closed()


async def main():
    async with serve(speak, "127.0.0.1", 0) as server:
        port = server.sockets[0].getsockname()[1]
        client = AsyncOpenAI(api_key="any", websocket_base_url=f"ws://127.0.0.1:{port}/v1")
        async with client.realtime.connect(model="gpt-realtime") as connection:
            for _ in events:
                event = await asyncio.wait_for(connection.recv(), 10)
                has = "without" if getattr(event, "conversation", None) is None else "with a"
                print(f"{event.type} -> {type(event).__name__} {has} conversation")


asyncio.run(main())
PYTHON
)

diff <(printf '%s\n' "$expected") <(printf '%s\n' "$seen") || { echo "openai-sdk-unknown-events: this has changed" >&2; exit 1; }
echo "openai-sdk-unknown-events: as described"
