"""One side of a relayed connection: a transport whose bytes go to the other side as they come.

A side that does not take what it is sent slows the other down: the system's buffers and `MOST_WAITING` bytes
are all that waits for it.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import cast

from proxy.heads import END_OF_HEAD, LONGEST_HEAD, HeadError

MOST_WAITING = 65_536
"""Bytes that may wait here for a side that does not take them."""

_PARTING_S = 5.0  # until a side that takes nothing any more is cut off


class RelaySide(asyncio.Protocol):
    """A connection to a client or to a server; before it is joined to the other, it collects a head.

    `left` is done once it will say no more, `lost` once it is gone.
    """

    def __init__(self) -> None:
        self.transport: asyncio.Transport = cast("asyncio.Transport", None)
        self.other: RelaySide | None = None
        self.gone = False
        self.full = False  # it does not take what it is sent
        self.farewell: Callable[[], None] | None = None  # called in place of parting from the other side
        self._slowed = False
        self._loop = asyncio.get_running_loop()
        self._held = bytearray()  # what came before it was joined
        self._head: asyncio.Future[bytes] = self._loop.create_future()
        self.left: asyncio.Future[None] = self._loop.create_future()
        self.lost: asyncio.Future[None] = self._loop.create_future()
        self._onward: Callable[[bytes], None] = self._held.extend
        self._parting: asyncio.TimerHandle | None = None

    # --- what asyncio calls -----------------------------------------------------------------------------

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Take the transport."""
        self.transport = cast("asyncio.Transport", transport)
        self.transport.set_write_buffer_limits(high=MOST_WAITING)

    def data_received(self, data: bytes) -> None:
        """Hand on what came."""
        self._onward(data)
        if self.other is None:
            self._look_for_head()

    def eof_received(self) -> bool:
        """Hand on that nothing more comes; tell whether the transport stays open for what goes out."""
        _done(self.left)
        if self.other is None:
            self._no_head(HeadError("the connection ended before a head had come"))
            return False
        if self.farewell is not None:
            return False
        if self.other.left.done():
            self.other.part()  # neither will say any more
            return False
        if not self.other.gone and self.other.transport.can_write_eof():
            self.other.transport.write_eof()
            return self.transport.can_write_eof()  # TLS knows no half of a connection
        return False

    def connection_lost(self, _exc: Exception | None) -> None:
        """Part from the other side, too, once it has taken what there is."""
        self.gone = True
        if self._parting is not None:
            self._parting.cancel()
        self._no_head(HeadError("the connection ended before a head had come"))
        if self.other is not None:
            (self.farewell or self.other.part)()
            if self.full and not self.other.gone:
                self.other.transport.resume_reading()  # to hear that it is gone, too
        _done(self.left)
        _done(self.lost)

    def pause_writing(self) -> None:
        """Slow the other side down."""
        self.full = True
        if self.other is not None and not self.other.gone:
            self.other.transport.pause_reading()

    def resume_writing(self) -> None:
        """Let the other side go on."""
        self.full = False
        if self.other is not None and not self.other.gone and not self.other._slowed:  # noqa: SLF001 - of its kind
            self.other.transport.resume_reading()

    # --- what a relay calls -----------------------------------------------------------------------------

    async def head(self) -> bytes:
        """Return the head that comes first. Raises `HeadError` where none does."""
        return await asyncio.shield(self._head)

    def join(self, other: RelaySide, onward: Callable[[bytes], None]) -> None:
        """Hand all bytes behind the head to `onward`, and ends to `other`."""
        self.other, self._onward = other, onward
        held = bytes(self._held)
        self._held.clear()
        if held:
            onward(held)
        if not self.gone:
            self.transport.resume_reading()
        if self.gone:
            other.part()

    def write(self, data: bytes) -> None:
        """Send `data`; what a side that is gone does not get is lost, as it would be without a proxy."""
        if not self.gone:
            self.transport.write(data)

    def slow(self, wanted: bool) -> None:
        """Read nothing for a while, or go on."""
        self._slowed = wanted
        if wanted:
            self.transport.pause_reading()
        elif self.other is None or not self.other.full:
            self.transport.resume_reading()

    def part(self) -> None:
        """End the connection once it has taken what was sent to it; cut it off where it takes nothing."""
        if not self.gone and self._parting is None:
            self.transport.close()
            self._parting = self._loop.call_later(_PARTING_S, self.transport.abort)

    # --- the head ---------------------------------------------------------------------------------------

    def _look_for_head(self) -> None:
        end = self._held.find(END_OF_HEAD)
        if end >= 0 and not self._head.done():
            head = bytes(self._held[: end + len(END_OF_HEAD)])
            del self._held[: len(head)]
            self._head.set_result(head)
        elif len(self._held) > LONGEST_HEAD:
            self._no_head(HeadError(f"no head ended within {LONGEST_HEAD} bytes"))
        if self._head.done():
            self.transport.pause_reading()  # the rest waits where it is, until it is joined

    def _no_head(self, error: HeadError) -> None:
        if not self._head.done():
            self._head.set_exception(error)
            self._head.exception()  # whoever still waits hears of it; if nobody does, nothing is amiss


def _done(future: asyncio.Future[None]) -> None:
    if not future.done():
        future.set_result(None)
