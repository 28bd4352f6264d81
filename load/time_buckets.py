"""Times in buckets: percentiles of any number of them in little memory, and sums that add up exactly."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field

_LEAST_S = 1e-5
_WIDER = math.log(1.02)  # each bucket is 2 % wider than the one before


@dataclass(slots=True)
class TimeBuckets:
    """Times, in seconds, each known to 2 %. Adding up is associative and commutative."""

    counts: Counter[int] = field(default_factory=Counter)

    def note(self, seconds: float) -> None:
        """Take in a time; what is shorter than 10 µs counts as that."""
        self.counts[math.floor(math.log(max(seconds, _LEAST_S)) / _WIDER)] += 1

    def add(self, other: TimeBuckets) -> None:
        """Take in the times of `other`."""
        self.counts.update(other.counts)

    @property
    def number(self) -> int:
        """How many times there are."""
        return self.counts.total()

    def percentile(self, percent: float) -> float | None:
        """Return the time that `percent` of all do not exceed; None where there are none."""
        left = math.ceil(self.number * percent / 100)
        for bucket in sorted(self.counts):
            left -= self.counts[bucket]
            if left <= 0:
                return math.exp((bucket + 0.5) * _WIDER)
        return None

    @classmethod
    def of(cls, times: Iterable[float]) -> TimeBuckets:
        """Return the buckets of `times`."""
        made = cls()
        for each in times:
            made.note(each)
        return made
