"""Ends of a session that no client event is to blame for: of age, of money, of a server that goes away.

They are announced by an `error` without `event_id`, by the close itself, or by both (FB-04, FB-07).
"""

from __future__ import annotations

import re
from collections import deque
from collections.abc import Iterable, Iterator
from typing import Any

from rules.subjects import dict_of, text_of
from wire.trace import Entry

TERMINAL = (
    "session_expired",
    "insufficient_quota",
    "invalid_api_key",
    "account_deactivated",
    "beta_api_shape_disabled",
    "billing_hard_limit_reached",
    "rate_limit_exceeded",
)
"""Codes of errors about the account or the whole session, whatever the client sent last (openai 1.1)."""

_IN_CODES = re.compile(r"quota|billing|expired|deactivated|(session|max\w*)_(duration|age|lifetime)")
_IN_WORDS = re.compile(
    r"\bquota\b|\bbilling\b|maximum (session )?(duration|length|age)|session\b.{0,40}\bexpired"
    r"|\b\d+[ -]minutes?\b",
    re.IGNORECASE,
)
_GOING_AWAY, _TRY_AGAIN_LATER = 1001, 1013
_OF_AGE_S = 900.0  # the shortest longest session that was ever seen (openai 0.3)
_LOOKED_AHEAD = 32
_LAST_WORDS = frozenset(("response.done", "rate_limits.updated", "error"))


def is_terminal(error: dict[str, Any]) -> bool:
    """Tell whether an `error` is about the account or the whole session, by its code or else its words."""
    code, type_ = text_of(error, "code"), text_of(error, "type")
    if code in TERMINAL or type_ in TERMINAL or _IN_CODES.search(code):
        return True
    said = text_of(error, "message")
    return not code and not text_of(error, "param") and _IN_WORDS.search(said) is not None


def is_of_age(close: Entry) -> bool:
    """Tell whether a close ends a session that has lasted as long as it may."""
    detail = close.detail or {}
    if detail.get("code") != _GOING_AWAY:
        return False
    old = close.t is not None and close.t >= _OF_AGE_S
    return old or _IN_WORDS.search(text_of(detail, "reason")) is not None


def with_ends(entries: Iterable[Entry]) -> Iterator[tuple[Entry, bool]]:
    """Yield `entries`, and of each whether it is an `error` that announces that the server goes away.

    It names no client event, and nothing but the last of a response comes between it and the close.
    """
    ahead: deque[Entry] = deque()
    coming = iter(entries)
    while True:
        entry = ahead.popleft() if ahead else next(coming, None)
        if entry is None:
            return
        event = entry.event
        # Every entry comes by here, and hardly one is an error.
        is_error = event is not None and event.get("type") == "error"
        yield entry, is_error and _names_nothing(entry) and _goes_away(ahead, coming)


def _names_nothing(error: Entry) -> bool:
    return error.dir == "server" and not text_of(dict_of(error.event, "error"), "event_id")


def _goes_away(ahead: deque[Entry], coming: Iterator[Entry]) -> bool:
    """Tell whether the close that comes next says that the server goes away; read `ahead` for it."""
    place = 0
    while place < _LOOKED_AHEAD:
        if place == len(ahead):
            following = next(coming, None)
            if following is None:
                return False
            ahead.append(following)
        entry = ahead[place]
        if entry.kind == "close":
            code = (entry.detail or {}).get("code")
            return entry.dir == "server" and code in (_GOING_AWAY, _TRY_AGAIN_LATER)
        if entry.dir == "server" and entry.kind == "text" and entry.type not in _LAST_WORDS:
            return False
        place += 1
    return False
