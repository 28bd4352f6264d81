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
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from rules.engine import Rulebook
from rules.rulebook import rulebook
from wire.frames import dump
from wire.trace_files import TraceFile

_AUDIO = base64.b64encode(bytes(range(256)) * 14 + bytes(16)).decode()[:4800]
_WORDS = "The lamp of the lighthouse turns all night and nobody has ever counted how often it does so".split()


def turn(number: int) -> Iterator[tuple[str, dict[str, Any]]]:
    """Yield direction and event of one spoken turn, 79 events."""
    user, said, response = f"item_u{number}", f"item_a{number}", f"resp_{number}"
    previous = f"item_a{number - 1}" if number else None
    content = [{"type": "input_text", "text": "Tell me more."}]
    item = {"id": user, "type": "message", "role": "user", "status": "completed", "content": content}
    yield (
        "client",
        {"type": "conversation.item.create", "item": {"type": "message", "role": "user", "content": content}},
    )
    yield "client", {"type": "response.create"}
    yield "server", {"type": "conversation.item.added", "previous_item_id": previous, "item": item}
    yield "server", {"type": "conversation.item.done", "previous_item_id": previous, "item": item}
    shown = {
        "object": "realtime.response",
        "id": response,
        "status": "in_progress",
        "status_details": None,
        "output": [],
        "conversation_id": "conv_1",
        "output_modalities": ["audio"],
        "usage": None,
        "metadata": None,
    }
    yield "server", {"type": "response.created", "response": shown}
    empty = {"id": said, "type": "message", "status": "in_progress", "role": "assistant", "content": []}
    ids = {"response_id": response, "item_id": said, "output_index": 0, "content_index": 0}
    yield (
        "server",
        {"type": "response.output_item.added", "response_id": response, "output_index": 0, "item": empty},
    )
    yield "server", {"type": "conversation.item.added", "previous_item_id": user, "item": empty}
    yield (
        "server",
        {"type": "response.content_part.added", **ids, "part": {"type": "audio", "transcript": ""}},
    )
    for step in range(40):
        if step < len(_WORDS):
            yield (
                "server",
                {"type": "response.output_audio_transcript.delta", **ids, "delta": _WORDS[step] + " "},
            )
        yield "server", {"type": "response.output_audio.delta", **ids, "delta": _AUDIO}
    transcript = "".join(word + " " for word in _WORDS)
    part = {"type": "audio", "transcript": transcript}
    full = {**empty, "status": "completed", "content": [{"type": "output_audio", "transcript": transcript}]}
    yield "server", {"type": "response.output_audio.done", **ids}
    yield "server", {"type": "response.output_audio_transcript.done", **ids, "transcript": transcript}
    yield "server", {"type": "response.content_part.done", **ids, "part": part}
    yield "server", {"type": "conversation.item.done", "previous_item_id": user, "item": full}
    yield (
        "server",
        {"type": "response.output_item.done", "response_id": response, "output_index": 0, "item": full},
    )
    usage = {"total_tokens": 30, "input_tokens": 10, "output_tokens": 20}
    done = {**shown, "status": "completed", "output": [full], "usage": usage}
    yield "server", {"type": "response.done", "response": done}


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
