"""Keeps secrets out of everything that is written: they are replaced the moment a frame is captured."""

from __future__ import annotations

import base64
import binascii
import functools
import json
import re
from collections.abc import Iterable, Mapping
from typing import Any
from urllib.parse import parse_qsl, quote, quote_plus, unquote, urlencode, urlsplit, urlunsplit

from protocol.catalogue import key_prefixes

MASK = "[redacted]"

_SHORTEST = 6
"""Shorter secrets are masked in headers and queries only: replacing `ab` everywhere would ruin the trace."""

_SECRET_NAMES = re.compile(
    r"authorization|api[-_]?key|token|secret|password|cookie|signature|credential", re.IGNORECASE
)
_HARMLESS_QUERY = frozenset(("key", "protocol", "model", "call_id", "intent"))
_HARMLESS_HEADERS = frozenset(
    ("accept", "accept-language", "cache-control", "openai-beta", "origin", "pragma", "user-agent")
)
_PLAIN_WORD = re.compile(r"[a-z]+")
_UNICODE_ESCAPE = re.compile(r"\\+u([0-9a-fA-F]{4})")


@functools.cache
def _keys_as_subprotocols(prefixes: tuple[str, ...]) -> re.Pattern[str]:
    begins = "|".join(map(re.escape, (*prefixes, "bearer_")))
    return re.compile(rf"(?i)({begins})[^\s,;'\"]+")


class Redactor:
    """Replaces known secrets in text, and secret-looking headers and query parameters by name.

    A secret is also known in the forms in which it travels: without its Base64 padding (a subprotocol cannot
    carry `=`), decoded from Base64, encoded in Base64 (also within something longer) or in hexadecimal,
    percent-encoded and JSON-escaped, wholly or in part.
    """

    def __init__(self, secrets: Iterable[str] = ()) -> None:
        self.secrets = frozenset(secrets)
        self.forms = _known(self.secrets)
        self._bare = tuple(form.replace("\\", "") for form in self.forms)

    def and_also(self, other: Redactor) -> Redactor:
        """Return a redactor that knows the secrets of both."""
        return self if other.secrets <= self.secrets else Redactor(self.secrets | other.secrets)

    def text(self, text: str) -> str:
        """Return `text` with every known secret replaced."""
        for form in self.forms:
            if form in text:
                text = text.replace(form, MASK)
        return _spelt(self.forms).sub(MASK, text) if self._escaped_in(text) else text

    def subprotocols(self, text: str) -> str:
        """Return `text`, in which subprotocols are named, without the keys that travel as such.

        They are known by what stands before them: also where a key is too short to be replaced everywhere.
        """
        return self.text(_keys_as_subprotocols(key_prefixes()).sub(rf"\1{MASK}", text))

    def value(self, value: Any) -> Any:
        """Return the JSON value `value` with every string and number in it, keys included, redacted."""
        if isinstance(value, str):
            return self.text(value)
        if isinstance(value, dict):
            return {self.text(str(k)): self.value(v) for k, v in value.items()}
        if isinstance(value, list | tuple):
            return [self.value(v) for v in value]
        if isinstance(value, int | float) and self.touches(str(value)):
            return MASK
        return value

    def touches(self, text: str) -> bool:
        """Tell whether `text` holds a known secret."""
        return any(form in text for form in self.forms) or self._escaped_in(text)

    def headers(self, headers: Iterable[tuple[str, str]]) -> dict[str, str]:
        """Return `headers` with secret-looking ones masked whole and the rest redacted."""
        return {self.text(n): self._header(n, v) for n, v in headers}

    def _header(self, name: str, value: str) -> str:
        if name.lower() == "sec-websocket-protocol":
            return self.subprotocols(value)
        return MASK if names_a_secret(name) else self.text(value)

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
        if name not in _HARMLESS_QUERY and names_a_secret(name):
            return MASK
        return self.text(value)

    def _escaped_in(self, text: str) -> bool:
        """Tell whether `text` holds a secret with some of its characters escaped."""
        if not self.forms or ("\\" not in text and "%" not in text):
            return False
        units = _UNICODE_ESCAPE.sub(lambda match: chr(int(match[1], 16)), text).replace("\\", "")
        whole = units.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")
        bare = unquote(whole).replace("\\", "")
        return any(form in whole or form in bare for form in self._bare)


def names_a_secret(name: str) -> bool:
    """Tell whether a header or a parameter called `name` holds a secret, by its name."""
    return bool(_SECRET_NAMES.search(name))


def secrets_in_headers(headers: Mapping[str, str]) -> set[str]:
    """Return what is secret in headers that are sent along: whole values and the tokens in them.

    A plain word, as in `X-Environment: staging`, is a secret only under a name that says so: replacing it
    everywhere would ruin the trace.
    """
    found: set[str] = set()
    for name, value in headers.items():
        if names_a_secret(name):
            pairs = [part.partition("=")[2] for part in re.split(r"[;,\s]+", value)]
            found |= {value, value.partition(" ")[2], *pairs}
        elif name.lower() not in _HARMLESS_HEADERS and not _PLAIN_WORD.fullmatch(value):
            found.add(value)
    return found - {""}


def secrets_in_query(pairs: Iterable[tuple[str, str]]) -> set[str]:
    """Return what is secret in a query: all values but those of parameters known to be harmless."""
    return {value for name, value in pairs if name not in _HARMLESS_QUERY} - {""}


@functools.lru_cache(maxsize=32)  # each session has a redactor, and nearly always the same secrets
def _known(secrets: frozenset[str]) -> tuple[str, ...]:
    """Return the forms of `secrets`, the longest first: one may contain another."""
    forms = {form for secret in secrets for form in _forms(secret) if len(form) >= _SHORTEST}
    return tuple(sorted(forms, key=len, reverse=True))


@functools.lru_cache(maxsize=32)
def _spelt(forms: tuple[str, ...]) -> re.Pattern[str]:
    """Return a pattern for the ways in which `forms` may be spelt: large, and hardly ever needed."""
    return re.compile("|".join("".join(map(_spellings, form)) for form in forms))


def _forms(secret: str) -> set[str]:
    forms = {secret, secret.rstrip("="), quote(secret, safe=""), quote_plus(secret), json.dumps(secret)[1:-1]}
    forms |= _encoded(secret)
    forms |= {form.rstrip("=") for form in forms}
    try:
        plain = base64.b64decode(secret + "=" * (-len(secret) % 4), validate=True).decode("utf-8")
    except (binascii.Error, ValueError):
        return forms
    if plain.isprintable():
        forms |= {plain, json.dumps(plain)[1:-1]}
        # The portal's key is `id:secret`; the second half alone must not be seen either.
        for half in plain.split(":", 1)[1:]:
            forms |= {half} | (_encoded(half) if len(half) >= _SHORTEST else set())
    return forms


def _encoded(secret: str) -> set[str]:
    """Return `secret` in hexadecimal and Base64, also as it stands in the Base64 of something longer."""
    data = secret.encode("utf-8", "replace")
    found = {data.hex(), data.hex().upper(), base64.b64encode(data).decode("ascii")}
    for before in range(3):
        # Six bits make a character: the first ones hold bits of what stands before, the last of what follows.
        whole = base64.b64encode(bytes(before) + data).decode("ascii")
        found.add(whole[-(-before * 8 // 6) : (before + len(data)) * 8 // 6])
    return found | {form.replace("+", "-").replace("/", "_") for form in found}


def _spellings(character: str) -> str:
    """Return a pattern for the ways in which JSON and URLs may spell `character`."""
    units = character.encode("utf-16-be", "surrogatepass").hex()
    escaped = "".join(rf"\\+u(?i:{units[i : i + 4]})" for i in range(0, len(units), 4))
    percent = "".join(f"%(?i:{byte:02x})" for byte in character.encode("utf-8", "surrogatepass"))
    return rf"(?:\\*{re.escape(character)}|{escaped}|{percent})"
