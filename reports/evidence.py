"""Evidence: what of a trace is shown beside a finding.

An excerpt holds the entries around the offending one and around those that made the obligation; the rest is
folded into a line that says what was left out. Long values are summarised, audio is never dumped: a report
on three hundred traces must stay small enough to mail.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

from reports.escaping import visible
from reports.shortening import short
from rules.verdicts import Finding

_AROUND = 4  # steps shown on each side of an offending entry
_BESIDE = 1  # and of one that made the obligation
_TEXT = 240  # characters of a type or name that are shown

BUDGET = 7_000_000
"""Characters of payloads in one report. What comes later is shown without payloads."""


class SeenEntry(Protocol):
    """An entry of a trace, as `wire.trace` holds it."""

    @property
    def seq(self) -> int: ...
    @property
    def t(self) -> float | None: ...
    @property
    def dir(self) -> str: ...
    @property
    def kind(self) -> str: ...
    @property
    def type(self) -> str: ...
    @property
    def event(self) -> dict[str, Any] | None: ...
    @property
    def detail(self) -> dict[str, Any] | None: ...


@dataclass(frozen=True, slots=True)
class ShownEntry:
    """One entry as it is shown.

    `payload` is the event, or what else is known of it; shortened, and None beyond the budget.
    """

    seq: int
    t: float | None
    dir: str
    kind: str
    type: str
    payload: Any


@dataclass(frozen=True, slots=True)
class EvidenceRow:
    """A line of an excerpt: one entry (`count` is 1), or a fold of several, of the types named."""

    first: int
    last: int
    count: int
    types: tuple[str, ...] = ()


Key = tuple[str, tuple[int, ...], tuple[int, ...]]


@dataclass(slots=True)
class Evidence:
    """The excerpts of a report. `entries` are shared by all findings in a trace; `files` says where it is.

    `lines` says by trace on which line of its file entry 0 would stand, where the file has a line an entry.
    """

    entries: dict[str, dict[int, ShownEntry]] = field(default_factory=dict)
    rows: dict[Key, tuple[EvidenceRow, ...]] = field(default_factory=dict)
    files: dict[str, str] = field(default_factory=dict)
    lines: dict[str, int] = field(default_factory=dict)
    spent: int = 0

    def line(self, trace: str, seq: int) -> int | None:
        """Return the line of its file on which entry `seq` of `trace` stands, None where it has none."""
        first = self.lines.get(trace)
        return None if first is None else first + seq

    def of(self, finding: Finding) -> tuple[EvidenceRow, ...]:
        """Return the excerpt for `finding`, empty where its trace is not at hand."""
        return self.rows.get(key(finding), ())


def key(finding: Finding) -> Key:
    """Return what tells the excerpt of one finding from another's."""
    return finding.trace, finding.seqs, finding.because


def excerpt(evidence: Evidence, trace: Iterable[SeenEntry], findings: Sequence[Finding]) -> None:
    """Add to `evidence` what `findings`, all of one trace, need of it. `trace` is iterated over twice."""
    marked = {s for f in findings for s in (*f.seqs, *f.because)}
    units = _units(trace, marked)
    wanted: set[int] = set()
    for finding in findings:
        rows = tuple(_rows(units, finding))
        evidence.rows[key(finding)] = rows
        wanted |= {r.first for r in rows if r.count == 1}
    entries = evidence.entries.setdefault(findings[0].trace, {})
    for entry in trace:
        if entry.seq in wanted and entry.seq not in entries:
            shown = _shown(entry, afford=evidence.spent < BUDGET)
            evidence.spent += _size(shown.payload)
            entries[entry.seq] = shown


def _units(trace: Iterable[SeenEntry], marked: set[int]) -> list[EvidenceRow]:
    """Return the trace as steps: one an entry, but a run of deltas or of audio is one step."""
    units: list[EvidenceRow] = []
    for entry in trace:
        type_ = visible(entry.type)[:_TEXT] or entry.kind
        runs = type_.endswith((".delta", ".append")) and entry.seq not in marked
        last = units[-1] if units else None
        if runs and last is not None and last.types == (type_,) and last.last not in marked:
            units[-1] = EvidenceRow(last.first, entry.seq, last.count + 1, last.types)
        else:
            units.append(EvidenceRow(entry.seq, entry.seq, 1, (type_,)))
    return units


def _rows(units: Sequence[EvidenceRow], finding: Finding) -> Iterable[EvidenceRow]:
    where = {unit.first: index for index, unit in enumerate(units) if unit.count == 1}
    near: set[int] = set()
    for seqs, reach in ((finding.seqs, _AROUND), (finding.because, _BESIDE)):
        for seq in seqs:
            index = where.get(seq)
            if index is not None:
                near |= set(range(max(0, index - reach), min(len(units), index + reach + 1)))
    index = 0
    while index < len(units):
        if index in near:
            yield units[index]
            index += 1
            continue
        begun = index
        while index < len(units) and index not in near:
            index += 1
        left_out = units[begun:index]
        types = tuple(dict.fromkeys(t for u in left_out for t in u.types))
        yield EvidenceRow(left_out[0].first, left_out[-1].last, sum(u.count for u in left_out), types[:4])


def _shown(entry: SeenEntry, *, afford: bool) -> ShownEntry:
    payload: Any = entry.event if entry.event is not None else entry.detail
    brief = short(payload, entry.type) if afford and payload else None
    return ShownEntry(entry.seq, entry.t, entry.dir, entry.kind, visible(entry.type)[:_TEXT], brief)


def _size(payload: Any) -> int:
    """Return about how many characters `payload` has as JSON."""
    if isinstance(payload, dict):
        return sum(len(k) + 4 + _size(v) for k, v in payload.items()) + 2
    if isinstance(payload, list):
        return sum(1 + _size(v) for v in payload) + 2
    return len(payload) + 2 if isinstance(payload, str) else 6


def plain_data(evidence: Evidence, findings: Mapping[str, Sequence[Finding]]) -> dict[str, Any]:
    """Return what the page's script draws from: entries by trace, excerpts by the id of the place they go."""
    types: dict[str, int] = {}

    def number(type_: str) -> int:
        return types.setdefault(type_, len(types))

    traces = {
        name: {
            "file": evidence.files.get(name, ""),
            "entries": {e.seq: [e.t, e.dir[:1], e.kind, number(e.type), e.payload] for e in entries.values()},
        }
        for name, entries in evidence.entries.items()
    }
    places = {
        f"{place}~{index}": {
            "trace": finding.trace,
            "path": visible(finding.path),
            "bad": list(finding.seqs),
            "because": list(finding.because),
            "rows": [
                r.first if r.count == 1 else [r.first, r.last, r.count, [number(t) for t in r.types]]
                for r in evidence.of(finding)
            ],
        }
        for place, listed in findings.items()
        for index, finding in enumerate(listed)
        if evidence.of(finding)
    }
    return {"types": list(types), "traces": traces, "places": places}
