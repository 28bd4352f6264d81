"""What to tell whoever was refused at the handshake: which key was sent, from where, and to which path.

No value of a key, a header or a parameter is ever part of it.
"""

from __future__ import annotations

from urllib.parse import parse_qsl, urlsplit

from wire.endpoint import Endpoint
from wire.redaction import names_a_secret

_ABOUT_KEYS = (401, 403)
_ABOUT_PATHS = (400, 403, 404)
_FORBIDDEN = 403
_ABOUT_ROOM = (429, 503)
_REDIRECTS = range(300, 400)
_SUCCESSES = range(200, 300)


def advice(endpoint: Endpoint, status: int, location: str = "") -> str:
    """Return what to look at first after a refusal with HTTP `status`, as sentences; empty for nothing.

    `location` is where a redirect leads, empty where it does not say.
    """
    said = [_key(endpoint)] if status in _ABOUT_KEYS else []
    if status in _ABOUT_PATHS:
        path = endpoint.redactor.text(urlsplit(endpoint.url).path or "/")
        many = "; many servers answer 403 for a path they do not have" if status == _FORBIDDEN else ""
        said.append(f"The path asked for was {path}{many}.")
    if status in _ABOUT_ROOM:
        said.append(
            "It has no room at the moment, or was asked too often: try again later, or with a lower "
            "--concurrency."
        )
    if status in _REDIRECTS:
        said.append(_redirect(endpoint, location))
    if status in _SUCCESSES:
        path = endpoint.redactor.text(urlsplit(endpoint.url).path or "/")
        said.append(f"The path {path} answers as a web page does: it is no WebSocket endpoint.")
    return " ".join(said)


def _redirect(endpoint: Endpoint, location: str) -> str:
    """Return where a redirect leads, and why nobody goes there."""
    where = f"It redirects to {endpoint.redactor.url(location)}" if location else "It redirects elsewhere"
    return f"{where}, which is not followed: name that address with --endpoint if the key is meant for it."


def _key(endpoint: Endpoint) -> str:
    """Return which credential was sent and where it came from."""
    sent = []
    auth = endpoint.auth
    if auth.scheme != "none":
        how = "as a subprotocol" if auth.scheme == "subprotocol" else f"as {auth.scheme.capitalize()}"
        sent.append(f"{how}, from {auth.source}" if auth.source else how)
    sent += [
        _given(f"in the header {name}", endpoint.sources.get(name, ""))
        for name in endpoint.headers
        if names_a_secret(name)
    ]
    parameters = [*dict(parse_qsl(urlsplit(endpoint.url).query, keep_blank_values=True)), *endpoint.query]
    sent += [
        _given(f"in the query's {name}", endpoint.sources.get(name, "the endpoint's URL"))
        for name in dict.fromkeys(parameters)
        if names_a_secret(name) and name != "key"  # Inworld's `key` names a session
    ]
    if sent:
        return f"A key was sent {' and '.join(sent)}."
    return "No key was sent: put one into REALTIME_API_KEY, or name its variable with --auth-env."


def _given(what: str, source: str) -> str:
    return f"{what}, from {source}" if source else what
