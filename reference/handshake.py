"""Who is let in, and to what: the opening handshake as a pure decision.

The path says the dialect. Both dialects know credentials in a header and in a subprotocol, for
browsers cannot set headers. Nothing in here remembers a credential or repeats one, except that the
101 has to name the subprotocol it chose, which in Inworld's case is the credential (1.2).
"""

from __future__ import annotations

import hmac
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import TYPE_CHECKING
from urllib.parse import parse_qs

from reference.dialects import INWORLD, OPENAI, Dialect
from reference.errors import Code

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

PATHS = {"/api/v1/realtime/session": INWORLD, "/v1/realtime": OPENAI}
"""The dialects by their paths."""

BETA_HEADER = ("openai-beta", "realtime=v1")
BETA_SUBPROTOCOL = "openai-beta.realtime-v1"
OPENAI_KEY_SUBPROTOCOL = "openai-insecure-api-key."
INWORLD_KEY_SUBPROTOCOL = "basic_"


@dataclass(frozen=True, slots=True)
class Admission:
    """The client may open a session; ``subprotocol`` is what the 101 has to name, if anything."""

    dialect: Dialect
    model: str | None = None
    subprotocol: str | None = None
    beta: bool = False
    """The client asked for the retired beta protocol: it is let in, only to be told so (0.3)."""

    offered: tuple[str, ...] = field(default=(), repr=False)
    """The subprotocols that the client offers, credentials among them."""


@dataclass(frozen=True, slots=True)
class HangUp:
    """No HTTP answer at all: the connection is ended. No obedient server does that."""


@dataclass(frozen=True, slots=True)
class Rejection:
    """An HTTP answer instead of the upgrade, with a short JSON body (Inworld 1.4)."""

    status: HTTPStatus
    code: Code
    message: str
    param: str | None = None

    @property
    def body(self) -> dict[str, object]:
        """What the body says, in the shape of an ``error`` event's member."""
        error = {
            "type": "invalid_request_error",
            "code": self.code,
            "message": self.message,
            "param": self.param,
        }
        return {"error": error}


def admit(
    target: str, headers: Iterable[tuple[str, str]], credentials: frozenset[str] | None
) -> Admission | Rejection:
    """Decide on an upgrade request.

    ``target`` is the request target with its query. ``credentials`` are the API keys and tokens that are
    let in; None lets in any that is not empty.
    """
    path, _, query_text = target.partition("?")
    dialect = PATHS.get(path)
    if dialect is None:
        return Rejection(HTTPStatus.NOT_FOUND, Code.NOT_FOUND, "There is nothing at this path.")
    fields = [(name.lower(), value.strip()) for name, value in headers]
    offered = [
        subprotocol.strip()
        for name, value in fields
        if name == "sec-websocket-protocol"
        for subprotocol in value.split(",")
    ]
    authorizations = [value for name, value in fields if name == "authorization"]
    if not _is_known(dialect, authorizations, offered, credentials):
        return Rejection(
            HTTPStatus.UNAUTHORIZED, Code.INVALID_API_KEY, "The credential is missing or is not valid."
        )
    query = {name: values[0] for name, values in parse_qs(query_text).items()}
    return _parameters(dialect, query) or Admission(
        dialect,
        model=query.get("model") if dialect is OPENAI else None,
        subprotocol=_choose(dialect, offered),
        beta=dialect is OPENAI and (BETA_HEADER in fields or BETA_SUBPROTOCOL in offered),
        offered=tuple(offered),
    )


def _parameters(dialect: Dialect, query: dict[str, str]) -> Rejection | None:
    """Return what is wrong with the query, if anything (Inworld 1.1, GA 0.3)."""
    for name in ("model",) if dialect is OPENAI else ("key", "protocol"):
        if not query.get(name):
            return _bad_parameter(name, Code.MISSING_REQUIRED_PARAMETER, "is missing or empty")
    if dialect is INWORLD and query["protocol"] != "realtime":
        return _bad_parameter("protocol", Code.INVALID_VALUE, "must be 'realtime'")
    return None


def _bad_parameter(name: str, code: Code, what: str) -> Rejection:
    return Rejection(HTTPStatus.BAD_REQUEST, code, f"The query parameter '{name}' {what}.", name)


def _is_known(
    dialect: Dialect,
    authorizations: Sequence[str],
    offered: Sequence[str],
    credentials: frozenset[str] | None,
) -> bool:
    """Tell whether one of the ways to show a credential shows one that is let in."""
    schemes = {"bearer"} if dialect is OPENAI else {"basic", "bearer"}
    for authorization in authorizations:
        scheme, _, secret = authorization.partition(" ")
        if scheme.lower() in schemes and _is_let_in(secret.strip(), credentials):
            return True
    prefix = OPENAI_KEY_SUBPROTOCOL if dialect is OPENAI else INWORLD_KEY_SUBPROTOCOL
    if credentials is not None:
        # "=" is not allowed in a subprotocol, so clients leave the padding of their key out.
        credentials = frozenset(known.replace("=", "") for known in credentials)
    return any(
        _is_let_in(subprotocol.removeprefix(prefix), credentials)
        for subprotocol in offered
        if subprotocol.startswith(prefix)
    )


def _is_let_in(secret: str, credentials: frozenset[str] | None) -> bool:
    if not secret or credentials is None:
        return bool(secret)
    # All are compared, in constant time each: the answer does not tell how close a guess was.
    given = secret.encode(errors="surrogateescape")
    return sum(hmac.compare_digest(given, known.encode()) for known in credentials) > 0


def _choose(dialect: Dialect, offered: Sequence[str]) -> str | None:
    """Return the subprotocol to name in the 101.

    Some clients give up if they offered any and none is named.
    """
    if "realtime" in offered:
        return "realtime"
    if dialect is OPENAI:
        return None
    return next((name for name in offered if name.startswith(INWORLD_KEY_SUBPROTOCOL)), None)
