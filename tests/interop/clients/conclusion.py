"""What a client concluded from its conversation, gathered by its driver and printed as JSON.

A driver is run by an interpreter that has the client, and nothing of ours, as `python DRIVER URL KEY SOUND
SECONDS`: SOUND is a file of PCM16 at 24 kHz with a spoken question and silence behind it, SECONDS the bound
of each turn.
"""

from __future__ import annotations

import asyncio
import importlib.metadata
import json
import logging
import os
import re
import sys
import time
from collections import Counter
from collections.abc import AsyncIterator, Callable, Coroutine
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from typing import Any

GREETING = "Hello there."
ERRAND = "What is the weather in Paris?"
STORY = "Tell me a long story."
RESULT = "sunny"
_CHUNK_BYTES = 4800  # 100 ms
_LONGEST_LINE = 300


class Conclusion:
    """What came out at the client's side: by turn what it said, called and spoke; for all of it the rest.

    * ``events``: how many events or callbacks of each kind the client gave its user.
    * ``heard``: what the client says that its user said.
    * ``errors``: what it told as errors, or raised. ``warnings``: what it logged as such.
    * ``dropped``: what it logged about events that it could make nothing of; ``unused``: about those that it
      knows nothing to do with.
    """

    def __init__(self, seconds: float, dropped: str, unused: str) -> None:
        self.seconds = seconds
        self.turns: dict[str, dict[str, Any]] = {}
        self.turn: dict[str, Any] = {}
        self.events: Counter[str] = Counter()
        self.heard: list[str] = []
        self.errors: list[str] = []
        self.warnings: list[str] = []
        self.dropped: list[str] = []
        self.unused: list[str] = []
        self._dropped = re.compile(dropped or "(?!)")
        self._unused = re.compile(unused or "(?!)")

    @asynccontextmanager
    async def within(self, name: str) -> AsyncIterator[dict[str, Any]]:
        """Hold one turn. Raises `TimeoutError` if it has not ended in time."""
        self.turn = {"ended": False, "said": "", "audio_bytes": 0, "calls": [], "interrupted": False}
        self.turns[name] = self.turn
        begun = time.monotonic()
        try:
            async with asyncio.timeout(self.seconds):
                yield self.turn
            self.turn["ended"] = True
        finally:
            self.turn["seconds"] = round(time.monotonic() - begun, 3)

    def say(self, text: str | None) -> None:
        self.turn["said"] += text or ""

    def play(self, size: int) -> None:
        self.turn["audio_bytes"] += size

    def hear(self, text: str | None) -> None:
        self.heard.append(text or "")

    def call(self, name: str | None, arguments: Any) -> None:
        """Note a call; arguments that are text are read, and stay as they are if they are no JSON."""
        if isinstance(arguments, str):
            with suppress(ValueError):
                arguments = json.loads(arguments)
        self.turn["calls"].append({"name": name or "", "arguments": arguments})

    def log(self, line: str, level: int) -> None:
        """Look at a line that the client logged."""
        line = " ".join(line.split())[:_LONGEST_LINE]
        if self._dropped.search(line):
            self.dropped.append(line)
        elif self._unused.search(line):
            self.unused.append(line)
        elif level >= logging.ERROR:
            self.errors.append(line)
        elif level >= logging.WARNING:
            self.warnings.append(line)

    def as_json(self, packages: tuple[str, ...]) -> str:
        names = ("turns", "heard", "errors", "warnings", "dropped", "unused")
        told = {name: getattr(self, name) for name in names}
        versions = {name: importlib.metadata.version(name) for name in packages}
        seconds = round(sum(turn["seconds"] for turn in self.turns.values()), 3)
        return json.dumps({"versions": versions, "events": self.events, "seconds": seconds, **told})


class _Ear(logging.Handler):
    """Hands on what the client logs."""

    def __init__(self, told: Conclusion) -> None:
        super().__init__(logging.DEBUG)
        self.told = told

    def emit(self, record: logging.LogRecord) -> None:
        cause = f": {record.exc_info[1]!r}" if record.exc_info else ""
        self.told.log(record.getMessage() + cause, record.levelno)


def chunks(sound: bytes) -> list[bytes]:
    """Return a sound in parts of 100 ms."""
    return [sound[at : at + _CHUNK_BYTES] for at in range(0, len(sound), _CHUNK_BYTES)]


Converse = Callable[[Conclusion, str, str, bytes], Coroutine[Any, Any, None]]


def hold(converse: Converse, *packages: str, dropped: str = "", unused: str = "") -> None:
    """Hold the conversation and print what the client concluded, and the versions of ``packages``."""
    url, key, sound, seconds = sys.argv[1:5]
    told = Conclusion(float(seconds), dropped, unused)
    spoken = Path(sound).read_bytes()
    logging.captureWarnings(capture=True)
    logging.basicConfig(level=logging.DEBUG, handlers=[_Ear(told)], force=True)
    for noisy in ("asyncio", "websockets", "httpcore", "openai._base_client"):
        logging.getLogger(noisy).setLevel(logging.WARNING)

    async def run() -> None:
        try:
            await converse(told, url, key, spoken)
        except TimeoutError:
            pass  # The turn that has not ended says so.
        except Exception as raised:  # noqa: BLE001 - whatever a client raises is what it concluded
            told.errors.append(f"{type(raised).__name__}: {raised}"[:_LONGEST_LINE])
        print(told.as_json(packages), flush=True)
        os._exit(0)  # What a client leaves running is no business of ours.

    asyncio.run(run())
