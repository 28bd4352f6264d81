"""A good and a bad conversation for each requirement: what `rules/examples` holds.

They are the shortest of the small traces; where there is none, what is left of a good trace, or of one with
a fault, without all that does not matter.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import yaml

from protocol.dialect import DialectName
from protocol.yaml_core import parse_yaml
from reference.faults import FAULTS
from rules.requirements import Requirement, registry
from rules.verdicts import Level, Tally
from tests.rules.judged_traces import binding, book, changed, traces
from tests.rules.notation import briefest, read, written
from tests.rules.said import word
from tests.rules.shortened_traces import Still, shortened
from tests.rules.test_small_traces import ROWS
from wire.trace import RecordedTrace

FOLDER = Path(__file__).parents[2] / "rules" / "examples"
LONGEST = 400
"""Entries of a trace that is looked at."""

TRIED = 2
"""Traces that are shortened, the shortest first."""

GOOD, BAD = "good", "bad"


@dataclass(frozen=True)
class Sought:
    """What an example is to show: that a requirement holds, or is violated, and nothing else is."""

    id: str
    which: str
    dialect: DialectName

    def shown_by(self, trace: RecordedTrace) -> bool:
        """Tell whether `trace` shows it."""
        tallies = book(self.dialect).judge(trace)
        of_note = (binding(self.dialect) | {self.id}) & tallies.keys()
        violated = {id_ for id_ in of_note if tallies[id_].violations}
        if any(tallies[id_].errors for id_ in of_note):
            return False
        if self.which == BAD:
            return violated == {self.id}
        outcome = word(tallies.get(self.id, Tally()))
        return not violated and (outcome == "holds" or outcome.startswith("seen: "))


def dialects(entry: Requirement) -> list[DialectName]:
    """Return the dialects in which `entry` is judged: `openai` first, but those first where it can fail."""
    known: tuple[DialectName, ...] = ("openai", "inworld")
    return sorted((d for d in known if d in entry.level), key=lambda d: entry.level[d] is Level.MAY)


def example(entry: Requirement, which: str) -> dict[str, str] | None:
    """Return an example for `entry`, as `dialect` and `said`."""
    for dialect in dialects(entry):
        if which == BAD and entry.level[dialect] is Level.MAY:
            continue
        sought = Sought(entry.id, which, dialect)
        for candidates, shorten in (
            (_rows(sought), as_it_is),
            (_whole(entry, sought), shortened),
            (_rows_of_others(sought), as_it_is),
        ):
            found = []
            for trace in candidates:
                short = shorten(trace, sought.shown_by)
                if short is not None:
                    found.append(briefest(written(short), sought.shown_by))
                if len(found) == TRIED:
                    break
            if found:
                return {"dialect": dialect, "said": min(found, key=lambda text: (len(text), text))}
    return None


def as_it_is(trace: RecordedTrace, still: Still) -> RecordedTrace | None:
    """Return a trace that is short already, if it is an example that can be written."""
    again = read(written(trace))
    return again if still(again) else None


def _rows(sought: Sought) -> list[RecordedTrace]:
    return sorted(
        (
            row.trace
            for row in ROWS.values()
            if row.requirement == sought.id and row.dialect == sought.dialect
        ),
        key=lambda trace: (trace.header.get("measured") is not True, not trace.whole, len(trace.entries)),
    )


def _rows_of_others(sought: Sought) -> list[RecordedTrace]:
    """Return all small traces, the shortest first: what is rare may stand in one about something else."""
    rows = (row for row in ROWS.values() if row.dialect == sought.dialect)
    return sorted((row.trace for row in rows), key=lambda trace: len(trace.entries))


def _whole(entry: Requirement, sought: Sought) -> Iterator[RecordedTrace]:
    """Yield good traces, or what they are with a fault, in which the requirement does as sought."""
    if sought.which == GOOD:
        yield from _short(traces(sought.dialect))
    for killer in entry.killers if sought.which == BAD else ():
        if sought.dialect in FAULTS[killer].dialects:
            yield from _short(_faulty(sought.dialect, killer))


@cache
def _faulty(dialect: DialectName, killer: str) -> list[RecordedTrace]:
    return changed(dialect, FAULTS[killer])


def _short(found: Iterable[RecordedTrace]) -> list[RecordedTrace]:
    return sorted((t for t in found if len(t.entries) <= LONGEST), key=lambda t: (len(t.entries), t.name))


class _Text(str):
    """A text of several lines, written as such."""

    __slots__ = ()


class _Dumper(yaml.SafeDumper):
    pass


_Dumper.add_representer(
    _Text, lambda dumper, text: dumper.represent_scalar("tag:yaml.org,2002:str", text, style="|")
)


def page(entries: dict[str, dict[str, dict[str, str]]]) -> str:
    """Return a file of examples."""
    shown = {
        id_: {which: {"dialect": e["dialect"], "said": _Text(e["said"])} for which, e in both.items()}
        for id_, both in entries.items()
    }
    head = "# Generated by python tests/rules/write_examples.py; do not edit.\n"
    return head + yaml.dump(shown, Dumper=_Dumper, sort_keys=False, allow_unicode=True, width=10**6)


def write(wanted: list[str]) -> None:
    """Write all examples; with ids, or names of files of the registry, only those anew."""
    by_file: dict[str, list[Requirement]] = {}
    for entry in registry():
        if not entry.exclusion:
            by_file.setdefault(entry.file, []).append(entry)
    for file, entries in by_file.items():
        path = FOLDER / file
        anew = {e.id for e in entries if not wanted or e.id in wanted or file.split(".")[0] in wanted}
        if not anew:
            continue
        before = (parse_yaml(path.read_text(encoding="utf-8")) if path.exists() else None) or {}
        found: dict[str, Any] = {}
        for entry in entries:
            both = _both(entry) if entry.id in anew else before.get(entry.id)
            if both:
                found[entry.id] = both
        path.write_text(page(found), encoding="utf-8")


def _both(entry: Requirement) -> dict[str, dict[str, str]]:
    return {which: found for which in (GOOD, BAD) if (found := example(entry, which)) is not None}
