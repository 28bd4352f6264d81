"""Callers: each opens a session, holds turns in it, hangs up, and calls again, as long as a step lasts."""

from __future__ import annotations

import asyncio
import random
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from load.judged_sessions import JudgedSessions
from load.load_counts import LoadCounts, count_kind
from load.load_plan import CONVERSATIONAL_S, TURNS_A_SESSION, LoadPlan, LoadStep, TurnKind
from load.load_turns import Caller, until
from load.turn_mix import turns_of
from suites.talk import Talk, Unmet
from wire.budget import Cost
from wire.capacity import closed_for_room, error_for_room, refused_for_room
from wire.endpoint import Endpoint
from wire.failures import Ended, OverBudget, Refused, RunSettled, WireError
from wire.meter import Meter
from wire.session import Session, open_session
from wire.trace import Recorder

_SPREAD = 0.25  # of a step, at most, in which its callers begin one after the other
_AGAIN_S = 1.0  # until somebody who was turned away calls again
_NOT_LET_IN = 5  # callers in a row that were not let in, and nobody ever was
_SAID = 120


@dataclass(slots=True)
class _Call:
    """One session that is asked for: what is `said` in it, when the step `ends`, whether it was `let_in`."""

    said: Iterator[TurnKind]
    ends: float
    let_in: bool = False


@dataclass(slots=True)
class Calling:
    """The callers of a load run. `over` says why nothing more is sent; empty while something may be."""

    endpoint: Endpoint
    plan: LoadPlan
    meter: Meter
    folder: Path
    sessions: JudgedSessions
    counts: Callable[[], LoadCounts]
    offers: Mapping[str, bool]
    over: str = ""
    ever_opened: bool = False
    open_now: int = 0
    _not_let_in: int = 0
    _number: int = 0

    async def hold(self, step: LoadStep) -> None:
        """Hold a step: callers begin spread over its first part, and end with their turn when it is over."""
        ends = time.monotonic() + self.plan.duration_s
        async with asyncio.TaskGroup() as tasks:
            if step.rate:
                await self._arrive(step, ends, tasks)
                return
            every = CONVERSATIONAL_S if self.plan.pace == "conversational" else 1.0
            spread = min(every, self.plan.duration_s * _SPREAD) / step.sessions
            began = time.monotonic()
            for number in range(step.sessions):
                tasks.create_task(self._calls(step, began + number * spread, ends))

    async def _arrive(self, step: LoadStep, ends: float, tasks: asyncio.TaskGroup) -> None:
        """Let callers come at random, `rate` a second, each for one session."""
        chance = random.Random(f"{self.plan.seed} {step.name}")  # noqa: S311 - no secret
        when = time.monotonic() + chance.expovariate(step.rate)
        while when < ends and not self.over:
            await until(when)
            tasks.create_task(self._session(step, ends))
            when += chance.expovariate(step.rate)

    async def _calls(self, step: LoadStep, begins: float, ends: float) -> None:
        await until(begins)
        while time.monotonic() < ends and not self.over:
            if not await self._session(step, ends):
                await until(min(ends, time.monotonic() + _AGAIN_S))

    async def _session(self, step: LoadStep, ends: float) -> bool:
        """Hold one session; return whether it came about."""
        self._number = number = self._number + 1
        stem = f"{step.name.replace('/', '-per-')}-{number:05d}"
        path = self.folder / f"{stem}.jsonl"
        header = self._header(step)
        recorder = Recorder(path, self.endpoint.redactor, self.sessions.seen, at_once=False, **header)
        self.sessions.begin(path, {"measured": True, **header})
        call, end = _Call(turns_of(self.plan.mix, f"{self.plan.seed} {stem}"), ends), "failed"
        try:
            await self._held(recorder, call)
            end = "closed"
        except (OverBudget, RunSettled) as error:
            self.over = self.over or error.reason
        finally:
            recorder.close(end)
            if call.let_in:
                self.open_now -= 1
                self.sessions.finish(path)
            else:
                self.sessions.forget(path)
        return call.let_in

    def _header(self, step: LoadStep) -> dict[str, Any]:
        timeouts = self.endpoint.timeouts
        return {
            "scenario": f"load.{step.name}",
            "target": self.endpoint.shown,
            "dialect": self.endpoint.dialect,
            "attempt": "ordinary",
            "patience": {"answer": timeouts.answer, "response": timeouts.silence},
            "features": dict(self.offers),
        }

    async def _held(self, recorder: Recorder, call: _Call) -> None:
        """Open a session and hold turns in it. Raises `OverBudget` and `RunSettled`."""
        try:
            async with (
                self.meter.reserved(Cost(sessions=1)) as share,
                open_session(self.endpoint, recorder, share) as session,
            ):
                if way := await _no_room(session):
                    count_kind(self.counts().refused, way)
                    return
                call.let_in = self.ever_opened = True
                self._not_let_in = 0
                self.open_now += 1
                self.counts().opened += 1
                await self._talk(session, call)
        except Refused as error:
            self._turned_away(error, refused_for_room(error.status))
        except (OverBudget, RunSettled):
            raise
        except WireError as error:
            self._turned_away(error, "")

    def _turned_away(self, error: WireError, way: str) -> None:
        counts = self.counts()
        count_kind(counts.refused if way else counts.failed, way or error.reason[:_SAID])
        self._not_let_in += 1
        if not self.ever_opened and self._not_let_in >= _NOT_LET_IN:
            self.over = self.over or error.reason

    async def _talk(self, session: Session, call: _Call) -> None:
        """Hold turns until the session, or the step, is over. Raises `OverBudget` and `RunSettled`."""
        talk = Talk(session, self.endpoint.speaks)
        talk.offers = self.offers
        caller = Caller(talk, self.plan.pace)
        try:
            await caller.greet()
            for _ in range(TURNS_A_SESSION):
                began = time.monotonic()
                if began >= call.ends or self.over:
                    break
                await caller.hold(next(call.said))
                self.counts().turns += 1
                if self.plan.pace == "conversational":
                    await until(min(call.ends, began + CONVERSATIONAL_S))
        except (OverBudget, RunSettled):
            raise
        except Unmet as error:
            count_kind(self.counts().stalled, str(error)[:_SAID])
        except Ended as error:
            count_kind(self.counts().stalled, f"the connection ended: {error.how or error.reason}"[:_SAID])
        except WireError as error:
            count_kind(self.counts().stalled, error.reason.partition(" within ")[0][:_SAID])


async def _no_room(session: Session) -> str:
    """Return how a server that shook hands says at once that it has no room; empty where it does not."""
    await session.first_word()
    heard = session.received
    return error_for_room(heard[0].event) if heard else closed_for_room(session.close_code)
