"""What a server sends, altered on its way: only then are messages decoded, and encoded anew.

What the client sends passes as it is. The trace has what the client was sent: it is the client that is tried.
"""

from __future__ import annotations

import asyncio
import struct
from collections import deque
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Protocol

from websockets.frames import Close, Frame, Opcode

from proxy.decoder import ClosingFrame, DirectionDecoder, UndecodableError, WholeMessage
from proxy.observer import ConversationObserver
from proxy.side import RelaySide
from wire.frames import dump, event_of

_NO_STATUS, _ABNORMAL = 1005, 1006


@dataclass(frozen=True, slots=True)
class Sending:
    """Bytes for the client, which leave so many seconds late; what comes behind them waits, too."""

    frame: bytes
    late_s: float = 0.0


@dataclass(frozen=True, slots=True)
class Ending:
    """The end of the connection; with 1006, without a close frame."""

    code: int


@dataclass(frozen=True, slots=True)
class Pausing:
    """So many seconds, after which the rewriter is asked again."""

    seconds: float


Outgoing = Sending | Ending | Pausing


class Rewriter(Protocol):
    """Alters what the server says in one session."""

    def asked(self, event: dict[str, object]) -> Iterable[Outgoing]:
        """Take in an event of the client; return what is sent at once on it."""

    def said(self, event: dict[str, object]) -> Iterable[Outgoing]:
        """Return what is sent in place of an event of the server."""

    def resumed(self) -> Iterable[Outgoing]:
        """Return what is sent when a pause is over."""


def text_frame(event: object) -> bytes:
    """Return the frame of a server that holds `event`."""
    return Frame(Opcode.TEXT, dump(event).encode("utf-8", "replace")).serialize(mask=False)


class RewrittenLine:
    """Relays one connection, and has `rewriter` alter what its server sends."""

    def __init__(
        self, client: RelaySide, server: RelaySide, observer: ConversationObserver, rewriter: Rewriter
    ) -> None:
        self._client, self._server = client, server
        self._observer, self._rewriter = observer, rewriter
        self._waiting: deque[Outgoing] = deque()
        self._timer: asyncio.TimerHandle | None = None
        self._over = self._left = False
        self._decoders: tuple[DirectionDecoder, DirectionDecoder] | None = None
        server.farewell = self._server_left

    def begin(self, extensions: str) -> None:
        """Decode what comes from now on. Raises `UndecodableError` for an extension that is not known."""
        self._decoders = (
            DirectionDecoder(extensions, masked=True),
            DirectionDecoder(extensions, masked=False, control=True),
        )

    def up(self, data: bytes) -> None:
        """Hand on what the client sends, as it is."""
        self._server.write(data)
        self._observer.heard("client", data)
        assert self._decoders is not None
        try:
            for each in self._decoders[0].read(data):
                event = event_of(each.data) if isinstance(each, WholeMessage) and each.is_text else None
                if event is not None:
                    self._add(self._rewriter.asked(event))
        except UndecodableError:
            pass  # the observer says so

    def down(self, data: bytes) -> None:
        """Hand on what the rewriter makes of what the server sends."""
        assert self._decoders is not None
        try:
            for each in self._decoders[1].read(data):
                self._add(self._altered(each))
        except UndecodableError:
            self._observer.heard("server", data)  # which tells the same way what is wrong with it
            self._add([Ending(_ABNORMAL)])

    def _altered(self, each: WholeMessage | ClosingFrame | Frame) -> Iterable[Outgoing]:
        if isinstance(each, Frame):
            return [Sending(each.serialize(mask=False))]
        if isinstance(each, ClosingFrame):
            data = b"" if each.code == _NO_STATUS else Close(each.code, each.reason).serialize()
            return [Sending(Frame(Opcode.CLOSE, data).serialize(mask=False))]
        event = event_of(each.data) if each.is_text else None
        if event is not None:
            return self._rewriter.said(event)
        kind = Opcode.TEXT if each.is_text else Opcode.BINARY
        return [Sending(Frame(kind, each.data).serialize(mask=False))]

    # --- what leaves ------------------------------------------------------------------------------------

    def _add(self, outgoing: Iterable[Outgoing]) -> None:
        self._waiting.extend(outgoing)
        if self._timer is None:
            self._send()

    def _send(self) -> None:
        """Send what waits, up to what is to leave later."""
        self._timer = None
        while self._waiting and not self._over:
            first = self._waiting.popleft()
            if isinstance(first, Sending) and first.late_s > 0:
                self._waiting.appendleft(Sending(first.frame))
                self._later(first.late_s, self._send)
                return
            self._do(first)
        self._waiting.clear()
        if not self._server.gone:
            self._server.slow(False)
        if self._left:
            self._client.part()

    def _later(self, seconds: float, call: Callable[[], None]) -> None:
        if not self._server.gone:
            self._server.slow(True)  # so that no more waits here than has come
        self._timer = asyncio.get_running_loop().call_later(seconds, call)

    def _do(self, outgoing: Outgoing) -> None:
        match outgoing:
            case Sending():
                self._client.write(outgoing.frame)
                self._observer.heard("server", outgoing.frame)
            case Pausing():
                loop = asyncio.get_running_loop()
                loop.call_later(outgoing.seconds, lambda: self._add(self._rewriter.resumed()))
            case Ending():
                self._end(outgoing.code)

    def _end(self, code: int) -> None:
        """End the connection as a server would: what the real one says from now on reaches nobody."""
        if code == _ABNORMAL:
            self._client.part()
            self._server.part()
        else:
            frame = Frame(Opcode.CLOSE, struct.pack("!H", code)).serialize(mask=False)
            self._client.write(frame)
            self._observer.heard("server", frame)
        self._over = True

    def _server_left(self) -> None:
        """Part from the client once it has got what waits for it."""
        self._left = True
        if self._timer is None:
            self._client.part()
