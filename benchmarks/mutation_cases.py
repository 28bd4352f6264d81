"""The traces that mutants of the judge are shown, with what the judge as it is finds in each."""

from __future__ import annotations

import contextlib
import io
import os
import sys
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from types import FrameType
from typing import Any

import pytest

from protocol.dialect import DialectName
from reference.differences import Difference
from reference.faults import FAULTS
from reference.variants import VARIANTS
from rules.engine import Rulebook
from rules.observer import Observer
from rules.requirements import Registry, registry
from rules.rulebook import own_contract
from rules.verdicts import Tally
from tests.rules.counting import shown
from tests.rules.judged_traces import book, changed, traces
from tests.rules.scripts import DIALECTS
from tests.rules.small.rows import Row
from tests.rules.telling import told_by
from tests.rules.test_small_traces import ROWS
from wire.trace import RecordedTrace, Trace

ROOT = Path(__file__).parents[1]

SMALL = "test_small_traces.py"

_BY_HAND = (
    "test_judge_details.py",
    "test_partial_traces.py",
    "test_tolerances.py",
    "test_recordings.py",
    "test_deviations.py",
    SMALL,
    "test_live_traffic.py",
    "test_live_captures.py",
    "test_quiet_defects.py",
    "test_two_documents.py",
)
"""Tests whose traces are taken over."""

_BY_CHANCE = ("test_partial_traces.py", "test_end_of_a_live_story", "test_tolerances.py")
"""Those that make many traces alike."""

_MANY = 500

Place = tuple[str, int]
"""A function of the rules that ran: module, and the first line of its code."""


@dataclass(frozen=True)
class Case:
    """A trace, what is expected to be found in it, and the functions it passes through.

    `counted` are cases of the tests that compare all that is counted, `told` of those that compare what is
    said of a violation; the others compare what is violated. Of those in `bulk`, there are many alike. `row`
    is the row that a small trace was taken from.
    """

    dialect: DialectName
    trace: RecordedTrace
    kind: str
    expected: object = None
    places: frozenset[Place] = frozenset()
    bulk: bool = False
    row: Row | None = None


@dataclass(frozen=True)
class Cases:
    """All cases, and the functions that run before any of them."""

    all: list[Case]

    def through(self, module: str, lines: range | None) -> list[Case]:
        """Return the cases that run a function in `lines` of a module, all if none can tell; short first."""
        found = self.all
        if lines is not None:
            found = [c for c in self.all if any(m == module and n in lines for m, n in c.places)] or self.all
        rest = [c for c in found if c.bulk]
        few = rest[:: len(rest) // _MANY + 1]  # every trace passes through the engine: some of each test do
        return sorted([c for c in found if not c.bulk] + few, key=lambda c: len(c.trace.entries))


def prepared(names: Sequence[str] | None = None) -> Cases:
    """Return all cases, each judged once; with `names`, those of these tests only."""
    found = []
    for case in _made() if names is None else _by_hand(names):
        places: set[Place] = set()
        with _noting(places):
            expected = found_in(book(case.dialect), registry(), case)
        found.append(replace(case, expected=expected, places=frozenset(places)))
    return Cases(found)


def found_in(judge: Rulebook, entries: Registry, case: Case) -> object:
    """Return what is found in the trace of a case, as far as the tests it stands for compare it."""
    tallies = judge.judge(case.trace)
    if any(tally.errors for tally in tallies.values()):
        return "the judge failed"
    if case.row is not None:
        return case.row.seen(tallies, case.trace)
    binding = {e.id for e in entries.judged(case.dialect) if e.level[case.dialect] != "MAY"}
    violated = {id_: tally for id_, tally in tallies.items() if tally.violations and id_ in binding}
    if case.kind == "counted":
        return {id_: shown(tally) for id_, tally in tallies.items() if id_ in entries}
    if case.kind == "told":
        return {id_: _told(case.trace, tally) for id_, tally in violated.items()}
    return sorted(violated)


def _told(trace: RecordedTrace, tally: Tally) -> object:
    return told_by(trace, tally.findings[0])


def _made() -> Iterator[Case]:
    for dialect in DIALECTS:
        for trace in traces(dialect):
            yield Case(dialect, trace, "counted")
        for difference in (*FAULTS.values(), *VARIANTS.values()):
            yield from _differing(dialect, difference)
    yield from _by_hand(_BY_HAND)


def _differing(dialect: DialectName, difference: Difference) -> Iterator[Case]:
    if dialect not in difference.dialects:
        return
    for number, trace in enumerate(changed(dialect, difference, 3)):
        told = number == 0 and dialect == next(d for d in DIALECTS if d in difference.dialects)
        yield Case(
            dialect, trace, "told" if told and difference.name in FAULTS else "violated", bulk=number > 0
        )


def _by_hand(names: Sequence[str]) -> Iterator[Case]:
    """Yield every trace that the tests with these `names` hand to the judge."""
    if SMALL in names:
        yield from (Case(row.dialect, row.trace, "row", row=row) for row in ROWS.values())
    yield from _taken([each for each in names if each != SMALL])


def _taken(names: Sequence[str]) -> Iterator[Case]:
    if not names:
        return
    taken: list[Case] = []
    judge = Rulebook.judge

    def taking(self: Rulebook, trace: Trace, observer: Observer | None = None) -> dict[str, Tally]:
        if self.second is None and self.contract is own_contract(self.dialect.name):
            entries = RecordedTrace(trace.name, list(trace), dict(trace.header))
            by_chance = any(name in os.environ.get("PYTEST_CURRENT_TEST", "") for name in _BY_CHANCE)
            taken.append(Case(self.dialect.name, entries, "violated", bulk=by_chance))
        return judge(self, trace, observer)

    with pytest.MonkeyPatch.context() as patch, contextlib.redirect_stdout(io.StringIO()):
        patch.setattr(Rulebook, "judge", taking)
        patch.chdir(ROOT)
        tests = [str(ROOT / "tests" / "rules" / name) for name in names]
        code = pytest.main(["-q", "-p", "no:cacheprovider", "-p", "no:xdist", *tests])
    if code:
        raise SystemExit(f"the tests of the rules do not pass (pytest: {code})")
    seen: set[str] = set()
    for case in taken:
        said = repr((case.dialect, case.trace.header, case.trace.entries))
        if said not in seen:
            seen.add(said)
            yield case


@contextlib.contextmanager
def _noting(places: set[Place]) -> Iterator[None]:
    """Note each function of the rules that is called."""
    prefix = str(ROOT / "rules")

    def note(frame: FrameType, event: str, _: Any) -> None:
        code = frame.f_code
        if event == "call" and code.co_filename.startswith(prefix):
            places.add((str(Path(code.co_filename).relative_to(ROOT)), code.co_firstlineno))

    before: Callable[..., Any] | None = sys.getprofile()
    sys.setprofile(note)
    try:
        yield
    finally:
        sys.setprofile(before)
