#!/usr/bin/env bash
# What wscat writes into a file has the sign of what is typed before what the server sent.
#
# With:      wscat 6.1.0 (npm), websockets 17.4 (PyPI), Python 3.11
# Behaviour: In a terminal wscat shows `< ` before each message that comes, and `> ` before what is typed. Where its output
#            is a file or a pipe, a message has no sign, what is typed is not written at all, and for each line
#            that was typed there is a prompt without a line feed: the next message of the server stands behind `> `.
#            Who reads such a log takes the server's answers for the client's messages.
# Seen on 2026-12-01:
#   "session.created"
#   > "session.updated"
#   "response.created"
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check websockets==17.4
(cd "$folder" && npm install --silent --no-audit --no-fund --ignore-scripts wscat@6.1.0)

expected='"session.created"
> "session.updated"
"response.created"'

cat >"$folder/talk.py" <<'PYTHON'
import asyncio
import sys

from websockets.asyncio.server import serve



async def speak(connection):
    await connection.send('"session.created"')
    await connection.recv()
    await connection.send('"session.updated"')
    await connection.send('"response.created"')
    await connection.close()


async def main():
    async with asyncio.timeout(60), serve(speak, "127.0.0.1", 0) as server:
        url = f"ws://127.0.0.1:{server.sockets[0].getsockname()[1]}/"
        command = ["node", f"{sys.argv[1]}/node_modules/wscat/bin/wscat", "--connect", url]
        pipes = {"stdin": asyncio.subprocess.PIPE, "stdout": asyncio.subprocess.PIPE}
        process = await asyncio.create_subprocess_exec(*command, **pipes)
        seen = [await process.stdout.readline()]  # it is connected
        process.stdin.write(b'"session.update"\n')
        await process.stdin.drain()
        seen += [await process.stdout.readline() for _ in range(2)]
        print(b"".join(seen).decode(), end="")
        process.stdin.close()
        await process.wait()


asyncio.run(main())
PYTHON
seen=$("$folder/venv/bin/python" "$folder/talk.py" "$folder")

diff <(printf '%s\n' "$expected") <(printf '%s\n' "$seen") || { echo "wscat-marks-answers-as-sent: this has changed" >&2; exit 1; }
echo "wscat-marks-answers-as-sent: as described"
