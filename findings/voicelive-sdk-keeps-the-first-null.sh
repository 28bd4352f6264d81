#!/usr/bin/env bash
# Azure's Voice Live SDK sends null for a setting that was null when the session was made, whatever it was set to since.
#
# With:      azure-ai-voicelive 1.3.1, aiohttp 3.14.5 (PyPI), Python 3.11
# Behaviour: RequestSession notes which fields were given as None when it was made, and puts null for these into what is
#            sent, over what they hold. So a session that was made with turn_detection=None and given a ServerVad later
#            is sent with null: turn detection stays off, the object shows it as on, and nobody is ever answered. The
#            other way round, a field that is set to None later is left out, which in `session.update` means that it
#            stays as it is: turn detection cannot be switched off so. No error, no warning.
# Seen on 2026-11-30:
#   made with None                  object None, sent null
#   made with None, set afterwards  object server_vad, sent null
#   made with it                    object server_vad, sent server_vad
#   made with it, None afterwards   object None, sent nothing
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check azure-ai-voicelive==1.3.1 aiohttp==3.14.5

expected='made with None                  object None, sent null
made with None, set afterwards  object server_vad, sent null
made with it                    object server_vad, sent server_vad
made with it, None afterwards   object None, sent nothing'

seen=$("$folder/venv/bin/python" - <<'PYTHON'
import asyncio
import json

from aiohttp import web
from azure.ai.voicelive.aio import connect
from azure.ai.voicelive.models import RequestSession, ServerVad
from azure.core.credentials import AzureKeyCredential

frames = asyncio.Queue()


async def listen(request):
    socket = web.WebSocketResponse()
    await socket.prepare(request)
    async for message in socket:
        await frames.put(json.loads(message.data))
    return socket


def sessions():
    yield "made with None", RequestSession(turn_detection=None)
    session = RequestSession(turn_detection=None)
    session.turn_detection = ServerVad()
    yield "made with None, set afterwards", session
    yield "made with it", RequestSession(turn_detection=ServerVad())
    session = RequestSession(turn_detection=ServerVad())
    session.turn_detection = None
    yield "made with it, None afterwards", session


async def main():
    app = web.Application()
    app.router.add_get("/{path:.*}", listen)
    runner = web.AppRunner(app)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    endpoint = "http://127.0.0.1:%d" % site._server.sockets[0].getsockname()[1]
    async with connect(endpoint=endpoint, credential=AzureKeyCredential("any"), model="gpt-realtime") as connection:
        for how, session in sessions():
            await connection.session.update(session=session)
            sent = (await asyncio.wait_for(frames.get(), 10))["session"]
            held = getattr(session.turn_detection, "type", None)
            told = "nothing" if "turn_detection" not in sent else (sent["turn_detection"] or {}).get("type", "null")
            print(f"{how:31} object {getattr(held, 'value', held)}, sent {told}")
    await runner.cleanup()


asyncio.run(main())
PYTHON
)

diff <(printf '%s\n' "$expected") <(printf '%s\n' "$seen") || { echo "voicelive-sdk-keeps-the-first-null: this has changed" >&2; exit 1; }
echo "voicelive-sdk-keeps-the-first-null: as described"
