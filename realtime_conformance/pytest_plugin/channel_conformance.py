"""The run behind the items of pytest where another channel than realtime is judged."""

from __future__ import annotations

import asyncio
import threading
from concurrent.futures import Future
from pathlib import Path
from typing import Any

import pytest

from packs.catalogue import PACKS
from packs.pack import Pack
from packs.pack_run import PlayedTalk
from packs.scenario import PackScenario
from realtime_conformance.application.channel_run import ChannelRun, channel_run
from realtime_conformance.application.since_earlier import compared_with, earlier_side
from realtime_conformance.pytest_plugin.items import HarnessError, RequirementItem, ScenarioItem
from realtime_conformance.pytest_plugin.items_run import ItemsRun
from reports.compare import ComparedReport
from reports.model import Report, ScenarioResult

_NO_SELECTION = {"k": (), "only_failed": None, "continue": None}  # pytest selects by itself


class ChannelConformance(ItemsRun):
    """The run of a channel's scenarios; what changed since the report `since` is said."""

    def __init__(self, run: ChannelRun, since: ComparedReport | None, *, narrow: bool) -> None:
        super().__init__()
        self.run, self.narrow, self._since = run, narrow, since
        self.dialect, self.out = run.target.dialect, run.out
        self.entries, self.scenarios = run.pack.judged_by(run.as_of), _played_in(run)
        self.client_events = tuple(run.pack.contract.client)
        self.scenario_file = file_of_scenarios(run.pack)
        self._futures: dict[str, Future[PlayedTalk]] = {}
        self._thread: threading.Thread | None = None
        self._loop: asyncio.AbstractEventLoop | None = None
        self._task: asyncio.Task[None] | None = None

    @classmethod
    def made(cls, name: str, given: dict[str, Any], *, narrow: bool) -> ChannelConformance:
        """Return the run of the channel of that `name`. Raises what tells which option cannot work."""
        run = channel_run(PACKS[name], {**given, **_NO_SELECTION})
        return cls(run, earlier_side(given["since"]), narrow=narrow)

    def begin(self, items: list[pytest.Item]) -> str:
        """Start the scenarios that the selected items need, in a thread beside pytest; say what they cost."""
        selected = {i.scenario.id for i in items if isinstance(i, ScenarioItem)}
        asked = {i.requirement.id for i in items if isinstance(i, RequirementItem)}
        every = _played_in(self.run)
        # A requirement that was selected without any of its scenarios brings them along.
        needed = asked - {id_ for s in every if s.id in selected for id_ in s.provokes}
        self.run.scenarios = [s for s in every if s.id in selected or needed & set(s.provokes)]
        self.run.whole = len(self.run.scenarios) == len(every)
        self.run.deselected = {e.id for e in self.entries.judged(self.dialect)} - asked if asked else ()
        self._futures = {s.id: Future() for s in self.run.scenarios}
        self.check_folder()
        self.signals.__enter__()  # `finish` lets go of them
        self._thread = threading.Thread(target=self._run, name="conformance", daemon=True)
        self._thread.start()
        return f"costs at most: {self.run.cost}"

    def _run(self) -> None:
        async def perform() -> None:
            self._loop = asyncio.get_running_loop()
            self._task = asyncio.current_task()
            await self.run.perform(self)

        trouble: BaseException = HarnessError("the run ended before this scenario")
        try:
            asyncio.run(perform())
        except asyncio.CancelledError:
            self.run.interrupted = True
        except BaseException as error:  # noqa: BLE001 - nobody may wait for ever
            trouble = HarnessError(f"the run broke: {type(error).__name__}: {error}")
        for future in self._futures.values():
            if not future.done():
                future.set_exception(trouble)

    frames = None  # pytest shows what it captured of a scenario, not each frame as it comes

    def began(self, scenario: PackScenario) -> None:
        """Hear that a scenario has begun."""

    def ended(self, outcome: PlayedTalk) -> None:
        """Hear that a scenario has ended: its item has an outcome."""
        self._futures[outcome.scenario.id].set_result(outcome)

    def end(self) -> None:
        """Wait for the run to end; cut it short where pytest is leaving early."""
        if self._thread is None or not self._thread.is_alive():
            return
        waiting = not all(future.done() for future in self._futures.values())
        if waiting and self._loop is not None and self._task is not None:
            self._loop.call_soon_threadsafe(self._task.cancel)
        self._thread.join()

    def outcome(self, scenario: PackScenario) -> PlayedTalk:
        """Return how a scenario went, once it has."""
        return self._futures[scenario.id].result()

    def explanation(self, outcome: PlayedTalk) -> ScenarioResult:
        """Return how a scenario went, with the requirement that explains a stall."""
        return self.run.report_of([outcome]).scenarios[0]

    def judged(self) -> Report:
        """Wait for all scenarios, and judge what was captured."""
        if self._thread is not None:
            self._thread.join()
        return compared_with(self._since, self.run.report())

    @property
    def begun(self) -> bool:
        """Whether there is anything to report on."""
        return self.run.run is not None

    @property
    def spent(self) -> str:
        """What was spent, in words."""
        return self.run.spent


def _played_in(run: ChannelRun) -> tuple[PackScenario, ...]:
    return tuple(each for each in run.pack.scenarios if each.played_at(run.depth))


def file_of_scenarios(pack: Pack) -> Path:
    """Return the file in which the scenarios of `pack` stand."""
    return pack.folder.resolve() / "scenarios.py"
