"""Findings that differ in nothing but the type of their event: one defect, seen in another place."""

from __future__ import annotations

import functools

from rules.fingerprints import fingerprint
from rules.requirements import registry

_PAYLOAD = "payload/"


@functools.lru_cache(maxsize=1024)
def relatives(kind: str, path: str) -> frozenset[str]:
    """Return the fingerprints of findings of `kind` at `path` in all events that a server may send."""
    return frozenset(fingerprint(kind, type_, path) for type_ in _types())


@functools.cache
def _types() -> tuple[str, ...]:
    """Return the types of events that a server may send, and the empty one of what never came."""
    return ("", *(id_.removeprefix(_PAYLOAD) for id_ in registry().by_id if id_.startswith(_PAYLOAD)))
