"""Who is let in to speech synthesis and speech recognition (CN-01 to CN-05)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from http import HTTPStatus
from urllib.parse import parse_qs, unquote

from reference.errors import Code
from reference.handshake import Rejection, is_let_in

CHANNEL_PATHS = {
    "tts": "/tts/v1/voice:streamBidirectional",
    "stt": "/stt/v1/transcribe:streamBidirectional",
}
"""Where the channels are, by their names."""

TOKEN_SUBPROTOCOL = "bearer_"  # noqa: S105 (what a subprotocol begins with that holds a token)
_SCHEMES = ("basic", "bearer")


@dataclass(frozen=True, slots=True)
class ChannelAdmission:
    """The client may use a channel; ``subprotocol`` is what the 101 has to name, if anything."""

    channel: str
    subprotocol: str | None = None


def service_at(target: str) -> str | None:
    """Return the name of the channel that a request target is about; None for Realtime and for nothing."""
    path = unquote(target.partition("?")[0])
    return next((name for name, at in CHANNEL_PATHS.items() if at == path), None)


def admit_to_channel(
    channel: str, target: str, headers: Iterable[tuple[str, str]], credentials: frozenset[str] | None
) -> ChannelAdmission | Rejection:
    """Decide on an upgrade request for a channel; no query parameter is required (CN-01).

    ``credentials`` are the keys and tokens that are let in; None lets in any that is not empty.
    """
    fields = [(name.lower(), value.strip()) for name, value in headers]
    offered = [
        subprotocol.strip()
        for name, value in fields
        if name == "sec-websocket-protocol"
        for subprotocol in value.split(",")
    ]
    # Browsers set no headers: what a 101 names is the subprotocol that holds the token (CN-04).
    token = next((each for each in offered if each.startswith(TOKEN_SUBPROTOCOL)), None)
    if any(is_let_in(secret, credentials) for secret in _secrets(fields, target)):
        return ChannelAdmission(channel, token)
    # "=" is not allowed in a subprotocol, so clients leave the padding of a key out.
    unpadded = None if credentials is None else frozenset(each.rstrip("=") for each in credentials)
    if token is not None and is_let_in(token.removeprefix(TOKEN_SUBPROTOCOL), unpadded):
        return ChannelAdmission(channel, token)
    return Rejection(
        HTTPStatus.UNAUTHORIZED, Code.INVALID_API_KEY, "The credential is missing or is not valid."
    )


def _secrets(fields: Iterable[tuple[str, str]], target: str) -> Iterator[str]:
    """Yield the credentials in the header and in the query (CN-02, CN-03, CN-05)."""
    query = parse_qs(target.partition("?")[2])
    shown = [value for name, value in fields if name == "authorization"]
    shown += [value for name in ("authorization", "Authorization") for value in query.get(name, ())]
    for authorization in shown:
        scheme, _, secret = authorization.partition(" ")
        if scheme.lower() in _SCHEMES:
            yield secret.strip()
