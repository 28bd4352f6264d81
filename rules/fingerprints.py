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

_BY_SCHEMA = ("schema", "null-for-optional")
_ABSENT = ("nothing", "no ")


@functools.lru_cache(maxsize=4096)
def fingerprint(*, type_: str, path: str, expected: str, actual: str, message: str, kind: str = "") -> str:
    """Return the fingerprint of a finding, 12 hexadecimal digits."""
    place = _INDEX.sub("[]", path)
    if kind in _BY_SCHEMA:
        # What a schema expects is a constant; the message shows the value that came.
        parts = (kind, type_, place, expected)
    else:
        # What is missing is noticed when something else comes, or when nothing does: that is chance.
        type_ = "" if actual.startswith(_ABSENT) else type_
        parts = ("rule", type_, place, _constant(message))
    return hashlib.sha256("\x1f".join(parts).encode("utf-8", "replace")).hexdigest()[:_LENGTH]


def _constant(message: str) -> str:
    text = message[:_SHOWN]
    for pattern, instead in ((_QUOTED, '""'), (_BRACED, "{}"), (_LISTED, "[]"), (_NUMBERED, "#")):
        text = pattern.sub(instead, text)
    return text
