"""What a server sends over one connection: each frame is captured as it comes, and so is the end."""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections.abc import Callable
from typing import Any

from websockets.asyncio.client import ClientConnection
from websockets.exceptions import ConnectionClosed

from protocol.words import Words
from wire.connection_end import end_of_connection
from wire.failures import Ended, Flooded
from wire.frame_rules import weight
from wire.frames import Received
from wire.tab import Tab
from wire.trace import Recorder

MAX_BYTES = 96 * 2**20  # of memory that the events of a session may need
MAX_BYTES_PARTING = 2**18  # of it, for what comes once the suite closes
MAX_FRAMES = 50_000
_IDLE_TYPES = frozenset(("ping",))  # keep-alive, no sign that something owed is coming


class Incoming:
    """The server's side of an open connection; a task of its own listens until the end.

    `received` holds the events so far, in order, in the words of the root; each is told to `heard`, too.
    `news` is set whenever something came, or the connection ended. A server that floods is cut off.
    """

    def __init__(
        self,
        connection: ClientConnection,
        recorder: Recorder,
        tab: Tab,
        words: Words,
        heard: Callable[[Received], None],
    ) -> None:
        self.received: list[Received] = []
        self.ended: str | None = None  # how, once it has
        self.close_code: int | None = None  # the server's, once it has closed
        self.news = asyncio.Event()
        self.last_heard = self._still_since = time.monotonic()
        self.stillest_s = 0.0  # the longest silence since then that ended
        self._connection, self._recorder, self._tab = connection, recorder, tab
        self._words, self._heard = words, heard
        self._bytes = self._frames = 0
        self._most_bytes = MAX_BYTES
        self._flooded = False
        self._unfinished = 0  # bytes of a frame that was not complete when the suite closed
        self._fault: Exception | None = None
        self._listener = asyncio.create_task(self._listen())

    def measure_silence(self) -> float:
        """Let `stillest_s` be about what comes from now on; return the moment, by the monotonic clock."""
        self._still_since, self.stillest_s = time.monotonic(), 0.0
        return self._still_since

    def check(self, awaited: str) -> None:
        """Raise why `awaited` cannot come any more: `Flooded`, `Ended`, or a fault of ours."""
        if self._fault is not None:
            raise RuntimeError("what the server sent could not be captured") from self._fault
        if self._flooded:
            raise Flooded("the server sent more than this suite listens to")
        if self.ended is not None:
            raise Ended(f"the connection ended before {awaited}: {self.ended}", self.ended)

    def unfinished(self) -> dict[str, Any]:
        """Return how much has come of a frame that has not come to its end, for the trace."""
        left = len(self._connection.protocol.reader.buffer)
        return {"unfinished_bytes": left} if left else {}

    # --- listening --------------------------------------------------------------------------------------

    async def _listen(self) -> None:
        try:
            async for frame in self._connection:
                if self._too_much(frame):
                    self._flooded = True
                    self._recorder.add("harness", "limit", bytes=self._bytes, frames=self._frames)
                    break
                self._hear(frame)
        except ConnectionClosed:
            pass
        except Exception as error:  # noqa: BLE001 - a fault of ours, which whoever waits has to hear of
            self._fault = error
        finally:
            self._note_end()
            self.news.set()

    def _too_much(self, frame: str | bytes) -> bool:
        """Count `frame`; tell whether it is one more than this suite listens to. Such a one is not read."""
        self._frames += 1
        self._bytes += weight(frame)
        self._tab.meter.hear(frame)
        return self._bytes > self._most_bytes or self._frames > MAX_FRAMES

    def _hear(self, frame: str | bytes) -> None:
        if isinstance(frame, bytes):
            self._recorder.add("server", "binary", size=len(frame))
            self.last_heard = time.monotonic()
        else:
            seq, event = self._recorder.add("server", "text", text=frame)
            event = event and self._words.event(event)
            received = Received(seq, event or {})
            if event is not None:
                self.received.append(received)
                self._tab.server_event(event)
                self._heard(received)
            if received.type not in _IDLE_TYPES:
                now = time.monotonic()
                self.stillest_s = max(self.stillest_s, now - max(self.last_heard, self._still_since))
                self.last_heard = now
        self.news.set()

    # --- the end ----------------------------------------------------------------------------------------

    def _note_end(self) -> None:
        if self.ended is not None:
            return
        if self._flooded and self._connection.close_code is None:
            self.ended = "cut off after a flood"
            return
        end = end_of_connection(self._connection, self._recorder.redactor, self._unfinished)
        self._recorder.add(end.by, "close", **end.detail)
        self.ended, self.close_code = end.told, end.code if end.by == "server" else None

    async def until_closed(self, within: float) -> bool:
        """Wait until the server has closed the connection, so many seconds; tell whether it did."""
        await asyncio.wait([self._listener], timeout=within)
        return self._listener.done()

    async def close(self, within: float) -> None:
        """Close the connection and note its end; never raises, and waits `within` seconds at each step."""
        self._most_bytes = min(MAX_BYTES, self._bytes + MAX_BYTES_PARTING)
        if self.ended is None:
            self._unfinished = len(self._connection.protocol.reader.buffer)
        with contextlib.suppress(ConnectionClosed, OSError, TimeoutError):
            async with asyncio.timeout(2 * within + 0.5):
                await self._connection.close()
        transport = self._connection.transport
        if not transport.is_closing():
            transport.abort()
        await self.until_closed(within)
        self._listener.cancel()
        with contextlib.suppress(asyncio.CancelledError, Exception):
            await self._listener
        self._note_end()
