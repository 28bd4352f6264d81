"""Where a scenario plays: sessions are opened here, each with a trace of its own."""

from __future__ import annotations

import asyncio
import contextlib
import re
from collections.abc import AsyncIterator, Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from generators.events import Events
from suites.attempts import CROWDED, HURRIED, WELCOME, changes_for
from suites.conversations.table import Coverage
from suites.crowding import RETRIES, Crowd
from suites.depth import STANDARD, Depth
from suites.second_look import End, end_of
from suites.sharing import Guest
from suites.talk import Talk
from wire.capacity import closed_for_room, error_for_room, refused_for_room
from wire.endpoint import Endpoint
from wire.failures import Crowded, Refused
from wire.meter import Share
from wire.patience import Patience
from wire.session import open_session
from wire.trace import Recorder, in_root_words
from wire.trace_files import TraceFile, set_aside

_ORDINARY = ("ordinary", "probe")

Oracle = Callable[[Path], Mapping[str, int]]
"""Judges a trace: the requirements it violates, the gravest first, each with the entry that does."""


@dataclass(frozen=True, slots=True)
class _NoRoom:
    """How a server said that it has no room for a session, and after how many seconds to ask again."""

    way: str
    retry_after: float | None = None


@dataclass(slots=True)
class Stage:
    """The endpoint, and the folder for the traces of one scenario.

    `names` holds what only the target knows: `second_model`, a model it also has; `unknown_model`, the name
    of a speech recognition model it does not have. `depth` says how much a generated scenario tries; `offers`
    what is taken to be offered. `events` are what generated scenarios say, None for what our own document
    lets a client say. `oracle` judges the trace of a session that has ended. `coverage` counts what of the
    protocol was visited.
    """

    endpoint: Endpoint
    folder: Path
    name: str
    share: Share
    names: Mapping[str, str] = field(default_factory=dict)
    traces: list[Path] = field(default_factory=list)
    depth: Depth = STANDARD
    offers: Mapping[str, bool] = field(default_factory=dict)
    events: Events | None = None
    oracle: Oracle = lambda _: {}
    coverage: Coverage = field(default_factory=Coverage)
    patience: Patience | None = None  # without it, no wait goes on past its deadline
    crowd: Crowd | None = None  # without it, a session that is refused is not asked for again
    draws_out: bool = True  # whether waits may go on past their deadlines
    hurried: bool = False  # whether something came after a wait that was cut short
    short_waits: list[tuple[str, str]] = field(default_factory=list)  # for what, about what, that stayed so
    hasty: bool = False  # whether the scenario speaks before it has heard anything
    shut_out: bool = False  # and it turned out that the server had no room for it
    guest: Guest | None = None  # where the scenario shares a session
    clock: asyncio.Timeout | None = None  # what bounds the scenario in time
    bound_s: float = 0.0  # and to how much, where that is not all of what its clock began with
    ends: list[End] = field(default_factory=list)  # of connections that the server ended
    turned_away: list[Path] = field(default_factory=list)  # traces of refused attempts that were repeated
    _opened: int = 0
    _thrown_away: int = 0
    suffix: str = ""  # of the names of traces, where a run is repeated

    @contextlib.asynccontextmanager
    async def open(self, attempt: str = "ordinary", **changes: Any) -> AsyncIterator[Talk]:
        """Open a session, on the endpoint or one that differs from it in `changes`.

        `attempt` says in the trace's header what is tried. A session like others that is refused for want of
        room, while others are open, is asked for again. Raises `Refused` or `Unreachable`, `Crowded` where an
        ordinary one never fitted; of another one the last refusal stands, which may be meant for what it is.
        """
        async with contextlib.AsyncExitStack() as session:
            ordinary = attempt in _ORDINARY and not set(changes) - {"timeouts"}
            if self.crowd is not None and (ordinary or attempt in WELCOME):
                talk = await self._fitted(self.crowd, session, attempt, changes, stands=not ordinary)
            else:
                talk = await self._as_it_comes(session, attempt, changes)
            yield talk

    async def _fitted(
        self,
        crowd: Crowd,
        session: contextlib.AsyncExitStack,
        attempt: str,
        changes: Mapping[str, Any],
        *,
        stands: bool,
    ) -> Talk:
        """Open a session once the server has room for it; see `open`, also for what `stands`."""
        path, way = self._path(), ""
        for tries in range(1, RETRIES + 2):
            with self._untimed():
                known = await crowd.turn()
            opening, last = self._session(path, attempt, changes), stands and tries > RETRIES
            found = await self._tried(crowd, session, opening, known=known, last=last)
            if isinstance(found, Talk):
                return found
            way = found.way
            crowd.refuse(way, known=known)
            self._set_aside(path, len(self.turned_away) + 1)
            if tries <= RETRIES:
                with self._untimed():
                    await crowd.back_off(tries, found.retry_after)
                self.traces.append(path)
        crowd.turned_away += 1
        raise Crowded(f"the server had no room for the session ({way}), {RETRIES + 1} times")

    async def _tried(
        self,
        crowd: Crowd,
        session: contextlib.AsyncExitStack,
        opening: contextlib.AbstractAsyncContextManager[Talk],
        *,
        known: bool,
        last: bool,
    ) -> Talk | _NoRoom:
        """Open a session. A refusal for want of room stands on the `last` try, or if no other is open."""
        trial = contextlib.AsyncExitStack()
        try:
            talk = await trial.enter_async_context(opening)
            way = "" if self.hasty else await _turned_away(talk)
            stays = not way or last or not crowd.others
            if not way:
                crowd.came_in()
                session.callback(self._leave, crowd, talk, known=known)
            elif stays:
                crowd.stayed_out()
            if stays:
                session.push_async_exit(trial.pop_all())
                return talk
        except Refused as error:
            way = refused_for_room(error.status)
            if not way or last or not crowd.others:
                crowd.stayed_out()
                raise
            return _NoRoom(way, error.retry_after)
        except BaseException:
            crowd.stayed_out()
            await trial.aclose()
            raise
        await trial.aclose()
        self.share.give_back("sessions")  # what was not let in costs nothing
        return _NoRoom(way)

    def _leave(self, crowd: Crowd, talk: Talk, *, known: bool) -> None:
        """Leave a session that was taken to be open; of a hasty scenario nobody has looked whether it was."""
        way = _no_room(talk) if self.hasty else ""
        if not way:
            crowd.left()
            return
        crowd.take_back()
        if crowd.others:
            self.shut_out = True
            self.share.give_back("sessions")
            crowd.refuse(way, known=known)
        else:
            crowd.stayed_out()

    async def _as_it_comes(
        self, session: contextlib.AsyncExitStack, attempt: str, changes: Mapping[str, Any]
    ) -> Talk:
        """Open a session that may be refused, and then is not asked for again; it waits for its turn, too."""
        crowd = self.crowd
        if crowd is None:
            return await session.enter_async_context(self._session(self._path(), attempt, changes))
        with self._untimed():
            await crowd.turn()
        try:
            talk = await session.enter_async_context(self._session(self._path(), attempt, changes))
        except BaseException:
            crowd.stayed_out()
            raise
        crowd.came_in()
        session.callback(crowd.left)
        return talk

    def _path(self) -> Path:
        """Return the file for the trace of one more session."""
        self._opened = number = self._opened + 1
        path = self.folder / (f"{self._stem}.jsonl" if number == 1 else f"{self._stem}-{number}.jsonl")
        self.traces.append(path)
        return path

    @property
    def _stem(self) -> str:
        return re.sub(r"[^\w.-]+", "-", self.name) + self.suffix

    def _set_aside(self, path: Path, number: int) -> None:
        """Keep the trace of a session that is asked for again, where nobody takes it for that session's."""
        self.turned_away.append(self._aside(path, CROWDED, number))

    def set_all_aside(self, attempt: str = HURRIED, first: int = 1) -> None:
        """Keep the traces of a scenario that is played again, where nobody takes them for that play's."""
        for number, path in enumerate(tuple(self.traces), first):
            self._aside(path, attempt, number)

    def _aside(self, path: Path, attempt: str, number: int) -> Path:
        while (aside := self.folder / f"{self._stem}.{attempt}-{number}.jsonl").exists():
            number += 1
        set_aside(path, aside, attempt=attempt)
        self.traces.remove(path)
        return aside

    def bound(self, seconds: float) -> None:
        """Let the scenario go on for `seconds` from now."""
        if self.clock is not None:
            self.bound_s = seconds
            self.clock.reschedule(asyncio.get_running_loop().time() + seconds)

    @contextlib.contextmanager
    def _untimed(self) -> Iterator[None]:
        """Stop the clock of the scenario while it waits for its turn."""
        clock, loop = self.clock, asyncio.get_running_loop()
        when = clock.when() if clock is not None else None
        if clock is None or when is None or clock.expired():
            yield
            return
        left = when - loop.time()
        clock.reschedule(None)
        try:
            yield
        finally:
            clock.reschedule(loop.time() + left)

    @contextlib.asynccontextmanager
    async def _session(self, path: Path, attempt: str, changes: Mapping[str, Any]) -> AsyncIterator[Talk]:
        endpoint = replace(self.endpoint, **changes) if changes else self.endpoint
        timeouts = endpoint.timeouts
        recorder = Recorder(
            path,
            # An attempt with another credential must not show the right one either.
            endpoint.redactor.and_also(self.endpoint.redactor),
            self.share.meter.seen,
            scenario=self.name,
            target=endpoint.shown,
            dialect=endpoint.dialect,
            attempt=attempt,
            patience={"answer": timeouts.answer, "response": timeouts.silence},
            **dict[str, Any](self.names),
        )
        end, opened = "failed", None
        try:
            patience = None if "timeouts" in changes else self.patience  # its own are no full waits
            async with open_session(endpoint, recorder, self.share, patience) as session:
                opened = session
                session.draws_out = self.draws_out
                talk = Talk(session, endpoint.speaks)
                talk.names = self.names
                talk.depth, talk.offers = self.depth, self.offers
                try:
                    yield talk
                finally:
                    self.hurried |= session.hurried.too_short
                    self.short_waits += session.hurried.open()
            end = "closed"
        finally:
            recorder.close(end)
            if opened is not None and opened.close_code is not None and attempt in _ORDINARY and not changes:
                said = in_root_words(TraceFile(path), endpoint.speaks.words)
                self.ends += filter(None, [end_of(opened.close_code, said)])

    def set_hurried_aside(self, trace: Path) -> bool:
        """Set aside the trace of a session where something came after a short wait; return whether it did."""
        hurried, self.hurried = self.hurried, False
        if hurried:
            self._thrown_away += 1
            self._aside(trace, HURRIED, self._thrown_away)
        return hurried

    def forget(self, trace: Path) -> None:
        """Remove the trace of a session that is not to be judged: an attempt on the way to a better one."""
        self.traces.remove(trace)
        trace.unlink(missing_ok=True)

    def attempt(self, name: str) -> contextlib.AbstractAsyncContextManager[Talk]:
        """Open a session in one of the ways of `suites.attempts`, as `open` does."""
        return self.open(name, **changes_for(name, self.endpoint))


async def _turned_away(talk: Talk) -> str:
    """Return how a server that shook hands says at once that it has no room; empty where it does not."""
    await talk.session.first_word()
    talk.session.tab.meter.check()
    return _no_room(talk)


def _no_room(talk: Talk) -> str:
    """Return how the first word of a server, or a close without any, says that it has no room."""
    heard = talk.session.received
    if heard:
        return error_for_room(heard[0].event)
    return closed_for_room(talk.session.close_code)
