"""The matrix of events: each type and optional field of the document, and what came of it. Pure."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from reports.requirement_results import RequirementResult
from reports.statistics import AnswerCount, Statistics, cells
from rules.verdicts import Verdict

EVENT_SUPPORTED, EVENT_WRONG, EVENT_NEVER, EVENT_SEEN = "supported", "wrong", "never seen", "seen"
"""What is said of a type or field: it came and was right, or wrong; it never came; it was not judged."""

MARKS = {
    EVENT_SUPPORTED: "pass",
    EVENT_WRONG: "fail",
    EVENT_NEVER: "not-observed",
    EVENT_SEEN: "inconclusive",
}
"""The symbol of each."""

_TITLES = {"server": "Sent by the server", "client": "Sent by the client"}
_INDEX = re.compile(r"\[\d+\]")
_OTHERS = 100  # types that are not in the document; a hostile server may invent any number


@dataclass(frozen=True, slots=True)
class EventField:
    """An optional field of an event type, as a dotted path, and what is said of it."""

    name: str
    state: str


@dataclass(frozen=True, slots=True)
class EventRow:
    """An event type. `payload` is the verdict on its payload's schema, where the server sends it."""

    type: str
    count: int
    documented: bool
    state: str
    fields: tuple[EventField, ...]
    payload: RequirementResult | None

    @property
    def mark(self) -> str:
        """The name of its symbol."""
        return MARKS[self.state]

    @property
    def fields_said(self) -> str:
        """How many of its optional fields there are of each state."""
        number = {
            state: sum(f.state == state for f in self.fields)
            for state in (EVENT_SUPPORTED, EVENT_SEEN, EVENT_WRONG)
        }
        found = [f"{n} {state}" for state, n in number.items() if n]
        return f"{', '.join(found) or 'none'} of {len(self.fields)}"


@dataclass(frozen=True, slots=True)
class DirectionView:
    """The event types of one direction: what is wrong first, then what came, then what never did."""

    title: str
    seen: int
    documented: int
    rows: tuple[EventRow, ...]

    @property
    def judged(self) -> bool:
        """Whether payloads have verdicts: what the client sends has none."""
        return any(row.payload is not None for row in self.rows)

    @property
    def said(self) -> str:
        """How many types of the document there are of each state."""
        documented = [row.state for row in self.rows if row.documented]
        states = (EVENT_SUPPORTED, EVENT_WRONG, EVENT_SEEN, EVENT_NEVER)
        return ", ".join(f"{documented.count(s)} {s}" for s in states if s in documented)


def event_sides(statistics: Statistics, results: Sequence[RequirementResult]) -> tuple[DirectionView, ...]:
    """Return the matrix: what the server sent, then what the client did."""
    payloads = {r.id.removeprefix("payload/"): r for r in results if r.id.startswith("payload/")}
    answers = cells(statistics)
    sides = []
    for direction in ("server", "client"):
        documented = statistics.documented.get(direction, ())
        seen = {t: n for (d, t), n in statistics.events.items() if d == direction}
        others = sorted(set(seen) - set(documented), key=lambda t: (-seen[t], t))[:_OTHERS]
        rows = []
        for type_ in (*documented, *others):
            payload = payloads.get(type_) if direction == "server" else None
            number = seen.get(type_, 0)
            state = (
                _served(number, payload) if direction == "server" else _sent(number, answers.get(type_, {}))
            )
            known = statistics.optional.get((direction, type_), ())
            came = statistics.fields.get((direction, type_), set())
            fields = tuple(EventField(name, _field(name, came, state, payload)) for name in known)
            rows.append(EventRow(type_, number, type_ in documented, state, fields, payload))
        rows.sort(key=lambda row: (row.state == EVENT_NEVER, row.state != EVENT_WRONG))
        if rows:
            number = sum(1 for t in documented if t in seen)
            sides.append(DirectionView(_TITLES[direction], number, len(documented), tuple(rows)))
    return tuple(sides)


def _served(number: int, payload: RequirementResult | None) -> str:
    if payload is not None and payload.violated:
        return EVENT_WRONG
    if not number:
        return EVENT_NEVER
    return EVENT_SUPPORTED if payload is not None and payload.verdict is Verdict.PASS else EVENT_SEEN


def _sent(number: int, answers: Mapping[str, AnswerCount]) -> str:
    """Return what is said of a client event: whether it was accepted wherever it had to be."""
    success = answers.get("success")
    if not number:
        return EVENT_NEVER
    if success is None or not success.decided:
        return EVENT_SEEN
    return EVENT_WRONG if success.wrong else EVENT_SUPPORTED


def _field(name: str, came: set[str], state: str, payload: RequirementResult | None) -> str:
    paths = {_INDEX.sub("[]", f.path) for f in payload.findings} if payload is not None else set()
    if name in paths:
        return EVENT_WRONG
    if name not in came:
        return EVENT_NEVER
    # What is wrong in one field says nothing against the others.
    return EVENT_SUPPORTED if payload is not None or state == EVENT_SUPPORTED else EVENT_SEEN
