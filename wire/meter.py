"""Counts what a run spends, and refuses what would exceed its budget before it is sent.

Three levels. The `Meter` belongs to a run and holds the budget. A `Share` belongs to one scenario: what the
scenario costs where nothing goes wrong is set aside when it begins, so that nothing is begun that is not
likely to be finished. It may take more while there is more, and what it did not need is given back when it
ends. A `Tab` belongs to one session: it knows what the frames of that session cost, and what the server may
do because of them (`wire.tab`).

All of it happens on one event loop, and no step awaits between looking and taking: two sessions can never
take the same last response.
"""

from __future__ import annotations

import asyncio
import contextlib
import math
from collections.abc import AsyncIterator, Callable, Iterator
from dataclasses import dataclass, field

from wire.budget import BUDGET_KINDS, Budget, BudgetKind, Cost, Estimate
from wire.failures import OverBudget, QuotaEnded, RunSettled
from wire.trace import Seen
from wire.waits import Waited

_EPSILON = 1e-6

MEGABYTE = 2**20


@dataclass(slots=True)
class Meter:
    """What was spent so far, over all sessions. `audio_s` counts both directions, `characters` are sent.

    `sessions` were opened, `responses` were created: the server's view. Against the budget counts what was
    asked for and may still come, too.
    """

    budget: Budget = field(default_factory=Budget)
    again: Cost | None = None  # of what is thrown away and played again, at most; None for no bound
    sessions: int = 0
    responses: int = 0
    audio_s: float = 0.0
    characters: int = 0
    tokens: int = 0
    heard: int = 0  # server events of any kind
    greeted: asyncio.Event = field(default_factory=asyncio.Event)  # set by the first session.created
    frames: int = 0  # that came, events or not
    volume: int = 0  # characters and bytes in them
    quota: str = ""  # what the server said when the account had nothing left
    settled: str = ""  # why nothing more has to be tried
    outweighs: Callable[[], None] = lambda: None  # called for each further megabyte
    waits: list[Waited] = field(default_factory=list)  # that brought nothing
    awaited: list[tuple[float, str]] = field(default_factory=list)  # now: since when, and what
    seen: Seen | None = None  # told of each entry as it is recorded
    alarms: set[Callable[[], None]] = field(default_factory=set)  # called once it said so
    _used: dict[BudgetKind, float] = field(default_factory=dict)
    _shares: list[Share] = field(default_factory=list)
    _asked: int = 0  # responses that were asked for and are not done
    _dearest: int = 0  # tokens of the dearest response so far
    _released: asyncio.Event = field(default_factory=asyncio.Event)

    @contextlib.contextmanager
    def awaiting(self, since: float, what: str) -> Iterator[None]:
        """Have `what` among what is `awaited`, as long as the block lasts."""
        self.awaited.append((since, what))
        try:
            yield
        finally:
            self.awaited.remove((since, what))

    def hear(self, frame: str | bytes) -> None:
        """Count a frame that came."""
        self.frames += 1
        before, self.volume = self.volume, self.volume + len(frame)
        if before // MEGABYTE < self.volume // MEGABYTE:
            self.outweighs()

    def share(self, reserved: Cost | None = None) -> Share:
        """Return a share with `reserved` set aside. Raises `OverBudget` where that is not there."""
        wanted = reserved or Cost()
        for kind in BUDGET_KINDS:
            if wanted.of(kind) > self.free(kind) + _EPSILON:
                raise OverBudget(self.budget.exhausted(kind))
        made = Share(self, wanted)
        self._shares.append(made)
        return made

    @contextlib.asynccontextmanager
    async def reserved(self, cost: Cost | Estimate) -> AsyncIterator[Share]:
        """Set `cost` aside for as long as the block lasts: of an estimate, what is likely.

        Where others hold what is missing, wait until they need it no more. Raises `OverBudget` where it is
        gone for good.
        """
        estimate = cost if isinstance(cost, Estimate) else Estimate(cost, cost)
        while True:
            try:
                share = self.share(estimate.likely)
                share.most = estimate.most
                break
            except OverBudget:
                if not self._shares:
                    raise
            self._released.clear()
            await self._released.wait()
        try:
            yield share
        finally:
            self._shares.remove(share)
            self._released.set()

    def free(self, kind: BudgetKind) -> float:
        """Return how much of `kind` is neither used nor set aside."""
        aside = sum(share.left(kind) for share in self._shares)
        return self.budget.limit(kind) - self._used.get(kind, 0.0) - aside

    def throw_away(self, cost: Cost) -> bool:
        """Note that what has cost so much is played again; False, and nothing noted, where it must not be."""
        if self.again is None:
            return True
        if not cost.within(self.again):
            return False
        self.again = self.again.less(cost)
        return True

    def use(self, kind: BudgetKind, amount: float) -> None:
        """Count `amount` against the budget; negative amounts are given back."""
        self._used[kind] = self._used.get(kind, 0.0) + amount

    def exceeded(self, kind: BudgetKind) -> bool:
        """Whether more was used than the budget has."""
        return self._used.get(kind, 0.0) > self.budget.limit(kind) + _EPSILON

    def check_tokens(self) -> None:
        """Raise `OverBudget` where one more response, as dear as the dearest, may not be paid for."""
        likely = self.tokens + (self._asked + 1) * self._dearest
        if self.budget.tokens is not None and (
            self.tokens >= self.budget.tokens or likely > self.budget.tokens
        ):
            raise OverBudget(self.budget.exhausted("tokens"))

    def likely_tokens(self, responses: int) -> int:
        """Return what so many responses may take, each as dear as the dearest so far."""
        return max(self.tokens, responses * self._dearest)

    def exhausted(self, quota: str) -> None:
        """Note that the account has nothing left, in the server's words, and wake whoever waits."""
        self.quota = self.quota or quota
        self._wake()

    def settle(self, why: str) -> None:
        """Note that nothing more has to be tried, and wake whoever waits."""
        self.settled = self.settled or why
        self._wake()

    def _wake(self) -> None:
        for alarm in list(self.alarms):
            alarm()

    def check(self) -> None:
        """Raise what makes all waiting useless: `QuotaEnded` or `RunSettled`."""
        if self.quota:
            raise QuotaEnded(self.quota)
        if self.settled:
            raise RunSettled(self.settled)

    def asked(self, count: int) -> None:
        """Count responses under way, whose tokens are not known yet."""
        self._asked = max(0, self._asked + count)

    def paid(self, tokens: int) -> None:
        """Count the tokens of a response that is done."""
        self.tokens += tokens
        self._dearest = max(self._dearest, tokens)

    def spent(self) -> dict[str, float | int]:
        """Return the counts as reports show them: characters only where any were sent to be spoken."""
        spoken = {"characters": self.characters} if self.characters else {}
        return {
            "sessions": self.sessions,
            "responses": self.responses,
            "audio_s": round(self.audio_s, 1),
            "tokens": self.tokens,
            **spoken,
        }


@dataclass(slots=True, eq=False)
class Share:
    """One scenario's part of a meter: `reserved` for it, and `used` by it; it costs `most` at most.

    `refused` are the responses that it asked for and was refused: they were given back. `hurries` says
    whether waits may be short; None for as long as all that was spent may be spent again, should one of them
    turn out to be too short.
    """

    meter: Meter
    reserved: Cost = field(default_factory=Cost)
    used: dict[BudgetKind, float] = field(default_factory=dict)
    most: Cost | None = None
    refused: int = 0
    hurries: bool | None = None

    def left(self, kind: BudgetKind) -> float:
        """Return how much of what was set aside is left."""
        return max(0.0, self.reserved.of(kind) - self.used.get(kind, 0.0))

    def room(self, kind: BudgetKind) -> float:
        """Return how much can still be used: what is left, and what nobody else has set aside."""
        return self.left(kind) + max(0.0, self.meter.free(kind))

    def rest(self, kind: BudgetKind) -> float:
        """Return how much less than at most was used so far; responses count that were refused, too."""
        return math.inf if self.most is None else self.most.of(kind) - self.asked.of(kind)

    @property
    def spent(self) -> Cost:
        """What was used so far."""
        used = self.used
        sessions, responses = int(used.get("sessions", 0)), int(used.get("responses", 0))
        return Cost(sessions, responses, used.get("audio_s", 0.0), int(used.get("characters", 0)))

    @property
    def asked(self) -> Cost:
        """What was used so far, and the responses that were refused."""
        return self.spent + Cost(0, self.refused)

    @property
    def may_hurry(self) -> bool:
        """Whether waits may be short: what is spent up to a wait that was too short is spent again."""
        if self.hurries is not None:
            return self.hurries
        return self.meter.again is None or self.asked.within(self.meter.again)

    def take(self, kind: BudgetKind, amount: float = 1, *, forced: bool = False) -> None:
        """Use `amount`. Raises `OverBudget` where neither share nor meter have it, unless `forced`."""
        beyond = amount - self.left(kind)
        if beyond > self.meter.free(kind) + _EPSILON and beyond > 0 and not forced:
            raise OverBudget(self.meter.budget.exhausted(kind))
        self.used[kind] = self.used.get(kind, 0.0) + amount
        self.meter.use(kind, amount)

    def give_back(self, kind: BudgetKind, amount: float = 1) -> None:
        """Take back what was not needed after all."""
        self.take(kind, -amount, forced=True)
