"""Runs scenarios: concurrently in one process, each on a connection of its own, each bounded in time."""

from __future__ import annotations

import asyncio
import itertools
import time
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Literal, Protocol

from generators.events import Events
from suites.attempts import CROWDED
from suites.conversations.table import Coverage
from suites.crowding import AVOIDED_BY, RETRIES, Crowd
from suites.depth import STANDARD, Depth
from suites.features import missing
from suites.parsing import parse_in_turn
from suites.probing import Prober, absences, decided, probes_cost
from suites.scenario import Scenario
from suites.selecting import matchers
from suites.sharing import Party, cost_of_all, parties
from suites.stage import Oracle, Stage
from suites.talk import NotSaid, Undecided, Unmet
from wire.budget import Cost, Estimate
from wire.endpoint import Dialect, Endpoint, EndpointError
from wire.failures import (
    Crowded,
    Ended,
    Flooded,
    OverBudget,
    QuotaEnded,
    Refused,
    Stalled,
    Unreachable,
    WireError,
)
from wire.meter import Meter, Share
from wire.patience import DRAWN_OUT_PER_KIND, Patience

Status = Literal["passed", "stalled", "not-offered", "inconclusive", "harness-error"]
"""How a scenario ended: as far as it wanted; short of it; not begun; without the server; by our own fault."""

_MUTE_AFTER = 3  # scenarios in a row without a single server event: it will not begin to speak any more
_MUTE = "the server accepts connections and says nothing"
_LOST_AFTER = 5  # sessions in a row that could not be opened
_FLOODED_AFTER = 3  # sessions that were cut off: the next would be, too
_MOST_FRAMES = 1_000_000  # of one run: many times what the longest conversations bring
_MOST_VOLUME = 512 * 2**20  # characters and bytes in them
_INTERRUPTED = "interrupted"
_CUT_OFF = "the time that --deadline allows was over"
_FLOOD = "the server sends more than this suite listens to"
_SLACK_S = 5.0
_AHEAD = 2  # scenarios of each module that begin before the longest: it takes as many waits to learn from


@dataclass(frozen=True, slots=True)
class Outcome:
    """How one scenario went. It carries no verdict on the server: `message` says why it ended early.

    `used` is what it took from the budget, `over_budget` whether it ended for want of more.
    """

    scenario: Scenario
    status: Status
    duration_s: float = 0.0
    traces: tuple[Path, ...] = ()
    message: str = ""
    used: Cost = field(default_factory=Cost)
    over_budget: bool = False


Settling = Callable[[Path], str | None]
"""Returns why, after a trace, nothing more has to be tried; empty if that has, None without a turn in it."""


class Listener(Protocol):
    """Somebody who wants to know how far a run has come."""

    def began(self, scenario: Scenario) -> None: ...

    def ended(self, outcome: Outcome) -> None: ...


@dataclass(slots=True)
class Run:
    """One run of scenarios against one endpoint. `outcomes` grows while it lasts.

    `offers` says what is taken to be offered. With `probing`, what was not `declared` is found out first.
    `events` are what generated scenarios say, None for what our own document lets a client say.
    """

    endpoint: Endpoint
    folder: Path
    concurrency: int = 8
    offers: Mapping[str, bool] = field(default_factory=dict)
    names: Mapping[str, str] = field(default_factory=dict)
    listener: Listener | None = None
    meter: Meter = field(default_factory=Meter)
    outcomes: list[Outcome] = field(default_factory=list)
    declared: Mapping[str, bool] = field(default_factory=dict)
    probed: dict[str, bool] = field(default_factory=dict)
    absent: dict[str, str] = field(default_factory=dict)  # features that are not there, and what says so
    probing: bool = False
    depth: Depth = STANDARD
    events: Events | None = None
    oracle: Oracle = lambda _: {}
    settles: Settling = lambda _: None
    coverage: Coverage = field(default_factory=Coverage)
    patience: Patience = field(default_factory=Patience)
    crowd: Crowd = field(default_factory=Crowd)
    suffix: str = ""  # of the names of traces, where a run is repeated
    opened: bool = False
    given_up: str = ""
    cut_off: str = ""  # why, where the time was over
    failure: WireError | None = None
    settled: str = ""  # why nothing more had to be tried
    _turn_seen: bool = False
    _mute: int = 0
    _lost: int = 0
    _floods: int = 0
    _frames: int = 0  # that came before this run
    _volume: int = 0

    async def play(self, scenarios: Sequence[Scenario], within: float | None = None) -> list[Outcome]:
        """Play `scenarios` and return how they went, in the order in which they ended.

        After `within` seconds the run is cut off: what was not played to its end is inconclusive.
        """
        cut_off: asyncio.Timeout | None = None
        try:
            async with asyncio.timeout(within) as cut_off:
                await self._play_all(scenarios)
        except TimeoutError:
            if cut_off is None or not cut_off.expired():
                raise
            self.cut(scenarios, _CUT_OFF)
        return self.outcomes

    def cut(self, scenarios: Sequence[Scenario], why: str) -> None:
        """Note `why` the run ended early: what of `scenarios` was not played to its end is inconclusive."""
        self.given_up = self.cut_off = self.given_up or why
        self.outcomes[:] = [
            replace(o, message=why) if o.message == _INTERRUPTED else o for o in self.outcomes
        ]
        ended = {id(outcome.scenario) for outcome in self.outcomes}
        self.outcomes += [
            Outcome(scenario, "inconclusive", message=why)
            for scenario in scenarios
            if id(scenario) not in ended
        ]

    async def _play_all(self, scenarios: Sequence[Scenario]) -> None:
        parse_in_turn()
        self.absent = self.absent or absences(self.declared, {})
        self._frames, self._volume = self.meter.frames, self.meter.volume
        pilot = next((s for s in scenarios if self._playable(s) and not s.own_sessions), None)
        rest = in_turns([s for s in scenarios if s is not pilot])
        gate = asyncio.Semaphore(max(1, self.concurrency))

        async def in_turn(group: list[Scenario], *, later: bool = False) -> None:
            async with gate:
                left = await self._play_group(group, later=later)
            if len(left) < len(group) and any(s.turns for s in left):
                tasks.create_task(in_turn(left, later=True))  # together they ask for fewer turns
                return
            for scenario in left:
                tasks.create_task(in_turn([scenario]))

        async with asyncio.TaskGroup() as tasks:
            if pilot is not None:
                # One goes ahead: nobody wants a hundred refusals of one and the same credential.
                await self._greeted(tasks.create_task(in_turn([pilot])))
            await self._probe(features_of(scenarios, self.endpoint.dialect))
            for group in parties([s for s in rest if not s.serial], self.depth, self._playable):
                tasks.create_task(in_turn(group))
        for scenario in rest:
            if scenario.serial:
                await self._play_one(scenario)
        if self.meter.sessions and not self.meter.heard:
            self.given_up = self.given_up or _MUTE  # also where it was only asked twice

    async def _greeted(self, pilot: asyncio.Task[None]) -> None:
        """Wait until a session has begun, or the pilot is back; without room for others, until it is back."""
        if self.concurrency > 1:
            greeting = asyncio.create_task(self.meter.greeted.wait())
            await asyncio.wait((pilot, greeting), return_when=asyncio.FIRST_COMPLETED)
            greeting.cancel()
        else:
            await asyncio.wait((pilot,))
        self.opened |= self.meter.greeted.is_set()

    async def _probe(self, wanted: Collection[str]) -> None:
        """Find out what of these is offered. Nobody asks that of a server that has not said a word yet."""
        if self.probing and self.opened and self.meter.heard and not self.given_up:
            at_once = max(1, self.concurrency - 1)  # beside the pilot
            prober = Prober(self.endpoint, self.folder / "probes", self.meter, at_once, self.crowd)
            prober.patience, prober.wanted = self.patience, wanted
            self.probed = await prober.found()
            self.absent = absences(self.declared, prober.seen)
            self.offers = decided(self.declared, self.probed, self.offers)

    def _playable(self, scenario: Scenario) -> bool:
        return _fits(scenario, self.endpoint.dialect, self.offers) and scenario.played_at(self.depth)

    async def _play_one(self, scenario: Scenario) -> None:
        if self.listener is not None:
            self.listener.began(scenario)
        outcome = await self._outcome(scenario)
        self.outcomes.append(outcome)
        self._look_whether_settled(outcome)
        if self.listener is not None:
            self.listener.ended(outcome)

    async def _play_group(self, members: list[Scenario], *, later: bool) -> list[Scenario]:
        """Play a scenario, or some that share a session; return those that it did not come to.

        Some are `later` than others that have left their session.
        """
        if len(members) == 1 and not later:
            await self._play_one(members[0])
            return []
        if self.listener is not None:
            for member in members:
                self.listener.began(member)
        party = Party(members, self._limit, later)
        try:
            outcomes = party.outcomes(await self._outcome(party.scenario))
        except asyncio.CancelledError:
            told = [each for o in self.outcomes if o.scenario is party.scenario for each in party.outcomes(o)]
            self.outcomes[:] = [o for o in self.outcomes if o.scenario is not party.scenario] + told
            raise
        for outcome in outcomes:
            self.outcomes.append(outcome)
            self._look_whether_settled(outcome)
            if self.listener is not None:
                self.listener.ended(outcome)
        return list(members[len(outcomes) :])

    async def _outcome(self, scenario: Scenario) -> Outcome:
        absent = missing(scenario.features, self.offers)
        if self.endpoint.dialect not in scenario.dialects:
            message = f"not part of the dialect {self.endpoint.dialect}"
            return Outcome(scenario, "not-offered", message=message)
        if absent:
            return Outcome(scenario, "not-offered", message=f"the target does not offer {', '.join(absent)}")
        if not scenario.played_at(self.depth):
            return Outcome(scenario, "not-offered", message=f"played from depth {scenario.least} on")
        self._look_for_floods()
        if self.meter.quota:
            self.given_up = self.given_up or QuotaEnded(self.meter.quota).reason
        if self.given_up:
            return Outcome(scenario, "inconclusive", message=self.given_up)
        try:
            outcome, stage = await self._try(scenario)
            for tries in range(1, RETRIES + 1):
                if not stage.shut_out:
                    break
                stage.set_all_aside(CROWDED, tries)
                await self.crowd.back_off(tries, None)
                outcome, stage = await self._try(scenario)
            else:
                self.crowd.turned_away += stage.shut_out
            if stage.hurried:
                # What came late is waited for in full from now on: nothing was to be made of the short wait.
                stage.set_all_aside()
                outcome, _ = await self._try(scenario)
        except OverBudget as error:
            return Outcome(scenario, "inconclusive", message=error.reason, over_budget=True)
        return outcome

    async def _try(self, scenario: Scenario) -> tuple[Outcome, Stage]:
        async with self.meter.reserved(scenario.estimate(self.depth)) as share:
            stage = self._stage(scenario, share)
            return await self._played(scenario, stage), stage

    def _stage(self, scenario: Scenario, share: Share) -> Stage:
        return Stage(
            self.endpoint,
            self.folder,
            scenario.id,
            share,
            self.names,
            depth=self.depth,
            suffix=self.suffix,
            offers=self.offers,
            events=self.events,
            oracle=self.oracle,
            coverage=self.coverage,
            patience=self.patience,
            crowd=self.crowd,
            hasty=scenario.hasty,
        )

    async def _played(self, scenario: Scenario, stage: Stage) -> Outcome:
        began = time.monotonic()
        heard = self.meter.heard
        status: Status
        over = False
        try:
            status, message = await self._act(scenario, stage)
        except Crowded as error:
            status, message = "inconclusive", f"{error.reason}; {AVOIDED_BY} asks for one at a time"
        except QuotaEnded as error:
            status, message = "inconclusive", error.reason
            self.given_up = self.given_up or error.reason
            self.failure = self.failure or error
        except (Refused, Unreachable) as error:
            status, message = "inconclusive", error.reason
            self._lost_one(error)
        except OverBudget as error:
            status, message, over = "inconclusive", error.reason, True
        except asyncio.CancelledError:
            self.outcomes.append(
                Outcome(
                    scenario,
                    "inconclusive",
                    time.monotonic() - began,
                    tuple(stage.traces),
                    _INTERRUPTED,
                    stage.share.spent,
                )
            )
            raise
        else:
            if stage.traces:  # one that had nothing to say asked for no session
                self._had_one(spoke=self.meter.heard > heard)
        took = time.monotonic() - began
        return Outcome(scenario, status, took, tuple(stage.traces), message, stage.share.spent, over)

    async def _act(self, scenario: Scenario, stage: Stage) -> tuple[Status, str]:
        """Play one scenario.

        Raises `Refused` or `Unreachable` where it got no session, `QuotaEnded` where there is nothing left to
        spend.
        """
        limit = self._limit(scenario)
        try:
            async with asyncio.timeout(limit) as stage.clock:
                if scenario.own_sessions:
                    await scenario.act(stage)
                else:
                    async with stage.open() as talk:
                        await scenario.act(talk)
        except (Stalled, Unmet, Ended, Flooded) as error:
            self._floods += isinstance(error, Flooded)
            if self.meter.quota:
                raise QuotaEnded(self.meter.quota) from None
            return "stalled", str(error)
        except (Refused, Unreachable, OverBudget):
            raise
        except NotSaid as error:
            return "not-offered", str(error)
        except (EndpointError, Undecided) as error:
            return "inconclusive", str(error)
        except TimeoutError:
            return "stalled", f"took longer than {stage.bound_s or limit:.0f} s"
        except Exception as error:  # noqa: BLE001 - a fault of ours must not cost the other scenarios
            return "harness-error", f"{type(error).__name__}: {error}"
        return "passed", ""

    def _look_whether_settled(self, outcome: Outcome) -> None:
        """End the run where its first answered turn shows that the server speaks another protocol."""
        for path in outcome.traces:
            if self._turn_seen or self.given_up:
                return
            settled = self.settles(path)
            self._turn_seen = settled is not None
            self.given_up = self.settled = settled or ""

    def _limit(self, scenario: Scenario) -> float:
        """Return for how many seconds one scenario may go on."""
        waits = self.endpoint.timeouts
        cost = scenario.cost(self.depth)
        limit = waits.connect + _SLACK_S + 6 * waits.answer + (cost.responses + 1) * waits.response
        limit += max(0, cost.sessions - 1) * (waits.connect + waits.answer)
        return limit + DRAWN_OUT_PER_KIND * max(waits.answer, waits.silence)  # of waits that are drawn out

    def _look_for_floods(self) -> None:
        """Give up on a server that fills disk and time with what nobody asked for."""
        frames, volume = self.meter.frames - self._frames, self.meter.volume - self._volume
        if self._floods >= _FLOODED_AFTER or frames > _MOST_FRAMES or volume > _MOST_VOLUME:
            self.given_up = self.given_up or _FLOOD

    def _lost_one(self, error: WireError) -> None:
        """Note that no session came about; give up on a server that is not there, or not any more."""
        self.failure = error
        self._lost += 1
        if not self.opened or self._lost >= _LOST_AFTER:
            self.given_up = error.reason

    def _had_one(self, *, spoke: bool) -> None:
        """Note that a session came about; give up on a server that never speaks."""
        self.opened, self._lost = True, 0
        self._mute = 0 if spoke else self._mute + 1
        if self._mute >= _MUTE_AFTER and not self.meter.heard:
            self.given_up = _MUTE


def _fits(scenario: Scenario, dialect: Dialect, offers: Mapping[str, bool]) -> bool:
    return dialect in scenario.dialects and not missing(scenario.features, offers)


def features_of(scenarios: Sequence[Scenario], dialect: Dialect) -> set[str]:
    """Return the features on which it depends what is played, and what is judged of it."""
    played = [s for s in scenarios if dialect in s.dialects]
    return {feature for s in played for feature in (*s.features, *s.regards)}


def cost_of(
    scenarios: Sequence[Scenario],
    dialect: Dialect,
    offers: Mapping[str, bool],
    depth: Depth,
    *,
    probing: bool,
) -> Estimate:
    """Return what playing `scenarios` costs, probes included."""
    groups = parties([s for s in scenarios if _fits(s, dialect, offers)], depth, lambda _: True)
    played = [cost_of_all(group, depth) for group in groups]
    if probing:
        played.append(probes_cost(dialect, features_of(scenarios, dialect)))
    return Estimate(sum((e.likely for e in played), Cost()), sum((e.most for e in played), Cost()))


def in_turns(scenarios: Sequence[Scenario]) -> list[Scenario]:
    """Return `scenarios` so that two of each module begin, then the longest, and then each module in turn.

    So every kind of silence is met early and side by side, and nothing long is left for the end.
    """
    modules: dict[str, list[Scenario]] = {}
    long = [s for s in scenarios if s.costs is not None]
    for each in scenarios:
        if each.costs is None:
            modules.setdefault(each.module, []).append(each)
    turns = itertools.zip_longest(*modules.values())
    waves = [[each for each in turn if each is not None] for turn in turns]
    return list(itertools.chain(*waves[:_AHEAD], long, *waves[_AHEAD:]))


def selected(scenarios: Sequence[Scenario], patterns: Sequence[str]) -> list[Scenario]:
    """Return the scenarios whose id and requirements match one of `patterns`; all without any.

    Raises `SelectionError`.
    """
    if not patterns:
        return list(scenarios)
    match = matchers(patterns)
    return [s for s in scenarios if match((s.id, *s.provokes))]
