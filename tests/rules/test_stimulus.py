"""What the suite wrote beside a client event, and what is owed for it then."""

from __future__ import annotations

from typing import Any

import pytest

from rules.exchange import Exchange, Expectation
from rules.stimulus import (
    DISPUTED,
    FOREIGN,
    IN_FRAGMENTS,
    UNKNOWN_STIMULUS,
    fragments_of,
    is_frame,
    stimulated,
    stimulus,
    stimulus_name,
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
        (OWED, beside(stimulus={**MUTANT, "expects": "either"}), UNKNOWN_STIMULUS),
        (DISPUTED, beside(stimulus={**MUTANT, "expects": "either"}), DISPUTED),
        (FOREIGN, beside(stimulus={**MUTANT, "expects": "either"}), FOREIGN),
        (OWED, beside(fragments=3), IN_FRAGMENTS),
        (OWED, beside(fragments=0), OWED),
    ],
)
def test_what_is_owed(owed: Expectation, entry: Entry, then: Expectation) -> None:
    assert stimulated(owed, entry) == then


@pytest.mark.parametrize(
    ("entry", "label", "fragments", "name", "framed"),
    [
        (beside(), {}, 0, "", False),
        (beside(stimulus=MUTANT), MUTANT, 0, "wrong-type", False),
        (beside(stimulus=FRAME), FRAME, 0, "not-json", True),
        (beside(fragments=3), {}, 3, "", False),
        (beside(stimulus=MUTANT, fragments=3), MUTANT, 3, "wrong-type", False),
    ],
)
def test_what_is_noted(entry: Entry, label: dict[str, Any], fragments: int, name: str, framed: bool) -> None:
    assert (stimulus(entry), fragments_of(entry)) == (label, fragments)
    exchange = Exchange(entry.type, entry.event or {}, entry.seq, stimulus=stimulus(entry))
    assert stimulus_name(exchange) == name
    assert is_frame(exchange) == framed
