"""What is secret in a client's handshake: it passes through, and is written down nowhere."""

from __future__ import annotations

from urllib.parse import parse_qsl, urlsplit

from protocol.catalogue import key_prefixes
from proxy.heads import RequestHead
from wire.redaction import Redactor, secrets_in_headers, secrets_in_query

_OF_EVERY_CLIENT = (
    "accept-encoding",
    "connection",
    "content-length",
    "host",
    "sec-fetch-dest",
    "sec-fetch-mode",
    "sec-fetch-site",
    "sec-websocket-extensions",
    "sec-websocket-key",
    "sec-websocket-protocol",
    "sec-websocket-version",
    "upgrade",
)
_BEARER = "bearer_"


def redactor_for(head: RequestHead, known: Redactor) -> Redactor:
    """Return what replaces the secrets that a client sends in its handshake, and those that are `known`."""
    secrets: set[str] = set()
    for name, value in head.headers:
        if name.lower() not in _OF_EVERY_CLIENT:
            secrets |= secrets_in_headers({name: value})
    secrets |= secrets_in_query(parse_qsl(urlsplit(head.target).query))
    for offered in head.values("sec-websocket-protocol"):
        for prefix in (*key_prefixes(), _BEARER):
            if offered.lower().startswith(prefix.lower()):
                secrets.add(offered[len(prefix) :])
    return known.and_also(Redactor(secrets - {""}))
