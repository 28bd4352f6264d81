"""Judges traces of servers that differ: what a fault kills, and whether a variant is tolerated."""

from __future__ import annotations

import itertools
import os
from collections.abc import Iterator, Mapping, Sequence
from functools import cache

from protocol.catalogue import dialect_of
from protocol.dialect import DialectName
from reference.alterations import StepFactory
from reference.differences import Difference
from reference.providers import PROFILES
from rules.engine import Rulebook
from rules.requirements import registry
from rules.rulebook import rulebook
from rules.verdicts import Level, Tally
from tests.rules.good import good
from tests.rules.replayed_traces import knock, replay
from wire.trace import Entry, RecordedTrace

SAMPLE = int(os.environ.get("KILL_MATRIX_SAMPLE", "10"))
"""So many of the good traces that a difference changes are judged, evenly chosen where there are more."""


@cache
def book(dialect: DialectName) -> Rulebook:
    return rulebook(dialect)


@cache
def traces(dialect: DialectName) -> tuple[RecordedTrace, ...]:
    """Return the good traces, as a client that waited at their end would have recorded them."""
    return tuple(_served(dialect, trace) for _, trace in sorted(good(dialect).items()))


def _served(dialect: DialectName, trace: RecordedTrace, changes: Sequence[StepFactory] = ()) -> RecordedTrace:
    """Return a good trace as it is on the wire: with changes, the habits of the profile, and its words."""
    told, words = replay(trace, [*changes, *PROFILES[dialect].habits]), dialect_of(dialect).words
    if not words:
        return told
    entries = [e if e.event is None else e._replace(event=words.event(e.event)) for e in told]
    return RecordedTrace(told.name, entries, told.header)


def changed(dialect: DialectName, difference: Difference, sample: int = SAMPLE) -> list[RecordedTrace]:
    """Return good traces as a server with a difference would have made them, where it makes one."""
    return list(itertools.islice(_changed(dialect, difference, sample), sample))


def _changed(dialect: DialectName, difference: Difference, sample: int) -> Iterator[RecordedTrace]:
    places = list(range(len(traces(dialect))))
    step = max(1, len(places) // sample)
    in_turn = [place for start in range(step) for place in places[start::step]]
    for place in in_turn:
        trace = traces(dialect)[place]
        if difference.door is not None:
            other = knock(trace, difference.door)
        elif _concerns(difference, dialect, place):
            other = _served(dialect, good(dialect)[trace.name], difference.changes)
        else:
            continue
        if _said(other) != _said(trace):
            yield other


def _concerns(difference: Difference, dialect: DialectName, place: int) -> bool:
    """Tell whether a change can concern a trace at all, by the types of its events."""
    names = _types(dialect)[place]
    return any(_meant(change, names) for change in difference.changes)


def _meant(change: object, names: frozenset[str]) -> bool:
    types = getattr(change, "types", None)
    return not isinstance(types, str) or "*" in types or bool(names & set(types.split()))


@cache
def _types(dialect: DialectName) -> tuple[frozenset[str], ...]:
    told = [trace for _, trace in sorted(good(dialect).items())]
    return tuple(frozenset(e.type or "" for e in trace if e.dir == "server") for trace in told)


def _said(trace: RecordedTrace) -> list[tuple[object, ...]]:
    return [(e.dir, e.kind, e.event, _ending(e)) for e in trace]


def _ending(entry: Entry) -> object:
    return entry.detail if entry.kind in ("open", "refusal", "close") else None


def violated(dialect: DialectName, trace: RecordedTrace) -> Iterator[tuple[str, Tally]]:
    """Yield the requirements that a trace violates, where they are judged, with what was counted."""
    for id_, tally in book(dialect).judge(trace).items():
        entry = registry().by_id.get(id_)
        assert not tally.errors, f"{id_}: {tally.errors[0]}"
        if entry is not None and tally.violations and _binding(entry.level, dialect):
            yield id_, tally


def _binding(level: Mapping[str, Level], dialect: DialectName) -> bool:
    return level.get(dialect) in (Level.MUST, Level.SHOULD)


def kills(dialect: DialectName, difference: Difference) -> dict[str, str]:
    """Return the requirements that a difference violates in good traces, with the first finding of each."""
    found: dict[str, str] = {}
    together: dict[str, Tally] = {}
    for trace in changed(dialect, difference):
        for id_, tally in violated(dialect, trace):
            found.setdefault(id_, _told(tally))
        for id_, tally in book(dialect).judge(trace).items():
            if tally.recurring:
                together.setdefault(id_, Tally()).add(tally)
    for id_, tally in together.items():
        if tally.settled().violations:
            found.setdefault(id_, _told(tally.settled()))
    return found


def violates(dialect: DialectName, difference: Difference, requirement: str, sample: int = SAMPLE) -> bool:
    """Tell whether a difference violates a requirement in good traces; judge no more of them than needed."""
    together = Tally()
    for trace in itertools.islice(_changed(dialect, difference, sample), sample):
        together.add(book(dialect).judge(trace).get(requirement, Tally()))
        if together.violations:
            return True
    return bool(together.settled().violations)


def _told(tally: Tally) -> str:
    first = tally.findings[0]
    said = f"(expected {first.expected[:80]}, got {first.actual[:80]})"
    return f"{first.trace} #{first.seqs[0]}: {first.message} {said}"


def binding(dialect: DialectName) -> set[str]:
    """Return the requirements that can fail, or warn of, a server in a dialect."""
    return {e.id for e in registry().judged(dialect) if _binding(e.level, dialect)}
