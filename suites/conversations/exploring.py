"""Has the machine talk: opens its sessions, has them judged, and keeps what is worth keeping.

Every conversation's trace is kept and judged like any other, until one goes wrong. Then Hypothesis makes it
simpler for a while, and what is left is made shorter frame by frame. Those attempts leave no trace, and wait
no longer for what does not come than this server usually needs, several times over. The shortest one is held
once more with all patience; if it still goes wrong, its trace takes the place of the long one. Then the
exploration goes on, for what may be wrong besides, and as impatiently: what was found may stall every
conversation.
"""

from __future__ import annotations

import contextlib
import math
import time
from collections.abc import Coroutine, Iterable
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, NoReturn, TypeVar

from hypothesis import HealthCheck, Phase, Verbosity, seed, settings
from hypothesis.errors import Flaky
from hypothesis.reporting import with_reporter
from hypothesis.stateful import run_state_machine_as_test

from generators.seeded import by_seed_alone
from suites.conversations.bounds import RESPONSES
from suites.conversations.bridge import Bridge, Halt, in_a_thread
from suites.conversations.machine import Conversing
from suites.conversations.shortening import requests, shortening
from suites.replaying import Script, play, script_of
from suites.stage import Stage
from suites.talk import Talk
from wire.budget import BudgetKind, Estimate
from wire.endpoint import Timeouts
from wire.failures import Ended, Flooded, OverBudget, Refused, Stalled, Unreachable, WireError
from wire.trace_files import TraceFile

_T = TypeVar("_T")

_HASTE = 8.0  # times what three of four answers needed
_LEAST_S = 0.1
_TRIED = 3  # of the simplest conversations
_SIMPLER = 12  # sessions that Hypothesis may use for making one simpler
_KEPT = 6  # times what the first one asks for
_ROUNDS = 4  # things found before an exploration ends
_LONGEST_S = 120.0  # of making one simpler and shorter, at any depth
_PER_EXAMPLE_S = 0.75  # of that, so that a shallow run is a short one
_ROUNDS_S = 2.0  # times that, for all that is found
_ANOTHER_SEED, _ANOTHER_DRAW = 1_000_003, 7_919
_KINDS: tuple[BudgetKind, ...] = ("sessions", "responses", "audio_s")


class FoundViolation(Exception):
    """A conversation violated a requirement. Each requirement has a subclass: Hypothesis tells them apart."""


class Enough(BaseException):
    """What went wrong is simple enough. Not an `Exception`: Hypothesis would take that for a finding."""


@dataclass(slots=True)
class Found:
    """A violated requirement, the trace that shows it, and how many frames the client sends there."""

    requirement: str
    trace: Path
    frames: int


@dataclass(slots=True)
class Exploration:
    """What came of all conversations of one scenario."""

    held: int = 0  # conversations, attempts included
    found: list[Found] = field(default_factory=list)
    unexplained: list[str] = field(default_factory=list)  # where the model disagreed and no rule did


async def explore(stage: Stage, *, examples: int, each: Estimate, spoken: bool, draw: int = 0) -> Exploration:
    """Hold `examples` conversations on sessions of `stage`, and shorten those that went wrong.

    They are drawn by the seed of the run and by `draw`, which tells scenarios apart. One of them costs `each`
    at most; all of them together cost no more than what is set aside. Raises `OverBudget`, `Refused` or
    `Unreachable` where that ended it before anything was found.
    """
    stage.share.hurries = True  # no scenario is played again for a conversation whose waits were too short
    director = _Director(stage, Bridge(), examples, each, spoken=spoken, draw=draw)
    try:
        await in_a_thread(director.bridge, director.run)
    finally:
        await director.leave()
    if director.trouble is not None and not director.exploration.found:
        raise director.trouble
    return director.exploration


class _Play:
    """One conversation."""

    def __init__(self, director: _Director, talk: Talk, trace: Path) -> None:
        self.director = director
        self.talk = talk
        self.trace = trace
        self.coverage = director.stage.coverage
        self.spoken = director.spoken
        self.responses = director.affordable()
        offers = director.stage.offers
        self.retrieve = offers.get("retrieve", True)
        self.audio = offers.get("audio-input", True) and offers.get("manual-commit", True)

    def do(self, coroutine: Coroutine[Any, Any, _T]) -> _T:
        """Have something done on this session."""
        return self.director.do(coroutine)

    def close(self, cut: str) -> None:
        """End the session and judge it. Raises `FoundViolation`."""
        self.director.judge(self, cut)


class _Director:
    def __init__(
        self, stage: Stage, bridge: Bridge, examples: int, each: Estimate, *, spoken: bool, draw: int
    ) -> None:
        self.stage = stage
        self.seed = stage.depth.seed + draw * _ANOTHER_DRAW
        self.bridge = bridge
        self.left = examples
        self.each = each
        self.spoken = spoken
        self.exploration = Exploration()
        self.trouble: WireError | None = None
        self._known: set[str] = set()  # what is wrong with all of them, or was found
        self._session: contextlib.AsyncExitStack | None = None
        self._needed: list[float] = []  # seconds
        self._violations: dict[str, type[FoundViolation]] = {}
        self._hasty = False
        # While something is made shorter: what, since when, and the simplest conversation that shows it.
        self._target = ""
        self._until = 0.0
        self._shortening_s = min(_LONGEST_S, _PER_EXAMPLE_S * examples)
        self._ends = math.inf  # known as soon as something was found
        self._attempts = 0
        self._simpler: list[Script] = []

    # --- in the machine's thread ------------------------------------------------------------------------

    def run(self) -> None:
        """Explore, and shorten what is found; end early where nothing more can be spent."""
        try:
            self._known.update(self._silent())
            for number in range(_ROUNDS):
                self._hasty = number > 0
                if self.left <= 0 or not self._finds(self.seed + number * _ANOTHER_SEED):
                    break
                self._shorten()
        except Halt:
            pass  # `trouble` says why, or the run is over

    def _silent(self) -> Iterable[str]:
        """Hold a conversation without a word; return what is wrong with it, and so with all of them."""
        play = self.begin()
        self.do(self._close())
        self.exploration.held = 0
        return self.stage.oracle(play.trace)

    def _finds(self, number: int) -> bool:
        """Let Hypothesis look for a conversation that goes wrong; tell whether there is one."""
        chosen = settings(
            max_examples=self.left,
            stateful_step_count=self.stage.depth.steps,
            phases=(Phase.generate, Phase.shrink),
            database=None,
            deadline=None,
            derandomize=False,
            print_blob=False,
            report_multiple_bugs=False,
            suppress_health_check=list(HealthCheck),
            verbosity=Verbosity.quiet,
        )
        factory: Any = seed(number)(lambda: Conversing(self.begin()))  # a function does as well as a class
        try:
            with by_seed_alone(), with_reporter(_say_nothing):
                run_state_machine_as_test(factory, settings=chosen)
        except Enough:
            pass
        except Exception as error:
            if not _noted(error):
                raise
        return bool(self._target)

    def begin(self) -> _Play:
        """Open a session. Raises `Enough` or `Halt` where no more of them are to be spent."""
        if not self._room(2 if self._target else 1) or time.monotonic() > self._ends:
            if not self._target and not self._hasty:
                self.trouble = self.trouble or self._unaffordable()
            raise Enough if self._target else Halt
        if self._target:
            self._attempts += 1
            if self._attempts > _SIMPLER or time.monotonic() > self._until:
                raise Enough
        talk = self.do(self._open(self._timeouts()))
        self.exploration.held += 1
        return _Play(self, talk, self.stage.traces[-1])

    def _timeouts(self) -> Timeouts:
        timeouts = self.stage.endpoint.timeouts
        if not self._target and not self._hasty:
            return timeouts
        needed = sorted(self._needed)
        usual = needed[len(needed) * 3 // 4] if needed else timeouts.answer
        haste = max(_LEAST_S, _HASTE * usual)
        return replace(timeouts, answer=min(haste, timeouts.answer), silence=min(haste, timeouts.silence))

    def affordable(self) -> int:
        """Return how many responses the next conversation may ask for.

        While one is made simpler, enough is left to make it shorter.
        """
        kept = _KEPT * requests(self._simpler[0].steps) if self._target else 0
        return int(max(0, min(RESPONSES, self.stage.share.rest("responses") - kept)))

    def _room(self, conversations: int, responses: int = 0) -> bool:
        """Tell whether that many can still be held, by what they cost at most, with `responses` each."""
        share, most = self.stage.share, replace(self.each.most, responses=responses)
        likely = replace(self.each.likely, responses=min(self.each.likely.responses, self.affordable()))
        return all(share.rest(kind) >= conversations * most.of(kind) for kind in _KINDS) and all(
            share.room(kind) >= conversations * likely.of(kind) for kind in _KINDS
        )

    def _unaffordable(self) -> OverBudget | None:
        """Return what says that the budget does not allow one more, None where it does."""
        share, likely = self.stage.share, self.each.likely
        short = [kind for kind in _KINDS if share.room(kind) < min(likely.of(kind), share.rest(kind))]
        return OverBudget(share.meter.budget.exhausted(short[0])) if short else None

    def do(self, coroutine: Coroutine[Any, Any, _T]) -> _T:
        """Have something done on the loop. Raises `Halt` for what ends all conversations."""
        began = time.monotonic()
        try:
            result = self.bridge.run(coroutine)
        except (OverBudget, Refused, Unreachable) as error:
            self.trouble = error
            raise Halt from None
        if result is not None and not self._target and not self._hasty:
            self._needed.append(time.monotonic() - began)
        return result

    def judge(self, play: _Play, cut: str) -> None:
        """Close the session of `play`; raise what its trace violates."""
        self.do(self._close())
        if self.stage.set_hurried_aside(play.trace):
            self.left -= not self._target
            return  # nothing is made of what came too late for a short wait; it is waited for from now on
        violated = self._violated(play.trace)
        if self._target:
            if self._target in violated:
                self._simpler.append(script_of(TraceFile(play.trace), last=violated[self._target]))
            self.stage.forget(play.trace)
        else:
            self.left -= 1
            if violated:
                self._target = next(iter(violated))
                now = time.monotonic()
                self._ends = min(self._ends, now + _ROUNDS_S * self._shortening_s)
                self._until = min(now + self._shortening_s, self._ends)
                self._attempts = 0
                script = script_of(TraceFile(play.trace), last=violated[self._target])
                self._simpler = [script]
                self.exploration.found.append(Found(self._target, play.trace, len(script.frames)))
            elif self._hasty:
                self.stage.forget(play.trace)
            elif cut:
                self.exploration.unexplained.append(cut)
        if violated:
            self._fail(next(iter(violated)))

    def _violated(self, trace: Path) -> dict[str, int]:
        return {id_: seq for id_, seq in self.stage.oracle(trace).items() if id_ not in self._known}

    def _fail(self, requirement: str) -> NoReturn:
        made = self._violations.get(requirement)
        if made is None:
            made = self._violations[requirement] = type("Violation", (FoundViolation,), {})
        raise made(requirement)

    def _shorten(self) -> None:
        """Make the simplest conversation shorter; it takes the place of the first one that went wrong."""
        found = self.exploration.found[-1]
        first, patient = found.trace, self.stage.endpoint.timeouts
        script = self._shortest()
        violated = {}
        if script is not None and self._room(1, requests(script.steps)):
            violated = self._held_again(script, patient)
        again = self.stage.traces[-1]
        if script is not None and self._target in violated:
            found.trace, found.frames = again, len(script.frames)
            self.stage.forget(first)
        else:
            if again != first:
                self.stage.forget(again)
            if self._hasty:  # it may have been nothing but haste
                self.exploration.found.pop()
                self.stage.forget(first)
        self._known.update(violated, {self._target})
        self._target = ""

    def _shortest(self) -> Script | None:
        """Return the shortest script that shows it, None where it does not show again at all."""
        found: list[Script] = []
        ranked = sorted(self._simpler, key=_length)
        with contextlib.suppress(Enough):
            for script in [*ranked[:_TRIED], self._simpler[0]]:
                # A conversation in which it was a matter of luck is no good to anybody.
                if self._goes_wrong(script):
                    found.extend(shortening(script, self._goes_wrong))
                    break
        return found[-1] if found else None

    def _goes_wrong(self, script: Script) -> bool:
        if not self._room(2, requests(script.steps)) or time.monotonic() > self._until:
            raise Enough
        violated = self._held_again(script, self._timeouts())
        self.stage.forget(self.stage.traces[-1])
        return self._target in violated

    def _held_again(self, script: Script, timeouts: Timeouts) -> dict[str, int]:
        self.do(self._play(script, timeouts))
        self.exploration.held += 1
        return self._violated(self.stage.traces[-1])

    # --- on the loop ------------------------------------------------------------------------------------

    async def _play(self, script: Script, timeouts: Timeouts) -> None:
        async with self._session_with(timeouts) as talk:
            await play(script, talk.session)

    def _session_with(self, timeouts: Timeouts) -> contextlib.AbstractAsyncContextManager[Talk]:
        """Open a session; one with all patience takes part in what the run learns of its waits."""
        if timeouts == self.stage.endpoint.timeouts:
            return self.stage.open()
        return self.stage.open(timeouts=timeouts)

    async def _open(self, timeouts: Timeouts) -> Talk:
        session = contextlib.AsyncExitStack()
        talk = await session.enter_async_context(self._session_with(timeouts))
        self._session = session
        with contextlib.suppress(Stalled, Ended, Flooded):  # the rules will see that it did not come
            await talk.opened()
        return talk

    async def _close(self) -> None:
        session, self._session = self._session, None
        if session is not None:
            await session.aclose()

    async def leave(self) -> None:
        """Close what may still be open."""
        await self._close()


def _length(script: Script) -> int:
    return len(script.frames)


def _say_nothing(_: object) -> None:
    """Hypothesis would print what it found; the report does that."""


def _noted(error: BaseException) -> bool:
    """Tell whether `error` is only about what was noted when it happened; anything else is our mistake."""
    if isinstance(error, BaseExceptionGroup):
        return all(_noted(each) for each in error.exceptions)
    return isinstance(error, FoundViolation | Flaky)
