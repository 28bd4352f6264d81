"""A run of the proxy: listens, relays, records, and says so line by line, until it is to end."""

from __future__ import annotations

import asyncio
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
from proxy.port import ProxyPort
from proxy.relay import Relay
from proxy.sessions import ProxiedSession, ProxySessions, Spoken
from proxy.upstream import Upstream
from realtime_conformance.application.report_folder import TRACES, remove_recordings
from realtime_conformance.supervision.interruption import Signals
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
    started: dt.datetime = field(default_factory=lambda: dt.datetime.now(dt.UTC))
    duration_s: float = 0.0
    turned: list[str] = field(default_factory=list)
    sessions: list[ProxiedSession] = field(default_factory=list)
    _listener: ProxyPort | None = None
    _enough: asyncio.Event | None = None

    def perform_until(self, signals: Signals) -> None:
        """Relay until the time is over, the sessions are, or a signal comes. Raises `CannotListenError`."""

        async def until_interrupted() -> None:
            task = asyncio.ensure_future(self._perform())
            with signals.cancelling(task):
                await task

        began = time.monotonic()
        try:
            asyncio.run(until_interrupted())
        finally:
            self.duration_s = time.monotonic() - began

    async def _perform(self) -> None:
        remove_recordings(self.out, TRACES)
        upstream = Upstream(self.endpoint.url, self.endpoint.tls_context(), self.endpoint.timeouts.connect)
        sessions = ProxySessions(upstream, self.out / TRACES, self.known, self.spoken, self)
        self.sessions = sessions.all
        self._listener, self._enough = ProxyPort(Relay(upstream, sessions)), asyncio.Event()
        to = self.listening
        try:
            host, port = await self._listener.open(to.host, to.port, to.tls)
        except OSError as error:
            # What asyncio says of it repeats the address.
            why = os.strerror(error.errno) if error.errno else str(error)
            raise CannotListenError(f"--listen {to.host}:{to.port}: cannot be listened at ({why})") from None
        shown = f"[{host}]" if ":" in host else host
        self.say(f"listening {'ws' if to.tls is None else 'wss'}://{shown}:{port} for {self.endpoint.shown}")
        try:
            async with asyncio.timeout(to.seconds):
                await self._enough.wait()
        except (TimeoutError, asyncio.CancelledError):
            pass  # both are how it ends
        finally:
            await self._listener.close()

    def spoken(self, address: str) -> Spoken:
        """Return what a session at `address` is judged by."""
        channel = self.channel or channel_at(address) or REALTIME
        own = dialect_at(address) if channel == REALTIME else channels()[channel].dialects[0]
        return Spoken(self.named or own, channel)

    def tells(self, dialect: DialectName, sessions: list[ProxiedSession]) -> bool:
        """Tell whether the addresses of sessions show that they speak `dialect`."""
        return any(recognised(each.address) is not None or dialect != UNNAMED for each in sessions)

    # --- what is said -----------------------------------------------------------------------------------

    def began(self, _session: ProxiedSession) -> None:
        """Let nobody in any more where enough have come."""
        if self.listening.sessions is not None and len(self.sessions) >= self.listening.sessions:
            assert self._listener is not None
            self._listener.stop()

    def opened(self, session: ProxiedSession) -> None:
        """Say that a session is open."""
        self.say(f"{session.name}  open  {session.address}")

    def wrote(self, _session: ProxiedSession) -> None:
        """Nothing is said of single entries."""

    def over(self, session: ProxiedSession) -> None:
        """Say how a session ended, and end where enough have."""
        if session.opened:
            self.say(f"{session.name}  over  {session.observer.count} entries")
        else:
            self.say(f"{session.name}  not opened by the server: {session.why}")
        if session.observer.cut:
            self.say(f"{session.name}  relayed, and not observed to the end: {session.observer.cut}")
        most = self.listening.sessions
        if most is not None and sum(each.over for each in self.sessions) >= most:
            assert self._enough is not None
            self._enough.set()

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
