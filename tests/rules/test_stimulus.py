"""What the suite wrote beside a client event, and what is owed for it then."""

from __future__ import annotations

from typing import Any

import pytest

from rules.exchanges import Exchange, Expectation
from rules.stimulus import (
    DISPUTED,
    FOREIGN,
    IN_FRAGMENTS,
    UNKNOWN,
    is_frame,
    name_of,
    notes_of,
    stimulated,
)
from wire.trace import Entry

OWED = Expectation("accept")
MUTANT = {"path": "session.type", "operator": "wrong-type"}
FRAME = {"frame": "not-json"}


def beside(**detail: Any) -> Entry:
    return Entry(2, 0.1, "client", "text", {"type": "input_audio_buffer.clear"}, detail or None)


@pytest.mark.parametrize(
    ("owed", "entry", "then"),
    [
        (OWED, beside(), OWED),
        (OWED, beside(stimulus=MUTANT), OWED),
        (OWED, beside(stimulus={**MUTANT, "expects": "either"}), UNKNOWN),
        (DISPUTED, beside(stimulus={**MUTANT, "expects": "either"}), DISPUTED),
        (FOREIGN, beside(stimulus={**MUTANT, "expects": "either"}), FOREIGN),
        (OWED, beside(fragments=3), IN_FRAGMENTS),
        (OWED, beside(fragments=0), OWED),
    ],
)
def test_what_is_owed(owed: Expectation, entry: Entry, then: Expectation) -> None:
    assert stimulated(owed, entry) == then


@pytest.mark.parametrize(
    ("entry", "notes", "name", "framed"),
    [
        (beside(), {}, "", False),
        (beside(stimulus=MUTANT), {"stimulus": MUTANT}, "wrong-type", False),
        (beside(stimulus=FRAME), {"stimulus": FRAME}, "not-json", True),
        (beside(fragments=3), {"fragments": 3}, "", False),
        (beside(stimulus=MUTANT, fragments=3), {"stimulus": MUTANT, "fragments": 3}, "wrong-type", False),
    ],
)
def test_what_is_noted(entry: Entry, notes: dict[str, Any], name: str, framed: bool) -> None:
    assert notes_of(entry) == notes
    exchange = Exchange(entry.type, entry.event or {}, entry.seq, notes=notes_of(entry))
    assert name_of(exchange) == name
    assert is_frame(exchange) == framed
