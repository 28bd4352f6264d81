"""Ends of a session that no client event is to blame for: of age, of money, of a server that goes away.

They are announced by an `error` without `event_id`, by the close itself, or by both (FB-04, FB-07). That a
session does not begin at all is announced likewise (FS-04).
"""

from __future__ import annotations

import re
from collections import deque
from collections.abc import Iterable, Iterator
from enum import Enum, auto
from itertools import islice
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


class AnnouncedEnd(Enum):
    """What an `error` announces that names no client event."""

    NONE = auto()
    GOES_AWAY = auto()
    """The server goes away: nothing but the last of a response comes between it and the close."""

    TURNED_DOWN = auto()
    """There is no session: the server says nothing else, neither before it nor after."""


def with_ends(entries: Iterable[Entry]) -> Iterator[tuple[Entry, AnnouncedEnd]]:
    """Yield `entries`, and of each what end of the session it announces, if it is an `error`."""
    ahead = Ahead()
    for entry in entries:
        yield from ahead.add(entry)
    yield from ahead.rest()


class Ahead:
    """Entries of one connection that came, up to where it is known what end of the session each announces.

    An `error` that names no client event waits for what comes after it; everything else goes on at once.
    """

    def __init__(self) -> None:
        self._waiting: deque[Entry] = deque()
        self._unheard = True

    def add(self, entry: Entry) -> Iterable[tuple[Entry, AnnouncedEnd]]:
        """Take in the next entry; return those of which it is known now, in order."""
        # Every entry comes by here, and hardly one is an error.
        event = entry.event
        if not self._waiting and (event is None or event.get("type") != "error"):
            self._unheard = self._unheard and not _says_more(entry)
            return ((entry, AnnouncedEnd.NONE),)
        self._waiting.append(entry)
        return self._known(over=False)

    def rest(self) -> Iterable[tuple[Entry, AnnouncedEnd]]:
        """Return those that still wait: nothing more comes."""
        return self._known(over=True)

    def _known(self, *, over: bool) -> Iterator[tuple[Entry, AnnouncedEnd]]:
        while self._waiting:
            entry = self._waiting[0]
            self._unheard = self._unheard and not _says_more(entry)
            end = self._announced(entry, over=over)
            if end is None:
                return
            self._waiting.popleft()
            yield entry, end

    def _announced(self, entry: Entry, *, over: bool) -> AnnouncedEnd | None:
        """Return what end `entry` announces; None while that is not known, unless it is `over`."""
        if entry.type != "error" or not _names_nothing(entry):
            return AnnouncedEnd.NONE
        coming = list(islice(self._waiting, 1, 1 + _LOOKED_AHEAD))
        over = over or len(coming) == _LOOKED_AHEAD
        if self._unheard:
            silent = _says_no_more(coming)
            if silent is None and not over:
                return None
            if silent or (silent is None and len(coming) < _LOOKED_AHEAD):
                return AnnouncedEnd.TURNED_DOWN
        going = _goes_away(coming)
        if going is None and not over:
            return None
        return AnnouncedEnd.GOES_AWAY if going else AnnouncedEnd.NONE


def _says_more(entry: Entry) -> bool:
    """Tell whether an entry is something else of the server than an `error` or an end."""
    return entry.dir == "server" and entry.kind in ("text", "binary") and entry.type != "error"


def _says_no_more(coming: Iterable[Entry]) -> bool | None:
    """Tell whether the server says nothing but errors up to the end; None where no end is there."""
    for entry in coming:
        if entry.kind == "close":
            return True
        if _says_more(entry):
            return False
    return None


def _names_nothing(error: Entry) -> bool:
    return error.dir == "server" and not text_of(dict_of(error.event, "error"), "event_id")


def _goes_away(coming: Iterable[Entry]) -> bool | None:
    """Tell whether the close that comes next says that the server goes away; None where none is there."""
    for entry in coming:
        if entry.kind == "close":
            code = (entry.detail or {}).get("code")
            return entry.dir == "server" and code in (_GOING_AWAY, _TRY_AGAIN_LATER)
        if entry.dir == "server" and entry.kind == "text" and entry.type not in _LAST_WORDS:
            return False
    return None
