"""Names that are one field in two spellings: `voiceId` and `voice_id`, of which JSON of gRPC takes either."""

from __future__ import annotations

from collections.abc import Iterable


def one_spelling(name: str) -> str:
    """Return what is the same for all spellings of `name`."""
    return name.replace("_", "").lower()


def by_spelling(names: Iterable[str]) -> dict[str, list[str]]:
    """Return `names` by what they mean: one list for each field, its spellings in the order of `names`."""
    found: dict[str, list[str]] = {}
    for name in names:
        found.setdefault(one_spelling(name), []).append(name)
    return found
