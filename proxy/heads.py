"""The heads of the opening handshake: what a client asks, what a server answers, what a proxy says itself.

Both are handed on byte for byte but for the lines that name the host, and the path where the client asks for
none. Nothing else is read than what the proxy has to know.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from http import HTTPStatus
from urllib.parse import urlsplit

LONGEST_HEAD = 65_536
"""Bytes of the longest head that is waited for."""

END_OF_HEAD = b"\r\n\r\n"

_REQUEST = re.compile(rb"[A-Z]{1,20} ([\x21-\x7e]+) HTTP/1\.[01]")
_RESPONSE = re.compile(rb"HTTP/1\.[01] ([1-5][0-9]{2})(?: .*)?")


class HeadError(Exception):
    """What came is no head of HTTP; the message says so in words."""


@dataclass(frozen=True, slots=True)
class Head:
    """The head of a request or a response: its first line, and the lines of its headers, as they came."""

    first: bytes
    lines: tuple[bytes, ...]

    @property
    def headers(self) -> list[tuple[str, str]]:
        """The headers, as pairs of a name and a value."""
        pairs = (line.partition(b":") for line in self.lines)
        return [(name.decode("latin-1"), value.strip().decode("latin-1")) for name, _, value in pairs]

    def values(self, name: str) -> list[str]:
        """Return the values of a header, parted at their commas."""
        found = (value for each, value in self.headers if each.lower() == name)
        return [part.strip() for value in found for part in value.split(",") if part.strip()]


@dataclass(frozen=True, slots=True)
class RequestHead(Head):
    """What a client asks for."""

    @property
    def target(self) -> str:
        """The path and the query."""
        return self.first.split(b" ")[1].decode("latin-1")

    @property
    def is_upgrade(self) -> bool:
        """Whether a WebSocket is asked for."""
        return self.first.startswith(b"GET ") and "websocket" in map(str.lower, self.values("upgrade"))

    def addressed(self, url: str) -> bytes:
        """Return the head as the server at `url` is to get it.

        Path and query are the client's; a client that asks for `/` gets those of `url`.
        """
        parts = urlsplit(url)
        first = self.first
        if self.target == "/" and (parts.path or parts.query):
            own = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
            first = b" ".join((b"GET", own.encode("ascii"), first.split(b" ")[2]))
        host = b"Host: " + parts.netloc.rpartition("@")[2].encode(
            "idna" if not parts.netloc.isascii() else "ascii"
        )
        lines = [host if line.lower().startswith(b"host:") else line for line in self.lines]
        return b"\r\n".join((first, *lines)) + END_OF_HEAD


@dataclass(frozen=True, slots=True)
class ResponseHead(Head):
    """What a server answers."""

    @property
    def status(self) -> int:
        """The status, such as 101 where the WebSocket is open."""
        return int(self.first[9:12])

    @property
    def subprotocol(self) -> str:
        """The subprotocol that was selected, empty for none."""
        return next(iter(self.values("sec-websocket-protocol")), "")

    @property
    def extensions(self) -> str:
        """The extensions that were negotiated, as a header has them."""
        return ", ".join(self.values("sec-websocket-extensions"))

    @property
    def length(self) -> int | None:
        """How many bytes of a body follow, None where the head does not say."""
        found = next(iter(self.values("content-length")), "")
        return int(found) if found.isdecimal() else None


def request_head(data: bytes) -> RequestHead:
    """Return the head of a request. Raises `HeadError`."""
    first, *lines = data.removesuffix(END_OF_HEAD).split(b"\r\n")
    if not _REQUEST.fullmatch(first):
        raise HeadError("what it sent is no request of HTTP")
    return RequestHead(first, _checked(lines))


def response_head(data: bytes) -> ResponseHead:
    """Return the head of a response. Raises `HeadError`."""
    first, *lines = data.removesuffix(END_OF_HEAD).split(b"\r\n")
    if not _RESPONSE.fullmatch(first):
        raise HeadError("its answer is none of HTTP")
    return ResponseHead(first, _checked(lines))


def _checked(lines: list[bytes]) -> tuple[bytes, ...]:
    if any(not name or not colon for name, colon, _ in (line.partition(b":") for line in lines)):
        raise HeadError("a header has no name")
    return tuple(lines)


def plain_answer(status: HTTPStatus, said: str, *headers: str) -> bytes:
    """Return a whole response of the proxy's own, with a sentence as its body."""
    body = f"{said}\n".encode()
    lines = (
        f"HTTP/1.1 {status.value} {status.phrase}",
        "Content-Type: text/plain; charset=utf-8",
        f"Content-Length: {len(body)}",
        "Connection: close",
        *headers,
    )
    return "\r\n".join(lines).encode("latin-1") + END_OF_HEAD + body
