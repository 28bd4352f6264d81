"""When a run gives up on a server: one that is not there, that never speaks, or that floods."""

from __future__ import annotations

from dataclasses import dataclass

from suites.outcome import never_spoke
from wire.failures import QuotaEnded, WireError
from wire.meter import Meter

_MUTE_AFTER = 3  # scenarios in a row without a single server event: it will not begin to speak any more
_LOST_AFTER = 5  # sessions in a row that could not be opened
_FLOODED_AFTER = 3  # sessions that were cut off: the next would be, too
_MOST_FRAMES = 1_000_000  # of one run: many times what the longest conversations bring
_MOST_VOLUME = 512 * 2**20  # characters and bytes in them
_FLOOD = "the server sends more than this suite listens to"


@dataclass(slots=True)
class GivingUp:
    """What speaks against going on with a server: `reason` says why nothing more is sent, empty so far.

    `opened` says whether any session came about, `failure` what kept the last one from it; `settled` why
    nothing more had to be tried, where that is the reason. `floods` counts the sessions that were cut off,
    `silent_end` says how a session ended in which the server said nothing.
    """

    meter: Meter
    reason: str = ""
    settled: str = ""
    opened: bool = False
    failure: WireError | None = None
    floods: int = 0
    silent_end: str = ""
    _mute: int = 0
    _lost: int = 0
    _frames: int = 0  # that came before this run
    _volume: int = 0

    def begin(self) -> None:
        """Let what came before count for nothing: it belongs to an earlier run."""
        self._frames, self._volume = self.meter.frames, self.meter.volume

    @property
    def volume(self) -> int:
        """Characters and bytes that have come in this run."""
        return self.meter.volume - self._volume

    def because(self, why: str) -> str:
        """Give up `why`, unless there was a reason before, or it is empty; return the reason."""
        self.reason = self.reason or why
        return self.reason

    def settle(self, why: str) -> None:
        """Send nothing more: what came settles the run."""
        self.reason = self.settled = why

    def look_at_all(self) -> None:
        """Give up on a server that fills disk and time with what nobody asked for, or has no quota left."""
        frames = self.meter.frames - self._frames
        if self.floods >= _FLOODED_AFTER or frames > _MOST_FRAMES or self.volume > _MOST_VOLUME:
            self.because(_FLOOD)
        if self.meter.quota:
            self.because(QuotaEnded(self.meter.quota).reason)

    def lost(self, error: WireError) -> None:
        """Note that no session came about; give up on a server that is not there, or not any more."""
        self.failure = error
        self._lost += 1
        if not self.opened or self._lost >= _LOST_AFTER:
            self.reason = error.reason

    def out_of_quota(self, error: WireError) -> None:
        """Give up: nothing more is to be had."""
        self.because(error.reason)
        self.failure = self.failure or error

    def had_one(self, *, spoke: bool, waited: bool) -> None:
        """Note that a session came about; give up on a server that never speaks, however long one waits."""
        self.opened, self._lost = True, 0
        self._mute = 0 if spoke else self._mute + waited
        if self._mute >= _MUTE_AFTER and not self.meter.heard:
            self.reason = never_spoke(self.silent_end)

    def look_back(self) -> None:
        """Say at the end that the server never spoke, also where it was only asked twice."""
        if self.meter.sessions and not self.meter.heard:
            self.because(never_spoke(self.silent_end))
