"""What the registry says of yielding happens: each of its pairs explains something, in some dialect.

Looked for in all small traces, and in the good traces as each fault of the reference server changes them.
"""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from reference.faults import FAULTS
from rules.requirements import registry
from rules.verdicts import Tally
from tests.rules.judged_traces import book, changed
from tests.rules.scripts import DIALECTS
from tests.rules.test_small_traces import ROWS

Pair = tuple[str, str]
"""A requirement, and the one whose finding explains its violation."""


def declared() -> set[Pair]:
    return {(entry.id, each.id) for entry in registry() for each in entry.yields_to}


def _explained(tallies: dict[str, Tally]) -> Iterator[Pair]:
    for id_, tally in tallies.items():
        yield from ((id_, by) for by, number in tally.explained.items() if number)


def _applied() -> set[Pair]:
    found: set[Pair] = set()
    for row in ROWS.values():
        for dialect in DIALECTS:
            found |= set(_explained(book(dialect).judge(row.trace)))
    for fault in FAULTS.values():
        for dialect in (d for d in DIALECTS if d in fault.dialects):
            for trace in changed(dialect, fault):
                found |= set(_explained(book(dialect).judge(trace)))
    return found


@pytest.mark.long
def test_each_yielding_that_is_declared_applies_somewhere() -> None:
    idle = declared() - _applied()
    assert sorted(f"{id_} to {by}" for id_, by in idle) == []
