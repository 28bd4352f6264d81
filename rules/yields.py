"""One defect is one finding: which violation explains which.

A requirement's entry says to whose findings it yields, and where (`yields_to` in the registry):

* `event`: both are about the same entry of the trace, and about places in it of which one holds the other;
* `subject`: both are about the same response, item, part or stream, or the one lies within the other;
* `exchange`: both are about the same client event.

A violation that yields is *explained*: it no longer counts for its own requirement. This is decided once for
a connection, before anything is merged, from the keys of the violations alone. A requirement yields only to
one of the same or a higher level, so that no MUST hides behind a recommendation; and only to findings that
count, so that nothing hides behind what a baseline knows or nobody asked for.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from graphlib import TopologicalSorter

from rules.records import Record, ViolationRecorder, note
from rules.related_findings import relatives
from rules.requirements import Registry, Requirement, Yield
from rules.verdicts import LEVELS, Finding, Tally


@dataclass(frozen=True, slots=True)
class Uncounted:
    """Findings that do not count.

    Those of requirements `left_out`, those `known`, by their fingerprints, and what is newer than the profile
    of the version `as_of` (`rules.profiles`); an empty one is today's. Unless `strict`, what is known
    is known in other events, too.
    """

    left_out: frozenset[str] = frozenset()
    known: Mapping[str, Collection[str]] = field(default_factory=dict)
    as_of: str = ""
    strict: bool = False

    def holds(self, requirement: str, record: Record) -> bool:
        """Tell whether all of `record` is of no account."""
        if requirement in self.left_out:
            return True
        known = self.known.get(requirement, ())
        return bool(known) and all(self._is_among(known, each) for each in record.findings)

    def _is_among(self, known: Collection[str], finding: Finding) -> bool:
        if finding.fingerprint in known:
            return True
        return not (self.strict or relatives(finding.kind, finding.path).isdisjoint(known))


class Yields:
    """Who yields to whom in one dialect, in an order in which each comes after those it yields to."""

    def __init__(self, entries: Registry, dialect: str) -> None:
        judged = {e.id: e for e in entries.ruled(dialect)}
        self.by_id: dict[str, tuple[Yield, ...]] = {}
        for id_ in _in_order(judged):
            entry = judged[id_]
            mine = LEVELS.index(entry.level[dialect])
            found = tuple(
                each
                for each in entry.yields_to
                if each.id in judged and LEVELS.index(judged[each.id].level[dialect]) <= mine
            )
            if found:
                self.by_id[id_] = found
        self.concerned = frozenset(self.by_id) | {y.id for each in self.by_id.values() for y in each}


def _in_order(entries: Mapping[str, Requirement]) -> list[str]:
    """Return the ids of `entries` so that each comes after those it yields to."""
    after = {id_: [each.id for each in entry.yields_to] for id_, entry in entries.items()}
    return [id_ for id_ in TopologicalSorter(after).static_order() if id_ in entries]


class _Seen:
    """The keys of one requirement's violations that count."""

    __slots__ = ("events", "exchanges", "holders", "owns")

    def __init__(self, records: Iterable[Record]) -> None:
        self.events: dict[int, list[str]] = defaultdict(list)
        self.exchanges: set[int] = set()
        self.owns: set[str] = set()
        self.holders: set[str] = set()
        for record in records:
            self.events[record.event] += [each.path for each in record.findings]
            if record.exchange:
                self.exchanges.add(record.exchange)
            self.owns.update(record.subjects[:1])
            self.holders.update(record.subjects)

    def explains(self, record: Record, path: str, where: str) -> bool:
        """Tell whether one of these violations is about the same as `record`, at `path` of its event."""
        if where == "event":
            return any(overlap(path, other) for other in self.events.get(record.event, ()))
        if where == "exchange":
            return record.exchange in self.exchanges
        own = record.subjects[:1]
        return bool(own) and (own[0] in self.holders or not self.owns.isdisjoint(record.subjects))


def overlap(one: str, other: str) -> bool:
    """Tell whether one of two paths in an event leads to the other, or beyond it; none means the whole."""
    shorter, longer = sorted((one, other), key=len)
    return longer.startswith(shorter) and (not shorter or longer[len(shorter) :][:1] in ("", ".", "["))


def let_explained_go(recorder: ViolationRecorder, yields: Yields, uncounted: Uncounted) -> dict[str, Tally]:
    """Return what `recorder` counted, with the violations explained that yield to others."""
    seen: dict[str, _Seen] = {}
    tallies = recorder.tallies
    for id_ in _relevant(recorder, yields):
        records, counting = recorder.records.get(id_, []), []
        tally = tallies[id_]
        last = ""
        for record in records:
            standing, last = _standing(record, yields.by_id.get(id_, ()), seen)
            if standing:
                note(tally, standing)
            else:
                _explained(tally, last)
            if not (standing and uncounted.holds(id_, record)):
                counting.append(record)
        more = recorder.more.get(id_, 0)
        if more and last:  # what is too much to be told apart goes the way of the last that was
            _explained(tally, last, more)
        seen[id_] = _Seen(counting)
    return tallies


def _relevant(recorder: ViolationRecorder, yields: Yields) -> list[str]:
    """Return the requirements whose violations were kept, each after those it yields to."""
    first = [id_ for id_ in recorder.records if id_ not in yields.by_id]
    return first + [id_ for id_ in yields.by_id if id_ in recorder.records]


def _standing(
    record: Record, yields: Iterable[Yield], seen: Mapping[str, _Seen]
) -> tuple[tuple[Finding, ...], str]:
    """Return those findings of `record` that nothing explains, and what explains the last of the others."""
    standing, by = [], ""
    for finding in record.findings:
        found = next(
            (y.id for y in yields if y.id in seen and seen[y.id].explains(record, finding.path, y.where)),
            "",
        )
        if found:
            by = found
        else:
            standing.append(finding)
    return tuple(standing), by


def _explained(tally: Tally, by: str, number: int = 1) -> None:
    tally.subjects -= number
    tally.violations -= number
    tally.explained[by] += number
