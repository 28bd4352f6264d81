"""A conformance run: a plan performed, and what comes of it: traces, verdicts, a report."""

from __future__ import annotations

import asyncio
import datetime as dt
import functools
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from protocol.dialect import DialectName
from realtime_conformance.application.plan import Plan
from realtime_conformance.application.report_folder import REPLAYS, TRACES, remove_recordings
from realtime_conformance.application.targets import Choice
from realtime_conformance.supervision.interruption import Signals
from suites.features import decided
from suites.outcome import Listener, Outcome, Settling
from suites.running import Run
from suites.stage import Oracle
from wire.meter import Meter
from wire.patience import Patience

if TYPE_CHECKING:
    from reports.model import Report
    from rules.engine import Rulebook


@dataclass(slots=True)
class ConformanceRun:
    """What comes of performing `plan`; it grows while that lasts.

    `runs` are the runs of its scenarios so far, one for each repetition that has begun. `stopped` says why
    whoever stopped it wanted no more, which is no interruption.
    """

    plan: Plan
    runs: list[Run] = field(default_factory=list)
    started: dt.datetime = field(default_factory=lambda: dt.datetime.now(dt.UTC))
    duration_s: float = 0.0
    interrupted: bool = False
    stopped: str = ""
    _book: Rulebook | None = None  # for a look at traces while it lasts
    _task: asyncio.Task[None] | None = None

    @property
    def run(self) -> Run | None:
        """The last of `runs`, None where nothing has begun."""
        return self.runs[-1] if self.runs else None

    def perform_until(self, signals: Signals, listener: Listener | None = None) -> None:
        """Perform the plan; when a signal comes, stop, and keep what there is.

        Raises KeyboardInterrupt where there is nothing yet.
        """

        async def until_interrupted() -> None:
            task = asyncio.ensure_future(self.perform(listener))
            with signals.cancelling(task):
                try:
                    await task
                except asyncio.CancelledError:  # before it had begun, or while it was about to end
                    self.interrupted = True

        asyncio.run(until_interrupted())
        if self.interrupted and not self.runs:
            raise KeyboardInterrupt

    async def perform(self, listener: Listener | None = None) -> None:
        """Play the scenarios; what was captured is kept also when this is cancelled."""
        self._task, earlier = asyncio.current_task(), self.plan.earlier
        folder = self.plan.out / TRACES
        remove_recordings(self.plan.out, TRACES, REPLAYS, but=earlier.traces if earlier else ())
        if earlier is not None:
            earlier.bring(folder)
        began = time.monotonic()
        try:
            async with self.plan.target.opened(self.plan.depth.seed) as choice:
                await self._play(choice, folder, listener)
        except asyncio.CancelledError:
            self.interrupted = not self.stopped
            if self.stopped and self.run is not None:
                self.run.cut(self.plan.scenarios, self.stopped)
        finally:
            self.duration_s = time.monotonic() - began

    def stop(self, why: str) -> None:
        """Send nothing more; `why` is told of what was not played."""
        if self._task is not None and not self.stopped:
            self.stopped = why
            self._task.cancel()

    async def _play(self, choice: Choice, folder: Path, listener: Listener | None) -> None:
        plan = self.plan
        meter, began = Meter(plan.budget, again=plan.allowance), time.monotonic()
        meter.seen = listener.frames if listener is not None else None
        for number in range(1, plan.repeats + 1):
            run = self._next_run(choice, folder, meter, number, listener)
            self.runs.append(run)
            left = None if plan.deadline is None else began + plan.deadline - time.monotonic()
            await run.play(plan.scenarios, within=left)
            if run.given_up:
                break

    def _next_run(
        self, choice: Choice, folder: Path, meter: Meter, number: int, listener: Listener | None
    ) -> Run:
        """Return a run of the scenarios that knows what those before it have found out."""
        plan, before, then = self.plan, self.run, self.plan.earlier
        probed = {} if then is None else then.probed
        run = Run(
            endpoint=choice.endpoint,
            folder=folder,
            concurrency=choice.concurrency,
            offers=decided(choice.declared, probed, choice.offers) if before is None else before.offers,
            declared=choice.declared,
            probing=plan.probing and before is None and not probed,
            probed=probed if before is None else before.probed,
            absent=(then.absent if then else {}) if before is None else before.absent,
            names=choice.names,
            listener=listener,
            depth=plan.depth,
            events=plan.events,
            meter=meter,
            suffix=f".run{number}" if plan.repeats > 1 else "",
            patience=Patience(learning=not plan.patient),
        )
        run.oracle = self._oracle(run)
        run.settles = self._settles(run)
        if before is not None:
            run.coverage, run.patience, run.crowd = before.coverage, before.patience, before.crowd
        return run

    def _oracle(self, run: Run) -> Oracle:
        @functools.cache
        def opened() -> Oracle:
            from realtime_conformance.application.run_report import oracle_of  # noqa: PLC0415 - as below

            return oracle_of(self.plan, run, self.started)

        def violated(path: Path) -> Mapping[str, int]:
            return opened()(path)

        return violated

    def _settles(self, run: Run) -> Settling:
        def settled(path: Path) -> str | None:
            from realtime_conformance.application.run_report import another_protocol  # noqa: PLC0415 - as below

            return another_protocol(path, run.oracle, self.plan)

        return settled

    # What judges and reports is loaded when it is needed: the first frame does not wait for it.

    def violated(self, outcome: Outcome) -> set[str]:
        """Return the MUSTs that the traces of a scenario violate: a look at them while the run lasts."""
        from realtime_conformance.application.run_report import book_of, violated  # noqa: PLC0415

        if self._book is None:
            self._book = book_of(self.plan, self.started)
        return violated(self._book, outcome, self.plan.dialect)

    def report(self) -> Report:
        """Judge what was captured so far and return the report."""
        from realtime_conformance.application.run_report import report  # noqa: PLC0415

        return report(self)

    def report_of(self, outcomes: Sequence[Outcome], also: Sequence[DialectName] = ()) -> Report:
        """Return the report on some of the scenarios only."""
        from realtime_conformance.application.run_report import report_of  # noqa: PLC0415

        return report_of(self, outcomes, also)

    def awaited(self) -> str:
        """Return what has been waited for longest, and for how long; empty where nothing is waited for."""
        waits = list(self.run.meter.awaited) if self.run is not None else []
        if not waits:
            return ""
        since, what = min(waits)
        return f"waiting {time.monotonic() - since:.0f} s for {what}"

    def spending(self) -> str:
        """Return what was spent so far, and of how much: `3/30 sessions · 2 responses · 5 s · 40 tokens`."""
        if self.run is None:
            return ""
        units = {"sessions": "sessions", "responses": "responses", "audio_s": "s", "tokens": "tokens"}
        spent = self.run.meter.spent()
        limits = {name: getattr(self.plan.budget, name) for name in units}
        return " · ".join(
            f"{spent[name]:g}" + (f"/{limits[name]:g}" if limits[name] is not None else "") + f" {unit}"
            for name, unit in units.items()
        )
