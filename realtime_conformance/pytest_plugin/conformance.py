"""The run behind the items of pytest: which scenarios are needed, their outcomes, the verdicts."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Mapping, Sequence
from concurrent.futures import Future
from dataclasses import replace
from typing import Any

import click
import pytest

from realtime_conformance.application.conformance_run import ConformanceRun
from realtime_conformance.application.judging import contract_for
from realtime_conformance.application.plan import Plan
from realtime_conformance.application.planning import plan_of, server_of, target_given
from realtime_conformance.application.since_earlier import earlier_side
from realtime_conformance.pytest_plugin.items import (
    HarnessError,
    RequirementItem,
    ScenarioItem,
)
from realtime_conformance.pytest_plugin.items_run import ItemsRun
from realtime_conformance.supervision.server_process import Server, StartError
from reports.model import Report, ScenarioResult
from reports.repeats import WORST
from rules.profiles import judged_by
from suites.outcome import Outcome
from suites.scenario import Scenario, catalogue
from wire.budget import spent_in_words

_STOPPED = "pytest was to stop at the first failure, and there was one"


class Conformance(ItemsRun):
    """The run behind the items: which scenarios are needed, their outcomes, the verdicts."""

    def __init__(self, plan: Plan, server: Server | None, *, narrow: bool) -> None:
        super().__init__()
        self.plan = plan
        self.run = ConformanceRun(plan)  # of nothing, until it begins
        self.dialect, self.out = plan.dialect, plan.out
        self.entries, self.scenarios = judged_by(plan.as_of), catalogue()
        self.narrow = narrow  # single modules or scenarios were named
        self.server = server
        self.client_events: tuple[str, ...] = tuple((plan.contract or contract_for(plan.dialect)).client)
        self._futures: dict[str, Future[Outcome]] = {}
        self._ended: dict[str, list[Outcome]] = {}
        self._thread: threading.Thread | None = None
        self._loop: asyncio.AbstractEventLoop | None = None
        self._task: asyncio.Task[None] | None = None
        self._enough = 0  # violated requirements after which nothing more is sent; 0 for no such number
        self._asked: set[str] = set()
        self._violated: set[str] = set()

    @classmethod
    def made(cls, given: Mapping[str, Any], *, enough: int, narrow: bool) -> Conformance:
        """Return the run that options describe; nothing is sent once `enough` requirements are violated.

        Raises what tells which of the options cannot work.
        """
        target = target_given(given)
        server = server_of(given, target)
        plan = plan_of(given, target, (), since=earlier_side(given["since"]))
        if target.embedded and server is not None:  # what is judged is known before anything is started here
            raise click.UsageError("--start needs --endpoint URL, or --target NAME, in pytest")
        made = cls(plan, server, narrow=narrow)
        made._enough = enough
        return made

    def begin(self, items: list[pytest.Item]) -> str:
        """Start the scenarios that the selected items need, in a thread beside pytest; say what they cost."""
        selected = [i.scenario for i in items if isinstance(i, ScenarioItem)]
        provoked = {id_ for s in selected for id_ in s.provokes}
        # A requirement that was selected without any of its scenarios brings them along.
        needed = {i.requirement.id for i in items if isinstance(i, RequirementItem)} - provoked
        every = catalogue()
        judged = {e.id for e in self.entries.judged(self.dialect)}
        asked = {i.requirement.id for i in items if isinstance(i, RequirementItem)}
        self._asked = asked
        played = [s for s in every if s in selected or needed & set(s.provokes)]
        self.plan = replace(
            self.plan,
            scenarios=played,
            whole=len(played) == len(every),
            deselected=judged - asked if asked else (),
        )
        self.run = ConformanceRun(self.plan)
        self._futures = {s.id: Future() for s in played}
        self._thread = threading.Thread(target=self._run, name="conformance", daemon=True)
        estimate, prices = self.plan.estimate, self.plan.prices
        cost = f"costs at most: {estimate.most}{prices.in_words(estimate.most)}"
        if estimate.likely != estimate.most:
            cost += f"; likely: {estimate.likely}{prices.in_words(estimate.likely)}"
        self.check_folder()
        self.signals.__enter__()  # `finish` lets go of them
        if self.server is not None:
            self._start(self.server)
        self._thread.start()
        return cost

    def _start(self, server: Server) -> None:
        try:
            server.__enter__()  # `end` stops it
        except StartError as error:
            pytest.exit(str(error), returncode=int(error.exit))

    def _run(self) -> None:
        async def perform() -> None:
            self._loop = asyncio.get_running_loop()
            self._task = asyncio.current_task()
            await self.run.perform(self)

        try:
            asyncio.run(perform())
        except BaseException as error:  # noqa: BLE001 - nobody may wait for ever
            trouble: BaseException = HarnessError(f"the run broke: {type(error).__name__}: {error}")
        else:
            trouble = HarnessError("the run ended before this scenario")
        last = {o.scenario.id: o for o in self.run.run.outcomes} if self.run.run is not None else {}
        for id_, future in self._futures.items():
            if future.done():
                continue
            if self.run.stopped and id_ in last:
                future.set_result(last[id_])
                continue
            if id_ in self._ended:  # some of several runs
                future.set_result(worst(self._ended[id_]))
            else:
                future.set_exception(trouble)

    frames = None  # pytest shows what it captured of a scenario, not each frame as it comes

    def began(self, scenario: Scenario) -> None:
        """Hear that a scenario has begun."""

    def ended(self, outcome: Outcome) -> None:
        """Hear that a scenario has ended; once it has in every run, its item has an outcome."""
        ended = self._ended.setdefault(outcome.scenario.id, [])
        ended.append(outcome)
        future = self._futures[outcome.scenario.id]
        if len(ended) == self.plan.repeats and not future.done():
            future.set_result(worst(ended))
        self._stop_after_enough(outcome)

    def _stop_after_enough(self, outcome: Outcome) -> None:
        """Send nothing more once as many requirements are violated as `-x` or `--maxfail` allow."""
        if not self._enough or self.run.stopped:
            return
        baseline = self.plan.baseline
        known = {entry.requirement for entry in baseline.entries} if baseline is not None else set()
        self._violated |= self.run.violated(outcome) & self._asked - known
        if len(self._violated) >= self._enough:
            self.run.stop(_STOPPED)

    def end(self) -> None:
        """Wait for the run to end; cut it short where pytest is leaving early."""
        if self._thread is None:
            return
        try:
            self._finish_run()
        finally:
            if self.server is not None:
                self.server.stop()

    def _finish_run(self) -> None:
        if self._thread is None or not self._thread.is_alive():
            return
        waiting = not all(f.done() for f in self._futures.values())
        if waiting and self._loop is not None and self._task is not None:
            self._loop.call_soon_threadsafe(self._task.cancel)
        self._thread.join()

    def outcome(self, scenario: Scenario) -> Outcome:
        """Return how a scenario went, once it has."""
        return self._futures[scenario.id].result()

    def explanation(self, outcome: Outcome) -> ScenarioResult:
        """Return how a scenario went, with the requirement that explains a stall."""
        return self.run.report_of([outcome]).scenarios[0]

    def judged(self) -> Report:
        """Wait for all scenarios, and judge what was captured."""
        for future in self._futures.values():
            future.exception()  # waits
        if self._thread is not None:
            self._thread.join()
        return self.run.report()

    @property
    def begun(self) -> bool:
        """Whether there is anything to report on."""
        return bool(self.run.runs)

    @property
    def spent(self) -> str:
        """What was spent, in words."""
        return spent_in_words(self.report.spent)


def worst(outcomes: Sequence[Outcome]) -> Outcome:
    """Return the outcome of several runs of one scenario that says most."""
    return min(outcomes, key=lambda outcome: WORST.index(outcome.status))
