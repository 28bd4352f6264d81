"""A conformance run from end to end: scenarios, traces, verdicts, report."""

from __future__ import annotations

import asyncio
import contextlib
import datetime as dt
import functools
import time
from collections.abc import AsyncIterator, Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING

from generators.events import Events
from protocol.catalogue import DEFAULT, dialect_of
from protocol.dialect import DialectName
from realtime_conformance.application.prices import Prices
from realtime_conformance.application.report_folder import REPLAYS, TRACES, remove_recordings
from realtime_conformance.application.targets import UNKNOWN_MODEL, Choice
from realtime_conformance.supervision.interruption import Signals
from schemas.contract import Contract
from suites.depth import STANDARD, Depth
from suites.features import offered
from suites.generated import WORLD
from suites.outcome import Listener, Outcome, Settling
from suites.probing import decided
from suites.running import Run
from suites.scenario import Scenario
from suites.scheduling import cost_of, fits
from suites.stage import Oracle
from wire.budget import Budget, Cost, Estimate, thrown_away
from wire.endpoint import Auth, Endpoint
from wire.meter import Meter
from wire.patience import Patience

if TYPE_CHECKING:
    from realtime_conformance.application.earlier_report import Played
    from reference.server import ReferenceServer
    from reports.baseline import Baseline
    from reports.model import Report
    from rules.engine import Rulebook

_CREDENTIAL = "Y29uZm9ybWFuY2U6c3VpdGU="


@dataclass(slots=True)
class Plan:
    """What to run against whom, and where to leave what comes of it.

    Without `choice`, the embedded reference server is started and judged, in `dialect`. The scenarios are
    played `repeats` times, with one budget for all. `whole` says whether they are all there are. `contract`
    is what is judged by and `events` what generated scenarios say, None for our own document's. The report is
    held against `baseline`. Verdicts on requirements that are `deselected` are of no interest to anybody.
    """

    scenarios: Sequence[Scenario]
    out: Path
    choice: Choice | None = None
    dialect: DialectName = DEFAULT
    contract: Contract | None = None
    events: Events | None = None
    depth: Depth = STANDARD
    budget: Budget = field(default_factory=Budget)
    strict: bool = False
    probing: bool = True
    also: Sequence[DialectName] = ()
    listener: Listener | None = None
    repeats: int = 1
    patient: bool = False  # every wait is full, whatever the waits before it have shown
    deadline: float | None = None  # seconds that the whole run may take
    whole: bool = True
    baseline: Baseline | None = None
    deselected: Collection[str] = ()
    run: Run | None = None
    runs: list[Run] = field(default_factory=list)
    book: Rulebook | None = None  # for a look at traces while the run lasts
    started: dt.datetime = field(default_factory=lambda: dt.datetime.now(dt.UTC))
    earlier: Played | None = None  # what a run that is continued has played
    interrupted: bool = False
    stopped: str = ""  # why whoever cancels it wants no more: that is no interruption
    duration_s: float = 0.0

    @property
    def spoken_dialect(self) -> DialectName:
        """The dialect in which it speaks."""
        return self.choice.endpoint.dialect if self.choice is not None else self.dialect

    @property
    def offers(self) -> dict[str, bool]:
        """For every feature, whether it is taken to be offered before anybody asked."""
        return self.choice.offers if self.choice is not None else offered(_EMBEDDED)

    @property
    def prices(self) -> Prices:
        """What the target costs in money."""
        return self.choice.prices if self.choice is not None else Prices()

    @property
    def cost(self) -> Cost:
        """What it costs at most."""
        return self.estimate.most

    @property
    def estimate(self) -> Estimate:
        """What it costs."""
        dialect, offers = self.spoken_dialect, self.offers
        once = cost_of(self.scenarios, dialect, offers, self.depth, probing=self.probing)
        again = cost_of(self.scenarios, dialect, offers, self.depth, probing=False)
        more = self.repeats - 1
        likely, most = once.likely + again.likely.times(more), once.most + again.most.times(more)
        return Estimate(likely, most + self._again(likely))

    @property
    def allowance(self) -> Cost:
        """What may be spent of that on what has to be played again."""
        return self._again(self.estimate.likely)

    def _again(self, likely: Cost) -> Cost:
        played = (s for s in self.scenarios if s.costs is None and fits(s, self.spoken_dialect, self.offers))
        dearest = functools.reduce(Cost.greatest, (s.cost(self.depth) for s in played), Cost())
        return thrown_away(likely, dearest)

    async def perform(self) -> None:
        """Play the scenarios; what was captured is kept also when this is cancelled."""
        folder = self.out / TRACES
        remove_recordings(self.out, TRACES, REPLAYS, but=self.earlier.traces if self.earlier else ())
        if self.earlier is not None:
            self.earlier.bring(folder)
        began = time.monotonic()
        try:
            async with self._target() as choice:
                await self._play(choice, folder)
        except asyncio.CancelledError:
            self.interrupted = not self.stopped
            if self.stopped and self.run is not None:
                self.run.cut(self.scenarios, self.stopped)
        finally:
            self.duration_s = time.monotonic() - began

    async def _play(self, choice: Choice, folder: Path) -> None:
        meter, began = Meter(self.budget, again=self.allowance), time.monotonic()
        for number in range(1, self.repeats + 1):
            before = self.run
            then = self.earlier
            probed = {} if then is None else then.probed
            self.run = Run(
                endpoint=choice.endpoint,
                folder=folder,
                concurrency=choice.concurrency,
                offers=decided(choice.declared, probed, choice.offers) if before is None else before.offers,
                declared=choice.declared,
                probing=self.probing and before is None and not probed,
                probed=probed if before is None else before.probed,
                absent=(then.absent if then else {}) if before is None else before.absent,
                names=choice.names,
                listener=self.listener,
                depth=self.depth,
                events=self.events,
                meter=meter,
                suffix=f".run{number}" if self.repeats > 1 else "",
                patience=Patience(learning=not self.patient),
            )
            self.run.oracle = self._oracle(self.run)
            self.run.settles = self._settles(self.run)
            if before is not None:
                self.run.coverage, self.run.patience = before.coverage, before.patience
                self.run.crowd = before.crowd
            self.runs.append(self.run)
            left = None if self.deadline is None else began + self.deadline - time.monotonic()
            await self.run.play(self.scenarios, within=left)
            if self.run.given_up:
                break

    @contextlib.asynccontextmanager
    async def _target(self) -> AsyncIterator[Choice]:
        if self.choice is not None:
            yield self.choice
            return
        from reference.server import ReferenceServer, ServerOptions  # noqa: PLC0415 - only where it is judged

        options = ServerOptions(seed=self.depth.seed, credentials=frozenset((_CREDENTIAL,)))
        async with ReferenceServer(options) as server:
            yield embedded(server, self.dialect)

    def _oracle(self, run: Run) -> Oracle:
        @functools.cache
        def opened() -> Oracle:
            from realtime_conformance.application.run_report import oracle_of  # noqa: PLC0415 - as below

            return oracle_of(self, run)

        def violated(path: Path) -> Mapping[str, int]:
            return opened()(path)

        return violated

    def _settles(self, run: Run) -> Settling:
        def settled(path: Path) -> str | None:
            from realtime_conformance.application.run_report import another_protocol  # noqa: PLC0415 - as below

            return another_protocol(path, run.oracle)

        return settled

    # What judges and reports is loaded when it is needed: the first frame does not wait for it.

    def violated(self, outcome: Outcome) -> set[str]:
        """Return the MUSTs that the traces of a scenario violate: a look at them while the run lasts."""
        from realtime_conformance.application.run_report import violated  # noqa: PLC0415

        return violated(self, outcome)

    def report(self) -> Report:
        """Judge what was captured so far and return the report."""
        from realtime_conformance.application.run_report import report  # noqa: PLC0415

        return report(self)

    def report_of(self, outcomes: Sequence[Outcome], also: Sequence[DialectName] = ()) -> Report:
        """Return the report on some of the scenarios only."""
        from realtime_conformance.application.run_report import report_of  # noqa: PLC0415

        return report_of(self, outcomes, also)

    def spending(self) -> str:
        """Return what was spent so far, and of how much: `3/30 sessions · 2 responses · 5 s · 40 tokens`."""
        if self.run is None:
            return ""
        units = {"sessions": "sessions", "responses": "responses", "audio_s": "s", "tokens": "tokens"}
        spent = self.run.meter.spent()
        limits = {name: getattr(self.budget, name) for name in units}
        return " · ".join(
            f"{spent[name]:g}" + (f"/{limits[name]:g}" if limits[name] is not None else "") + f" {unit}"
            for name, unit in units.items()
        )


def spoken(contract: Contract) -> Events:
    """Return what generated scenarios say by `contract`. Raises `DocumentError` where that cannot be made."""
    events = Events(contract, WORLD)
    events.check()
    return events


_EMBEDDED = {"subprotocol-auth": True, "authentication": True}


def embedded(server: ReferenceServer, dialect: DialectName) -> Choice:
    """Return the reference server as a target."""
    scheme = dialect_of(dialect).scheme
    auth = Auth(scheme, _CREDENTIAL if scheme != "none" else "")
    endpoint = Endpoint(server.url(dialect), dialect, auth, name="reference")
    # It answers within milliseconds; waiting longer for what does not come would only cost time.
    endpoint = replace(endpoint, timeouts=replace(endpoint.timeouts, answer=4.0, silence=5.0))
    features = {**_EMBEDDED, "authentication": scheme != "none"}
    names = {"unknown_model": UNKNOWN_MODEL, "second_model": "openai/gpt-4.1-mini"}
    return Choice(endpoint, features, concurrency=8, names=names)


def perform(plan: Plan, signals: Signals) -> None:
    """Perform `plan`; when a signal comes, stop, and keep what there is.

    Raises KeyboardInterrupt where there is nothing yet.
    """

    async def until_interrupted() -> None:
        task = asyncio.ensure_future(plan.perform())
        with signals.cancelling(task):
            try:
                await task
            except asyncio.CancelledError:  # before it had begun, or while it was about to end
                plan.interrupted = True

    asyncio.run(until_interrupted())
    if plan.interrupted and plan.run is None:
        raise KeyboardInterrupt
