#!/usr/bin/env bash
# OpenAI's two Agents SDKs disagree about where an inserted item stands, and about whose event says so.
#
# With:      openai-agents 0.24.0, openai 3.57.0, websockets 15.0.1 (PyPI), Python 3.11;
#            @openai/agents-realtime 0.20.0, ws 8.23.0 (npm), node 20
# Behaviour: In Python, `previous_item_id` of `conversation.item.created`, the beta's event, is honoured, and that of
#            `conversation.item.added` and `done`, which GA servers send, is not: an inserted item stands at the end of the
#            client's history, in another order than the model has. In JavaScript it is the other way round: GA's events
#            put it where it belongs, and the beta's make no history at all.
# Seen on 2026-11-30:
#   Python, announced by added and done: first third second
#   Python, announced by created: first second third
#   JavaScript, announced by added and done: first second third
#   JavaScript, announced by created: nothing
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check openai-agents==0.24.0 openai==3.57.0 websockets==15.0.1
(cd "$folder" && npm install --silent --no-audit --no-fund --ignore-scripts @openai/agents-realtime@0.20.0 ws@8.23.0)

expected='Python, announced by added and done: first third second
Python, announced by created: first second third
JavaScript, announced by added and done: first second third
JavaScript, announced by created: nothing'

cat >"$folder/serve.py" <<'PYTHON'
import json

from websockets.asyncio.server import serve

INSERTED = [("first", None), ("third", "first"), ("second", "first")]
WAYS = {
    "added and done": ["conversation.item.added", "conversation.item.done"],
    "created": ["conversation.item.created"],
}


def events(way):
    """Return what a server says when three items are put into its conversation, the last of them in between."""
    session = {"type": "realtime", "object": "realtime.session", "id": "sess_1", "model": "gpt-realtime"}
    yield {"type": "session.created", "session": session}
    for name, before in INSERTED:
        content = [{"type": "input_text", "text": name}]
        item = {"id": name, "type": "message", "role": "user", "status": "completed", "content": content}
        yield from ({"type": each, "item": item, "previous_item_id": before} for each in WAYS[way])
    # The end: nothing is inserted after it, so that a client that has read it has read all.
    yield {"type": "input_audio_buffer.cleared"}


def server(way):
    async def speak(connection):
        for number, event in enumerate(events(way)):
            await connection.send(json.dumps({"event_id": f"event_{number}", **event}))
        await connection.wait_closed()

    return serve(speak, "127.0.0.1", 0)
PYTHON

cat >"$folder/listen.py" <<'PYTHON'
import asyncio

from agents.realtime import RealtimeAgent, RealtimeRunner
from serve import WAYS, server


async def order(way):
    async with server(way) as running:
        url = f"ws://127.0.0.1:{running.sockets[0].getsockname()[1]}/v1/realtime"
        runner = RealtimeRunner(RealtimeAgent(name="Guide", instructions="Be brief."))
        session = await runner.run(model_config={"url": url, "api_key": "any"})
        async with asyncio.timeout(20), session:
            async for event in session:
                raw = getattr(getattr(event, "data", None), "data", None)
                if isinstance(raw, dict) and raw.get("type") == "input_audio_buffer.cleared":
                    break
            history = [each.item_id for each in session._history]  # what the SDK hands to the application
    print(f"Python, announced by {way}:", *history or ["nothing"])


for each in WAYS:
    asyncio.run(order(each))
PYTHON

cat >"$folder/say.py" <<'PYTHON'
import asyncio
import sys

from serve import server


async def main():
    async with server(sys.argv[1]) as running:
        print(running.sockets[0].getsockname()[1], flush=True)
        await running.serve_forever()


asyncio.run(main())
PYTHON

cat >"$folder/listen.mjs" <<'JAVASCRIPT'
import { RealtimeAgent, RealtimeSession } from '@openai/agents-realtime';
import { spawn } from 'node:child_process';
import { once } from 'node:events';

const python = process.argv[2];
for (const way of ['added and done', 'created']) {
  const server = spawn(python, ['say.py', way], { stdio: ['ignore', 'pipe', 'inherit'] });
  const [port] = await once(server.stdout, 'data');
  const agent = new RealtimeAgent({ name: 'Guide', instructions: 'Be brief.' });
  const session = new RealtimeSession(agent, { transport: 'websocket' });
  const ended = new Promise((resolve) => {
    session.on('transport_event', (event) => event.type === 'input_audio_buffer.cleared' && resolve());
  });
  await session.connect({ apiKey: 'any', url: `ws://127.0.0.1:${Number(port)}/v1/realtime` });
  await ended;
  const history = session.history.map((each) => each.itemId).join(' ');
  console.log(`JavaScript, announced by ${way}: ${history || 'nothing'}`);
  session.close();
  server.kill();
}
process.exit(0);
JAVASCRIPT

seen=$(
    cd "$folder"
    venv/bin/python listen.py
    node listen.mjs "$folder/venv/bin/python"
)

diff <(printf '%s\n' "$expected") <(printf '%s\n' "$seen") || { echo "agents-sdks-order-items-differently: this has changed" >&2; exit 1; }
echo "agents-sdks-order-items-differently: as described"
