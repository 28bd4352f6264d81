"""Gathers from traces what reports show besides verdicts: statistics while judging, excerpts afterwards."""

from __future__ import annotations

import contextlib
import functools
import os
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from protocol.event_types import Event
from realtime_conformance.application.turn_times import ENDS_OF_SPEECH, TurnTimes
from reports.evidence import Evidence, excerpt
from reports.model import Report
from reports.statistics import OTHER, Statistics
from rules.case import ExchangeCase
from rules.engine import Rulebook
from rules.subjects import dict_of, text_of
from rules.verdicts import Finding, Verdict
from schemas.bundle import Bundle, Schema
from schemas.contract import Contract, EventSchema
from schemas.message_types import resolve
from wire.trace import Entry, Trace
from wire.trace_files import TraceError, TraceFile

_FORM = frozenset(("schema", "unknown-type", "no-type"))
_DEEPEST = 6  # levels of fields that are listed
_ITEMS = 20  # of an array that are looked into
_NAMES = 2000  # names of types, fields or shapes kept, whatever a server invents
_ENDS = 100  # ways for a response to end that are told apart
_SAID = 200  # characters of what a server says of it
_WAITING = 64  # responses whose first delta or end is awaited at once


class TraceStatistics:
    """Counts what is in the traces that a rulebook judges: an observer (`rules.observer`).

    Call `begin` before each trace; `taken` returns what was counted since it was last called.
    """

    def __init__(self, book: Rulebook) -> None:
        self._contract = book.contract
        self._documented, self._optional = _documented(book.contract)
        self._now = Statistics()
        self._counts: Counter[tuple[str, str]] = Counter()
        self._shapes: dict[tuple[str, ...], int] = {}  # of flat events, and how many came
        self._created: dict[str, float] = {}  # when responses that are not done were created
        self._unspoken: set[str] = set()  # those of them without a delta so far
        self._turns = TurnTimes(self._time)

    def taken(self) -> Statistics:
        """Return what was counted since the last time."""
        done = self._now
        for (side, type_, *_), number in self._shapes.items():
            self._counts[side, type_] += number
        done.events = dict(self._counts)
        self._counts.clear()
        done.documented, done.optional = self._documented, self._optional
        for each, names in done.fields.items():
            names.intersection_update(done.optional.get(each, ()))
        self._now = Statistics()
        self._shapes.clear()
        return done

    def begin(self) -> None:
        """Get ready for the next trace."""
        self._now.traces += 1
        self._created.clear()
        self._unspoken.clear()
        self._turns.begin()

    def on_entry(self, entry: Entry) -> None:
        """Count an event, the fields in it, and how long what it ends has taken."""
        event = entry.event
        type_ = event.get("type") if event is not None else None
        if event is None or not isinstance(type_, str) or not type_:
            return
        shape = (entry.dir, type_, *event)
        seen = self._shapes.get(shape)
        if seen is not None:
            # Deltas, most of a trace, are flat and all alike; only the first of a response is of interest.
            self._shapes[shape] = seen + 1
            if not (self._unspoken or self._turns.listening):
                return
        else:
            key = (entry.dir, type_)
            if key not in self._counts and len(self._counts) >= _NAMES:
                return  # nobody reads a list of thousands of types
            self._counts[key] += 1
            flat = not any(isinstance(v, dict | list) for v in event.values())
            if flat and len(self._shapes) < _NAMES and type_ not in ENDS_OF_SPEECH:
                self._shapes[shape] = 0
            self._fields(key, event)
        if type_ == "response.done" and entry.dir == "server":
            self._ended(dict_of(event, "response"))
        timed = type_.startswith("response.") or type_ in ENDS_OF_SPEECH
        if timed and entry.dir == "server" and entry.t is not None:
            self._timed(type_, event, entry.t)

    def _fields(self, key: tuple[str, str], event: Event) -> None:
        optional = self._optional.get(key)
        if optional:
            found = self._now.fields.setdefault(key, set())
            _collect(event, "", found, 0)
            if len(found) > _NAMES:  # somebody invents names
                found.intersection_update(optional)

    def _ended(self, response: Mapping[str, Any]) -> None:
        status, error = text_of(response, "status"), dict_of(dict_of(response, "status_details"), "error")
        said = " ".join(filter(None, (text_of(error, "code"), text_of(error, "message"))))[:_SAID]
        if len(self._now.ends) < _ENDS or (status, said) in self._now.ends:
            self._now.ends[status, said] = self._now.ends.get((status, said), 0) + 1

    def _timed(self, type_: str, event: Mapping[str, Any], t: float) -> None:
        response = event.get("response")
        id_ = event.get("response_id") or (response.get("id") if isinstance(response, dict) else None)
        id_ = id_ if isinstance(id_, str) else None
        self._turns.on_event(type_, event, id_, t)
        if id_ is None:
            return
        if type_ == "response.created":
            if len(self._created) < _WAITING:
                self._created[id_] = t
                self._unspoken.add(id_)
        elif id_ in self._created:
            if type_ == "response.done":
                status = response.get("status") if isinstance(response, dict) else None
                kind = "response" if status == "completed" else "response not completed"
                self._time(kind, t - self._created.pop(id_))
                self._unspoken.discard(id_)
            elif id_ in self._unspoken and type_.endswith(".delta"):
                self._time("first delta", t - self._created[id_])
                self._unspoken.discard(id_)

    def _time(self, name: str, seconds: float) -> None:
        if seconds >= 0:
            self._now.times.setdefault(name, []).append(seconds)

    def on_exchange(self, case: ExchangeCase) -> None:
        """Count a client event whose outcome is decided, and how long its answer took."""
        exchange = case.exchange
        owed = exchange.expectation
        purpose = {"accept": "success", "either": "open"}.get(owed.kind, "misuse")
        if owed.kind == "refuse" and owed.reason in _FORM:
            purpose = "mutant"
        self._count(exchange.type, purpose, owed.reason, exchange.outcome)
        if not self._contract.knows("client", exchange.type):
            return
        self._turns.on_exchange(case)
        sent, answered = case.reading.times.get(exchange.seq), case.entry.t
        if exchange.answer_seq == case.entry.seq and sent is not None and answered is not None:
            kind = "refusal" if exchange.outcome == "refused" else "answer"
            self._time(f"{kind} {exchange.type}", answered - sent)

    def _count(self, type_: str, purpose: str, reason: str, outcome: str) -> None:
        known = type_ if self._contract.knows("client", type_) else OTHER
        key = (known, purpose, reason, outcome)
        self._now.exchanges[key] = self._now.exchanges.get(key, 0) + 1


def _collect(value: Any, path: str, found: set[str], depth: int) -> None:
    """Add to `found` the dotted paths of the fields in `value`, an object or array at `path`."""
    if depth >= _DEEPEST:
        return
    if isinstance(value, dict):
        for name, inner in value.items():
            here = f"{path}.{name}" if path else name
            found.add(here)
            if inner.__class__ is dict or inner.__class__ is list:
                _collect(inner, here, found, depth + 1)
    else:
        path += "[]"
        for inner in value[:_ITEMS]:
            if inner.__class__ is dict or inner.__class__ is list:
                _collect(inner, path, found, depth)


@functools.cache
def _documented(
    contract: Contract,
) -> tuple[dict[str, tuple[str, ...]], dict[tuple[str, str], tuple[str, ...]]]:
    documented: dict[str, tuple[str, ...]] = {}
    optional = {}
    sides: tuple[tuple[str, Mapping[str, EventSchema]], ...] = (
        ("client", contract.client),
        ("server", contract.server),
    )
    for side, schemas in sides:
        documented[side] = tuple(schemas)
        for type_, schema in schemas.items():
            found = dict.fromkeys(_optional(schema.schema, contract.bundle, "", 0, ()))
            optional[side, type_] = tuple(found)
    return documented, optional


def _optional(schema: Schema, bundle: Bundle, path: str, depth: int, above: tuple[int, ...]) -> Iterator[str]:
    """Yield the optional fields that `schema` has, alternatives included, as dotted paths."""
    whole = resolve(schema, bundle)
    if isinstance(whole, bool) or depth >= _DEEPEST or id(whole) in above:
        return
    above = (*above, id(whole))
    required = set(whole.get("required", ()))
    for name, inner in whole.get("properties", {}).items():
        here = f"{path}.{name}" if path else name
        if name not in required and here not in ("type", "event_id"):
            yield here
        yield from _optional(inner, bundle, here, depth + 1, above)
    for group in ("allOf", "oneOf", "anyOf"):
        for branch in whole.get(group, ()):
            yield from _optional(branch, bundle, path, depth, above)
    if isinstance(whole.get("items"), dict):
        yield from _optional(whole["items"], bundle, f"{path}[]", depth, above)


def with_evidence(
    report: Report,
    sources: Mapping[str, Callable[[], Sequence[Trace]]],
    files: Mapping[str, Path],
    out: Path,
) -> Report:
    """Return `report` with excerpts of the traces that its findings name.

    `sources` open the traces and `files` are where they lie, by name; they are linked from the folder `out`.
    A trace that cannot be read any more costs only its own excerpts.
    """
    wanted: dict[str, list[Finding]] = defaultdict(list)
    results = [*report.requirements, *(r for layer in report.layers for r in layer.differences)]
    severity = list(Verdict)
    for finding in (f for r in sorted(results, key=lambda r: severity.index(r.verdict)) for f in r.findings):
        wanted[finding.trace].append(finding)
    evidence = Evidence()
    for name, findings in wanted.items():
        try:
            for trace in opened(sources, name):
                excerpt(evidence, trace, findings)
                if isinstance(trace, TraceFile) and trace.lines_before >= 0:
                    evidence.lines[name] = trace.lines_before
        except TraceError:
            continue
    # What no finding names is linked from its scenario.
    for name in {*files, *wanted}:
        path = files.get(name) or files.get(name.rpartition("-")[0])
        if path is not None:
            with contextlib.suppress(ValueError):  # on another drive
                evidence.files[name] = Path(os.path.relpath(path, out)).as_posix()
    return replace(report, evidence=evidence)


def opened(sources: Mapping[str, Callable[[], Sequence[Trace]]], name: str) -> Iterable[Trace]:
    """Return the traces called `name` from what `sources` open."""
    # A HAR file may hold several conversations, numbered behind its own name.
    source = sources.get(name) or sources.get(name.rpartition("-")[0])
    return [t for t in source() if t.name == name] if source is not None else ()
