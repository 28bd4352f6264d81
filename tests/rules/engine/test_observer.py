"""An observer of the judge: what it is told, and that nothing depends on it."""

from __future__ import annotations

from dataclasses import dataclass, field

from rules.case import ExchangeCase
from tests.rules.judged_traces import book
from tests.rules.said import CLEAR, CLEARED, client, created, error, hangs_up, trace
from wire.trace import Entry

APPEND = client("input_audio_buffer.append", audio="AAAA")
UNKNOWN = client("nobody.knows", event_id="u")
SPOKEN = trace(created(), APPEND, CLEAR, CLEARED, UNKNOWN, error("u"), CLEAR, hangs_up(1000))


@dataclass
class Noting:
    """Notes all that it is told."""

    entries: list[Entry] = field(default_factory=list)
    exchanges: list[tuple[int, str, int]] = field(default_factory=list)

    def on_entry(self, entry: Entry) -> None:
        self.entries.append(entry)

    def on_exchange(self, case: ExchangeCase) -> None:
        self.exchanges.append((case.exchange.seq, case.exchange.outcome, case.entry.seq))


def test_an_observer_is_told_of_each_entry_and_of_each_client_event_once() -> None:
    noting = Noting()
    book("openai").judge(SPOKEN, noting)
    assert noting.entries == SPOKEN.entries
    assert noting.exchanges == [
        (3, "accepted", 3),  # owed nothing
        (4, "accepted", 5),
        (6, "refused", 7),
        (8, "lost", 9),
    ]


def test_an_observer_changes_no_verdict() -> None:
    assert book("openai").judge(SPOKEN, Noting()) == book("openai").judge(SPOKEN)
