#!/usr/bin/env bash
# LiveKit's plugin for OpenAI's Realtime sends a function's output under another `call_id` than the server gave.
#
# With:      livekit-plugins-openai 1.8.9, livekit-agents 1.8.9, aiohttp 3.14.5 (PyPI; 390 MB with what they need), Python 3.11
# Behaviour: OpenAI takes call ids of up to 32 characters. One that is longer, as a UUID with its hyphens is, the plugin
#            replaces with a hash of 32 in `conversation.item.create`, also where the server itself made it up. The output
#            then belongs to no call that the server knows.
# Seen on 2026-12-01:
#   a call id of 32 characters: comes back as it is
#   a call id of 36 characters: comes back as another, of 32
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check livekit-plugins-openai==1.8.9 livekit-agents==1.8.9 aiohttp==3.14.5

expected='a call id of 32 characters: comes back as it is
a call id of 36 characters: comes back as another, of 32'

seen=$(timeout 120 "$folder/venv/bin/python" - <<'PYTHON'
import asyncio
import os
import uuid

import aiohttp
from aiohttp import web
from livekit.agents import llm
from livekit.plugins import openai


def call(call_id, metadata):
    """Return the events of a response that calls a function."""
    item = {"id": "item_1", "type": "function_call", "name": "look", "call_id": call_id, "arguments": "{}"}
    response = {"id": "resp_1", "object": "realtime.response", "metadata": metadata, "output": [], "usage": None}
    within = {"response_id": "resp_1", "output_index": 0}
    yield {"type": "response.created", "response": {**response, "status": "in_progress"}}
    yield {"type": "response.output_item.added", **within, "item": {**item, "status": "in_progress"}}
    yield {"type": "conversation.item.added", "previous_item_id": None, "item": item}
    yield {"type": "response.output_item.done", **within, "item": {**item, "status": "completed"}}
    yield {"type": "response.done", "response": {**response, "status": "completed", "output": [item]}}


def server(call_id, answered):
    async def speak(request):
        socket = web.WebSocketResponse()
        await socket.prepare(request)
        await socket.send_json({"type": "session.created", "event_id": "e", "session": {"id": "sess_1"}})
        async for message in socket:
            event = message.json()
            if event["type"] == "response.create":
                for number, each in enumerate(call(call_id, event["response"]["metadata"])):
                    await socket.send_json({"event_id": f"event_{number}", **each})
            elif event["type"] == "conversation.item.create":
                answered.set_result(event["item"]["call_id"])
        return socket

    return speak


async def come_back(call_id):
    answered = asyncio.get_running_loop().create_future()
    app = web.Application()
    app.router.add_get("/v1/realtime", server(call_id, answered))
    runner = web.AppRunner(app)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    port = site._server.sockets[0].getsockname()[1]
    async with aiohttp.ClientSession() as http:
        url = f"ws://127.0.0.1:{port}/v1/realtime"
        session = openai.realtime.RealtimeModel(base_url=url, api_key="any", http_session=http).session()
        generation = await session.generate_reply()
        [called] = [each async for each in generation.function_stream]
        context = session.chat_ctx.copy()
        context.items.append(llm.FunctionCallOutput(call_id=called.call_id, output="seen", is_error=False))
        update = asyncio.ensure_future(session.update_chat_ctx(context))
        came = await answered
        update.cancel()
        await asyncio.gather(update, return_exceptions=True)
        await session.aclose()
        how = "as it is" if came == call_id else f"as another, of {len(came)}"
        print(f"a call id of {len(call_id)} characters: comes back {how}", flush=True)


async def main():
    made = uuid.uuid4()
    for call_id in (made.hex, str(made)):
        await come_back(call_id)
    os._exit(0)


asyncio.run(main())
PYTHON
)

diff <(printf '%s\n' "$expected") <(printf '%s\n' "$seen") || { echo "livekit-openai-shortens-call-ids: this has changed" >&2; exit 1; }
echo "livekit-openai-shortens-call-ids: as described"
