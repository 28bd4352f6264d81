"""Plays the scenarios of a pack against an endpoint, side by side, and captures each conversation."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from packs.keyed.talk import KeyedTalk
from packs.pack import Pack
from packs.scenario import PackScenario, Round
from suites.depth import STANDARD, Depth
from wire.budget import Cost
from wire.endpoint import Endpoint
from wire.failures import Ended, Flooded, OverBudget, QuotaEnded, Stalled, WireError
from wire.meter import Meter, Share
from wire.patience import Patience
from wire.session import open_session
from wire.trace import Recorder

_LONGER = 2.0  # times the longest wait: no conversation goes on for longer
_NOT_LET_IN = 3  # sessions in a row that could not be opened: nobody is let in
_IN_VAIN = 3  # rounds of a scenario that may end early before it gives up

Told = Callable[[Any], None]


@dataclass(frozen=True, slots=True)
class PlayedTalk:
    """How one scenario went: `outcome` is that of `suites.outcome`, `message` says why it ended early.

    `over_budget` says that it ended for want of more, and `used` what it took.
    """

    scenario: PackScenario
    outcome: str
    duration_s: float = 0.0
    traces: tuple[Path, ...] = ()
    message: str = ""
    opened: bool = False
    over_budget: bool = False
    used: Cost = field(default_factory=Cost)

    @property
    def status(self) -> str:
        """How it went, as outcomes of other scenarios call it."""
        return self.outcome


class PackRun:
    """A run of scenarios of `pack`. `played` grows while it lasts; `trouble` says why it ended early."""

    def __init__(
        self,
        pack: Pack,
        endpoint: Endpoint,
        folder: Path,
        meter: Meter,
        *,
        concurrency: int,
        depth: Depth = STANDARD,
    ) -> None:
        self._endpoint, self._folder, self._meter = endpoint, folder, meter
        self._pack, self._depth = pack, depth
        self._gate = asyncio.Semaphore(concurrency)
        self._patience = Patience()
        self._turned_away = 0
        self.played: list[PlayedTalk] = []
        self.trouble = ""

    @property
    def opened(self) -> bool:
        """Whether any session was opened."""
        return any(each.opened for each in self.played)

    async def play(
        self, scenarios: Sequence[PackScenario], began: Told = lambda _: None, ended: Told = lambda _: None
    ) -> None:
        """Play `scenarios`; whoever watches is told of each when it begins, and when it has ended."""
        async with asyncio.TaskGroup() as tasks:
            for each in scenarios:
                tasks.create_task(self._in_turn(each, began, ended))

    async def _in_turn(self, scenario: PackScenario, began: Told, ended: Told) -> None:
        async with self._gate:
            if self.trouble:
                played = PlayedTalk(scenario, "inconclusive", message=self.trouble)
            else:
                began(scenario)
                played = await self._one(scenario)
            self.played.append(played)
            ended(played)

    async def _one(self, scenario: PackScenario) -> PlayedTalk:
        """Play the rounds of a scenario, once all that they cost is set aside."""
        start, rounds = time.monotonic(), scenario.rounds(self._depth)
        cost = sum((each.cost for each in rounds), Cost())
        went: list[_Went] = []
        try:
            async with self._meter.reserved(cost) as share:
                for number, each in enumerate(rounds, 1):
                    name = f"{scenario.id}.{number}" if len(rounds) > 1 else scenario.id
                    went.append(await self._held(scenario, each, self._folder / f"{name}.jsonl", share))
                    if sum(one.outcome != "passed" for one in went) >= _IN_VAIN or went[-1].final:
                        break
                used = share.spent
        except OverBudget as error:
            return PlayedTalk(scenario, "inconclusive", message=error.reason, over_budget=True)
        first = next((one for one in went if one.outcome != "passed"), went[0])
        return PlayedTalk(
            scenario,
            first.outcome,
            time.monotonic() - start,
            tuple(one.path for one in went if one.path.exists()),
            first.message,
            any(one.opened for one in went),
            any(one.over_budget for one in went),
            used,
        )

    async def _held(self, scenario: PackScenario, each: Round, path: Path, share: Share) -> _Went:
        """Hold one conversation; return how it went. What the server did not do is for the rules to judge."""
        opened, timeouts = [False], self._endpoint.timeouts
        try:
            async with asyncio.timeout(_LONGER * (timeouts.connect + timeouts.response)):
                await self._talked(scenario, each, path, share, opened)
        except (Stalled, Ended, Flooded) as error:
            if opened[0]:
                return _Went(path, "stalled", error.reason, opened=True)
            return self._not_let_in(path, error)
        except TimeoutError:
            return _Went(path, "inconclusive", "it took longer than a scenario may", opened=True)
        except OverBudget as error:
            ours = not isinstance(error, QuotaEnded)
            return _Went(path, "inconclusive", error.reason, opened[0], final=True, over_budget=ours)
        except WireError as error:
            return self._not_let_in(path, error)
        except Exception as error:  # noqa: BLE001 - a fault of ours, which the report has to say
            return _Went(path, "harness-error", f"{type(error).__name__}: {error}", opened[0], final=True)
        return _Went(path, opened=True)

    def _not_let_in(self, path: Path, error: WireError) -> _Went:
        self._turned_away += 1
        if self._turned_away >= _NOT_LET_IN and not self.opened:
            self.trouble = error.reason
        return _Went(path, "inconclusive", error.reason, final=True)

    async def _talked(
        self, scenario: PackScenario, each: Round, path: Path, share: Share, opened: list[bool]
    ) -> None:
        """Talk to the server, and note in `opened` that a session came about."""
        endpoint, timeouts = self._endpoint, self._endpoint.timeouts
        recorder = Recorder(
            path,
            endpoint.redactor,
            self._meter.seen,
            scenario=scenario.id,
            target=endpoint.shown,
            dialect=endpoint.dialect,
            patience={"answer": timeouts.answer, "response": timeouts.silence},
            channel=self._pack.name,
        )
        end = "failed"
        try:
            async with open_session(endpoint, recorder, share, self._patience) as session:
                opened[0] = True
                try:
                    await each.act(KeyedTalk(session, self._pack.read, self._pack.costs))
                finally:
                    end = session.ended or "closed"
        finally:
            recorder.close(end)


@dataclass(frozen=True, slots=True)
class _Went:
    """How a round went; after a `final` one the others are not played."""

    path: Path
    outcome: str = "passed"
    message: str = ""
    opened: bool = False
    final: bool = False
    over_budget: bool = False
