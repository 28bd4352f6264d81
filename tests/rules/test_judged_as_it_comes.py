"""A connection that is judged entry by entry, as it comes, is judged as its whole capture is."""

from __future__ import annotations

from collections.abc import Iterable

import pytest

from protocol.dialect import DialectName
from rules.connections import connections
from rules.live_connection import LiveConnection
from rules.verdicts import Tally
from tests.rules.judged_traces import book, traces
from tests.rules.test_small_traces import ROWS
from wire.trace import Entry, Trace, in_root_words


class _Looking:
    """Counts what it is told of."""

    def __init__(self) -> None:
        self.entries = self.exchanges = 0

    def on_entry(self, _: Entry) -> None:
        self.entries += 1

    def on_exchange(self, _: object) -> None:
        self.exchanges += 1


def _as_it_comes(dialect: DialectName, parts: Iterable[Trace], looking: _Looking) -> dict[str, Tally]:
    counted: dict[str, Tally] = {}
    for part in parts:
        live = LiveConnection(book(dialect), part.name, part.header, looking, whole=part.whole)
        for entry in part:
            live.take(entry)
        for id_, tally in live.finish().items():
            counted.setdefault(id_, Tally()).add(tally)
    return counted


def _alike(dialect: DialectName, trace: Trace) -> None:
    whole, live = _Looking(), _Looking()
    known = book(dialect).judge(trace, whole)
    # Where one connection ends, and the next begins, is not asked here.
    words = book(dialect).dialect.words
    parts: Iterable[Trace] = [trace] if words else connections(in_root_words(trace, words))
    assert _as_it_comes(dialect, parts, live) == known
    assert (live.entries, live.exchanges) == (whole.entries, whole.exchanges)


@pytest.mark.parametrize("part", range(8))
def test_small_traces(part: int) -> None:
    rows = list(ROWS.values())[part::8]
    assert len(rows) > 100
    for row in rows:
        _alike(row.dialect, row.trace)


@pytest.mark.parametrize("dialect", ["openai", "inworld", "azure-voice-live"])
def test_whole_conversations(dialect: DialectName) -> None:
    some = traces(dialect)[::5]
    assert len(some) > 5
    for trace in some:
        _alike(dialect, trace)
