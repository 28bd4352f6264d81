"""The connections that a proxy relays: each with a name, a trace, and how it went."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Protocol

from packs.paths import REALTIME
from proxy.heads import RequestHead
from proxy.observer import ConversationObserver
from proxy.rewriting import Rewriter
from proxy.secrets import redactor_for
from proxy.upstream import Upstream
from wire.redaction import Redactor
from wire.trace import Recorder


@dataclass(frozen=True, slots=True)
class Spoken:
    """What a connection is judged by: a dialect, and the channel of a pack."""

    dialect: str
    channel: str = REALTIME


@dataclass(slots=True, eq=False)
class ProxiedSession:
    """One connection: its trace, what it speaks, whether it was `opened`, and else `why` not."""

    name: str
    path: Path
    address: str
    spoken: Spoken
    observer: ConversationObserver
    opened: bool = False
    over: bool = False
    why: str = ""


class SessionWatch(Protocol):
    """Who is told of connections."""

    def began(self, session: ProxiedSession) -> None:
        """Take note that a client came, and its trace was begun."""

    def opened(self, session: ProxiedSession) -> None:
        """Take note that the server let it in."""

    def wrote(self, session: ProxiedSession) -> None:
        """Take note that its trace has one entry more, or is at its end."""

    def over(self, session: ProxiedSession) -> None:
        """Take note that it is over: its trace is finished, or cut."""

    def turned_away(self, what: str) -> None:
        """Take note that what came is no client of WebSocket."""


@dataclass(slots=True)
class ProxySessions:
    """All connections of a proxy to `upstream`, with their traces in `folder`; a `RelayWatch`.

    `known` are the secrets that need not be shown by a client, `spoken` tells by the address that a client
    asks for what it is judged by. `rewriters` makes what alters what the server sends in a session, by its
    number.
    """

    upstream: Upstream
    folder: Path
    known: Redactor
    spoken: Callable[[str], Spoken]
    watch: SessionWatch
    rewriters: Callable[[Spoken, int], Rewriter | None] = lambda _spoken, _number: None
    all: list[ProxiedSession] = field(default_factory=list)
    _by_observer: dict[int, ProxiedSession] = field(default_factory=dict)

    def asked(self, head: RequestHead) -> ConversationObserver:
        """Begin the trace of a client that asks for a WebSocket; return who observes the connection."""
        address = self.upstream.url_of(head)
        redactor = redactor_for(head, self.known)
        spoken, name = self.spoken(address), f"session-{len(self.all) + 1:04d}"
        path, shown = self.folder / f"{name}.jsonl", redactor.url(address)
        channel = {"channel": spoken.channel} if spoken.channel != REALTIME else {}
        header: dict[str, Any] = {"target": shown, "dialect": spoken.dialect, "proxied": True, **channel}
        observer = ConversationObserver(redactor, lambda: Recorder(path, redactor, **header))
        session = ProxiedSession(name, path, shown, spoken, observer)
        session.observer.news = lambda: self.watch.wrote(session)
        self.all.append(session)
        self._by_observer[id(session.observer)] = session
        self.watch.began(session)
        return session.observer

    def no_websocket(self, what: str) -> None:
        """See `RelayWatch`."""
        self.watch.turned_away(what)

    def opened(self, observer: ConversationObserver) -> None:
        """See `RelayWatch`."""
        session = self._by_observer[id(observer)]
        session.opened = True
        self.watch.opened(session)

    def not_opened(self, observer: ConversationObserver, why: str) -> None:
        """See `RelayWatch`."""
        self._by_observer[id(observer)].why = observer.redactor.text(why)
        self.ended(observer)

    def rewriter(self, observer: ConversationObserver) -> Rewriter | None:
        """See `RelayWatch`."""
        session = self._by_observer[id(observer)]
        return self.rewriters(session.spoken, self.all.index(session) + 1)

    def ended(self, observer: ConversationObserver) -> None:
        """See `RelayWatch`."""
        session = self._by_observer.pop(id(observer))
        session.over = True
        self.watch.over(session)
