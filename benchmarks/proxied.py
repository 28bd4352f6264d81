"""What the proxy costs, against a bare pass-through on `websockets`: python benchmarks/proxied.py [--quick].

A server streams responses to clients, directly, through the pass-through, and through the proxy, which
records and judges; each is a process of its own. Two things are measured, at 1, 50 and 200 connections:

* the time that a message takes from server to client at conversational pace: one every 100 ms and connection.
  Both read the same clock; what is *added* is the time less that of the direct way;
* messages a second where nobody paces, up to the last message at the clients (`behind`), and up to the last
  one that the judge has judged (`in step`), as shares of what the pass-through carries.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import itertools
import json
import re
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any, Self

ROOT = Path(__file__).resolve().parent.parent
sys.path[:0] = [str(ROOT)]

from websockets.asyncio.client import ClientConnection, connect
from websockets.asyncio.server import ServerConnection, serve

from reference.server import ReferenceServer, ServerOptions

PACE_S = 0.1
CONNECTIONS = (1, 50, 200)
_WORD = "word "
_PATH = "/v1/realtime?model=gpt-realtime"
_PLAIN: dict[str, Any] = {"compression": None, "ping_interval": None, "max_size": None}


# --- the server -------------------------------------------------------------------------------------------


async def _recorded() -> list[dict[str, Any]]:
    """Return what the reference server says in one answer in text, and before it."""
    async with ReferenceServer(ServerOptions(pace=0.0)) as server:
        headers = {"Authorization": "Bearer k"}
        async with connect(
            server.url("openai") + "?model=gpt-realtime", additional_headers=headers, proxy=None
        ) as client:
            said = [json.loads(await client.recv())]
            response = {"type": "response.create", "response": {"output_modalities": ["text"]}}
            await client.send(json.dumps(response))
            while said[-1]["type"] != "response.done":
                said.append(json.loads(await client.recv()))
    return said


class Answers:
    """Makes answers of `deltas` deltas each, of a recorded one, with ids of their own."""

    def __init__(self, recorded: list[dict[str, Any]], deltas: int) -> None:
        self._created = json.dumps(recorded[0])
        one = next(each for each in recorded if each["type"] == "response.output_text.delta")
        others = [each for each in recorded[1:] if each["type"] != one["type"]]
        at = next(n for n, each in enumerate(others) if each["type"] == "response.output_text.done")
        text = others[at]["text"]
        self._whole = json.dumps(text)
        self._ids = [one["response_id"], one["item_id"]]
        self._deltas, self._one = deltas, one
        self._head = [json.dumps(each) for each in others[:at]]
        self._tail = [json.dumps(each) for each in others[at:]]
        self._event = re.compile(r'"event_id": "[^"]*"')
        self._numbers = itertools.count(1)

    @property
    def created(self) -> str:
        """What a session begins with."""
        return self._fresh(self._created, "")

    def _fresh(self, text: str, answer: str) -> str:
        text = self._event.sub(lambda _: f'"event_id": "event_{next(self._numbers)}"', text)
        for id_ in self._ids:
            text = text.replace(id_, id_ + answer)
        return text.replace(self._whole, json.dumps(_WORD * self._deltas))

    def answer(self) -> Iterator[str]:
        """Yield the events of one answer; each delta says when it was made."""
        number = f"n{next(self._numbers)}"
        yield from (self._fresh(text, number) for text in self._head)
        place = {key: f"{self._one[key]}{number}" for key in ("response_id", "item_id")}
        delta = {**self._one, **place, "delta": _WORD}
        del delta["event_id"]
        before = json.dumps(delta)[:-1]
        for _ in range(self._deltas):
            yield f'{before}, "event_id": "event_{next(self._numbers)}_{time.monotonic_ns()}"}}'
        yield from (self._fresh(text, number) for text in self._tail)


async def be_server(deltas: int, pace: float) -> None:
    """Serve answers until the process is ended."""
    recorded = await _recorded()
    begins = (number * 0.618 % 1.0 for number in itertools.count(1))

    async def talk(connection: ServerConnection) -> None:
        answers = Answers(recorded, deltas)
        await connection.send(answers.created)
        async for _ in connection:
            await asyncio.sleep(pace * next(begins))  # no two of them in step
            for event in answers.answer():
                await connection.send(event)
                if pace and '.delta"' in event:
                    await asyncio.sleep(pace)

    async with serve(talk, "127.0.0.1", 0, **_PLAIN) as server:
        print(f"listening ws://127.0.0.1:{server.sockets[0].getsockname()[1]}", flush=True)
        await asyncio.Future()


# --- the bare pass-through --------------------------------------------------------------------------------


async def be_bare(upstream: str) -> None:
    """Pass messages through, and do nothing else."""

    async def hand_on(one: Any, other: Any) -> None:
        async for message in one:
            await other.send(message)
        await other.close()

    async def talk(connection: ServerConnection) -> None:
        path = connection.request.path if connection.request is not None else "/"
        async with connect(upstream + path, proxy=None, **_PLAIN) as server:
            await asyncio.gather(hand_on(connection, server), hand_on(server, connection))

    async with serve(talk, "127.0.0.1", 0, **_PLAIN) as server:
        print(f"listening ws://127.0.0.1:{server.sockets[0].getsockname()[1]}", flush=True)
        await asyncio.Future()


# --- the clients ------------------------------------------------------------------------------------------


async def _listen(client: ClientConnection, answers: int, times: list[float]) -> int:
    """Ask for so many answers, one after another; return how many messages came."""
    count = 1
    await client.recv()
    for _ in range(answers):
        await client.send('{"type":"response.create"}')
        while True:
            message = str(await client.recv())
            count += 1
            if '.delta"' in message:
                made = message[message.rindex("_") + 1 : -2]
                times.append((time.monotonic_ns() - int(made)) / 1e6)
            elif '"response.done"' in message:
                break
    return count


async def _clients(url: str, number: int, answers: int) -> tuple[float, int, list[float]]:
    """Return the seconds that all took, the messages that came, and the milliseconds that each delta took."""
    times: list[float] = []
    async with contextlib.AsyncExitStack() as stack:
        clients = [
            await stack.enter_async_context(connect(url + _PATH, proxy=None, **_PLAIN)) for _ in range(number)
        ]
        began = time.monotonic()
        counts = await asyncio.gather(*(_listen(each, answers, times) for each in clients))
        took = time.monotonic() - began
    return took, sum(counts), times


# --- processes --------------------------------------------------------------------------------------------


class Process:
    """A process that says where it listens; `lines` are what it says."""

    def __init__(self, *command: object) -> None:
        words = [sys.executable, *map(str, command)]
        self._process = subprocess.Popen(words, stdout=subprocess.PIPE, text=True, cwd=ROOT)
        self.url = self.line("listening").split()[1]

    def line(self, text: str) -> str:
        """Return the next line with `text` in it."""
        assert self._process.stdout is not None
        for line in self._process.stdout:
            if text in line:
                return line
        raise RuntimeError(f"it ended before it said {text!r}")

    @property
    def peak_mb(self) -> list[float]:
        """The most memory that it, and each process that it has started, has taken, in MB."""
        pid = self._process.pid
        children = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
        found = [
            re.search(r"VmHWM:\s+(\d+)", Path(f"/proc/{each}/status").read_text())
            for each in (pid, *children)
        ]
        return [round(int(each[1]) / 1024, 1) for each in found if each]

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._process.terminate()
        self._process.wait()


@contextlib.asynccontextmanager
async def _ways(deltas: int, pace: float) -> AsyncIterator[dict[str, Process]]:
    """Have a server, a pass-through and the proxy before it, each started anew."""
    me = Path(__file__)
    with (
        tempfile.TemporaryDirectory() as out,
        Process(me, "--role", "server", "--deltas", deltas, "--pace", pace) as server,
        Process(me, "--role", "bare", "--upstream", server.url) as bare,
        Process("-m", "realtime_conformance", "proxy", "--upstream", server.url, "--dialect", "openai",
                "--out", out, "--listen", "127.0.0.1:0") as proxy,
    ):  # fmt: skip
        await _clients(proxy.url, 1, 1)  # the judge has loaded its rules once it has judged
        proxy.line(" judged,")
        yield {"direct": server, "bare": bare, "proxy": proxy}


async def paced(number: int, deltas: int) -> dict[str, Any]:
    """Return how long a message takes on each way, in milliseconds."""
    found: dict[str, Any] = {}
    async with _ways(deltas, PACE_S) as ways:
        for name, process in ways.items():
            _, _, times = await _clients(process.url, number, 1)
            cuts = statistics.quantiles(times, n=100)
            found[name] = {"median_ms": round(statistics.median(times), 3), "p99_ms": round(cuts[98], 3)}
    for name in ("bare", "proxy"):
        for what in ("median_ms", "p99_ms"):
            found[name][f"added_{what}"] = round(found[name][what] - found["direct"][what], 3)
    return found


async def unpaced(number: int, deltas: int, answers: int) -> dict[str, Any]:
    """Return messages a second on each way, and the shares of the proxy."""
    found: dict[str, Any] = {}
    async with _ways(deltas, 0.0) as ways:
        for name, process in ways.items():
            began = time.monotonic()
            took, count, _ = await _clients(process.url, number, answers)
            found[name] = {"per_s": round(count / took), "peak_mb": process.peak_mb}
            if name == "proxy":
                for _ in range(number):
                    process.line(" judged,")
                found[name]["in_step_per_s"] = round(count / (time.monotonic() - began))
                found[name]["peak_mb"] = process.peak_mb
    bare = found["bare"]["per_s"]
    found["share_behind"] = round(found["proxy"]["per_s"] / bare, 2)
    found["share_in_step"] = round(found["proxy"]["in_step_per_s"] / bare, 2)
    return found


def main() -> None:
    """Measure, or be one of the processes."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--role", choices=("server", "bare"))
    parser.add_argument("--upstream", default="")
    parser.add_argument("--deltas", type=int, default=100)
    parser.add_argument("--pace", type=float, default=0.0)
    parser.add_argument("--quick", action="store_true", help="fewer messages")
    given = parser.parse_args()
    if given.role == "server":
        asyncio.run(be_server(given.deltas, given.pace))
    elif given.role == "bare":
        asyncio.run(be_bare(given.upstream))
    else:
        most = 20_000 if given.quick else 60_000
        for number in CONNECTIONS:
            pace = asyncio.run(paced(number, 50 if given.quick else 150))
            print(json.dumps({"connections": number, "paced": pace}), flush=True)
            rest = asyncio.run(unpaced(number, 100, max(1, most // 100 // number)))
            print(json.dumps({"connections": number, "unpaced": rest}), flush=True)


if __name__ == "__main__":
    main()
