"""A run of the proxy: listens, relays, records, and says so line by line, until it is to end."""

from __future__ import annotations

import asyncio
import contextlib
import datetime as dt
import os
import ssl
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from packs.catalogue import channels
from packs.paths import REALTIME, channel_at
from protocol.catalogue import UNNAMED, dialects, recognised
from protocol.dialect import DialectName
from proxy.judging_process import FoundLive, JudgedLive
from proxy.live_judging import LiveJudging
from proxy.port import ProxyPort
from proxy.relay import Relay
from proxy.sessions import ProxiedSession, ProxySessions, Spoken
from proxy.upstream import Upstream
from realtime_conformance.application.proxy_altering import AlteredTraffic
from realtime_conformance.application.report_folder import TRACES, remove_recordings
from realtime_conformance.supervision.interruption import Signals
from reports.model import count as counted
from wire.endpoint import Endpoint
from wire.redaction import Redactor

Say = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class ListeningPlace:
    """Where to listen, with which TLS context, and until when: seconds, or sessions; None for no bound."""

    host: str
    port: int
    tls: ssl.SSLContext | None = None
    seconds: float | None = None
    sessions: int | None = None


LAG_S = 1.0
"""Seconds that the judge may be behind without its being said; each time that it is, twice as many."""


class CannotListenError(Exception):
    """The port cannot be listened at; the message says why."""


@dataclass(slots=True)
class ProxyRun:
    """A run that relays to `endpoint`; `out` is the report's folder. It is a `SessionWatch`.

    `named` is the dialect that somebody named, None where the address of a session tells it.
    """

    endpoint: Endpoint
    listening: ListeningPlace
    out: Path
    known: Redactor
    say: Say
    named: DialectName | None = None
    channel: str | None = None
    as_of: str = ""
    altered: AlteredTraffic = field(default_factory=AlteredTraffic)
    started: dt.datetime = field(default_factory=lambda: dt.datetime.now(dt.UTC))
    duration_s: float = 0.0
    turned: list[str] = field(default_factory=list)
    sessions: list[ProxiedSession] = field(default_factory=list)
    _listener: ProxyPort | None = None
    _live: LiveJudging | None = None
    _found: dict[str, int] = field(default_factory=dict)
    _cut: set[str] = field(default_factory=set)
    _bearable_s: float = LAG_S
    _enough: asyncio.Event | None = None

    def perform_until(self, signals: Signals) -> None:
        """Relay until the time is over, the sessions are, or a signal comes. Raises `CannotListenError`."""

        async def until_interrupted() -> None:
            await self._begin()
            task = asyncio.ensure_future(self._until_enough())
            with signals.cancelling(task), contextlib.suppress(asyncio.CancelledError):
                await task
            with signals.finishing():  # a second signal costs nothing of what there is
                await self._close()

        began = time.monotonic()
        try:
            asyncio.run(until_interrupted())
        finally:
            self.duration_s = time.monotonic() - began

    async def _begin(self) -> None:
        remove_recordings(self.out, TRACES)
        upstream = Upstream(self.endpoint.url, self.endpoint.tls_context(), self.endpoint.timeouts.connect)
        sessions = ProxySessions(
            upstream, self.out / TRACES, self.known, self.spoken, self, self.altered.rewriter
        )
        self.sessions = sessions.all
        self._listener, self._enough = ProxyPort(Relay(upstream, sessions)), asyncio.Event()
        self._live = LiveJudging(self._judged, self.spoken(self.endpoint.url), self.as_of)
        to = self.listening
        try:
            host, port = await self._listener.open(to.host, to.port, to.tls)
        except OSError as error:
            # What asyncio says of it repeats the address.
            why = os.strerror(error.errno) if error.errno else str(error)
            raise CannotListenError(f"--listen {to.host}:{to.port}: cannot be listened at ({why})") from None
        shown = f"[{host}]" if ":" in host else host
        self.say(f"listening {'ws' if to.tls is None else 'wss'}://{shown}:{port} for {self.endpoint.shown}")

    async def _until_enough(self) -> None:
        assert self._enough is not None
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(self.listening.seconds):
                await self._enough.wait()

    async def _close(self) -> None:
        if self._listener is not None:
            await self._listener.close()
        if self._live is not None and not await self._live.close():
            self.say("the judge beside the traffic did not come to the end; the report has all of it")

    def spoken(self, address: str) -> Spoken:
        """Return what a session at `address` is judged by."""
        channel = self.channel or channel_at(address) or REALTIME
        own = dialect_at(address) if channel == REALTIME else channels()[channel].dialects[0]
        return Spoken(self.named or own, channel)

    def tells(self, dialect: DialectName, sessions: list[ProxiedSession]) -> bool:
        """Tell whether the addresses of sessions show that they speak `dialect`."""
        return any(recognised(each.address) is not None or dialect != UNNAMED for each in sessions)

    # --- what is said -----------------------------------------------------------------------------------

    def began(self, session: ProxiedSession) -> None:
        """Have it judged; let nobody in any more where enough have come."""
        if self._live is not None:
            self._live.began(session)
        if self.listening.sessions is not None and len(self.sessions) >= self.listening.sessions:
            assert self._listener is not None
            self._listener.stop()

    def opened(self, session: ProxiedSession) -> None:
        """Say that a session is open."""
        self.say(f"{session.name}  open  {session.address}")

    def wrote(self, session: ProxiedSession) -> None:
        """Have it judged further; say so where the judge is far behind."""
        if self._live is not None:
            self._live.wrote(session)
            if (behind := self._live.behind_s) > self._bearable_s:
                self.say(f"the judge is {behind:.1f} s behind; what it has not judged waits in the traces")
                self._bearable_s *= 2

    def over(self, session: ProxiedSession) -> None:
        """Say how a session ended, and end where enough have."""
        if self._live is not None:
            self._live.over(session)
        if session.opened:
            self.say(f"{session.name}  over  {session.observer.count} entries")
        else:
            self.say(f"{session.name}  not opened by the server: {session.why}")
        if (cut := session.observer.cut) and cut not in self._cut:
            self._cut.add(cut)  # the report names all sessions of which it is true
            self.say(f"{session.name}  relayed, and not observed to the end: {cut}")
        most = self.listening.sessions
        if most is not None and sum(each.over for each in self.sessions) >= most:
            assert self._enough is not None
            self._enough.set()

    def _judged(self, told: FoundLive | JudgedLive) -> None:
        """Say what the judge found, and when it has come to the end of a session."""
        if isinstance(told, FoundLive):
            self._found[told.session] = self._found.get(told.session, 0) + 1
            place = f"{told.session} #{told.seq}" if told.seq else told.session
            whose = "the client: " if told.side == "client" else ""
            self.say(f"{place} {whose}{told.verdict} {told.requirement}: {told.message}")
        elif told.failed:
            self.say(f"{told.session} is not judged any further before the report: {told.failed}")
        elif told.over and self._live is not None:
            found = counted(self._found.pop(told.session, 0), "finding")
            more = f", {told.again} more like these" if told.again else ""
            less = f", {told.explained} explained by another" if told.explained else ""
            late = max(self._live.behind_s, 0.0)
            self.say(f"{told.session} judged, {late:.2f} s behind: {found}{more}{less}")
            self._bearable_s = LAG_S

    def turned_away(self, what: str) -> None:
        """Say that what came is no client of WebSocket."""
        clean = self.known.text(what)
        self.turned.append(clean)
        self.say(f"turned away what is no WebSocket client: {clean}")


def dialect_at(address: str) -> DialectName:
    """Return the dialect that an address is likely to be of: by its host, else by its path."""
    found = recognised(address)
    if found is not None:
        return found.name
    path = address.partition("://")[2].partition("/")[2].partition("?")[0]
    return next((name for name, each in dialects().items() if each.path.strip("/") == path), UNNAMED)
