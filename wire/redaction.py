"""Keeps secrets out of everything that is written: they are replaced the moment a frame is captured."""

from __future__ import annotations

import base64
import binascii
import json
import re
from collections.abc import Iterable
from typing import Any
from urllib.parse import parse_qsl, quote, urlencode, urlsplit, urlunsplit

MASK = "[redacted]"

_SHORTEST = 6
"""Shorter secrets are masked in headers and queries only: replacing `ab` everywhere would ruin the trace."""

_SECRET_NAMES = re.compile(
    r"authorization|api[-_]?key|token|secret|password|cookie|signature|credential", re.IGNORECASE
)
_HARMLESS_QUERY = frozenset(("key", "protocol", "model", "call_id", "intent"))


class Redactor:
    """Replaces known secrets in text, and secret-looking headers and query parameters by name.

    A secret is also known in the forms in which it travels: without its Base64 padding (a subprotocol cannot
    carry `=`), decoded from Base64, encoded in Base64, percent-encoded and JSON-escaped.
    """

    def __init__(self, secrets: Iterable[str] = ()) -> None:
        forms = {form for secret in secrets for form in _forms(secret) if len(form) >= _SHORTEST}
        # The longest first: a form may contain another.
        self.forms = tuple(sorted(forms, key=len, reverse=True))

    def text(self, text: str) -> str:
        """Return `text` with every known secret replaced."""
        for form in self.forms:
            if form in text:
                text = text.replace(form, MASK)
        return text

    def value(self, value: Any) -> Any:
        """Return the JSON value `value` with every string in it, keys included, redacted."""
        if isinstance(value, str):
            return self.text(value)
        if isinstance(value, dict):
            return {self.text(str(k)): self.value(v) for k, v in value.items()}
        if isinstance(value, list | tuple):
            return [self.value(v) for v in value]
        return value

    def headers(self, headers: Iterable[tuple[str, str]]) -> dict[str, str]:
        """Return `headers` with secret-looking ones masked whole and the rest redacted."""
        return {n: MASK if _SECRET_NAMES.search(n) else self.text(v) for n, v in headers}

    def url(self, url: str) -> str:
        """Return `url` without user information and with the values of secret-looking parameters masked."""
        try:
            parts = urlsplit(url)
            host = parts.netloc.rpartition("@")[2]
            query = [(n, self._parameter(n, v)) for n, v in parse_qsl(parts.query, keep_blank_values=True)]
        except ValueError:
            return self.text(url)
        clean = urlunsplit((parts.scheme, host, parts.path, urlencode(query, safe="[]/"), ""))
        return self.text(clean)

    def _parameter(self, name: str, value: str) -> str:
        if name not in _HARMLESS_QUERY and _SECRET_NAMES.search(name):
            return MASK
        return self.text(value)


def _forms(secret: str) -> set[str]:
    forms = {secret, secret.rstrip("="), quote(secret, safe=""), json.dumps(secret)[1:-1]}
    forms.add(base64.b64encode(secret.encode()).decode("ascii"))
    forms.add(base64.b64encode(secret.encode()).decode("ascii").rstrip("="))
    try:
        plain = base64.b64decode(secret, validate=True).decode("utf-8")
    except (binascii.Error, UnicodeDecodeError):
        return forms
    if plain.isprintable():
        forms |= {plain, json.dumps(plain)[1:-1]}
        # The portal's key is `id:secret`; the second half alone must not be seen either.
        forms |= {half for half in plain.split(":", 1)[1:] if half}
    return forms
