"""Waits of one session that were cut short: what was awaited is listened for to the end of the session."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

from wire.frames import Received


@dataclass(frozen=True, slots=True)
class Wait:
    """What is awaited past `since`, a `seq`, from a moment on.

    A full wait for it takes `full_s` seconds; so many `full_waits` were in vain before. What it is awaited
    `about` makes its kind narrower, see `wire.patience`.
    """

    awaited: str
    condition: Callable[[Received], bool]
    since: int
    start: float
    full_s: float
    full_waits: int = 0
    about: str = ""
    streaming: bool = False


@dataclass(slots=True)
class Hurried:
    """The short waits of a session that brought nothing so far. `too_short` once something came after one."""

    too_short: bool = False
    _waits: list[Wait] = field(default_factory=list)

    def add(self, wait: Wait) -> None:
        """Keep a wait that was cut short."""
        self._waits.append(wait)

    def met_by(self, received: Received) -> Iterator[Wait]:
        """Yield the waits for what has come with `received` after all."""
        for wait in [w for w in self._waits if received.seq > w.since and w.condition(received)]:
            self.too_short = True
            self._waits.remove(wait)
            yield wait

    def open(self) -> list[tuple[str, str]]:
        """Return what did not come in the end, and about what it was awaited."""
        return [(wait.awaited, wait.about) for wait in self._waits]

    def deadlines(self, last_heard: float) -> Iterator[dict[str, Any]]:
        """Yield for the trace, at the end of a session, the waits whose condition was never met.

        Each is worth a full wait for the same thing, as those before it have shown; of nothing else does it
        say that it is missing.
        """
        now = time.monotonic()
        for wait in self._waits:
            yield {
                "awaited": wait.awaited,
                "since": wait.since,
                "waited_s": round(now - wait.start, 3),
                "silent_s": round(now - max(last_heard, wait.start), 3),
                "silent": last_heard <= wait.start,
                "full_waits": wait.full_waits,
                "worth_s": wait.full_s,
            }
