"""Lets so many at once through, those first whose turn came earlier, however late they ask."""

from __future__ import annotations

import asyncio
import contextlib
import heapq
import itertools
from collections.abc import AsyncIterator


class Gate:
    """A semaphore with `places`, whose waiters come in by their `turn`."""

    def __init__(self, places: int) -> None:
        self._free = max(1, places)
        self._waiting: list[tuple[int, int, asyncio.Future[None]]] = []
        self._numbers = itertools.count()

    @contextlib.asynccontextmanager
    async def place(self, turn: int = 0) -> AsyncIterator[None]:
        """Hold a place for as long as the block lasts; wait for it where there is none."""
        if self._free and not self._waiting:
            self._free -= 1
        else:
            place: asyncio.Future[None] = asyncio.get_running_loop().create_future()
            heapq.heappush(self._waiting, (turn, next(self._numbers), place))
            try:
                await place
            except asyncio.CancelledError:
                if place.done() and not place.cancelled():
                    self._pass_on()
                raise
        try:
            yield
        finally:
            self._pass_on()

    def _pass_on(self) -> None:
        """Give a place to whoever is next; those that do not wait any more are passed over."""
        while self._waiting:
            _, _, place = heapq.heappop(self._waiting)
            if not place.done():
                place.set_result(None)
                return
        self._free += 1
