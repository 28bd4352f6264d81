#!/usr/bin/env bash
# The extra of the Python `openai` SDK that its Realtime client needs shuts out the newest `websockets`, with which it works.
#
# With:      openai 3.57.0, websockets 17.4 (PyPI), Python 3.11
# Behaviour: `openai[realtime]` asks for websockets below 16, and pip finds no way to install both. Without the extra,
#            the same client talks over websockets 17.4. A test suite that uses today's websockets for its server
#            cannot name the extra, and has to install the client bare.
# Seen on 2026-11-30:
#   with the extra: ResolutionImpossible
#   without it: session.created over websockets 17.4
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
pip() { "$folder/venv/bin/pip" --disable-pip-version-check "$@"; }

with_extra=$(pip install --dry-run --quiet 'openai[realtime]==3.57.0' websockets==17.4 2>&1 | grep -o ResolutionImpossible | head -n 1 || true)
pip install --quiet openai==3.57.0 websockets==17.4

expected='with the extra: ResolutionImpossible
without it: session.created over websockets 17.4'

seen=$(
    echo "with the extra: ${with_extra:-installed}"
    "$folder/venv/bin/python" - <<'PYTHON'
import asyncio
import importlib.metadata
import json

from openai import AsyncOpenAI
from websockets.asyncio.server import serve


async def speak(connection):
    session = {"type": "realtime", "object": "realtime.session", "id": "sess_1"}
    await connection.send(json.dumps({"type": "session.created", "event_id": "e1", "session": session}))
    await connection.wait_closed()


async def main():
    async with serve(speak, "127.0.0.1", 0) as server:
        port = server.sockets[0].getsockname()[1]
        client = AsyncOpenAI(api_key="any", websocket_base_url=f"ws://127.0.0.1:{port}/v1")
        async with client.realtime.connect(model="gpt-realtime") as connection:
            event = await asyncio.wait_for(connection.recv(), 10)
            print(f"without it: {event.type} over websockets {importlib.metadata.version('websockets')}")


asyncio.run(main())
PYTHON
)

diff <(printf '%s\n' "$expected") <(printf '%s\n' "$seen") || { echo "openai-sdk-without-newest-websockets: this has changed" >&2; exit 1; }
echo "openai-sdk-without-newest-websockets: as described"
