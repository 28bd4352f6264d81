"""What a load run costs us: sessions that one core keeps and judges, and full pace against a bare client.

Both play in one process, in turn, against the reference server in another one. Of ours the CPU time counts,
so that what else the machine does changes little.

    python benchmarks/load_cost.py [--sessions 50] [--seconds 40]
"""

from __future__ import annotations

import argparse
import asyncio
import json
import sys
import tempfile
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from websockets.asyncio.client import connect

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from load.load_plan import LoadPlan, LoadStep
from load.load_run import LoadRun
from load.load_turns import spoken_turn
from realtime_conformance.application.turn_observer import TurnObserver
from rules.rulebook import rulebook
from wire.endpoint import Auth, Endpoint
from wire.meter import Meter

DIALECT = "openai"
_SESSION = {
    "type": "realtime",
    "output_modalities": ["audio"],
    "instructions": "Answer in one word.",
    "audio": {"input": {"turn_detection": {"type": "server_vad"}}},
}


@asynccontextmanager
async def _served(*options: str) -> AsyncIterator[str]:
    """Serve in a process of its own; yield the address."""
    command = [sys.executable, "-m", "realtime_conformance", "serve", "--dialect", DIALECT, *options]
    process = await asyncio.create_subprocess_exec(*command, stdout=asyncio.subprocess.PIPE)
    try:
        assert process.stdout is not None
        line = (await process.stdout.readline()).decode()
        yield line.split()[1]
    finally:
        process.terminate()
        await process.wait()


async def _kept(url: str, sessions: int, seconds: float) -> tuple[float, LoadRun]:
    """Return the CPU seconds that a step at conversational pace takes, and what came of it."""
    plan = LoadPlan((LoadStep(sessions=sessions),), seconds)
    return await _played(url, plan)


async def _played(url: str, plan: LoadPlan) -> tuple[float, LoadRun]:
    book = rulebook(DIALECT)
    with tempfile.TemporaryDirectory() as folder:
        endpoint = Endpoint(url, DIALECT, Auth("bearer", "example"))
        run = LoadRun(plan, endpoint, Path(folder), book, TurnObserver, Meter())
        began = time.process_time()
        await run.play()
        return time.process_time() - began, run


async def _bare(url: str, turns: int) -> tuple[float, int]:
    """Return the CPU seconds in which a client that only parses takes spoken turns, and the events it got."""
    frames = 0
    speech = [json.dumps({"type": "input_audio_buffer.append", "audio": each}) for each in spoken_turn()]
    headers = {"Authorization": "Bearer example"}
    began = time.process_time()
    async with connect(f"{url}?model=gpt-realtime", additional_headers=headers, compression=None) as socket:
        await socket.send(json.dumps({"type": "session.update", "session": _SESSION}))
        for _ in range(turns):
            for text in speech:
                await socket.send(text)
            async for frame in socket:
                frames += 1
                if json.loads(frame)["type"] == "response.done":
                    break
    return time.process_time() - began, frames


async def _measure(sessions: int, seconds: float) -> None:
    async with _served("--real-time", "--latency", "0.2", "--thinking", "0.6") as url:
        cpu, run = await _kept(url, sessions, seconds)
    result = run.results[0]
    lasted = max(result.duration_s, seconds)
    held = f"{sessions} sessions, {result.counts.turns} turns in {lasted:.0f} s, {cpu:.1f} s of CPU"
    print(f"conversational pace: {held}")
    print(f"  sessions that one core keeps and judges: {sessions * lasted / cpu:.0f} (target: 300)")
    async with _served("--pace", "0") as url:
        plan = LoadPlan((LoadStep(sessions=1),), 5.0, pace="full")
        await _bare(url, 10)
        await _played(url, plan)  # what is made once is made
        cpu, run = await _played(url, plan)
        bare_cpu, bare_events = await _bare(url, run.results[0].counts.turns)
    ours, bare = run.meter.frames / cpu, bare_events / bare_cpu
    said = f"{ours:.0f} events a CPU second of ours, {bare:.0f} of a bare client"
    print(f"full pace: {said}: {ours / bare:.2f} (target: 0.3)")


def main() -> None:
    """Measure, and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--sessions", type=int, default=50)
    parser.add_argument("--seconds", type=float, default=40.0)
    asyncio.run(_measure(**vars(parser.parse_args())))


if __name__ == "__main__":
    main()
