"""Entries of conversations in which nobody looked at a clock."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from tests.rules.said import created
from wire.trace import Direction, Entry, EntryKind

USUAL = {"event_id": "e2", **created()[1]}
"""The `session.created` of a connection of which nothing else is said."""


def timed(said: list[tuple[Direction, EntryKind, Any, Any]]) -> Iterator[Entry]:
    """Yield what was said as entries: a tenth of a second apart, and what was waited for."""
    clock = 0.0
    for seq, (who, kind, event, detail) in enumerate(said, 1):
        shown = detail
        if kind == "deadline":
            clock += detail["waited_s"]
            shown = {"since": seq - 1, **{name: value for name, value in detail.items() if name != "since"}}
        if kind != "open":
            clock = clock + 0.1
        yield Entry(seq, clock, who, kind, event, shown)
