"""What is wrong with the URL of an endpoint, in words, before anybody is connected to."""

from __future__ import annotations

import re
from urllib.parse import urlsplit

from wire.redaction import Redactor

_PORT = re.compile(r":(\d+)$")
_HIGHEST_PORT = 65_535


def url_problem(url: str) -> str:
    """Return what keeps `url` from being used, with what to do about it; empty where nothing does.

    Credentials are not repeated.
    """
    shown = repr(Redactor().url(url.strip()))
    if url != url.strip() or any(sign.isspace() or ord(sign) < 0x20 for sign in url):
        return f"the endpoint {shown} holds blanks; leave them out, or write them as %20"
    try:
        parts = urlsplit(url)
    except ValueError:
        return ""  # told where the endpoint is made
    if "@" in parts.netloc:
        return (
            f"the endpoint {shown} holds credentials, which logs show; leave them out, put the key into "
            "an environment variable, and name that by --auth-env NAME and how it is presented by --auth"
        )
    if "#" in url:
        return (
            f"the endpoint {shown} has a fragment, which no WebSocket URL has; leave out the # and the rest"
        )
    port = _PORT.search(parts.netloc)
    if port is not None and not 0 < int(port[1]) <= _HIGHEST_PORT:
        return f"the endpoint {shown} has no such port; one is a number from 1 to {_HIGHEST_PORT}"
    return ""
