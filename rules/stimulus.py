"""What the suite wrote beside a client event that it made up: which fault it has, and what is known of it.

The label stands in the entry's detail as `stimulus`: `path`, `operator` and `value` of a mutant, or the name
of a broken `frame`. With `expects: either`, nobody knows what a server is to do.
"""

from __future__ import annotations

from typing import Any

from rules.exchange import Expectation
from rules.subjects import dict_of, text_of
from rules.views import ExchangeView
from wire.trace import Entry

UNKNOWN_STIMULUS = Expectation("either", "stimulus")
DISPUTED = Expectation("either", "disputed")
"""For a client event that one contract allows and another does not."""
FOREIGN = Expectation("either", "foreign")
"""For a type of client event that only somebody else's AsyncAPI document has: it may not even be answered."""
IN_FRAGMENTS = Expectation("either", "fragments")


def stimulus(entry: Entry) -> dict[str, Any]:
    """Return the label of a client event, empty where it has none."""
    return dict_of(entry.detail, "stimulus")


def stimulated(owed: Expectation, entry: Entry) -> Expectation:
    """Return what is owed for a client event, given its label.

    Of an event in fragments nobody knows whether a server can read it at all.
    """
    if (entry.detail or {}).get("fragments"):
        return IN_FRAGMENTS
    if stimulus(entry).get("expects") == "either" and owed not in (DISPUTED, FOREIGN):
        return UNKNOWN_STIMULUS
    return owed


def is_frame(exchange: ExchangeView) -> bool:
    """Tell whether a made-up frame was sent as such: silence may be all the answer it gets."""
    return "frame" in exchange.stimulus


def fragments_of(entry: Entry) -> int:
    """Return in how many WebSocket fragments a client event was sent, 0 for one frame."""
    return int((entry.detail or {}).get("fragments") or 0)


def stimulus_name(exchange: ExchangeView) -> str:
    """Return what was wrong with a made-up client event: the operator, or the name of the frame."""
    return text_of(exchange.stimulus, "operator") or text_of(exchange.stimulus, "frame")
