"""What came of a step of a load run, as plain data that adds up in any order."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field

from load.time_buckets import TimeBuckets
from rules.verdicts import Tally

_KINDS = 200  # of errors and ends that are told apart, whatever a server invents
OTHER_KINDS = "others"


@dataclass(slots=True)
class LoadCounts:
    """Counts over sessions that were held at once.

    `opened` sessions came about, `refused` counts those for which the server had no room, by how it said so,
    `failed` those that came to nothing otherwise, by reason. `turns` were held to their end, `stalled` counts
    those that were not, by what was missing. `errors` counts `error` events by code, `closes` how the server
    closed connections. `audio_s` are seconds of audio in both directions. `times` are those of
    `reports.statistics`; `lag` is how late our own event loop was. `tallies` are the judge's, by requirement;
    `mistakes` are our own.
    """

    opened: int = 0
    turns: int = 0
    audio_s: float = 0.0
    refused: Counter[str] = field(default_factory=Counter)
    failed: Counter[str] = field(default_factory=Counter)
    stalled: Counter[str] = field(default_factory=Counter)
    errors: Counter[str] = field(default_factory=Counter)
    closes: Counter[str] = field(default_factory=Counter)
    times: dict[str, TimeBuckets] = field(default_factory=dict)
    lag: TimeBuckets = field(default_factory=TimeBuckets)
    tallies: dict[str, Tally] = field(default_factory=dict)
    mistakes: Counter[str] = field(default_factory=Counter)

    def time(self, kind: str, seconds: float) -> None:
        """Take in a time of a kind."""
        if seconds >= 0:
            self.times.setdefault(kind, TimeBuckets()).note(seconds)

    def judged(self, tallies: dict[str, Tally]) -> None:
        """Take in what was counted in one session."""
        for id_, tally in tallies.items():
            self.tallies.setdefault(id_, Tally()).add(tally)

    def add(self, other: LoadCounts) -> None:
        """Take in what `other` counted."""
        self.opened += other.opened
        self.turns += other.turns
        self.audio_s += other.audio_s
        for name in ("refused", "failed", "stalled", "errors", "closes", "mistakes"):
            for kind, number in getattr(other, name).items():
                count_kind(getattr(self, name), kind, number)
        for kind, times in other.times.items():
            self.times.setdefault(kind, TimeBuckets()).add(times)
        self.lag.add(other.lag)
        self.judged(other.tallies)


def count_kind(counter: Counter[str], kind: str, number: int = 1) -> None:
    """Count `kind`, or what stands for all others where enough are told apart."""
    counter[kind if kind in counter or len(counter) < _KINDS else OTHER_KINDS] += number
