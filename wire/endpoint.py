"""Whom we talk to: the address of a Realtime endpoint and how to be let in."""

from __future__ import annotations

import ipaddress
import re
import ssl
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import parse_qsl, unquote, urlencode, urlsplit, urlunsplit

from protocol.catalogue import DEFAULT, dialect_of
from protocol.dialect import Dialect, DialectName, Scheme
from wire.redaction import Redactor, secrets_in_headers, secrets_in_query

_TOKEN = re.compile(r"[!#$%&'*+\-.^_`|~0-9A-Za-z]+")
"""The name of a header, or a subprotocol, as HTTP spells it."""


class EndpointError(ValueError):
    """The endpoint cannot be used as configured; the message says what to change."""


@dataclass(frozen=True, slots=True)
class Timeouts:
    """How long to wait, in seconds.

    `connect`: for the handshake. `answer`: for what a client event is answered with. `response`: for a
    response from its request to `response.done`. `silence`: how long a server may send nothing at all while
    something is owed before it counts as not coming. `close`: for the closing handshake.
    """

    connect: float = 10.0
    answer: float = 5.0
    response: float = 60.0
    silence: float = 15.0
    close: float = 1.0


@dataclass(frozen=True, slots=True)
class Auth:
    """A credential and how it is presented.

    `basic` and `bearer` are `Authorization` headers, `api-key` is a header of that name. `subprotocol` is for
    clients that cannot set headers: what is offered then, the dialect says.
    `source` says where the key was found, for messages.
    """

    scheme: Scheme = "none"
    key: str = field(default="", repr=False)
    source: str = field(default="", compare=False)


@dataclass(frozen=True, slots=True)
class Tls:
    """TLS options: `ca` is a PEM file of further authorities; `verify=False` accepts any certificate."""

    ca: Path | None = None
    verify: bool = True


@dataclass(frozen=True, slots=True)
class Endpoint:
    """A Realtime endpoint, everything needed to open a session on it, and nothing that was captured.

    `sources` says of headers and parameters of the query where they were given, for messages. Unless it
    `adds_query`, nothing that the dialect wants is added to the query of a session.
    Raises `EndpointError` for a URL that is no WebSocket address.
    """

    url: str
    dialect: DialectName = DEFAULT
    auth: Auth = Auth()
    headers: dict[str, str] = field(default_factory=dict, repr=False)
    query: dict[str, str] = field(default_factory=dict)
    tls: Tls = Tls()
    timeouts: Timeouts = Timeouts()
    name: str = ""
    sources: Mapping[str, str] = field(default_factory=dict, repr=False, compare=False)
    adds_query: bool = True

    def __post_init__(self) -> None:
        try:
            parts = urlsplit(self.url)
            usable = parts.scheme in ("ws", "wss") and bool(parts.hostname) and (parts.port or 1) > 0
        except ValueError:
            usable = False
        if not usable:
            shown = Redactor().url(self.url)
            raise EndpointError(
                f"{shown!r} is not a ws:// or wss:// URL with a host; write it as wss://HOST:PORT/PATH"
            )
        if self.auth.scheme != "none" and not self.auth.key:
            raise EndpointError(f"authentication {self.auth.scheme!r} needs a key, and none was given")
        if any(ord(c) < 0x20 or ord(c) > 0x7E for c in self.auth.key):
            raise EndpointError("the key holds characters that no header can carry; was it copied whole?")
        for name, value in self.headers.items():
            if not _TOKEN.fullmatch(name) or any(ord(c) < 0x20 or ord(c) == 0x7F for c in value):
                raise EndpointError(f"the header {name!r} holds characters that no header can carry")

    def __repr__(self) -> str:
        # A repr ends up in logs and tracebacks; what is in headers, query and URL may be secret.
        return f"Endpoint({self.shown}, {self.dialect}, auth={self.auth.scheme})"

    @property
    def speaks(self) -> Dialect:
        """The dialect that it speaks. Raises `DocumentError` where none has that name."""
        return dialect_of(self.dialect)

    @property
    def redactor(self) -> Redactor:
        """A redactor that knows this endpoint's secrets."""
        parts = urlsplit(self.url)
        secrets = {self.auth.key} | secrets_in_headers(self.headers)
        secrets |= secrets_in_query([*parse_qsl(parts.query), *self.query.items()])
        if parts.password:
            name, password = unquote(parts.username or ""), unquote(parts.password)
            secrets |= {parts.password, password, f"{name}:{password}"}  # as HTTP's basic scheme joins them
        return Redactor(secrets - {""})

    @property
    def shown(self) -> str:
        """The URL as it may appear in reports."""
        return self.redactor.url(self.url)

    def session_url(self) -> str:
        """Return the URL of a new session, with what the dialect wants in its query.

        What the given URL or `query` already says is kept.
        """
        parts = urlsplit(self.url)
        given = dict(parse_qsl(parts.query, keep_blank_values=True)) | self.query
        query = urlencode(self.speaks.parameters(given) if self.adds_query else given)
        return urlunsplit((parts.scheme, parts.netloc, parts.path or "/", query, ""))

    def session_headers(self) -> dict[str, str]:
        """Return the headers to send with the handshake."""
        word = {"basic": "Basic", "bearer": "Bearer"}.get(self.auth.scheme)
        shown = {"Authorization": f"{word} {self.auth.key}"} if word else {}
        if self.auth.scheme == "api-key":
            shown = {"api-key": self.auth.key}
        return {**shown, **self.headers}

    def subprotocols(self) -> list[str]:
        """Return the subprotocols to offer, empty for none. Raises `EndpointError` if the key cannot be one.

        The padding of Base64, which no subprotocol can carry, is left out.
        """
        if self.auth.scheme != "subprotocol":
            return []
        key = self.auth.key.replace("=", "")
        if not _TOKEN.fullmatch(key):
            raise EndpointError("the key holds characters that no subprotocol can carry")
        return self.speaks.offered(key)

    def tls_context(self) -> ssl.SSLContext | None:
        """Return the TLS context for a `wss:` URL, None for `ws:`.

        Raises `EndpointError` where the authorities' file cannot be used.
        """
        if urlsplit(self.url).scheme != "wss":
            return None
        context = ssl.create_default_context()
        if self.tls.ca is not None:
            try:
                context.load_verify_locations(self.tls.ca)
            except (OSError, ssl.SSLError):
                raise EndpointError(f"{self.tls.ca} holds no PEM certificates that can be read") from None
        if not self.tls.verify:
            context.check_hostname = False
            context.verify_mode = ssl.CERT_NONE
        return context

    @property
    def local(self) -> bool:
        """Whether the endpoint is on this machine, where no proxy is wanted."""
        host = urlsplit(self.url).hostname or ""
        if host == "localhost":
            return True
        try:
            return ipaddress.ip_address(host).is_loopback
        except ValueError:
            return False
