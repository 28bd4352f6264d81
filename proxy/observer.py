"""Writes down a relayed conversation as a trace, and never stands in its way.

Whatever goes wrong here costs the trace its rest, which then says so, and the traffic nothing.
"""

from __future__ import annotations

import contextlib
from collections.abc import Callable
from typing import Any

from proxy.decoder import ClosingFrame, DirectionDecoder, UndecodableError, WholeMessage
from proxy.heads import RequestHead, ResponseHead
from wire.redaction import Redactor
from wire.trace import Direction, Recorder

_HEX_KEPT = 4_096  # bytes kept of a text frame that is not UTF-8
_BODY_SHOWN = 2_000
_ABNORMAL = 1006  # ended without a close frame (RFC 6455, 7.4.1)


class ConversationObserver:
    """Looks at the bytes of both directions of one connection, and records what they say.

    `begin` begins the trace, whose secrets `redactor` knows; where that cannot be done, nothing is recorded.
    `news` is called after each entry. `cut` says why the trace ends before the conversation does, empty while
    it does not.
    """

    def __init__(self, redactor: Redactor, begin: Callable[[], Recorder]) -> None:
        self.redactor = redactor
        self.news: Callable[[], None] = lambda: None
        self.cut = ""
        self._recorder: Recorder | None = None
        self._decoders: dict[Direction, DirectionDecoder] = {}
        self._closed: tuple[Direction, ClosingFrame, int] | None = None  # and behind which entry
        self._over = False
        try:
            self._recorder = begin()
        except OSError as error:
            self._give_up(_said(error))

    @property
    def count(self) -> int:
        """How many entries the trace has."""
        return self._recorder.count if self._recorder is not None else 0

    # --- the handshake ----------------------------------------------------------------------------------

    def opened(self, url: str, asked: RequestHead, answer: ResponseHead) -> None:
        """Note that the WebSocket is open; from now on, frames are read."""
        redact = self.redactor
        detail = {
            "url": redact.url(url),
            "subprotocol": redact.subprotocols(answer.subprotocol),
            **self._offered(asked),
            "asked": redact.headers(asked.headers),
            "headers": redact.headers(answer.headers),
        }
        try:
            self._add("harness", "open", **detail)
            self._decoders = {
                "client": DirectionDecoder(answer.extensions, masked=True),
                "server": DirectionDecoder(answer.extensions, masked=False),
            }
        except UndecodableError as error:
            self._give_up(str(error))
        except Exception as error:  # noqa: BLE001 - see `heard`
            self._give_up(_said(error))

    def refused(self, asked: RequestHead, answer: ResponseHead, body: bytes) -> None:
        """Note that the server did not open a WebSocket, and what it said."""
        redact = self.redactor
        text = redact.text(body.decode("utf-8", "replace"))[:_BODY_SHOWN]
        self._last(
            status=answer.status, headers=redact.headers(answer.headers), body=text, **self._offered(asked)
        )

    def unreachable(self, asked: RequestHead, problem: str) -> None:
        """Note that no server answered."""
        self._last(problem=self.redactor.subprotocols(problem), **self._offered(asked))

    def _last(self, **detail: Any) -> None:
        try:
            self._add("server", "refusal", **detail)
        except Exception as error:  # noqa: BLE001 - see `heard`
            self._give_up(_said(error))
        self._finish("refused")

    def _offered(self, asked: RequestHead) -> dict[str, Any]:
        offered = asked.values("sec-websocket-protocol")
        return {"offered": [self.redactor.subprotocols(each) for each in offered]} if offered else {}

    # --- the conversation -------------------------------------------------------------------------------

    def heard(self, sender: Direction, data: bytes) -> None:
        """Read `data`, which `sender` sent and the other side has got."""
        if self._over or not self._decoders:
            return
        try:
            for each in self._decoders[sender].read(data):
                if isinstance(each, ClosingFrame):
                    self._closed = self._closed or (sender, each, self.count)
                elif isinstance(each, WholeMessage):
                    self._message(sender, each)
        except UndecodableError as error:
            if error.broken:
                self._broken(sender, str(error))
            else:
                self._give_up(str(error))
        except Exception as error:  # noqa: BLE001 - a fault of ours, or a full disk: the traffic goes on
            self._give_up(_said(error))

    def _message(self, sender: Direction, message: WholeMessage) -> None:
        detail: dict[str, Any] = {"fragments": message.fragments} if message.fragments > 1 else {}
        if sender == "server":
            detail = {}  # in how many frames a server sends is nobody's concern
        if not message.is_text:
            self._add(sender, "binary", size=len(message.data), **detail)
            return
        try:
            text = message.data.decode("utf-8")
        except UnicodeDecodeError as error:
            if sender == "client":
                raw = message.data.decode("utf-8", "backslashreplace")
                self._add(sender, "text", text=raw, hex=message.data[:_HEX_KEPT].hex(), **detail)
                return
            said = f"text that is not UTF-8 ({error.reason} at position {error.start})"
            raise UndecodableError(said, broken=True) from None
        self._add(sender, "text", text=text, **detail)

    def _add(self, sender: Direction, kind: Any, *, text: str | None = None, **detail: Any) -> None:
        if self._recorder is not None and not self._over:
            self._recorder.add(sender, kind, text=text, **detail)
            self.news()

    # --- the end ----------------------------------------------------------------------------------------

    def _broken(self, sender: Direction, what: str) -> None:
        """Note that `sender` broke RFC 6455: nothing that it sends can be read any more."""
        what = self.redactor.text(what)
        with contextlib.suppress(Exception):  # the next line says why the trace ends
            if sender == "server":
                self._add("client", "close", code=1002, reason="", protocol_error=what, by="server")
            else:
                self._add("client", "close", code=_ABNORMAL, reason="", client_error=what)
        self._finish(f"the {sender} broke the WebSocket protocol")

    def ended(self, by: Direction) -> None:
        """Note that the connection is gone; `by` says who left first, where no close frame does."""
        if self._over:
            return
        sender, close, behind = self._closed or (by, ClosingFrame(_ABNORMAL, ""), self.count)
        detail: dict[str, Any] = {"code": close.code, "reason": self.redactor.text(close.reason)}
        if behind < self.count:
            detail["behind"] = behind  # what stands after that entry came too late to be heard
        server = self._decoders.get("server")
        if self._closed is None and server is not None and server.unfinished:
            detail["unfinished_bytes"] = server.unfinished
        try:
            self._add(sender, "close", **detail)
        except Exception as error:  # noqa: BLE001 - see `heard`
            self._give_up(_said(error))
        self._finish(f"close code {close.code} by the {sender}")

    def stopped(self) -> None:
        """End the trace where the proxy ends: how the connection would have ended, nobody knows."""
        self._finish("the proxy ended")

    def _give_up(self, why: str) -> None:
        """Leave the rest of the conversation unobserved, and the trace without its last line."""
        if not self._over:
            self.cut, self._over = self.redactor.text(why), True
            if self._recorder is not None:
                self._recorder.abandon()
            self.news()

    def _finish(self, end: str) -> None:
        if self._over:
            return
        self._over = True
        try:
            if self._recorder is not None:
                self._recorder.close(end)
        except OSError as error:
            self.cut = _said(error)
        self.news()

    @property
    def over(self) -> bool:
        """Whether nothing more will be written down."""
        return self._over


def _said(error: BaseException) -> str:
    if isinstance(error, OSError):
        return f"the trace cannot be written: {error.strerror or type(error).__name__}"
    return f"a mistake of the suite: {type(error).__name__}: {error}"
