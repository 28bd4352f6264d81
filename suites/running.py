"""Runs scenarios: concurrently in one process, each on a connection of its own, each bounded in time."""

from __future__ import annotations

import asyncio
import contextlib
import functools
import time
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from generators.events import Events
from suites.afterwards import Afterwards
from suites.attempts import CROWDED
from suites.conversations.table import Coverage
from suites.crowding import AVOIDED_BY, RETRIES, Crowd
from suites.depth import STANDARD, Depth
from suites.early_end import EarlyEnd
from suites.features import absent_features, decided
from suites.gate import Gate
from suites.giving_up import GivingUp
from suites.inquiring import Inquiry, greeted
from suites.outcome import INTERRUPTED, Listener, Outcome, Settling, Status, cut_short, spoiled
from suites.parsing import parse_in_turn
from suites.performing import perform
from suites.probing import Prober
from suites.scenario import Scenario
from suites.scheduling import behind, features_needed, in_turns, time_limit, why_not_played
from suites.second_look import lone, seen_again
from suites.sharing import Party, parties
from suites.stage import Oracle, Stage
from wire.budget import Budget
from wire.endpoint import Endpoint
from wire.failures import Crowded, OverBudget, QuotaEnded, Refused, RunSettled, Unreachable
from wire.meter import MEGABYTE, Meter, Share
from wire.patience import FULL_WAITS, Patience

_JUDGED_PER_S = MEGABYTE  # of what a server sends, on a slow machine
_CUT_OFF = "the time that --deadline allows was over"


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
    began: float = 0.0  # by the monotonic clock
    cut_off: str = ""  # why, where the time was over
    _inquiry: Inquiry | None = None
    _gate: Gate = field(init=False)
    _tasks: asyncio.TaskGroup = field(init=False)
    _after: Afterwards = field(init=False)
    _early: EarlyEnd = field(init=False)
    giving_up: GivingUp = field(init=False)

    def __post_init__(self) -> None:
        self.giving_up = GivingUp(self.meter)

    @property
    def given_up(self) -> str:
        """Why nothing more is sent; empty where something may be."""
        return self.giving_up.reason

    @property
    def settled(self) -> str:
        """Why nothing more had to be tried; empty where that is not why the run ended."""
        return self.giving_up.settled

    @property
    def opened(self) -> bool:
        """Whether any session came about."""
        return self.giving_up.opened

    async def play(self, scenarios: Sequence[Scenario], within: float | None = None) -> list[Outcome]:
        """Play `scenarios` and return how they went, in the order in which they ended.

        After `within` seconds the run is cut off: what was not played to its end is inconclusive. That is as
        much sooner as it takes to close sessions, and to judge what a server has sent.
        """
        cut_off: asyncio.Timeout | None = None
        self.began = time.monotonic()
        self._early = EarlyEnd(self.settles, self.folder, self.meter, self.giving_up.settle)
        try:
            async with asyncio.timeout(within) as cut_off:
                if within is not None:
                    ends = cut_off.when() or 0.0
                    closing = min(self.endpoint.timeouts.close, within / 2)
                    self.meter.outweighs = functools.partial(self._bound, cut_off, ends - closing)
                    self._bound(cut_off, ends - closing)
                with self._early.watching():
                    await self._play_all(scenarios)
        except TimeoutError:
            if cut_off is None or not cut_off.expired():
                raise
            self.cut(scenarios, _CUT_OFF)
        finally:
            self.meter.outweighs = lambda: None
        return self.outcomes

    def _bound(self, cut_off: asyncio.Timeout, ends: float) -> None:
        """Have the run end so that what came can still be judged until then, by the loop's clock."""
        if not cut_off.expired():
            cut_off.reschedule(ends - self.giving_up.volume / _JUDGED_PER_S)

    def cut(self, scenarios: Sequence[Scenario], why: str) -> None:
        """Note `why` the run ended early: what of `scenarios` was not played to its end is inconclusive."""
        self.cut_off = self.giving_up.because(why)
        self.outcomes[:] = cut_short(self.outcomes, scenarios, why)

    async def _play_all(self, scenarios: Sequence[Scenario]) -> None:
        parse_in_turn()
        self.absent = self.absent or absent_features(self.declared, {})
        self.giving_up.begin()
        self._gate = Gate(self.concurrency)
        self._after = Afterwards(self.patience)
        pilot = next((s for s in scenarios if self._playable(s) and not s.own_sessions), None)
        rest = in_turns([s for s in scenarios if s is not pilot])
        async with asyncio.TaskGroup() as tasks:
            self._tasks = tasks
            if pilot is not None:
                # One goes ahead: nobody wants a hundred refusals of one and the same credential.
                ahead = tasks.create_task(self._in_turn([pilot]))
                hesitation = self.patience.hesitation_s(self.endpoint.timeouts.answer, streaming=False)
                await self._greeted(ahead, within=hesitation)
                self._probe(features_needed(scenarios, self.endpoint.dialect), ahead)
                await asyncio.sleep(0)  # so that what it asks comes first
            for turn, group in enumerate(parties([s for s in rest if not s.serial], self.depth), 1):
                tasks.create_task(self._in_turn(group, turn))
        for scenario in rest:
            if scenario.serial:
                await self._play_one(scenario)
        await self._play_afterwards()
        for outcome in lone(self.outcomes):
            await self._look_again(outcome)
        self.giving_up.look_back()

    async def _in_turn(self, group: Sequence[Scenario], turn: int = 0, *, later: bool = False) -> None:
        """Play a scenario, or some that share a session, once it is their turn."""
        apart = functools.partial(self._play_apart, turn, parts=2)
        if self._inquiry is not None:
            await self._inquiry.known(group)
        async with self._gate.place(turn):
            if not self.given_up and self._after.puts_off(group):
                return
            left = await self._play_group(group, apart, later=later)
        if len(left) < len(group):
            self._play_apart(turn, left, parts=1)
        else:  # nobody had a turn
            for scenario in left:
                self._tasks.create_task(self._in_turn([scenario], turn))

    def _play_apart(self, turn: int, left: Sequence[Scenario], parts: int) -> None:
        """Play what others have left, or are not to be waited for.

        Together they ask for fewer turns; but in two `parts` where one after the other may stall.
        """
        together = any(s.turns for s in left)
        size = -(-len(left) // parts)
        groups = [left[:size], left[size:]] if together else [[s] for s in left]
        first: list[asyncio.Task[None]] = []  # two at once, which is enough to learn from
        for group in filter(None, groups):
            playing = functools.partial(self._in_turn, group, turn, later=together)
            coming = behind(tuple(first), playing, FULL_WAITS)
            try:
                task = self._tasks.create_task(coming)
            except RuntimeError:  # the run is being stopped while a wait goes on: nothing more begins
                coming.close()
                return
            first += [task][: FULL_WAITS - len(first)]

    async def _play_afterwards(self) -> None:
        """Play what was put off, and what the waits of others have shown to have ended too early."""
        self.giving_up.settled = self.settled or self._after.settled()
        self.giving_up.because(self.settled)
        again = [] if self.given_up else self._after.again(self.outcomes, self.meter.throw_away)
        left = [*self._after.put_off, *again]
        async with asyncio.TaskGroup() as self._tasks:
            for scenario in left:
                self._tasks.create_task(self._in_turn([scenario]))

    async def _look_again(self, first: Outcome) -> None:
        """Play a scenario again whose connection ended as no other did: twice the same is no accident."""
        if self.given_up or not self.meter.throw_away(first.used):
            return
        place, scenario = self.outcomes.index(first), first.scenario
        with contextlib.suppress(OverBudget):
            async with self.meter.reserved(scenario.estimate(self.depth)) as share:
                stage = self._stage(scenario, share)
                stage.suffix += ".again"
                try:
                    again = await self._played(scenario, stage)
                except asyncio.CancelledError:
                    self.outcomes[place] = seen_again(first, self.outcomes.pop())  # told once
                    raise
                self.outcomes[place] = seen_again(first, again)

    async def _greeted(self, pilot: asyncio.Task[None], within: float | None = None) -> None:
        """Wait until the others may begin, too: see `greeted`; without room for them, until it is back."""
        await (greeted(self.meter, pilot, within) if self.concurrency > 1 else asyncio.wait((pilot,)))
        self.giving_up.opened |= self.meter.greeted.is_set()

    def _probe(self, wanted: Collection[str], pilot: asyncio.Task[None]) -> None:
        """Begin to find out what of these is offered. Nobody asks that of a server that says nothing."""
        if not self.probing:
            return
        prober = Prober(self.endpoint, self.folder / "probes", self.meter, self._gate, self.crowd)
        prober.patience, prober.wanted = self.patience, wanted

        def noted() -> None:
            self.absent = absent_features(self.declared, prober.seen)
            self.offers = decided(self.declared, self.probed, self.offers)

        self._inquiry = Inquiry(prober, self.probed, noted, self.endpoint.timeouts.answer)
        self._tasks.create_task(self._ask(self._inquiry, pilot))

    async def _ask(self, inquiry: Inquiry, pilot: asyncio.Task[None]) -> None:
        await self._greeted(pilot)
        await inquiry.ask(really=bool(self.opened and self.meter.heard and not self.given_up))

    def _playable(self, scenario: Scenario) -> bool:
        return not why_not_played(scenario, self.endpoint.dialect, self.offers, self.depth)

    async def _play_one(self, scenario: Scenario) -> None:
        if self.listener is not None:
            self.listener.began(scenario)
        outcome = await self._outcome(scenario)
        self.outcomes.append(outcome)
        self._early.look(outcome.traces)
        if self.listener is not None:
            self.listener.ended(outcome)

    async def _play_group(
        self, group: Sequence[Scenario], apart: Callable[[Sequence[Scenario]], None], *, later: bool
    ) -> Sequence[Scenario]:
        """Play a scenario, or some that share a session; return those that it did not come to.

        Some are `later` than others that have left their session. Those that are not to wait are played
        `apart`.
        """
        members = [s for s in group if self._playable(s)]
        for scenario in group:
            if scenario not in members:
                await self._play_one(scenario)
        if len(members) == 1 and not later:
            await self._play_one(members[0])
        if len(members) + later < 2 or not members:
            return []
        if self.listener is not None:
            for member in members:
                self.listener.began(member)
        limit = functools.partial(time_limit, waits=self.endpoint.timeouts, depth=self.depth)
        party = Party(members, limit, later, apart, self.meter.budget != Budget())
        try:
            outcomes = party.outcomes(await self._outcome(party.scenario))
        except asyncio.CancelledError:
            told = [each for o in self.outcomes if o.scenario is party.scenario for each in party.outcomes(o)]
            self.outcomes[:] = [o for o in self.outcomes if o.scenario is not party.scenario] + told
            raise
        for outcome in outcomes:
            self.outcomes.append(outcome)
            self._early.look(outcome.traces)
            if self.listener is not None:
                self.listener.ended(outcome)
        return party.members[len(outcomes) :]

    async def _outcome(self, scenario: Scenario) -> Outcome:
        if why := why_not_played(scenario, self.endpoint.dialect, self.offers, self.depth):
            return Outcome(scenario, "not-offered", message=why)
        self.giving_up.look_at_all()
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
                outcome, stage = await self._again(scenario, stage)
            self._after.look_at(stage)
        except OverBudget as error:
            return Outcome(scenario, "inconclusive", message=error.reason, over_budget=True)
        return outcome

    async def _again(self, scenario: Scenario, stage: Stage) -> tuple[Outcome, Stage]:
        """Play once more, and with full waits, what was `hurried`, if what it has cost may be spent again.

        What came late is waited for in full from now on: nothing was to be made of the short wait.
        """
        stage.set_all_aside()
        if not self.meter.throw_away(stage.share.asked):
            return spoiled(Outcome(scenario, "stalled", used=stage.share.spent)), stage
        return await self._try(scenario, hurries=False)

    async def _try(self, scenario: Scenario, *, hurries: bool | None = None) -> tuple[Outcome, Stage]:
        async with self.meter.reserved(scenario.estimate(self.depth)) as share:
            share.hurries = hurries
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
            limit = time_limit(scenario, self.endpoint.timeouts, self.depth)
            status, message = await perform(scenario, stage, limit, self.giving_up)
        except Crowded as error:
            status, message = "inconclusive", f"{error.reason}; {AVOIDED_BY} asks for one at a time"
        except QuotaEnded as error:
            status, message = "inconclusive", error.reason
            self.giving_up.out_of_quota(error)
        except RunSettled as error:
            status, message = "inconclusive", error.reason
        except (Refused, Unreachable) as error:
            status, message = "inconclusive", error.reason
            self.giving_up.lost(error)
        except OverBudget as error:
            status, message, over = "inconclusive", error.reason, True
        except asyncio.CancelledError:
            took, traces, used = time.monotonic() - began, tuple(stage.traces), stage.share.spent
            cut = Outcome(scenario, "inconclusive", took, traces, INTERRUPTED, used, began=began)
            self.outcomes.append(cut)
            raise
        else:
            if stage.traces:  # one that had nothing to say asked for no session
                self.giving_up.had_one(spoke=self.meter.heard > heard, waited=status == "stalled")
        took = time.monotonic() - began
        used, traces, ends = stage.share.spent, tuple(stage.traces), tuple(stage.ends)
        return Outcome(scenario, status, took, traces, message, used, over, began=began, ends=ends)
