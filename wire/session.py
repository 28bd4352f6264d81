"""One connection to an endpoint: send, wait for a condition with a deadline, capture everything.

Nothing here blocks for ever: connecting, sending, waiting and closing each end by a deadline, and a server
that floods is cut off. What happens is written to the trace as it happens.
"""

from __future__ import annotations

import asyncio
import contextlib
import itertools
import time
from collections.abc import AsyncIterator, Callable, Iterable, Iterator
from dataclasses import replace
from typing import Any

from websockets.asyncio.client import ClientConnection
from websockets.exceptions import ConnectionClosed

from protocol.event_types import Event
from wire.endpoint import Endpoint
from wire.failures import Ended, OverBudget, QuotaEnded, Refused, Stalled
from wire.frame_rules import cut
from wire.frames import Received, dump, event_of, spelled
from wire.handshake import shake_hands
from wire.hurried_waits import Hurried, Wait
from wire.incoming import Incoming
from wire.meter import Meter, Share
from wire.patience import GREETING, Patience
from wire.tab import Tab
from wire.trace import Recorder
from wire.waits import Waited

_HEX_KEPT = 4_096  # bytes kept of a text frame that is not UTF-8
_NUMBERS = itertools.count(1)  # of sessions


@contextlib.asynccontextmanager
async def open_session(
    endpoint: Endpoint, recorder: Recorder, share: Share | None = None, patience: Patience | None = None
) -> AsyncIterator[Session]:
    """Connect to `endpoint`, capture into `recorder`, and close in the end, whatever happens.

    What it costs is taken from `share`; without `patience` no wait goes on past its deadline. Raises
    `Unreachable` or `Refused` (no session came about), `OverBudget`, `EndpointError` (unusable TLS options).
    """
    share = share or Meter().share()
    share.meter.check()
    share.take("sessions")
    try:
        connection = await shake_hands(endpoint, recorder)
    except (Refused, QuotaEnded) as error:
        if isinstance(error, QuotaEnded):
            share.meter.exhausted(error.quota)
        share.give_back("sessions")  # what was not let in costs nothing; after a time-out nobody knows
        raise
    share.meter.sessions += 1
    session = Session(endpoint, connection, recorder, Tab(share), patience)
    try:
        yield session
    finally:
        await session.close()
        session.tab.close()


class Session:
    """An open connection."""

    def __init__(
        self,
        endpoint: Endpoint,
        connection: ClientConnection,
        recorder: Recorder,
        tab: Tab,
        patience: Patience | None = None,
    ) -> None:
        self.endpoint, self.timeouts = endpoint, endpoint.timeouts
        self.recorder, self._words = recorder, endpoint.speaks.words
        self.tab, self.patience = tab, patience
        self.hurried = Hurried()
        self.draws_out = True
        self.hesitates: Callable[[], None] = lambda: None  # called once a wait takes rather long
        self.waited_in_vain = False  # whether something did not come in time, even if it came later
        self._number = next(_NUMBERS)
        self.sent_seq = recorder.count
        self._connection = connection
        self._ids = itertools.count(1)
        self._incoming = Incoming(connection, recorder, tab, self._words, self._heard)
        self.began = time.monotonic()
        tab.meter.alarms.add(self._incoming.news.set)

    @property
    def received(self) -> list[Received]:
        """The server's events so far, in order, in the words of the root."""
        return self._incoming.received

    @property
    def ended(self) -> str | None:
        """How the connection ended; None while it is open."""
        return self._incoming.ended

    @property
    def close_code(self) -> int | None:
        """The code that the server closed with; None before it has."""
        return self._incoming.close_code

    # --- sending ----------------------------------------------------------------------------------------

    def fresh_id(self, stem: str = "evt") -> str:
        """Return an id that this session has not used yet."""
        return f"{stem}_{next(self._ids):04d}"

    async def send(self, type_: str, /, **fields: Any) -> str:
        """Send an event of `type_` with a fresh `event_id` (unless one is given); return that id.

        Raises `Ended` where the connection is closed or does not take the frame in time, `OverBudget` where
        the frame must not be sent.
        """
        event: Event = {"type": type_, "event_id": self.fresh_id(), **fields}
        if event["event_id"] is None:
            del event["event_id"]
        await self._send_event(dump(event), event, 1, {})
        return str(event.get("event_id", ""))

    async def send_text(self, text: str, *, fragments: int = 1, **label: Any) -> int:
        """Send `text` as one text frame, whatever it holds; return its `seq`. Raises as `send` does.

        With `fragments` it goes out as one message of so many WebSocket frames. `label` goes into the
        trace beside the event.
        """
        return await self._send_event(text, event_of(text), fragments, label)

    async def _send_event(self, text: str, event: Event | None, fragments: int, label: dict[str, Any]) -> int:
        if event is not None:
            self.tab.client_event(event)
            text = spelled(text, event, self._words)
        if fragments > 1:
            label["fragments"] = fragments
        seq, _ = self.recorder.add("client", "text", text=text, **label)
        self.sent_seq = seq
        await self._transmit(text if fragments == 1 else cut(text, fragments))
        return seq

    async def send_bytes(self, data: bytes, *, as_text: bool = False, **label: Any) -> int:
        """Send `data` as one binary frame, or `as_text` in a text frame that need not be UTF-8."""
        if as_text:
            raw = data.decode("utf-8", "backslashreplace")
            seq, _ = self.recorder.add("client", "text", text=raw, hex=data[:_HEX_KEPT].hex(), **label)
        else:
            seq, _ = self.recorder.add("client", "binary", size=len(data), **label)
        self.sent_seq = seq
        await self._transmit(data, as_text=as_text)
        return seq

    async def _transmit(self, data: str | bytes | list[str], *, as_text: bool = False) -> None:
        try:
            async with asyncio.timeout(self.timeouts.response):
                await self._connection.send(data, text=as_text or None)
        except ConnectionClosed:
            await self._incoming.until_closed(self.timeouts.close)
            raise Ended(f"the connection had ended: {self.ended or 'closed'}", self.ended or "") from None
        except TimeoutError:
            raise Ended("the server stopped reading: a frame could not be sent in time") from None

    # --- waiting ----------------------------------------------------------------------------------------

    async def wait(
        self,
        awaited: str,
        condition: Callable[[Received], bool],
        *,
        after: int | None = None,
        within: float | None = None,
        streaming: bool = False,
        began: float | None = None,
        about: str = "",
    ) -> Received:
        """Return the first event past `seq` `after` (default: the last frame sent) that meets `condition`.

        `awaited` names it for the trace. `within` bounds the wait (default: `Timeouts.answer`); with
        `streaming` the bound is `Timeouts.response`, cut short when the server stays silent for
        `Timeouts.silence`; it counts from `began` (default: now). A deadline that passes is noted.

        Unless `within` was given, `patience` has a say: the session may listen on for as long once more, and
        what comes is returned all the same (where nothing does, that is noted, too); or the wait is short,
        because full ones before it were in vain. What those are is told more narrowly by what `awaited` is
        awaited `about`. Raises `Stalled`, `Ended`, `Flooded`, `QuotaEnded`, `RunSettled`, or `OverBudget`
        where the server itself spent more than there is.
        """
        called = self._incoming.measure_silence()
        start, since = called if began is None else began, self.sent_seq if after is None else after
        usual = self.timeouts.silence if streaming else self.timeouts.answer
        wait = Wait(awaited, condition, since, start, usual, about=about, streaming=streaming)
        known = self.patience if within is None else None
        with self.tab.meter.awaiting(start, awaited), self._waiting(known, usual, streaming=streaming):
            received = await self._first(wait, self._until(wait, within, known))
            if received is None:
                received = await self._none_in_time(wait, within, known)
        if known is not None:
            # What had come before was not waited for.
            waited = self._incoming.stillest_s if streaming else time.monotonic() - called
            known.came(awaited, waited, about=about, streaming=streaming)
        return received

    def _full_until(self, wait: Wait, within: float | None, silence: float) -> float:
        """Return until when `wait` lasts where nothing comes for so long; of what streams, that moves on."""
        if not wait.streaming:
            return wait.start + (within if within is not None else min(wait.full_s, silence))
        last = wait.start + (self.timeouts.response if within is None else within)
        return min(last, max(self._incoming.last_heard, wait.start) + silence)

    def _until(self, wait: Wait, within: float | None, known: Patience | None) -> Callable[[], float]:
        """Return what says until when `wait` lasts: other waits show meanwhile whether it has to be full."""
        hurries = self.tab.share.may_hurry

        def until() -> float:
            short = known and known.short_s(
                wait.awaited, wait.full_s, about=wait.about, streaming=wait.streaming
            )
            return self._full_until(wait, within, short if short and hurries else wait.full_s)

        return until

    async def _none_in_time(self, wait: Wait, within: float | None, known: Patience | None) -> Received:
        """Return what comes late after all, or raise `Stalled`; see `wait`."""
        if known is None:
            raise self._stall(wait, 0.0, counted=within is None)
        wait = replace(wait, full_waits=known.full_waits(wait.awaited, about=wait.about))
        if time.monotonic() >= self._full_until(wait, within, wait.full_s):
            return await self._drawn_out(wait, known)
        self.hurried.add(wait)
        self.waited_in_vain = True
        self._count_wait(wait, full=False)
        raise Stalled(wait.awaited, time.monotonic() - wait.start, silent=True)

    @contextlib.contextmanager
    def _waiting(self, known: Patience | None, usual: float, *, streaming: bool) -> Iterator[None]:
        """Wake up for what `known` learns; call `hesitates` where it takes so long that it may be in vain."""
        if known is None:
            yield
            return
        known.alarms.add(self._incoming.news.set)
        rather_long = known.hesitation_s(usual, streaming=streaming)
        alarm = asyncio.get_running_loop().call_later(rather_long, self.hesitates)
        try:
            yield
        finally:
            alarm.cancel()
            known.alarms.discard(self._incoming.news.set)

    async def _drawn_out(self, wait: Wait, known: Patience) -> Received:
        """Listen on after a full wait, where that is allowed; see `wait`."""
        longer = self.draws_out and known.draws_out(wait.awaited)
        more = min(wait.full_s, self.timeouts.answer) if longer else 0.0
        stalled = self._stall(wait, more)
        known.in_vain(wait.awaited, self._number, about=wait.about)
        if not longer:
            raise stalled
        last = time.monotonic() + more
        received, until = None, lambda: 0.0 if known.silent else last
        try:
            received = await self._first(wait, until)
        finally:
            if received is None:
                known.drew_out(wait.awaited)
        if received is None:
            raise self._stall(wait, 0.0)
        return received

    async def _first(self, wait: Wait, until: Callable[[], float]) -> Received | None:
        """Return the first event that meets the condition of `wait`, None where none comes in time."""
        position = 0
        while True:
            for received in itertools.islice(self.received, position, None):
                if received.seq > wait.since and wait.condition(received):
                    return received
            position = len(self.received)
            self._check(wait.awaited)
            left = until() - time.monotonic()
            if left <= 0:
                return None
            await self._news_within(left)

    async def _news_within(self, seconds: float) -> None:
        """Wait until something comes, or the connection ends, or somebody wakes those who wait."""
        self._incoming.news.clear()
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                await self._incoming.news.wait()

    def _check(self, awaited: str) -> None:
        """Raise what makes it useless to wait any longer."""
        self.tab.meter.check()
        if self.tab.over:
            raise OverBudget(self.tab.over)
        self._incoming.check(awaited)

    def _stall(self, wait: Wait, longer: float, counted: bool = True) -> Stalled:
        """Note that a deadline passed, and for how long the session listens on."""
        self.waited_in_vain = True
        now = time.monotonic()
        waited = now - wait.start
        silent_for = now - max(self._incoming.last_heard, wait.start)
        silent = silent_for >= min(waited, self.timeouts.silence) - 0.01
        if not longer and counted:
            self._count_wait(wait, full=True)
        self.recorder.add(
            "harness",
            "deadline",
            awaited=wait.awaited,
            since=wait.since,
            waited_s=round(waited, 3),
            silent_s=round(silent_for, 3),
            silent=silent,
            listened_on_s=round(longer, 3),
            **self._incoming.unfinished(),
        )
        return Stalled(wait.awaited, waited, silent)

    def _count_wait(self, wait: Wait, *, full: bool) -> None:
        took_s = time.monotonic() - wait.start
        self.tab.meter.waits.append(Waited(wait.awaited, self.recorder.path.stem, wait.start, took_s, full))

    async def wait_for(
        self,
        types: str | Iterable[str],
        *,
        where: Callable[[Event], bool] = lambda _: True,
        after: int | None = None,
        within: float | None = None,
        streaming: bool = False,
        began: float | None = None,
        about: str = "",
    ) -> Received:
        """Return the first event of one of `types` for which `where` holds; see `wait`."""
        wanted = frozenset((types,) if isinstance(types, str) else types)
        return await self.wait(
            " or ".join(sorted(wanted)),
            lambda r: r.type in wanted and where(r.event),
            after=after,
            within=within,
            streaming=streaming,
            began=began,
            about=about,
        )

    async def first_word(self) -> Received | None:
        """Wait for the server's first event, or its end, as long as for an answer; None where no event came.

        Of a server that has proved never to greet, nobody waits for it that long. No deadline is noted:
        whoever needs the event waits for it.
        """
        limit = self.timeouts.answer
        if self.patience is not None:
            limit = self.patience.short_s(GREETING, limit) or limit
        until = time.monotonic() + limit
        while not self.received and self.ended is None and (left := until - time.monotonic()) > 0:
            await self._news_within(left)
        if self.patience is not None and self.received and self.received[0].type == GREETING:
            self.patience.came(GREETING, time.monotonic() - self.began)
        return self.received[0] if self.received else None

    def since(self, seq: int) -> list[Received]:
        """Return what was received after `seq`."""
        return [r for r in self.received if r.seq > seq]

    def _heard(self, received: Received) -> None:
        """Take note of what comes after a wait for it was cut short."""
        for wait in self.hurried.met_by(received):
            if self.patience is not None:
                self.patience.came(wait.awaited, 0.0, about=wait.about, streaming=wait.streaming)

    # --- the end ----------------------------------------------------------------------------------------

    async def close(self) -> None:
        """Close the connection and note its end; never raises, and is bounded by `Timeouts.close`."""
        self.tab.meter.alarms.discard(self._incoming.news.set)
        if self.ended is None:
            for detail in self.hurried.deadlines(self._incoming.last_heard):
                self.recorder.add("harness", "deadline", **detail, **self._incoming.unfinished())
        await self._incoming.close(self.timeouts.close)

    async def wait_closed(self, within: float | None = None) -> bool:
        """Wait until the server has closed the connection; tell whether it did."""
        return await self._incoming.until_closed(within or self.timeouts.answer)
