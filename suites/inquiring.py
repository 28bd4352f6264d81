"""What a target offers, found out while scenarios play already that do not depend on it."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

from suites.probing import Prober
from suites.scenario import Scenario
from wire.meter import Meter

_SLACK_S = 1.0  # of what a probe does beside its waits


async def greeted(meter: Meter, pilot: asyncio.Task[None], within: float | None = None) -> None:
    """Wait until a session has begun, or the pilot is back.

    Where a session is open and nothing was said on it `within` some seconds, the others need not wait.
    """
    greeting = asyncio.create_task(meter.greeted.wait())
    ended, first = set[asyncio.Task[Any]](), asyncio.FIRST_COMPLETED
    while not ended:
        ended, _ = await asyncio.wait((pilot, greeting), timeout=within, return_when=first)
        if within is not None and meter.sessions:
            break
    greeting.cancel()


@dataclass(slots=True)
class Inquiry:
    """The questions of a `prober`. What it finds goes into `probed`, and whoever wants to know is `told`.

    A probe that waits longer than `patience_s` seconds is not waited for: until it says otherwise, the
    feature is taken to be offered.
    """

    prober: Prober
    probed: dict[str, bool]
    told: Callable[[], None]
    patience_s: float
    _answered: dict[str, asyncio.Event] = field(default_factory=dict)
    _begun: asyncio.Event = field(default_factory=asyncio.Event)
    _began: float = 0.0  # by the loop's clock

    def __post_init__(self) -> None:
        self.prober.answered = self._found
        self._answered = {feature: asyncio.Event() for feature in self.prober.asked}

    async def ask(self, *, really: bool) -> None:
        """Find out, where that is `really` wanted; else let nobody wait for it any longer."""
        self._began = asyncio.get_running_loop().time()
        self._begun.set()
        if really:
            await self.prober.found()
        for answered in self._answered.values():
            answered.set()

    def _found(self, feature: str, there: bool | None) -> None:
        if there is not None:
            self.probed[feature] = there
        self.told()
        self._answered[feature].set()

    async def known(self, group: Sequence[Scenario]) -> None:
        """Wait until it is known of all features that matter to these scenarios whether they are offered."""
        everything = any(s.costs is not None for s in group)
        features = {feature for s in group for feature in (*s.features, *s.regards)}
        wanted = [answered for f, answered in self._answered.items() if everything or f in features]
        if not wanted:
            return
        await self._begun.wait()
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout_at(self._began + self.patience_s + _SLACK_S):
                for answered in wanted:
                    await answered.wait()
