#!/usr/bin/env bash
# `interrupt()` of the Agents SDK for JavaScript cancels the reply; that for Python does so only if the server would not.
#
# With:      openai-agents 0.24.0, openai 3.57.0, websockets 15.0.1 (PyPI), Python 3.11;
#            @openai/agents-realtime 0.20.0, ws 8.23.0 (npm), node 20
# Behaviour: An application calls `session.interrupt()` while a reply is spoken, for a button was pressed, say. With the
#            default turn detection (`interrupt_response: true`) the Python SDK tells of `audio_interrupted` and truncates
#            the item, but leaves the response to the server, which nobody has spoken to: it goes on to its end, and its
#            audio goes on to the application, after the interruption. The JavaScript SDK cancels it.
# Seen on 2026-12-01:
#   Python sends: conversation.item.truncate
#   Python plays: first audio_interrupted second
#   JavaScript sends: response.cancel conversation.item.truncate
#   JavaScript plays: first audio_interrupted second
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check openai-agents==0.24.0 openai==3.57.0 websockets==15.0.1
(cd "$folder" && npm install --silent --no-audit --no-fund --ignore-scripts @openai/agents-realtime@0.20.0 ws@8.23.0)

expected='Python sends: conversation.item.truncate
Python plays: first audio_interrupted second
JavaScript sends: response.cancel conversation.item.truncate
JavaScript plays: first audio_interrupted second'

cat >"$folder/serve.py" <<'PYTHON'
import asyncio
import base64
import json
import sys

from websockets.asyncio.server import serve

detection = {"type": "server_vad", "create_response": True, "interrupt_response": True}
audio = {"input": {"turn_detection": detection}, "output": {"voice": "marin"}}
session = {"type": "realtime", "object": "realtime.session", "id": "sess_1", "model": "gpt-realtime", "audio": audio}
item = {"id": "item_1", "type": "message", "role": "assistant", "status": "in_progress", "content": []}
response = {"id": "resp_1", "object": "realtime.response", "status": "in_progress", "output": []}
within = {"response_id": "resp_1", "output_index": 0, "item_id": "item_1", "content_index": 0}


def spoken(word):
    """Return an audio delta of half a second that begins with a word."""
    sound = word.encode().ljust(24_000, b"\0")
    return {"type": "response.output_audio.delta", **within, "delta": base64.b64encode(sound).decode()}


class Server:
    """Speaks one word on `response.create`, and another when it is interrupted and nobody says more."""

    def __init__(self):
        self.sent_by_client = []

    async def speak(self, connection):
        number = 0

        async def say(*events):
            nonlocal number
            for event in events:
                number += 1
                await connection.send(json.dumps({"event_id": f"event_{number}", **event}))

        await say({"type": "session.created", "session": session})
        speaking = False
        while True:
            try:
                async with asyncio.timeout(1 if self.sent_by_client else None):
                    event = json.loads(await connection.recv())
            except TimeoutError:  # all of the interruption has come
                await say(spoken("second"), {"type": "input_audio_buffer.cleared"})
                await connection.wait_closed()
                return
            if speaking and event["type"] != "session.update":  # which is about something else
                self.sent_by_client.append(event["type"])
            elif event["type"] == "response.create":
                speaking = True
                part = {"type": "audio", "transcript": ""}
                await say(
                    {"type": "response.created", "response": response},
                    {"type": "response.output_item.added", "response_id": "resp_1", "output_index": 0, "item": item},
                    {"type": "conversation.item.added", "previous_item_id": None, "item": item},
                    {"type": "response.content_part.added", **within, "part": part},
                    spoken("first"),
                )


async def main():
    served = Server()
    async with serve(served.speak, "127.0.0.1", 0) as running:
        print(running.sockets[0].getsockname()[1], flush=True)
        await asyncio.to_thread(sys.stdin.read)
        print("sends:", *served.sent_by_client, flush=True)


asyncio.run(main())
PYTHON

cat >"$folder/listen.py" <<'PYTHON'
import asyncio
import sys

from agents.realtime import RealtimeAgent, RealtimeRunner


async def main():
    server = await asyncio.create_subprocess_exec(
        sys.executable, "serve.py", stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE
    )
    url = f"ws://127.0.0.1:{int(await server.stdout.readline())}/v1/realtime"
    runner = RealtimeRunner(RealtimeAgent(name="Guide", instructions="Be brief."))
    session = await runner.run(model_config={"url": url, "api_key": "any"})
    played = []
    async with asyncio.timeout(20), session:
        await session.send_message("Tell me a story.")
        async for event in session:
            if event.type == "audio":
                played.append(event.audio.data.rstrip(b"\0").decode())
                if len(played) == 1:
                    await session.interrupt()
            elif event.type == "audio_interrupted":
                played.append(event.type)
            raw = getattr(getattr(event, "data", None), "data", None)
            if isinstance(raw, dict) and raw.get("type") == "input_audio_buffer.cleared":
                break
        server.stdin.close()
        print("Python", (await server.stdout.read()).decode().strip())
    print("Python plays:", *played)


asyncio.run(main())
PYTHON

cat >"$folder/listen.mjs" <<'JAVASCRIPT'
import { RealtimeAgent, RealtimeSession } from '@openai/agents-realtime';
import { spawn } from 'node:child_process';
import { once } from 'node:events';

const server = spawn(process.argv[2], ['serve.py'], { stdio: ['pipe', 'pipe', 'inherit'] });
const [port] = await once(server.stdout, 'data');
const agent = new RealtimeAgent({ name: 'Guide', instructions: 'Be brief.' });
const session = new RealtimeSession(agent, { transport: 'websocket' });
const played = [];
session.on('audio', (event) => {
  played.push(Buffer.from(event.data).toString().replace(/\0+$/, ''));
  if (played.length === 1) session.interrupt();
});
session.on('audio_interrupted', () => played.push('audio_interrupted'));
const ended = new Promise((resolve) => {
  session.on('transport_event', (event) => event.type === 'input_audio_buffer.cleared' && resolve());
});
await session.connect({ apiKey: 'any', url: `ws://127.0.0.1:${Number(port)}/v1/realtime` });
session.sendMessage('Tell me a story.');
await ended;
server.stdin.end();
const [sent] = await once(server.stdout, 'data');
console.log(`JavaScript ${String(sent).trim()}`);
console.log(`JavaScript plays: ${played.join(' ')}`);
process.exit(0);
JAVASCRIPT

seen=$(
    cd "$folder"
    venv/bin/python listen.py
    node listen.mjs "$folder/venv/bin/python"
)

diff <(printf '%s\n' "$expected") <(printf '%s\n' "$seen") || { echo "agents-sdks-interrupt-differently: this has changed" >&2; exit 1; }
echo "agents-sdks-interrupt-differently: as described"
