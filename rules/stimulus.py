"""What the suite wrote beside a client event that it made up: which fault it has, and what is known of it.

The label stands in the entry's detail as `stimulus`: `path`, `operator` and `value` of a mutant, or the name
of a broken `frame`. With `expects: either`, nobody knows what a server is to do.
"""

from __future__ import annotations

from typing import Any

from rules.exchanges import Exchange, Expectation
from rules.subjects import dict_of, text_of
from wire.trace import Entry

UNKNOWN = Expectation("either", "stimulus")
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

    An event in fragments is the business of robustness/fragments-joined.
    """
    if (entry.detail or {}).get("fragments"):
        return IN_FRAGMENTS
    if stimulus(entry).get("expects") == "either" and owed not in (DISPUTED, FOREIGN):
        return UNKNOWN
    return owed


def is_frame(exchange: Exchange) -> bool:
    """Tell whether a made-up frame was sent as such: silence may be all the answer it gets."""
    return "frame" in dict_of(exchange.notes, "stimulus")


def notes_of(entry: Entry) -> dict[str, Any]:
    """Return the first notes of the exchange that a client event begins."""
    label = stimulus(entry)
    notes = {"stimulus": label} if label else {}
    fragments = (entry.detail or {}).get("fragments")
    return {**notes, "fragments": fragments} if fragments else notes


def name_of(exchange: Exchange) -> str:
    """Return what was wrong with a made-up client event: the operator, or the name of the frame."""
    label = dict_of(exchange.notes, "stimulus")
    return text_of(label, "operator") or text_of(label, "frame")
