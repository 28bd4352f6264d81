#!/usr/bin/env bash
# aimock, asked to cancel a response, ends it as completed and then sends an event that the GA protocol does not have.
#
# With:      @copilotkit/aimock 1.43.0 (npm), node 20, websockets 17.4 (PyPI), Python 3.11
# Behaviour: `response.cancel` changes nothing in the response that is under way: all of its text comes, its
#            `response.done` says `completed`, and a `response.cancelled` follows, which is in no list of GA's events
#            and names no response. A client that waits for a `response.done` with status `cancelled` waits in vain, though
#            in a test against this double its barge-in looks as if it worked.
# Seen on 2026-11-30:
#   deltas after the cancellation: yes
#   response.done: completed
#   response.cancelled: fields event_id type
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check websockets==17.4
(cd "$folder" && npm install --silent --no-audit --no-fund --ignore-scripts @copilotkit/aimock@1.43.0)

expected='deltas after the cancellation: yes
response.done: completed
response.cancelled: fields event_id type'

cat >"$folder/fixtures.json" <<'JSON'
{"fixtures": [{"match": {}, "latency": 60, "chunkSize": 4, "response": {"content": "One two three four five six seven eight nine ten."}}]}
JSON
cat >"$folder/talk.py" <<'PYTHON'
import asyncio
import json
import socket
import sys

from websockets.asyncio.client import connect

folder = sys.argv[1]


async def opened(url):
    while True:  # until it listens
        try:
            return await connect(url, proxy=None)
        except OSError:
            await asyncio.sleep(0.1)


async def main():
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
    command = ["node_modules/.bin/llmock", "-p", str(port), "-f", "fixtures.json", "--log-level", "silent"]
    mock = await asyncio.create_subprocess_exec("node", *command, cwd=folder, stdout=asyncio.subprocess.DEVNULL)
    try:
        async with asyncio.timeout(30):
            connection = await opened(f"ws://127.0.0.1:{port}/v1/realtime?model=gpt-realtime")
            content = [{"type": "input_text", "text": "Count."}]
            item = {"type": "message", "role": "user", "content": content}
            await connection.send(json.dumps({"type": "conversation.item.create", "item": item}))
            await connection.send(json.dumps({"type": "response.create", "response": {"output_modalities": ["text"]}}))
            deltas, cancelled_at = 0, None
            async for text in connection:
                event = json.loads(text)
                if event["type"].endswith(".delta"):
                    deltas += 1
                    if cancelled_at is None:
                        cancelled_at = deltas
                        await connection.send(json.dumps({"type": "response.cancel"}))
                elif event["type"] == "response.done":
                    print("deltas after the cancellation:", "yes" if deltas > cancelled_at else "no")
                    print("response.done:", event["response"]["status"])
                elif event["type"] == "response.cancelled":
                    print("response.cancelled: fields", *sorted(event))
                    break
            await connection.close()
    finally:
        mock.terminate()
        await mock.wait()


asyncio.run(main())
PYTHON
seen=$("$folder/venv/bin/python" "$folder/talk.py" "$folder")

diff <(printf '%s\n' "$expected") <(printf '%s\n' "$seen") || { echo "aimock-cancels-after-the-end: this has changed" >&2; exit 1; }
echo "aimock-cancels-after-the-end: as described"
