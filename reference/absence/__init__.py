"""The catalogue of absence: what a server can leave out, and how it can end, fall silent or say too much.

It is generated from the AsyncAPI documents and the tables of flows, layers and ends, and stands beside the
fault catalogue, whose entries each break one promise: one of these may break many, or none.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from reference.absence.connection_ends import connection_ends
from reference.absence.left_out import left_out
from reference.absence.unasked import unasked
from reference.differences import Difference, by_name

KINDS_OF_ABSENCE: Mapping[str, str] = MappingProxyType(
    {
        "absent": "an event type is never sent",
        "unanswered": "a client event is never answered",
        "without": "a layer is left out",
        "dies": "a valid client event ends the connection",
        "closes-at": "the connection is closed at a step",
        "silent-at": "the server falls silent at a step",
        "refused": "the session is refused",
        "unasked": "an event comes that nothing asked for",
        "twice": "each event of a type comes twice",
        "after-end": "an event comes again after its end",
    }
)
"""The kinds of absence, by the first part of their names."""

ABSENCE: Mapping[str, Difference] = MappingProxyType(by_name([*left_out(), *connection_ends(), *unasked()]))
"""All of them by their names."""


def kind_of_absence(name: str) -> str:
    """Return the kind of absence that a name stands for."""
    return name.partition(":")[0]
