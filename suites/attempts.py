"""Handshakes other than the ordinary one: what a session that is tried so differs in from the endpoint."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any
from urllib.parse import urlsplit, urlunsplit

from wire.endpoint import Auth, Endpoint

CROWDED = "crowded"
"""What the header of a trace has as its `attempt` where the server had no room, and was asked again."""

HURRIED = "hurried"
"""The same where something came after a wait that was cut short, so that the scenario was played again."""

_KEY = "Y29uZm9ybWFuY2U6c3VpdGU="
_WRONG = "d3JvbmctaWQ6d3Jvbmctc2VjcmV0"

Changes = dict[str, Any]


def _wrong_credential(endpoint: Endpoint) -> Changes:
    right = endpoint.auth
    return {"auth": Auth("bearer" if right.scheme == "none" else right.scheme, _WRONG)}


def _another_path(endpoint: Endpoint) -> Changes:
    return {"url": urlunsplit(urlsplit(endpoint.url)._replace(path="/conformance/no-such-path"))}


ATTEMPTS: Mapping[str, Callable[[Endpoint], Changes]] = {
    "ordinary": lambda _: {},
    "unusual-key": lambda _: {"query": {"key": "käse & brot/ 日本 #1"}},
    "wrong-credential": _wrong_credential,
    "no-credential": lambda _: {"auth": Auth(), "headers": {}},
    "without-key": lambda _: {"query": {"key": ""}},
    "without-protocol": lambda _: {"query": {"protocol": "other"}},
    "without-model": lambda _: {"query": {"model": ""}},
    "another-path": _another_path,
    "subprotocol": lambda endpoint: {"auth": Auth("subprotocol", endpoint.auth.key or _KEY)},
    "beta-header": lambda endpoint: {"headers": {**endpoint.headers, "OpenAI-Beta": "realtime=v1"}},
}
"""What is tried, by the name it has in the header of a trace."""

WELCOME = ("unusual-key", "subprotocol", "beta-header")
"""Those that a server may let in like any other: where it has no room for one, it is asked for again."""


def changes_for(attempt: str, endpoint: Endpoint) -> Changes:
    """Return in what an attempt differs from `endpoint`; nothing for a name that is not known."""
    return ATTEMPTS.get(attempt, ATTEMPTS["ordinary"])(endpoint)
