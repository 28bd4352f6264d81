"""How fast the judge is, as ratios measured in one run.

    python benchmarks/judge.py [--events 200000] [--rounds 3]

A synthetic trace of spoken turns (audio deltas of 4.8 kB, so 100 ms of PCM16) is written to a temporary
file, then read in four ways, in turn, round after round: `json.loads` of its lines, our reading of it, schema
validation of every event, and the whole judge. Printed are events a second, the ratio to `json.loads`, and
the peak of traced memory for a short and a long trace.
"""

from __future__ import annotations

import argparse
import base64
import json
import statistics
import sys
import tempfile
import time
import tracemalloc
from collections.abc import Callable, Generator, Iterator
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from rules.engine import Rulebook
from rules.rulebook import rulebook
from wire.frames import dump
from wire.trace_files import TraceFile

_AUDIO = base64.b64encode(bytes(range(256)) * 14 + bytes(16)).decode()[:4800]
_WORDS = "The lamp of the lighthouse turns all night and nobody has ever counted how often it does so".split()


Sent = tuple[str, dict[str, Any]]
"""Who sends an event, and the event."""


def turn(number: int) -> Iterator[Sent]:
    """Yield direction and event of one spoken turn, 72 events."""
    yield from _question(number)
    response = {
        "object": "realtime.response",
        "id": f"resp_{number}",
        "status": "in_progress",
        "status_details": None,
        "output": [],
        "conversation_id": "conv_1",
        "output_modalities": ["audio"],
        "usage": None,
        "metadata": None,
    }
    yield "server", {"type": "response.created", "response": response}
    item: dict[str, Any] = {"id": f"item_a{number}", "type": "message", "status": "in_progress"}
    full = yield from _answer(number, {**item, "role": "assistant", "content": []})
    usage = {"total_tokens": 30, "input_tokens": 10, "output_tokens": 20}
    done = {**response, "status": "completed", "output": [full], "usage": usage}
    yield "server", {"type": "response.done", "response": done}


def _question(number: int) -> Iterator[Sent]:
    """Yield what the client asks, and how the server takes it."""
    content = [{"type": "input_text", "text": "Tell me more."}]
    item = {"type": "message", "role": "user", "content": content}
    yield "client", {"type": "conversation.item.create", "item": item}
    yield "client", {"type": "response.create"}
    told = {
        "previous_item_id": f"item_a{number - 1}" if number else None,
        "item": {"id": f"item_u{number}", "status": "completed", **item},
    }
    yield "server", {"type": "conversation.item.added", **told}
    yield "server", {"type": "conversation.item.done", **told}


def _answer(number: int, empty: dict[str, Any]) -> Generator[Sent, None, dict[str, Any]]:
    """Yield the item that the response says, from its beginning to its end; return it as it is then."""
    place = {"response_id": f"resp_{number}", "output_index": 0}
    ids = {**place, "item_id": empty["id"], "content_index": 0}
    behind = {"previous_item_id": f"item_u{number}"}
    part = {"type": "audio", "transcript": ""}
    yield "server", {"type": "response.output_item.added", **place, "item": empty}
    yield "server", {"type": "conversation.item.added", **behind, "item": empty}
    yield "server", {"type": "response.content_part.added", **ids, "part": part}
    for step in range(40):
        if step < len(_WORDS):
            delta = _WORDS[step] + " "
            yield "server", {"type": "response.output_audio_transcript.delta", **ids, "delta": delta}
        yield "server", {"type": "response.output_audio.delta", **ids, "delta": _AUDIO}
    said = {"transcript": "".join(word + " " for word in _WORDS)}
    full = {**empty, "status": "completed", "content": [{"type": "output_audio", **said}]}
    yield "server", {"type": "response.output_audio.done", **ids}
    yield "server", {"type": "response.output_audio_transcript.done", **ids, **said}
    yield "server", {"type": "response.content_part.done", **ids, "part": {**part, **said}}
    yield "server", {"type": "conversation.item.done", **behind, "item": full}
    yield "server", {"type": "response.output_item.done", **place, "item": full}
    return full


def write(path: Path, events: int) -> int:
    """Write a trace of about `events` events to `path`; return how many it has."""
    count = 0
    with path.open("w", encoding="utf-8") as file:
        file.write(dump({"trace": 1, "name": "benchmark"}) + "\n")

        def line(direction: str, event: dict[str, Any]) -> None:
            nonlocal count
            count += 1
            event = {**event, "event_id": f"event_{count:09d}"}
            file.write(
                dump({"seq": count, "t": count / 100, "dir": direction, "kind": "text", "event": event})
                + "\n"
            )

        audio = {
            "input": {"turn_detection": None},
            "output": {"format": {"type": "audio/pcm", "rate": 24000}},
        }
        session = {
            "type": "realtime",
            "object": "realtime.session",
            "id": "sess_1",
            "model": "m",
            "output_modalities": ["audio"],
            "audio": audio,
        }
        line("server", {"type": "session.created", "session": session})
        number = 0
        while count < events:
            for direction, event in turn(number):
                line(direction, event)
            number += 1
        file.write(dump({"end": "closed", "entries": count}) + "\n")
    return count


def timed(action: Callable[[], object]) -> float:
    """Return the seconds of processor time that `action` takes; other load does not count."""
    began = time.process_time()
    action()
    return time.process_time() - began


def loads(path: Path) -> None:
    with path.open("rb") as file:
        for line in file:
            json.loads(line)


def read(path: Path) -> None:
    for _ in TraceFile(path):
        pass


def validate(path: Path, book: Rulebook) -> None:
    schemas = book.contract.server
    for entry in TraceFile(path):
        if entry.dir == "server" and entry.event is not None:
            schemas[entry.type].is_valid(entry.event)


def judge(path: Path, book: Rulebook) -> None:
    tallies = book.judge(TraceFile(path))
    wrong = {i: t for i, t in tallies.items() if t.errors or t.violations}
    if wrong:
        raise SystemExit(f"the benchmark's own trace is not right: {wrong}")


def measure(path: Path, rounds: int) -> dict[str, list[float]]:
    """Return the times of each way to read the trace at `path`, one a round."""
    book = rulebook("openai")
    ways: dict[str, Callable[[], None]] = {
        "json.loads": lambda: loads(path),
        "reading": lambda: read(path),
        "reading and schemas": lambda: validate(path, book),
        "judge": lambda: judge(path, book),
    }
    times: dict[str, list[float]] = {name: [] for name in ways}
    for _ in range(rounds):
        for name, way in ways.items():
            times[name].append(timed(way))
    return times


def peak(path: Path) -> float:
    """Return the peak of memory, in MB, that judging the trace at `path` takes."""
    book = rulebook("openai")
    tracemalloc.start()
    book.judge(TraceFile(path))
    found = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    return found / 2**20


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n", 1)[0] if __doc__ else None)
    parser.add_argument("--events", type=int, default=200_000)
    parser.add_argument("--rounds", type=int, default=3)
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "trace.jsonl"
        count = write(path, given.events)
        print(f"{count:,} events, {path.stat().st_size / 2**20:,.0f} MB")
        times = measure(path, given.rounds)
        for name, seconds in times.items():
            ratios = [a / b for a, b in zip(seconds, times["json.loads"], strict=True)]
            rate = count / statistics.median(seconds)
            print(f"{name:22} {rate:12,.0f} events/s   {statistics.median(ratios):5.2f} x json.loads")
        short = Path(folder) / "short.jsonl"
        write(short, count // 10)
        print(f"memory: {peak(short):.1f} MB for a tenth of it, {peak(path):.1f} MB for all")


if __name__ == "__main__":
    main()
