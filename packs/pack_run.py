"""Plays the scenarios of a pack against an endpoint, side by side, and captures each conversation."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from packs.keyed.talk import KeyedTalk
from packs.pack import Pack
from packs.scenario import PackScenario
from wire.endpoint import Endpoint
from wire.failures import Ended, Flooded, OverBudget, Stalled, WireError
from wire.meter import Meter
from wire.patience import Patience
from wire.session import open_session
from wire.trace import Recorder

_LONGER = 2.0  # times the longest wait: no scenario goes on for longer
_NOT_LET_IN = 3  # sessions in a row that could not be opened: nobody is let in

Told = Callable[[Any], None]


@dataclass(frozen=True, slots=True)
class PlayedTalk:
    """How one scenario went: `outcome` is that of `suites.outcome`, `message` says why it ended early."""

    scenario: PackScenario
    outcome: str
    duration_s: float = 0.0
    traces: tuple[Path, ...] = ()
    message: str = ""
    opened: bool = False


class PackRun:
    """A run of scenarios of `pack`. `played` grows while it lasts; `trouble` says why it ended early."""

    def __init__(
        self, pack: Pack, endpoint: Endpoint, folder: Path, meter: Meter, *, concurrency: int
    ) -> None:
        self._endpoint, self._folder, self._meter = endpoint, folder, meter
        self._pack = pack
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
        path, start = self._folder / f"{scenario.id}.jsonl", time.monotonic()
        outcome, message, opened = "passed", "", False
        timeouts = self._endpoint.timeouts
        try:
            async with asyncio.timeout(_LONGER * (timeouts.connect + timeouts.response)):
                opened, (outcome, message) = await self._held(scenario, path)
        except TimeoutError:
            outcome, message, opened = "inconclusive", "it took longer than a scenario may", True
        except OverBudget as error:
            outcome, message = "inconclusive", error.reason
        except WireError as error:
            outcome, message = "inconclusive", error.reason
            self._turned_away += 1
            if self._turned_away >= _NOT_LET_IN and not self.opened:
                self.trouble = error.reason
        except Exception as error:  # noqa: BLE001 - a fault of ours, which the report has to say
            outcome, message = "harness-error", f"{type(error).__name__}: {error}"
        traces = (path,) if path.exists() else ()
        return PlayedTalk(scenario, outcome, time.monotonic() - start, traces, message, opened)

    async def _held(self, scenario: PackScenario, path: Path) -> tuple[bool, tuple[str, str]]:
        """Hold a conversation; return that it was opened, and how it went."""
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
            async with self._meter.reserved(scenario.cost) as share:
                async with open_session(endpoint, recorder, share, self._patience) as session:
                    went = await _acted(scenario, KeyedTalk(session, self._pack.read))
                end = session.ended or "closed"
                return True, went
        finally:
            recorder.close(end)


async def _acted(scenario: PackScenario, talk: KeyedTalk) -> tuple[str, str]:
    """Act; return how it went. What the server did not do is for the rules to judge."""
    try:
        await scenario.act(talk)
    except (Stalled, Ended, Flooded) as error:
        return "stalled", error.reason
    return "passed", ""
