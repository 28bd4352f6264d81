"""A load run: its steps, one after the other, and what came of each, window by window."""

from __future__ import annotations

import asyncio
import contextlib
import sys
import time
from collections.abc import AsyncIterator, Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from load.calling import Calling
from load.judged_sessions import JudgedSessions, SessionJudge, Timed
from load.load_counts import LoadCounts
from load.load_plan import LoadPlan, LoadStep
from rules.observer import Observer
from wire.endpoint import Endpoint
from wire.meter import Meter

_WINDOWS = 20  # of a step
_SHORTEST_S = 0.5
_BEAT_S = 0.05  # between two looks at how late our own event loop is
_PAGE = 4096


@dataclass(frozen=True, slots=True)
class Window:
    """A stretch of a step that ended `t_s` after its beginning: what came of it, and how much memory we use.

    `times` holds, by kind, the median and the 95th percentile in seconds; `violations` are findings.
    """

    t_s: float
    turns: int
    violations: int
    times: Mapping[str, tuple[float, float]]
    open_now: int
    memory_mb: float


@dataclass(slots=True)
class StepResult:
    """What came of a step: `whole` unless it was cut short."""

    step: LoadStep
    counts: LoadCounts = field(default_factory=LoadCounts)
    duration_s: float = 0.0
    most_open: int = 0
    whole: bool = False
    ended: bool = False
    windows: list[Window] = field(default_factory=list)

    @property
    def violations(self) -> int:
        """Findings of all requirements."""
        return sum(tally.violations for tally in self.counts.tallies.values())


@dataclass(slots=True)
class LoadRun:
    """A run of `plan` against `endpoint`. `results` grows while it lasts; `over` says why it ended early.

    `observing` makes what measures times in a session, see `JudgedSessions`; `told` is called after each
    window, with the result so far.
    """

    plan: LoadPlan
    endpoint: Endpoint
    folder: Path
    judge: SessionJudge
    observing: Callable[[Timed], Observer]
    meter: Meter = field(default_factory=Meter)
    offers: Mapping[str, bool] = field(default_factory=dict)
    told: Callable[[StepResult], None] = lambda _: None
    results: list[StepResult] = field(default_factory=list)
    over: str = ""
    ever_opened: bool = False
    _now: LoadCounts = field(default_factory=LoadCounts)

    async def play(self) -> None:
        """Hold all steps. Cancelled, it keeps what there is."""
        for step in self.plan.steps:
            if self.over:
                break
            await self._step(step)

    async def _step(self, step: LoadStep) -> None:
        result = StepResult(step)
        self.results.append(result)
        sessions = JudgedSessions(self.judge, self.observing, lambda: self._now)
        calling = Calling(
            self.endpoint,
            self.plan,
            self.meter,
            self.folder,
            sessions,
            lambda: self._now,
            self.offers,
            ever_opened=self.ever_opened,
        )
        began, audio_s = time.monotonic(), self.meter.audio_s
        try:
            async with self._watched(result, calling, began):
                await calling.hold(step)
            result.whole = not calling.over
        finally:
            self._close_window(result, calling, began)
            result.duration_s = time.monotonic() - began
            result.ended = True
            result.counts.audio_s = round(self.meter.audio_s - audio_s, 1)
            self.over, self.ever_opened = self.over or calling.over, calling.ever_opened
            self.told(result)

    @contextlib.asynccontextmanager
    async def _watched(self, result: StepResult, calling: Calling, began: float) -> AsyncIterator[None]:
        """Look at our own lag, and close a window every so often, as long as the block lasts."""
        watching = asyncio.ensure_future(self._watch(result, calling, began))
        try:
            yield
        finally:
            watching.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await watching

    async def _watch(self, result: StepResult, calling: Calling, began: float) -> None:
        every = max(_SHORTEST_S, self.plan.duration_s / _WINDOWS)
        window_ends = began + every
        due = time.monotonic() + _BEAT_S
        while True:
            await asyncio.sleep(max(0.0, due - time.monotonic()))
            now = time.monotonic()
            self._now.lag.note(max(0.0, now - due))
            result.most_open = max(result.most_open, calling.open_now)
            due = now + _BEAT_S
            if now >= window_ends:
                window_ends = now + every
                self._close_window(result, calling, began)
                self.told(result)

    def _close_window(self, result: StepResult, calling: Calling, began: float) -> None:
        window, self._now = self._now, LoadCounts()
        result.counts.add(window)
        if window == LoadCounts():
            return
        times = {
            kind: (found.percentile(50) or 0.0, found.percentile(95) or 0.0)
            for kind, found in window.times.items()
        }
        violations = sum(tally.violations for tally in window.tallies.values())
        passed = round(time.monotonic() - began, 2)
        result.windows.append(Window(passed, window.turns, violations, times, calling.open_now, memory_mb()))


def memory_mb() -> float:
    """Return how much memory this process has, in megabytes; the most it had where only that is known."""
    with contextlib.suppress(OSError, ValueError, IndexError):
        pages = int(Path("/proc/self/statm").read_text(encoding="ascii").split()[1])
        return round(pages * _PAGE / 2**20, 1)
    if sys.platform == "win32":
        return 0.0
    import resource  # noqa: PLC0415 - POSIX only

    most = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return round(most / (2**20 if sys.platform == "darwin" else 2**10), 1)
