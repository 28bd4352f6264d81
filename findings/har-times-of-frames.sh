#!/usr/bin/env bash
# Two writers of HAR files give the times of WebSocket frames in different units, under one name.
#
# With:      playwright-core 1.65.1 (npm) with Debian's chromium 156, mitmproxy 11.0.2, websockets 17.4 (PyPI), Python 3.11
# Behaviour: Both write frames into `_webSocketMessages`, an extension that no specification defines, with the fields
#            type, time, opcode and data. `time` is in milliseconds since the epoch in a file of Playwright's recordHar and
#            in seconds in one of mitmproxy's hardump. Nothing in the file tells which; only the size of the number
#            does. Needs chromium in the PATH.
# Seen on 2026-11-30:
#   Playwright: data opcode time type, time in milliseconds
#   mitmproxy: data opcode time type, time in seconds
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check mitmproxy==11.0.2 websockets==17.4
(cd "$folder" && npm install --silent --no-audit --no-fund --ignore-scripts playwright-core@1.65.1)

expected='Playwright: data opcode time type, time in milliseconds
mitmproxy: data opcode time type, time in seconds'

cat >"$folder/record.mjs" <<'JAVASCRIPT'
import { chromium } from 'playwright-core';

const [chromiumPath, url, file] = process.argv.slice(2);
const browser = await chromium.launch({ executablePath: chromiumPath, args: ['--no-sandbox'] });
const context = await browser.newContext({ recordHar: { path: file } });
const page = await context.newPage();
await page.evaluate((address) => new Promise((resolve) => {
  const socket = new WebSocket(address);
  socket.onmessage = () => resolve();
}), url);
await context.close();
await browser.close();
JAVASCRIPT
cat >"$folder/record.py" <<'PYTHON'
import asyncio
import json
import shutil
import signal
import socket
import sys
import time
from pathlib import Path

from websockets.asyncio.client import connect
from websockets.asyncio.server import serve

folder = Path(sys.argv[1])


async def speak(connection):
    await connection.send(json.dumps({"type": "session.created"}))
    await connection.wait_closed()


async def with_playwright(url):
    file = folder / "playwright.har"
    command = ["node", "record.mjs", shutil.which("chromium"), url, str(file)]
    process = await asyncio.create_subprocess_exec(*command, cwd=folder)
    assert await process.wait() == 0
    return file


async def with_mitmproxy(url):
    file = folder / "mitmproxy.har"
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
    settings = ["--set", f"hardump={file}", "--set", f"confdir={folder / 'mitmproxy'}", "--listen-host", "127.0.0.1"]
    mode = f"reverse:{url.replace('ws:', 'http:')}@{port}"
    command = [str(Path(sys.executable).parent / "mitmdump"), "--quiet", "--mode", mode, *settings]
    process = await asyncio.create_subprocess_exec(*command)
    while True:  # until it listens
        try:
            async with connect(f"ws://127.0.0.1:{port}/", proxy=None) as connection:
                await connection.recv()
            break
        except OSError:
            await asyncio.sleep(0.2)
    process.send_signal(signal.SIGINT)
    await process.wait()
    return file


def described(file):
    entries = json.loads(file.read_text())["log"]["entries"]
    [frame] = [frame for entry in entries for frame in entry.get("_webSocketMessages", ())][:1]
    units = {"seconds": 1, "milliseconds": 1000}
    [unit] = [name for name, per_s in units.items() if abs(frame["time"] / per_s - time.time()) < 3600]
    return f"{' '.join(sorted(frame))}, time in {unit}"


async def main():
    async with asyncio.timeout(60), serve(speak, "127.0.0.1", 0) as server:
        url = f"ws://127.0.0.1:{server.sockets[0].getsockname()[1]}/"
        print("Playwright:", described(await with_playwright(url)))
        print("mitmproxy:", described(await with_mitmproxy(url)))


asyncio.run(main())
PYTHON
seen=$("$folder/venv/bin/python" "$folder/record.py" "$folder")

diff <(printf '%s\n' "$expected") <(printf '%s\n' "$seen") || { echo "har-times-of-frames: this has changed" >&2; exit 1; }
echo "har-times-of-frames: as described"
