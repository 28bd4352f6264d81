#!/usr/bin/env bash
# The Python Agents SDK puts items where the server says only if they are announced by the beta's event.
#
# With:      openai-agents 0.24.0, openai 3.57.0, websockets 15.0.1 (PyPI), Python 3.11
# Behaviour: `previous_item_id` of `conversation.item.created`, the beta's event, is honoured; that of
#            `conversation.item.added`, which GA servers send, is not: an item that was inserted stands at the end of
#            the client's history. A client that inserts into a conversation then sees another order than the model.
# Seen on 2026-11-30:
#   announced by conversation.item.added: first third second
#   announced by conversation.item.created: first second third
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check openai-agents==0.24.0 openai==3.57.0 websockets==15.0.1

expected='announced by conversation.item.added: first third second
announced by conversation.item.created: first second third'

seen=$("$folder/venv/bin/python" - <<'PYTHON'
import asyncio
import json

from agents.realtime import RealtimeAgent, RealtimeRunner
from websockets.asyncio.server import serve

inserted = [("first", None), ("third", "first"), ("second", "first")]


def message(name):
    content = [{"type": "input_text", "text": name}]
    return {"id": name, "type": "message", "role": "user", "status": "completed", "content": content}


async def order(announcement):
    async def speak(connection):
        session = {"type": "realtime", "object": "realtime.session", "id": "sess_1"}
        await connection.send(json.dumps({"type": "session.created", "event_id": "e0", "session": session}))
        for name, before in inserted:
            event = {"type": announcement, "event_id": name, "item": message(name), "previous_item_id": before}
            await connection.send(json.dumps(event))
        await connection.wait_closed()

    async with serve(speak, "127.0.0.1", 0) as server:
        url = f"ws://127.0.0.1:{server.sockets[0].getsockname()[1]}/v1/realtime"
        runner = RealtimeRunner(RealtimeAgent(name="Guide", instructions="Be brief."))
        session = await runner.run(model_config={"url": url, "api_key": "any"})
        history = []
        async with asyncio.timeout(20), session:
            async for event in session:
                if event.type == "history_added":
                    history = [each.item_id for each in session._history]  # what the SDK hands to the application
                if len(history) == len(inserted):
                    break
    print(f"announced by {announcement}:", *history)


for each in ("conversation.item.added", "conversation.item.created"):
    asyncio.run(order(each))
PYTHON
)

diff <(printf '%s\n' "$expected") <(printf '%s\n' "$seen") || { echo "agents-sdk-orders-by-the-old-event: this has changed" >&2; exit 1; }
echo "agents-sdk-orders-by-the-old-event: as described"
