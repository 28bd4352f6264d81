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
from typing import Any

from websockets.asyncio.client import ClientConnection
from websockets.exceptions import ConnectionClosed

from protocol.event_types import Event
from wire.connection_end import end_of_connection
from wire.endpoint import Endpoint
from wire.failures import Ended, Flooded, OverBudget, QuotaEnded, Refused, Stalled
from wire.frame_rules import cut, weight
from wire.frames import Received, dump, event_of, spelled
from wire.handshake import shake_hands
from wire.hurried_waits import Hurried, Wait
from wire.meter import Meter, Share, Tab
from wire.patience import GREETING, Patience
from wire.trace import Recorder
from wire.waits import Waited

MAX_BYTES = 96 * 2**20  # of memory that the events of a session may need
MAX_BYTES_PARTING = 2**18  # of it, for what comes once the suite closes
MAX_FRAMES = 50_000
_HEX_KEPT = 4_096  # bytes kept of a text frame that is not UTF-8
_IDLE_TYPES = frozenset(("ping",))  # keep-alive, no sign that something owed is coming
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
    """An open connection. `received` holds the server's events so far, in order, in the words of the root."""

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
        self.received: list[Received] = []
        self.ended: str | None = None
        self.sent_seq = recorder.count
        self._connection = connection
        self._ids = itertools.count(1)
        self._bytes = self._frames = 0
        self._most_bytes = MAX_BYTES
        self._last_heard = self._still_since = time.monotonic()
        self._stillest_s = 0.0  # the longest silence since then that ended
        self._news = asyncio.Event()
        self._flooded = False
        self._unfinished = 0  # bytes of a frame that was not complete when the suite closed
        self._fault: Exception | None = None
        self.began = time.monotonic()
        self.close_code: int | None = None  # the server's, once it has closed
        tab.meter.alarms.add(self._news.set)
        self._listener = asyncio.create_task(self._listen())

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
        await self.send_text(dump(event))
        return str(event.get("event_id", ""))

    async def send_text(self, text: str, *, fragments: int = 1, **label: Any) -> int:
        """Send `text` as one text frame, whatever it holds; return its `seq`. Raises as `send` does.

        With `fragments` it goes out as one message of so many WebSocket frames. `label` goes into the
        trace beside the event.
        """
        event = event_of(text)
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
            await self._listener_done()
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
        called = self._still_since = time.monotonic()
        self._stillest_s = 0.0
        start = called if began is None else began
        usual = self.timeouts.silence if streaming else self.timeouts.answer
        limit = within if within is not None else self.timeouts.response if streaming else usual
        since = self.sent_seq if after is None else after
        known, hurries = self.patience if within is None else None, self.tab.share.may_hurry

        def until(silence: float) -> float:
            if not streaming:
                return start + (limit if within is not None else min(limit, silence))
            return min(start + limit, max(self._last_heard, start) + silence)

        def shortly() -> float:
            # Asked each time: other waits show meanwhile whether this one has to be full.
            short = known and known.short_s(awaited, usual, about=about, streaming=streaming)
            return until(short if short and hurries else usual)

        with self.tab.meter.awaiting(start, awaited), self._waiting(known, usual, streaming=streaming):
            received = await self._first(awaited, condition, since, shortly)
            if received is None and known is not None:
                full_waits = known.full_waits(awaited, about=about)
                wait = Wait(awaited, condition, since, start, usual, full_waits, about, streaming)
                if time.monotonic() < until(usual):
                    self.hurried.add(wait)
                    self.waited_in_vain = True
                    self._count_wait(awaited, start, full=False)
                    raise Stalled(awaited, time.monotonic() - start, silent=True)
                received = await self._drawn_out(wait, known, usual)
            elif received is None:
                raise self._stall(awaited, since, start, 0.0, counted=within is None)
        if known is not None:
            # What had come before was not waited for.
            waited = self._stillest_s if streaming else time.monotonic() - called
            known.came(awaited, waited, about=about, streaming=streaming)
        return received

    @contextlib.contextmanager
    def _waiting(self, known: Patience | None, usual: float, *, streaming: bool) -> Iterator[None]:
        """Wake up for what `known` learns; call `hesitates` where it takes so long that it may be in vain."""
        if known is None:
            yield
            return
        known.alarms.add(self._news.set)
        rather_long = known.hesitation_s(usual, streaming=streaming)
        alarm = asyncio.get_running_loop().call_later(rather_long, self.hesitates)
        try:
            yield
        finally:
            alarm.cancel()
            known.alarms.discard(self._news.set)

    async def _drawn_out(self, wait: Wait, known: Patience, usual: float) -> Received:
        """Listen on after a full wait, where that is allowed; see `wait`."""
        longer = self.draws_out and known.draws_out(wait.awaited)
        more = min(usual, self.timeouts.answer) if longer else 0.0
        stalled = self._stall(wait.awaited, wait.since, wait.start, more)
        known.in_vain(wait.awaited, self._number, about=wait.about)
        if not longer:
            raise stalled
        last = time.monotonic() + more
        received, until = None, lambda: 0.0 if known.silent else last
        try:
            received = await self._first(wait.awaited, wait.condition, wait.since, until)
        finally:
            if received is None:
                known.drew_out(wait.awaited)
        if received is None:
            raise self._stall(wait.awaited, wait.since, wait.start, 0.0)
        return received

    async def _first(
        self,
        awaited: str,
        condition: Callable[[Received], bool],
        since: int,
        until: Callable[[], float],
    ) -> Received | None:
        """Return the first event past `since` that meets `condition`, None where none comes in time."""
        position = 0
        while True:
            for received in itertools.islice(self.received, position, None):
                if received.seq > since and condition(received):
                    return received
            position = len(self.received)
            self._check(awaited)
            left = until() - time.monotonic()
            if left <= 0:
                return None
            self._news.clear()
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(left):
                    await self._news.wait()

    def _check(self, awaited: str) -> None:
        """Raise what makes it useless to wait any longer."""
        self.tab.meter.check()
        if self.tab.over:
            raise OverBudget(self.tab.over)
        if self._fault is not None:
            raise RuntimeError("what the server sent could not be captured") from self._fault
        if self._flooded:
            raise Flooded("the server sent more than this suite listens to")
        if self.ended is not None:
            raise Ended(f"the connection ended before {awaited}: {self.ended}", self.ended)

    def _stall(self, awaited: str, since: int, start: float, longer: float, counted: bool = True) -> Stalled:
        """Note that a deadline passed, and for how long the session listens on."""
        self.waited_in_vain = True
        now = time.monotonic()
        waited = now - start
        silent_for = now - max(self._last_heard, start)
        silent = silent_for >= min(waited, self.timeouts.silence) - 0.01
        if not longer and counted:
            self._count_wait(awaited, start, full=True)
        self.recorder.add(
            "harness",
            "deadline",
            awaited=awaited,
            since=since,
            waited_s=round(waited, 3),
            silent_s=round(silent_for, 3),
            silent=silent,
            listened_on_s=round(longer, 3),
            **self._cut_short(),
        )
        return Stalled(awaited, waited, silent)

    def _count_wait(self, awaited: str, start: float, *, full: bool) -> None:
        took_s = time.monotonic() - start
        self.tab.meter.waits.append(Waited(awaited, self.recorder.path.stem, start, took_s, full))

    def _cut_short(self) -> dict[str, Any]:
        """Return how much has come of a frame that has not come to its end, for the trace."""
        left = len(self._connection.protocol.reader.buffer)
        return {"unfinished_bytes": left} if left else {}

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
            self._news.clear()
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(left):
                    await self._news.wait()
        if self.patience is not None and self.received and self.received[0].type == GREETING:
            self.patience.came(GREETING, time.monotonic() - self.began)
        return self.received[0] if self.received else None

    def since(self, seq: int) -> list[Received]:
        """Return what was received after `seq`."""
        return [r for r in self.received if r.seq > seq]

    # --- listening and ending ---------------------------------------------------------------------------

    async def _listen(self) -> None:
        try:
            async for frame in self._connection:
                if self._too_much(frame):
                    self._flooded = True
                    self.recorder.add("harness", "limit", bytes=self._bytes, frames=self._frames)
                    break
                self._hear(frame)
        except ConnectionClosed:
            pass
        except Exception as error:  # noqa: BLE001 - a fault of ours, which whoever waits has to hear of
            self._fault = error
        finally:
            self._note_end()
            self._news.set()

    def _too_much(self, frame: str | bytes) -> bool:
        """Count `frame`; tell whether it is one more than this suite listens to. Such a one is not read."""
        self._frames += 1
        self._bytes += weight(frame)
        self.tab.meter.hear(frame)
        return self._bytes > self._most_bytes or self._frames > MAX_FRAMES

    def _hear(self, frame: str | bytes) -> None:
        if isinstance(frame, bytes):
            self.recorder.add("server", "binary", size=len(frame))
            self._last_heard = time.monotonic()
        else:
            seq, event = self.recorder.add("server", "text", text=frame)
            event = event and self._words.event(event)
            received = Received(seq, event or {})
            if event is not None:
                self.received.append(received)
                self.tab.server_event(event)
                for wait in self.hurried.met_by(received):
                    if self.patience is not None:
                        self.patience.came(wait.awaited, 0.0, about=wait.about, streaming=wait.streaming)
            if received.type not in _IDLE_TYPES:
                now = time.monotonic()
                self._stillest_s = max(self._stillest_s, now - max(self._last_heard, self._still_since))
                self._last_heard = now
        self._news.set()

    def _note_end(self) -> None:
        if self.ended is not None:
            return
        if self._flooded and self._connection.close_code is None:
            self.ended = "cut off after a flood"
            return
        end = end_of_connection(self._connection, self.recorder.redactor, self._unfinished)
        self.recorder.add(end.by, "close", **end.detail)
        self.ended, self.close_code = end.told, end.code if end.by == "server" else None

    async def _listener_done(self) -> None:
        await asyncio.wait([self._listener], timeout=self.timeouts.close)

    async def close(self) -> None:
        """Close the connection and note its end; never raises, and is bounded by `Timeouts.close`."""
        self.tab.meter.alarms.discard(self._news.set)
        self._most_bytes = min(MAX_BYTES, self._bytes + MAX_BYTES_PARTING)
        if self.ended is None:
            self._unfinished = len(self._connection.protocol.reader.buffer)
            for detail in self.hurried.deadlines(self._last_heard):
                self.recorder.add("harness", "deadline", **detail, **self._cut_short())
        with contextlib.suppress(ConnectionClosed, OSError, TimeoutError):
            async with asyncio.timeout(2 * self.timeouts.close + 0.5):
                await self._connection.close()
        transport = self._connection.transport
        if not transport.is_closing():
            transport.abort()
        await self._listener_done()
        self._listener.cancel()
        with contextlib.suppress(asyncio.CancelledError, Exception):
            await self._listener
        self._note_end()

    async def wait_closed(self, within: float | None = None) -> bool:
        """Wait until the server has closed the connection; tell whether it did."""
        await asyncio.wait([self._listener], timeout=within or self.timeouts.answer)
        return self._listener.done()
