"""The line of one session: what leaves, in which order, and when."""

from __future__ import annotations

import asyncio
import logging
import time
from typing import TYPE_CHECKING, Any

from websockets.exceptions import ConnectionClosed

from protocol.words import Words
from reference.alterations import ABNORMAL
from reference.broken_frames import WAYS_TO_BREAK
from reference.conditions import CLOSE_QUOTA, Delay, House, out_of_quota
from reference.frames import encode_frame

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from websockets.asyncio.server import ServerConnection

    from reference.server import ServerOptions
    from reference.state import Timer

BACKLOG = 512
"""Events that may wait for a client that does not read, before responses pause."""

PCM_BYTES_PER_S = 48_000

_LOG = logging.getLogger(__name__)


class SessionLine:
    """The host of one session: a queue of frames out, a pacemaker, a clock."""

    def __init__(
        self, connection: ServerConnection, options: ServerOptions, house: House, ordinal: int, words: Words
    ) -> None:
        self._connection = connection
        self._words = words
        self._pace = options.pace
        self._house = house
        conditions = options.conditions
        self._delay = Delay(conditions.delay, f"{options.seed}/{ordinal}", conditions.latency)
        self._thinking = conditions.thinking
        self._real_time = conditions.real_time
        self._sounded = 0.0  # seconds of audio in the step that is being taken
        self._frames: asyncio.Queue[tuple[float, str | bytes | tuple[int, str]]] = asyncio.Queue()
        self._streams: dict[Iterator[None], float] = {}  # each with the moment of its next step
        self._started = asyncio.Event()
        self._room = asyncio.Event()
        self._room.set()

    def deliver(self, event: dict[str, Any], broken: str = "") -> None:
        if event.get("type") == "response.created" and not self._house.pays():
            refusal = {"type": "error", "event_id": event["event_id"], "error": out_of_quota()}
            self._put(encode_frame(self._words.event(refusal)))
            self.close(CLOSE_QUOTA, "insufficient_quota")
            return
        if self._real_time and event["type"] == "response.output_audio.delta":
            self._sounded += len(event.get("delta") or "") * 3 / 4 / PCM_BYTES_PER_S
        self._write_frame(encode_frame(self._words.event(event)), broken)

    def _write_frame(self, text: str, broken: str) -> None:
        self._put(WAYS_TO_BREAK[broken](text.encode()) if broken else text)
        if self._frames.qsize() > BACKLOG:
            self._room.clear()

    def stream(self, steps: Iterator[None]) -> None:
        self._streams[steps] = time.monotonic() + self._thinking
        self._started.set()

    def later(self, seconds: float, call: Callable[[], None]) -> Timer:
        return asyncio.get_running_loop().call_later(seconds, call)

    def now(self) -> float:
        return time.time()

    def close(self, code: int, reason: str) -> None:
        self._put((code, reason))

    def _put(self, frame: str | bytes | tuple[int, str]) -> None:
        self._frames.put_nowait((self._delay.due(time.monotonic()), frame))

    async def write(self) -> None:
        """Send what was delivered, in order, until the connection is gone or to be closed."""
        try:
            while True:
                due, frame = await self._frames.get()
                due = max(due, self._house.leaving(time.monotonic()))
                if (early := due - time.monotonic()) > 0:
                    await asyncio.sleep(early)
                if self._frames.qsize() <= BACKLOG:
                    self._room.set()
                if isinstance(frame, str):
                    await self._connection.send(frame)
                elif isinstance(frame, bytes):
                    self._connection.transport.write(frame)
                elif frame[0] == ABNORMAL:
                    self._connection.transport.abort()
                    return
                else:
                    await self._connection.close(*frame)
                    return
        except ConnectionClosed:
            pass

    async def keep_pace(self) -> None:
        """Take a step of each stream, again and again, with a pause before each round.

        One pacemaker for all streams of a session: they advance in turn, in the order in which they
        began, which makes a session repeatable.
        """
        while True:
            await self._started.wait()
            await asyncio.sleep(max(self._pace, min(self._streams.values()) - time.monotonic()))
            await self._room.wait()
            now = time.monotonic()
            for steps in [each for each, due in self._streams.items() if due <= now]:
                self._take_step(steps, now)
            if not self._streams:
                self._started.clear()

    def _take_step(self, steps: Iterator[None], now: float) -> None:
        self._sounded = 0.0
        try:
            next(steps)
        except StopIteration:
            del self._streams[steps]
        except Exception:  # noqa: BLE001 (the other streams of the session go on)
            _LOG.exception("a stream of events broke off")
            del self._streams[steps]
        else:
            self._streams[steps] = now + self._sounded
