"""What a run waited for in vain: who, when, for how long."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Waited:
    """A wait that brought nothing, on the session whose trace is `trace`.

    It began at `start` (by the monotonic clock) and took `took_s` seconds; a `full` one was not cut short.
    """

    awaited: str
    trace: str
    start: float
    took_s: float
    full: bool
