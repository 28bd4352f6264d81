"""Reads what Python's `websockets` logs at the level DEBUG, in whatever format it is logged.

    DEBUG:websockets.client:> GET /v1/realtime?model=gpt-realtime HTTP/1.1
    DEBUG:websockets.client:= connection is OPEN
    DEBUG:websockets.client:< TEXT '{"type": "session.created", …}' [812 bytes]
    DEBUG:websockets.client:> CLOSE 1000 (OK) [2 bytes]

`>` is what this side sends: the client, or a server whose log it is. Frames are cropped at 75 characters
unless WEBSOCKETS_MAX_LOG_SIZE says otherwise, and of a cropped frame no event is left.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from wire.captures.capture import Capture, Clock, Placed, SenderOf, binary_entry, frame_entry
from wire.captures.file_start import FileStart
from wire.frames import event_of
from wire.har import secrets_of_request
from wire.redaction import Redactor
from wire.trace import Direction, Entry
from wire.trace_files import LONGEST

_FRAME = re.compile(
    r"(?:^|(?<=[\s:\]|]))(?P<sign>[<>]) (?P<opcode>TEXT|BINARY|CONT|CLOSE|PING|PONG) (?P<data>.*?)"
    r"(?: \[(?P<kind>(?:text|binary), )?(?P<size>\d+) bytes?(?P<more>, continued)?\])?\s*$"
)
_STATE = re.compile(r"(?:^|(?<=[\s:\]|]))= connection is (?P<state>CONNECTING|OPEN|CLOSING|CLOSED)\s*$")
_HANDSHAKE = re.compile(
    r"(?:^|(?<=[\s:\]|]))(?P<sign>[<>]) (?:GET (?P<url>\S+) HTTP/1\.1|HTTP/1\.1 (?P<status>\d{3})\b.*"
    r"|(?P<name>[A-Za-z][\w-]*): (?P<value>.*?))\s*$"
)
_TIME = re.compile(r"(\d{4}-\d\d-\d\d)[ T](\d\d:\d\d:\d\d)[.,](\d{3,6})")
_CLOSE = re.compile(r"(\d+)(?: \(.*?\))? ?(.*)")
_ELLIPSIS = "..."
_SWITCHED = "101"
_CROPPED = (
    "is cropped: websockets logs {size} of a frame unless WEBSOCKETS_MAX_LOG_SIZE is set, and no event is "
    "left of it"
)
_RECORD_AGAIN = "record it again with WEBSOCKETS_MAX_LOG_SIZE=1000000000"


@dataclass(slots=True)
class _Peer:
    """What is known of the connection of one side, client or server, while its lines are read."""

    key: str
    sender: Direction  # who says what stands behind `>`
    number: int = 0
    open: bool = False
    spoken: bool = False
    closed: bool = False
    secrets: set[str] = field(default_factory=set)
    redactor: Redactor = field(default_factory=Redactor)
    parts: list[str] = field(default_factory=list)
    binary: int | None = None

    @property
    def session(self) -> str:
        return f"{self.key}{self.number}"

    def side(self, sign: str) -> Direction:
        other: Direction = "server" if self.sender == "client" else "client"
        return self.sender if sign == ">" else other


def is_websockets_log(head: FileStart, _: SenderOf) -> bool:
    """Tell whether a file is such a log, by a frame or a state of a connection in its first lines."""
    return any(_FRAME.search(line) or _STATE.search(line) for line in head.lines)


def read_websockets_log(capture: Capture) -> Iterator[Placed]:
    """Read frames, handshakes and closes; other lines of a log are passed over.

    Raises `TraceError` where frames are cropped, and where lines of two connections at once are mixed.
    """
    peers: dict[str, _Peer] = {}
    clock = Clock()
    for number, line, ended in _log_lines(capture):
        frame = _FRAME.search(line)
        state = None if frame else _STATE.search(line)
        shake = None if frame or state else _HANDSHAKE.search(line)
        found = frame or state or shake
        if found is None:
            continue
        peer = _peer(peers, line[: found.start()], shake)
        at = _TIME.search(line[: found.start()])
        t = clock.since(peer.session, f"{at[1]}T{at[2]}.{at[3].ljust(6, '0')}") if at else None
        entry: Entry | None
        if state is not None:
            entry = _state(capture, peer, number, t, state["state"])
        elif shake is not None:
            entry = _handshake(peer, number, t, shake)
        else:
            assert frame is not None
            if not ended and frame["opcode"] == "TEXT" and _text(frame["data"], _size(frame)) is None:
                capture.complete = False  # the file ends in it
                break
            entry = _frame(capture, peer, number, t, frame)
        if entry is not None:
            peer.spoken = True
            yield peer.session, entry


def _peer(peers: dict[str, _Peer], before: str, shake: re.Match[str] | None) -> _Peer:
    """Return whose line it is: what stands `before` names the logger, or else the handshake tells."""
    key = "server" if "websockets.server" in before else "client" if "websockets.client" in before else ""
    if key not in peers:
        serving = key == "server" or (shake is not None and shake["url"] and shake["sign"] == "<")
        peers[key] = _Peer(key, "server" if serving else "client")
    return peers[key]


def _state(capture: Capture, peer: _Peer, number: int, t: float | None, state: str) -> Entry | None:
    if state == "CONNECTING":
        if peer.open:
            problem = (
                "another connection begins before the last one ended, and nothing tells their lines apart"
            )
            raise capture.wrong(number, problem, "log each connection to a file of its own")
        peer.number += peer.spoken
        peer.spoken = peer.closed = False
        peer.secrets, peer.redactor, peer.parts, peer.binary = set(), Redactor(), [], None
    peer.open = state != "CLOSED"
    return Entry(number, t, "harness", "open", None, {"subprotocol": ""}) if state == "OPEN" else None


def _handshake(peer: _Peer, number: int, t: float | None, shake: re.Match[str]) -> Entry | None:
    if shake["status"] is not None:
        if shake["status"] == _SWITCHED:
            return None
        return Entry(number, t, "server", "refusal", None, {"status": int(shake["status"])})
    request = (
        {"url": shake["url"]}
        if shake["url"] is not None
        else {"headers": [{"name": shake["name"], "value": shake["value"]}]}
    )
    peer.secrets |= secrets_of_request(request)
    peer.redactor = Redactor(peer.secrets)
    return None


def _frame(capture: Capture, peer: _Peer, number: int, t: float | None, frame: re.Match[str]) -> Entry | None:
    side, opcode, data = peer.side(frame["sign"]), frame["opcode"], frame["data"]
    size = _size(frame)
    if opcode in ("PING", "PONG"):
        return None
    if opcode == "CLOSE":
        if peer.closed or (said := _CLOSE.fullmatch(data)) is None:
            return None
        peer.closed = True
        return Entry(
            number, t, side, "close", None, {"code": int(said[1]), "reason": peer.redactor.text(said[2])}
        )
    if opcode == "BINARY" or (opcode == "CONT" and peer.binary is not None):
        peer.binary = (peer.binary or 0) + (len(data.split()) if size is None else size)
        if frame["more"]:
            return None
        whole, peer.binary = peer.binary, None
        return binary_entry(number, t, side, whole)
    text = _text(data, size)
    if text is None:
        crop = "75 characters"
        raise capture.wrong(number, _CROPPED.format(size=crop), _RECORD_AGAIN)
    peer.parts.append(text)
    if frame["more"]:
        return None
    text, peer.parts = "".join(peer.parts), []
    return frame_entry(number, t, side, text, peer.redactor)


def _size(frame: re.Match[str]) -> int | None:
    return int(frame["size"]) if frame["size"] is not None else None


def _text(data: str, size: int | None) -> str | None:
    """Return the text of which `data` is the representation; None where it is cropped."""
    try:
        text = ast.literal_eval(data)
    except (ValueError, SyntaxError, MemoryError, RecursionError):
        return None
    if not isinstance(text, str):
        return None
    if size is None:  # not every log says; some put text between quotes as it is
        text = text if event_of(text) is not None or event_of(data[1:-1]) is None else data[1:-1]
        return None if _ELLIPSIS in text and event_of(text) is None else text
    return text if len(text.encode("utf-8", "surrogatepass")) == size else None


def _log_lines(capture: Capture) -> Iterator[tuple[int, str, bool]]:
    """Yield number and text of each line, and whether a line feed ends it."""
    try:
        with capture.path.open(encoding="utf-8-sig", errors="replace", newline="\n") as file:
            for number, line in enumerate(iter(lambda: file.readline(LONGEST), ""), 1):
                yield number, line.rstrip("\r\n"), line.endswith("\n")
    except OSError as error:
        reason = error.strerror or type(error).__name__
        raise capture.wrong(0, f"cannot be read ({reason})", "check the path") from None
