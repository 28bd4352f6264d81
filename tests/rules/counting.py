"""What the judge counts in the good conversations, against what it is known to count.

    python -m tests.rules.counting      writes counted.yaml anew

A rule that no longer examines what it did, or cannot decide any more, fails nobody; so nothing else would
notice. Whoever changes a rule or a conversation reads the difference and says whether it is meant.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from protocol.dialect import DialectName
from protocol.yaml_core import parse_yaml
from rules.requirements import registry
from rules.verdicts import Tally
from tests.rules.dense import dense
from tests.rules.judged_traces import book, traces
from tests.rules.scripts import DIALECTS
from wire.trace import RecordedTrace

FILE = Path(__file__).with_name("counted.yaml")

Counts = dict[str, dict[str, Any]]


def counts_in(dialect: DialectName, trace: RecordedTrace) -> dict[str, tuple[Any, ...]]:
    """Return subjects, undecided cases and ways observed in one trace, by requirement."""
    return {id_: shown(tally) for id_, tally in book(dialect).judge(trace).items() if id_ in registry()}


def shown(tally: Tally) -> tuple[Any, ...]:
    """Return what of a tally is compared: all that a report tells of a good trace."""
    return tally.subjects, sum(tally.undecided.values()), tuple(sorted(tally.observed.items()))


def counted() -> Counts:
    """Return for each requirement and dialect what is counted in all good conversations together."""
    found: Counts = {}
    for dialect in DIALECTS:
        sums: dict[str, Tally] = {}
        for trace in traces(dialect):
            for id_, tally in book(dialect).judge(trace).items():
                sums.setdefault(id_, Tally()).add(tally)
        for entry in registry().judged(dialect):
            tally = sums.get(entry.id, Tally())
            more = {"undecided": tally.undecided, "ways": tally.observed}
            said = {name: dict(sorted(counts.items())) for name, counts in more.items() if counts}
            found.setdefault(entry.id, {})[dialect] = _shortly(tally.subjects, said)
    return {id_: found[id_] for id_ in sorted(found)}


def _shortly(subjects: int, said: dict[str, Any]) -> Any:
    """Return what is counted, a number where that is all of it."""
    return {"subjects": subjects, **said} if said else subjects


def known() -> Counts:
    """Return what the file says."""
    found: Counts = parse_yaml(FILE.read_text(encoding="utf-8"))
    return found


def main() -> None:
    FILE.write_text(f"# Written by: python -m tests.rules.counting\n{dense(counted())}", encoding="utf-8")


if __name__ == "__main__":
    main()
