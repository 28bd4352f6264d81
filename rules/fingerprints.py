"""Fingerprints of findings: the same for one defect in every run, others for other defects.

What changes from run to run is left out: ids, numbers, times, positions, and whatever the server said in its
own words; and so is every sentence of ours, which may be improved. What is left is the kind of the finding,
which event it is about, and which field.
"""

from __future__ import annotations

import functools
import hashlib
import re

_LENGTH = 12  # hexadecimal digits; 48 bits keep a few thousand defects apart
_INDEX = re.compile(r"\[\d+\]")
_NUMBERED = re.compile(r"[\w+/=:@-]*\d[\w+/=:@-]*")  # ids have digits, the protocol's words none

WITHOUT_EVENT = ("missing", "unanswered")
"""Kinds of findings about what did not come: whether something else or nothing at all came is chance."""


@functools.lru_cache(maxsize=4096)
def fingerprint(kind: str, type_: str, path: str) -> str:
    """Return the fingerprint of a finding of `kind`, 12 hexadecimal digits."""
    place = _NUMBERED.sub("#", _INDEX.sub("[]", path))
    if kind.partition("#")[2].partition(":")[0] in WITHOUT_EVENT:
        type_ = ""
    return hashlib.sha256(f"{kind}\x1f{type_}\x1f{place}".encode("utf-8", "replace")).hexdigest()[:_LENGTH]
