"""Fingerprints of findings: the same for one defect in every run, others for other defects.

What changes from run to run is left out: ids, numbers, times, positions, and whatever the server said in its
own words. What is left is which event and which field is wrong, and in which way.
"""

from __future__ import annotations

import functools
import hashlib
import re

_LENGTH = 12  # hexadecimal digits; 48 bits keep a few thousand defects apart
_SHOWN = 300

_QUOTED = re.compile(r'"[^"…]*["…]?' + r"|(?<!\w)'[^'…]*['…]?")
_BRACED = re.compile(r"\{.*\}?", re.DOTALL)
_LISTED = re.compile(r"\[[^\]]*\]?")
_NUMBERED = re.compile(
    r"[\w.+/=:@-]*\d[\w.+/=:@-]*"
)  # ids, counts and times have digits, the protocol's words none
_INDEX = re.compile(r"\[\d+\]")

_IDENTIFIER = re.compile(r"\b\w*_[A-Za-z0-9]{16,}\b")  # one that happens to have no digit

_CONSTANT = ("schema", "null-for-optional", "order")
"""Kinds of findings whose expectation is the same in every run, and says which of several it is."""

_ABSENT = ("nothing", "no ")


@functools.lru_cache(maxsize=4096)
def fingerprint(*, type_: str, path: str, expected: str, actual: str, message: str, kind: str = "") -> str:
    """Return the fingerprint of a finding, 12 hexadecimal digits."""
    place = _INDEX.sub("[]", path)
    # What is missing is noticed when something else comes, or when nothing does: that is chance.
    type_ = "" if actual.startswith(_ABSENT) and kind in ("", "order") else type_
    if kind in _CONSTANT:
        parts = (kind, type_, place, expected)
    else:
        parts = ("rule", type_, place, _constant(message))
    return hashlib.sha256("\x1f".join(parts).encode("utf-8", "replace")).hexdigest()[:_LENGTH]


def _constant(message: str) -> str:
    text = message[:_SHOWN]
    for pattern, instead in (
        (_QUOTED, '""'),
        (_BRACED, "{}"),
        (_LISTED, "[]"),
        (_NUMBERED, "#"),
        (_IDENTIFIER, "#"),
    ):
        text = pattern.sub(instead, text)
    return text
