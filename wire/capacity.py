"""Tells why a server turns somebody away: it has no room at the moment, or the account has nothing left.

Servers say both in words of their own, so these are looked for in code, type and message of an error.
"""

from __future__ import annotations

import re
from typing import Any

from protocol.event_types import Event
from wire.frames import event_of

_BUSY_STATUS = frozenset((429, 503))
_BUSY_CODES = frozenset((1008, 1013))
_PAYMENT_REQUIRED = 402

_BUSY = re.compile(
    r"session[ _-]?limit|(session|connection)s?\W+(limit|quota)|limit[ _-]?(was )?(reached|exceeded)"
    r"|too[ _-]?many|rate[ _-]?limit|capacity|overload|concurren|at (its|the) max|max(imum|[ _-])?\W*"
    r"(number of )?\W*(active |open |realtime )?(sessions|connections)|\bbusy\b|server_busy|no free slot"
    r"|resource[ _-]?exhausted|service[ _-]?unavailable|try again later",
    re.IGNORECASE,
)
_QUOTA = re.compile(
    r"insufficient_(quota|balance|credits?|funds)|billing_(hard_limit_reached|not_active|limit\w*)"
    r"|quota_(exceeded|exhausted)|(credits?|balance)_(exhausted|depleted|insufficient)|account_(deactivated|suspended)"
    r"|exceeded your current quota",
    re.IGNORECASE,
)


def refused_for_room(status: int) -> str:
    """Return how an answer with HTTP `status` says that there is no room; empty where it does not."""
    return f"HTTP {status}" if status in _BUSY_STATUS else ""


def closed_for_room(code: int | None) -> str:
    """Return how a close with `code` says that there is no room; empty where it does not."""
    return f"close {code}" if code in _BUSY_CODES else ""


def error_for_room(event: Event) -> str:
    """Return how an `error` event says that there is no room; empty for what says something else."""
    if event.get("type") != "error":
        return ""
    error = event.get("error")
    code, type_, message = _words(error)
    if not _BUSY.search(f"{code} {type_} {message}") or _ended((code, type_, message)):
        return ""
    return f"error {code or type_}" if code or type_ else "error"


def quota_ended(event: Event) -> str:
    """Return what an event says of a quota that has ended, empty where it says nothing of that kind.

    It is an `error`, or a `response.done` that failed because of it.
    """
    match event.get("type"):
        case "error":
            return _ended(_words(event.get("error")))
        case "response.done":
            response = event.get("response")
            details = response.get("status_details") if isinstance(response, dict) else None
            return _ended(_words(details.get("error"))) if isinstance(details, dict) else ""
    return ""


def quota_ended_in(status: int, body: str) -> str:
    """Return what an HTTP answer says of a quota that has ended, empty where it says nothing of that kind."""
    told = event_of(body) or {}
    said = _ended(_words(told.get("error", told)))
    return said or (f"HTTP {status}" if status == _PAYMENT_REQUIRED else "")


def _words(error: Any) -> tuple[str, str, str]:
    """Return code, type and message of an error, empty strings for what it does not say."""
    if isinstance(error, str):
        return "", "", error
    if not isinstance(error, dict):
        return "", "", ""
    found = (error.get("code"), error.get("type"), error.get("message"))
    code, type_, message = (each if isinstance(each, str) else "" for each in found)
    return code, type_, message


def _ended(words: tuple[str, str, str]) -> str:
    named = next((word for word in words if _QUOTA.search(word)), "")
    return ": ".join(dict.fromkeys(w for w in (words[0] or named, words[2]) if w)) if named else ""
