"""Who is let in, and to what: the opening handshake as a pure decision.

The path says the dialect. Both dialects know credentials in a header and in a subprotocol, for
browsers cannot set headers. Nothing in here remembers a credential or repeats one, except that the
101 has to name the subprotocol it chose, which in Inworld's case is the credential (1.2).
"""

from __future__ import annotations

import hmac
from dataclasses import dataclass, field, replace
from functools import cache
from http import HTTPStatus
from typing import TYPE_CHECKING
from urllib.parse import parse_qs

from protocol.catalogue import Catalogue, dialects
from protocol.dialect import Dialect as Added
from protocol.words import Words
from reference.errors import Code
from reference.profiles import INWORLD, OPENAI, Profile
from reference.providers import BETA, VOICE_LIVE, XAI

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

BETA_HEADER = ("openai-beta", "realtime=v1")
BETA_SUBPROTOCOL = "openai-beta.realtime-v1"
OPENAI_KEY_SUBPROTOCOL = "openai-insecure-api-key."
INWORLD_KEY_SUBPROTOCOL = "basic_"


@dataclass(frozen=True, slots=True)
class Door:
    """Where a dialect is served, and what a client has to show there.

    ``schemes`` are those of ``Authorization``, or the name of a header of its own; ``prefix`` begins a
    subprotocol that holds a key, ``parameters`` of the query may not be missing, ``model`` is taken where it
    names none.
    """

    name: str
    dialect: Profile
    schemes: frozenset[str]
    parameters: tuple[str, ...]
    prefix: str
    open: bool = False
    model: str | None = None
    words: Words = field(default_factory=Words)


DOORS = {
    "/api/v1/realtime/session": Door(
        "inworld", INWORLD, frozenset(("basic", "bearer")), ("key", "protocol"), INWORLD_KEY_SUBPROTOCOL
    ),
    "/v1/realtime": Door("openai", OPENAI, frozenset(("bearer",)), ("model",), OPENAI_KEY_SUBPROTOCOL),
    # The beta was where GA is; its like are elsewhere (openai 5.1, FS-02).
    "/v1/realtime/beta": Door("beta", BETA, frozenset(("bearer",)), ("model",), OPENAI_KEY_SUBPROTOCOL),
    "/voice-live/realtime": Door(
        "azure-voice-live",
        VOICE_LIVE,
        frozenset(("bearer", "api-key")),
        ("api-version", "model"),
        OPENAI_KEY_SUBPROTOCOL,
    ),
    # xAI has it where OpenAI has it, on another host (FX-01).
    "/v1/realtime/xai": Door("xai", XAI, frozenset(("bearer",)), ("model",), OPENAI_KEY_SUBPROTOCOL),
}
"""The doors of the dialects that this server was written for, by their paths."""


def doors() -> Mapping[str, Door]:
    """Return all doors by their paths: of our own dialects, and of those that a user has added."""
    return _doors(dialects())


@cache
def _doors(known: Catalogue) -> Mapping[str, Door]:
    own = {door.name: door for door in DOORS.values()}
    added = (each for each in known.values() if each.name not in own)
    found = {path: replace(door, words=known[door.name].words) for path, door in DOORS.items()}
    for each in added:
        # One that has its path from its parent is told apart by its name.
        path = each.path if each.path not in found else f"{each.path}/{each.name}"
        found[path] = _door(each, own)
    return found


def _door(added: Added, own: Mapping[str, Door]) -> Door:
    """Return the door of an added dialect: its nearest relative of our own behind its path, auth and words.

    A dialect that descends from none of ours is served as GA.
    """
    near = next((own[name] for name in added.family if name in own), own["openai"])
    switches = added.switches
    profile = replace(
        near.dialect,
        strict=switches.refuses_unknown_fields,
        fixed_model=not switches.changes_model,
        both_modalities=switches.takes_both_modalities,
        string_formats=switches.takes_short_formats,
    )
    return Door(
        added.name,
        profile,
        near.schemes | {added.scheme} - {"subprotocol", "none"},
        tuple(added.query),
        next(iter(added.key_prefixes), near.prefix),
        open=added.scheme == "none",
        model=added.models["session"],
        words=added.words,
    )


@dataclass(frozen=True, slots=True)
class Admission:
    """The client may open a session; ``subprotocol`` is what the 101 has to name, if anything."""

    dialect: Profile
    model: str | None = None
    subprotocol: str | None = None
    beta: bool = False
    """The client asked for the retired beta protocol: it is let in, only to be told so (0.3)."""

    offered: tuple[str, ...] = field(default=(), repr=False)
    """The subprotocols that the client offers, credentials among them."""

    words: Words = field(default_factory=Words)
    """What is spelled otherwise on this connection than the dialect spells it."""


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
    door = doors().get(path)
    if door is None:
        return Rejection(HTTPStatus.NOT_FOUND, Code.NOT_FOUND, "There is nothing at this path.")
    fields = [(name.lower(), value.strip()) for name, value in headers]
    offered = [
        subprotocol.strip()
        for name, value in fields
        if name == "sec-websocket-protocol"
        for subprotocol in value.split(",")
    ]
    authorizations = [value for name, value in fields if name == "authorization"]
    authorizations += [f"{name} {value}" for name, value in fields if name == "api-key"]
    if not _is_known(door, authorizations, offered, credentials):
        return Rejection(
            HTTPStatus.UNAUTHORIZED, Code.INVALID_API_KEY, "The credential is missing or is not valid."
        )
    query = {name: values[0] for name, values in parse_qs(query_text).items()}
    ga = OPENAI.name in door.dialect.family
    return _parameters(door, query) or Admission(
        door.dialect,
        model=(query.get("model") if ga else None) or door.model,
        subprotocol=_choose(door, offered),
        words=door.words,
        beta=door.dialect.name == OPENAI.name and (BETA_HEADER in fields or BETA_SUBPROTOCOL in offered),
        offered=tuple(offered),
    )


def _parameters(door: Door, query: dict[str, str]) -> Rejection | None:
    """Return what is wrong with the query, if anything (Inworld 1.1, GA 0.3)."""
    for name in door.parameters:
        if not query.get(name):
            return _bad_parameter(name, Code.MISSING_REQUIRED_PARAMETER, "is missing or empty")
    if door.dialect.name == INWORLD.name and query.get("protocol", "realtime") != "realtime":
        return _bad_parameter("protocol", Code.INVALID_VALUE, "must be 'realtime'")
    return None


def _bad_parameter(name: str, code: Code, what: str) -> Rejection:
    return Rejection(HTTPStatus.BAD_REQUEST, code, f"The query parameter '{name}' {what}.", name)


def _is_known(
    door: Door,
    authorizations: Sequence[str],
    offered: Sequence[str],
    credentials: frozenset[str] | None,
) -> bool:
    """Tell whether one of the ways to show a credential shows one that is let in."""
    if door.open:
        return True
    for authorization in authorizations:
        scheme, _, secret = authorization.partition(" ")
        if scheme.lower() in door.schemes and is_let_in(secret.strip(), credentials):
            return True
    if credentials is not None:
        # "=" is not allowed in a subprotocol, so clients leave the padding of their key out.
        credentials = frozenset(known.replace("=", "") for known in credentials)
    return any(
        is_let_in(subprotocol.removeprefix(door.prefix), credentials)
        for subprotocol in offered
        if subprotocol.startswith(door.prefix)
    )


def is_let_in(secret: str, credentials: frozenset[str] | None) -> bool:
    """Tell whether a key or token is one of those that are let in; None lets in any that is not empty."""
    if not secret or credentials is None:
        return bool(secret)
    # All are compared, in constant time each: the answer does not tell how close a guess was.
    given = secret.encode(errors="surrogateescape")
    return sum(hmac.compare_digest(given, known.encode()) for known in credentials) > 0


def _choose(door: Door, offered: Sequence[str]) -> str | None:
    """Return the subprotocol to name in the 101.

    Some clients give up if they offered any and none is named.
    """
    if "realtime" in offered:
        return "realtime"
    if door.dialect.name == OPENAI.name:
        return None
    return next((name for name in offered if name.startswith(door.prefix)), None)
