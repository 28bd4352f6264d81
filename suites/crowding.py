"""How many sessions a server bears at once, learned from what it refuses; and who waits meanwhile.

A server with room for four sessions is not a broken one. Where it refuses a session for want of room while
others of ours are open, it is asked for fewer at once, and for the refused one again, a few times. All of
that is counted. A refusal while no other session of ours is open is the server's to explain, and is judged.
"""

from __future__ import annotations

import asyncio
import time
from collections import Counter, deque
from dataclasses import dataclass, field

RETRIES = 3
"""How often a session that was refused for want of room is asked for again."""

AVOIDED_BY = "--concurrency 1"
"""The option with which no session of ours takes the place of another."""

MOST_BACK_OFF_S = 30.0
"""The longest that a server is obeyed that says when to come again."""

_BACK_OFF_S = 0.5  # before the first retry; twice as long before each further one
_LINGERING_S = 2.0  # after a session was closed its place may not be free yet
_FIRST_LINGER_S = 0.25


@dataclass(slots=True)
class Crowd:
    """The sessions of a run. `limit` is how many the server bears at once, None while it refused none.

    `refused` counts refusals by how they were told, `turned_away` the sessions that never fitted.
    """

    limit: int | None = None
    refused: Counter[str] = field(default_factory=Counter)
    retried: int = 0
    turned_away: int = 0
    _open: int = 0
    _pending: int = 0  # asked for, and not answered yet
    _linger_s: float = 0.0  # how long a place is taken to be occupied after its session was closed
    _closed: deque[float] = field(default_factory=lambda: deque(maxlen=1000))
    _changed: asyncio.Event = field(default_factory=asyncio.Event)

    async def turn(self) -> bool:
        """Wait until one more session may be asked for. Then call `came_in`, `stayed_out` or `refuse`.

        Returns whether it was already known how many the server bears.
        """
        while self.limit is not None and self._held(self._linger_s) + self._pending >= self.limit:
            await self._change(within=self._until_free())
        self._pending += 1
        return self.limit is not None

    def came_in(self) -> None:
        """Note that a session that was asked for is open. Call `left` once it is closed."""
        self._pending -= 1
        self._open += 1
        if self.limit is not None:
            self.limit = max(self.limit, self._open)  # what it bears, it bears

    def take_back(self) -> None:
        """Note that a session that was taken to be open is not. Call `stayed_out` or `refuse` then."""
        self._open -= 1
        self._pending += 1

    def stayed_out(self) -> None:
        """Note that a session that was asked for did not come about, for another reason than want of room."""
        self._pending -= 1
        self._changed.set()

    def left(self) -> None:
        """Note that a session was closed."""
        self._open -= 1
        self._closed.append(time.monotonic())
        self._changed.set()

    @property
    def others(self) -> bool:
        """Whether other sessions of ours are open, or were a moment ago."""
        return self._held(_LINGERING_S) > 0

    def refuse(self, way: str, *, known: bool) -> None:
        """Note that a session that was asked for was refused for want of room, and ask for fewer at once.

        `known` is what `turn` returned.
        """
        self._pending -= 1
        self.refused[way] += 1
        if self.limit is None or not known:  # several may be refused before the first of them is heard of
            self.limit = max(1, self._open, self.limit or 0)
        elif self._held(_LINGERING_S) > self._open:
            # The places of sessions that were closed a moment ago are freed late.
            self._linger_s = min(_LINGERING_S, max(_FIRST_LINGER_S, 2 * self._linger_s))
        else:
            self.limit = max(1, self._open)
        self._changed.set()

    async def back_off(self, tries: int, retry_after: float | None) -> None:
        """Wait before the next of several `tries`: as long as the server said, or until a session was closed.

        Both waits are bounded.
        """
        self.retried += 1
        began = time.monotonic()
        wanted = _BACK_OFF_S * 2 ** (tries - 1) if retry_after is None else min(retry_after, MOST_BACK_OFF_S)
        while (left := began + wanted - time.monotonic()) > 0:
            await self._change(within=left)
            if retry_after is None and self._closed and self._closed[-1] >= began:
                return

    def _held(self, linger_s: float) -> int:
        """Return how many sessions are open, or were until `linger_s` ago."""
        now = time.monotonic()
        return self._open + sum(now - closed < linger_s for closed in self._closed)

    def _until_free(self) -> float | None:
        """Return in how many seconds the next lingering place is free, None where none lingers."""
        now = time.monotonic()
        left = [closed + self._linger_s - now for closed in self._closed]
        return min((each for each in left if each > 0), default=None)

    async def _change(self, within: float | None) -> None:
        self._changed.clear()
        try:
            async with asyncio.timeout(within):
                await self._changed.wait()
        except TimeoutError:
            return
