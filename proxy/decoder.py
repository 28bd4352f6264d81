"""Reads the messages in one direction of a WebSocket from its bytes, and sends nothing.

The reading is that of `websockets`, which knows RFC 6455 and its compression. Where bytes break the rules, it
stops: what comes after them has no meaning.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from websockets.exceptions import InvalidHeaderFormat, PayloadTooBig
from websockets.extensions import Extension
from websockets.extensions.permessage_deflate import PerMessageDeflate
from websockets.frames import Close, Frame, Opcode
from websockets.headers import parse_extension
from websockets.protocol import Protocol
from websockets.protocol import Side as End

LARGEST_MESSAGE = 32 * 2**20
"""Bytes of the largest message that is read, decompressed; twice what the protocol allows a client."""

_CONTROL = (Opcode.PING, Opcode.PONG)


class UndecodableError(Exception):
    """Nothing more can be read in this direction; the message says why.

    `broken` says whether RFC 6455 was violated; else it is the observer that does not read on.
    """

    def __init__(self, why: str, *, broken: bool) -> None:
        super().__init__(why)
        self.broken = broken


class WholeMessage(NamedTuple):
    """A message; `fragments` says in how many frames it came."""

    data: bytes
    is_text: bool
    fragments: int


class ClosingFrame(NamedTuple):
    """A close frame; the code of one that has none is 1005."""

    code: int
    reason: str


class DirectionDecoder:
    """Decodes one direction: what a client sends (`masked`), or what a server does.

    `extensions` is what the handshake negotiated, as its header says; with `control`, pings and pongs are
    read, too. Raises `UndecodableError` for an extension that is not known.
    """

    def __init__(self, extensions: str, *, masked: bool, control: bool = False) -> None:
        self._control = control
        self._protocol = Protocol(End.SERVER if masked else End.CLIENT, max_size=LARGEST_MESSAGE)
        self._protocol.extensions = _negotiated(extensions, masked=masked)
        self._begun: list[Frame] = []
        self._over = False

    @property
    def unfinished(self) -> int:
        """How many bytes have come of a frame that is not whole."""
        return len(self._protocol.reader.buffer)

    def read(self, data: bytes) -> Iterator[WholeMessage | ClosingFrame | Frame]:
        """Yield what is whole with `data`, in order; nothing is read behind a close frame.

        Raises `UndecodableError` behind the last message that could be read.
        """
        if self._over:
            return
        self._protocol.receive_data(data)
        self._protocol.data_to_send()  # what an endpoint would answer: here it is the other side's affair
        for frame in self._protocol.events_received():
            assert isinstance(frame, Frame)
            if frame.opcode not in _CONTROL:
                yield from self._taken(frame)
            elif self._control:
                yield frame
        if (wrong := self._protocol.parser_exc) is not None:
            self._over = True
            raise _unreadable(wrong, self._protocol.close_sent)

    def _taken(self, frame: Frame) -> Iterator[WholeMessage | ClosingFrame]:
        if frame.opcode is Opcode.CLOSE:
            self._over = True
            close = Close.parse(frame.data)
            yield ClosingFrame(int(close.code), close.reason)
        elif frame.fin and not self._begun:
            yield WholeMessage(bytes(frame.data), frame.opcode is Opcode.TEXT, 1)
        else:
            self._begun.append(frame)
            if frame.fin:
                frames, self._begun = self._begun, []
                data = b"".join(bytes(each.data) for each in frames)
                yield WholeMessage(data, frames[0].opcode is Opcode.TEXT, len(frames))


def _unreadable(wrong: Exception, close: Close | None) -> UndecodableError:
    if isinstance(wrong, PayloadTooBig) and not (wrong.size is not None and wrong.size >= 2**63):
        return UndecodableError(f"a message is larger than {LARGEST_MESSAGE // 2**20} MB", broken=False)
    said = close.reason if close is not None and close.reason else str(wrong)
    return UndecodableError(said or type(wrong).__name__, broken=True)


def _negotiated(header: str, *, masked: bool) -> list[Extension]:
    """Return what decodes the extensions that `header` names."""
    try:
        named = parse_extension(header) if header else []
    except InvalidHeaderFormat:
        raise UndecodableError(f"the extensions {header!r} cannot be read", broken=False) from None
    found: list[Extension] = []
    for name, parameters in named:
        if name != PerMessageDeflate.name:
            raise UndecodableError(f"the extension {name} is not known here", broken=False)
        found.append(_deflate(dict(parameters), masked=masked))
    return found


def _deflate(given: dict[str, str | None], *, masked: bool) -> PerMessageDeflate:
    """Return what decompresses the messages of a client (`masked`), or of a server."""
    sender = "client" if masked else "server"
    bits = given.get(f"{sender}_max_window_bits") or "15"
    if not bits.isdecimal() or not 8 <= int(bits) <= 15:
        raise UndecodableError(f"{sender}_max_window_bits={bits} cannot be read", broken=False)
    return PerMessageDeflate(
        remote_no_context_takeover=f"{sender}_no_context_takeover" in given,
        local_no_context_takeover=True,  # nothing is sent here
        remote_max_window_bits=int(bits),
        local_max_window_bits=15,
    )
