"""Where the time of a run went: waits for what never came, and the longest path. Plain data."""

from __future__ import annotations

from dataclasses import dataclass

MOSTLY = 0.5
"""A server whose silence took more of the time than this is told so on the terminal."""


@dataclass(frozen=True, slots=True)
class Waits:
    """The waits for one thing that brought nothing, how many of them were full, and their seconds in all."""

    awaited: str
    waits: int
    full: int
    seconds: float


@dataclass(frozen=True, slots=True)
class Leg:
    """A scenario on the longest path, in seconds: when it began, what it took, and of that waits in vain."""

    scenario: str
    began_s: float
    took_s: float
    silent_s: float


@dataclass(frozen=True, slots=True)
class Timing:
    """Where `duration_s` seconds of playing went.

    `waits` are by kind, those that took most first. `path` holds the scenarios of which each waited for the
    end of the one before it, up to the last of all: nothing else would have made the run shorter. In
    `silence_s` seconds of that, the path waited for what never came.
    """

    duration_s: float
    silence_s: float
    waits: tuple[Waits, ...] = ()
    path: tuple[Leg, ...] = ()

    @property
    def share(self) -> float:
        """What part of the time was the server's silence."""
        return min(1.0, self.silence_s / self.duration_s) if self.duration_s else 0.0

    @property
    def percent(self) -> str:
        """The same in words: `62 %`."""
        return f"{self.share:.0%}".replace("%", " %")

    @property
    def sentence(self) -> str:
        """What a reader has to know of it; empty where there were no waits in vain."""
        if not self.waits:
            return ""
        most = self.waits[0]
        full = sum(each.full for each in self.waits)
        number = sum(each.waits for each in self.waits)
        return (
            f"{self.percent} of the time ({self.silence_s:.0f} of {self.duration_s:.0f} s) was the "
            f"server's silence: {number} wait{'s' * (number > 1)} in vain, {full} of them in full, "
            f"most of the time for {most.awaited}."
        )
