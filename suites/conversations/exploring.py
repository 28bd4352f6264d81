"""Has the machine talk: opens its sessions, has them judged, and keeps what is worth keeping.

Until something is found, every conversation's trace is kept and judged like any other. From then on
Hypothesis makes what it found shorter: those attempts leave no trace, and wait no longer for what does not
come than this server usually needs, several times over. In the end the shortest one is held once more with
all patience, and its trace takes the place of the long one.
"""

from __future__ import annotations

import contextlib
import time
from collections.abc import Coroutine
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, TypeVar

from hypothesis import HealthCheck, Phase, Verbosity, seed, settings
from hypothesis.control import current_build_context
from hypothesis.errors import Flaky
from hypothesis.reporting import with_reporter
from hypothesis.stateful import run_state_machine_as_test

from suites.conversations.bridge import Bridge, Halt, in_a_thread
from suites.conversations.machine import Conversing, Disagreed
from suites.stage import Stage
from suites.talk import Talk, Unmet
from wire.budget import Cost, Kind
from wire.failures import OverBudget, Refused, Unreachable, WireError

T = TypeVar("T")

_HASTE = 8.0  # times what three of four answers needed
_LEAST_S = 0.08
_KEPT = 3  # conversations set aside for holding what was found once more
_KINDS: tuple[Kind, ...] = ("sessions", "responses", "audio_s")


class Violation(Exception):
    """A conversation violated a requirement. Each requirement has a subclass: Hypothesis tells them apart."""


@dataclass(slots=True)
class Found:
    """A violated requirement, the trace of the first conversation that did so, and that of the shortest."""

    requirement: str
    first: Path
    shortest: Path | None = None


@dataclass(slots=True)
class Exploration:
    """What came of all conversations of one scenario."""

    held: int = 0  # conversations
    found: dict[str, Found] = field(default_factory=dict)
    unexplained: list[str] = field(default_factory=list)  # where the model disagreed and no rule did


async def explore(stage: Stage, *, examples: int, each: Cost, spoken: bool) -> Exploration:
    """Hold `examples` conversations on sessions of `stage`, and shorten those that went wrong.

    One of them costs `each` at most; all of them together cost no more than what is set aside. Raises
    `OverBudget`, `Refused` or `Unreachable` where that ended it before anything was found.
    """
    director = _Director(stage, Bridge(), examples, each, spoken=spoken)
    try:
        await in_a_thread(director.bridge, director.run)
    finally:
        await director.leave()
    if director.trouble is not None and not director.exploration.found:
        raise director.trouble
    director.tidy()
    return director.exploration


class _Play:
    """One conversation."""

    def __init__(self, director: _Director, talk: Talk, trace: Path) -> None:
        self.director = director
        self.talk = talk
        self.trace = trace
        self.coverage = director.stage.coverage
        self.spoken = director.spoken
        offers = director.stage.offers
        self.retrieve = offers.get("retrieve", True)
        self.audio = offers.get("audio-input", True) and offers.get("manual-commit", True)

    def do(self, coroutine: Coroutine[Any, Any, T]) -> T:
        """Have something done on this session."""
        return self.director.do(coroutine)

    def close(self, cut: str) -> None:
        """End the session and judge it. Raises `Violation`."""
        self.director.judge(self, cut)


class _Director:
    def __init__(self, stage: Stage, bridge: Bridge, examples: int, each: Cost, *, spoken: bool) -> None:
        self.stage = stage
        self.bridge = bridge
        self.examples = examples
        self.each = each
        self.spoken = spoken
        self.exploration = Exploration()
        self.trouble: WireError | None = None
        self.known: frozenset[str] = frozenset()
        self._session: contextlib.AsyncExitStack | None = None
        self._needed: list[float] = []  # seconds
        self._violations: dict[str, type[Violation]] = {}

    # --- in the machine's thread ------------------------------------------------------------------------

    def run(self) -> None:
        """Let Hypothesis think; what it raises was noted when it happened."""
        depth = self.stage.depth

        def machine() -> Conversing:
            return Conversing(self.begin())

        chosen = settings(
            max_examples=self.examples,
            stateful_step_count=depth.steps,
            phases=(Phase.generate, Phase.shrink),
            database=None,
            deadline=None,
            derandomize=False,
            print_blob=False,
            report_multiple_bugs=True,
            suppress_health_check=list(HealthCheck),
            verbosity=Verbosity.quiet,
        )
        factory: Any = seed(depth.seed)(machine)  # a function does as well as a class
        try:
            with with_reporter(_say_nothing):
                self.known = frozenset(self._silent())
                run_state_machine_as_test(factory, settings=chosen)
        except Halt:
            pass
        except Exception as error:
            if not _noted(error):
                raise

    def _silent(self) -> tuple[str, ...]:
        """Hold a conversation without a word; what is wrong with it is wrong with all of them."""
        play = self.begin()
        if play is None:
            return ()
        play.do(play.talk.opened())
        self.do(self._close())
        self.exploration.held = 0
        return tuple(self.stage.oracle(play.trace))

    @property
    def hunting(self) -> bool:
        """Whether something was found, and is being made shorter."""
        return bool(self.exploration.found)

    @property
    def last(self) -> bool:
        """Whether Hypothesis holds the shortest conversation once more."""
        with contextlib.suppress(Exception):
            return bool(current_build_context().is_final)
        return False

    def begin(self) -> _Play | None:
        """Open a session. None where no more of them are to be spent on making something shorter."""
        shortening = self.hunting and not self.last
        if not self._room(1 + _KEPT if shortening else 1):
            return None
        timeouts = self.stage.endpoint.timeouts
        if shortening:
            haste = max(_LEAST_S, _HASTE * self._usual)
            timeouts = replace(
                timeouts, answer=min(haste, timeouts.answer), silence=min(haste, timeouts.silence)
            )
        talk = self.do(self._open(timeouts))
        self.exploration.held += 1
        return _Play(self, talk, self.stage.traces[-1])

    def _room(self, conversations: int) -> bool:
        """Tell whether that many can still be held with what is set aside."""
        share = self.stage.share
        return all(share.left(kind) >= conversations * self.each.of(kind) for kind in _KINDS)

    @property
    def _usual(self) -> float:
        needed = sorted(self._needed)
        return needed[len(needed) * 3 // 4] if needed else self.stage.endpoint.timeouts.answer

    def do(self, coroutine: Coroutine[Any, Any, T]) -> T:
        """Have something done on the loop. Raises `Halt` for what ends all conversations."""
        began = time.monotonic()
        try:
            result = self.bridge.run(coroutine)
        except (OverBudget, Refused, Unreachable) as error:
            self.trouble = error
            raise Halt from None
        if result is not None and not self.hunting:
            self._needed.append(time.monotonic() - began)
        return result

    def judge(self, play: _Play, cut: str) -> None:
        """Close the session of `play`; raise what its trace violates."""
        self.do(self._close())
        violated = [id_ for id_ in self.stage.oracle(play.trace) if id_ not in self.known]
        found = self.exploration.found
        fresh = [id_ for id_ in violated if id_ not in found]
        if self.last:
            for id_ in violated:
                found.setdefault(id_, Found(id_, play.trace)).shortest = play.trace
        elif fresh and not self.hunting:
            for id_ in fresh:
                found[id_] = Found(id_, play.trace)
        elif self.hunting:
            self.stage.forget(play.trace)
        if violated:
            raise self._violation(violated[0])
        if cut and not self.hunting:
            self.exploration.unexplained.append(cut)

    def _violation(self, requirement: str) -> Violation:
        made = self._violations.get(requirement)
        if made is None:
            made = self._violations[requirement] = type("Violation", (Violation,), {})
        return made(requirement)

    # --- on the loop ------------------------------------------------------------------------------------

    async def _open(self, timeouts: Any) -> Talk:
        self._session = contextlib.AsyncExitStack()
        try:
            talk = await self._session.enter_async_context(self.stage.open(timeouts=timeouts))
        except BaseException:
            self._session = None
            raise
        with contextlib.suppress(WireError, Unmet):  # the rules will see that it did not come
            await talk.opened()
        return talk

    async def _close(self) -> None:
        session, self._session = self._session, None
        if session is not None:
            await session.aclose()

    async def leave(self) -> None:
        """Close what may still be open."""
        await self._close()

    def tidy(self) -> None:
        """Drop the long conversations for which a short one says the same."""
        found = self.exploration.found.values()
        shortest = {each.shortest for each in found if each.shortest is not None}
        if not shortest:
            return
        long = {each.first for each in found} - shortest
        for trace in long:
            if all(each.shortest for each in found if each.first == trace):
                self.stage.forget(trace)


def _say_nothing(_: object) -> None:
    """Hypothesis would print what it found; the report does that."""


def _noted(error: BaseException) -> bool:
    """Tell whether `error` is only about what was noted when it happened; anything else is our mistake."""
    if isinstance(error, BaseExceptionGroup):
        return all(_noted(each) for each in error.exceptions)
    return isinstance(error, Violation | Disagreed | Flaky)
