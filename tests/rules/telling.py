"""How the judge tells of each fault of the reference server, against how it is known to tell.

    python -m tests.rules.telling      writes told.yaml anew

A finding is read by somebody whose server is wrong. So all of them stand in one file, to be read one
after another: what is said, where, what was expected and what came, and the events that made it a duty.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from protocol.dialect import DialectName
from protocol.yaml_core import parse_yaml
from reference.differences import Difference
from reference.faults import FAULTS
from rules.verdicts import Finding, Tally
from tests.rules.dense import dense
from tests.rules.judged_traces import book, changed, violated
from tests.rules.scripts import DIALECTS
from wire.trace import RecordedTrace

FILE = Path(__file__).with_name("told.yaml")

_ID = re.compile(r"\b(resp|item|conv|sess|call|mcp|mcp_resp|bc|event)_[A-Za-z0-9]{21}(?![A-Za-z0-9])")
_CUT_ID = re.compile(r"\b(resp|item|conv|sess|call|event)_[A-Za-z0-9]{0,20}…")


def told_by(trace: RecordedTrace, finding: Finding) -> dict[str, Any]:
    """Return what a report says of a finding, with types in place of numbers and ids that vary."""
    types = {entry.seq: entry.type or entry.kind for entry in trace}
    said = {
        "says": finding.message,
        "event": finding.type,
        "path": finding.path,
        "expected": finding.expected,
        "actual": finding.actual,
        "because": [types.get(seq, "?") for seq in finding.because],
    }
    return {name: _without_ids(value) for name, value in said.items() if value}


def _without_ids(value: Any) -> Any:
    if isinstance(value, list):
        return [_without_ids(each) for each in value]
    return _CUT_ID.sub(r"\1_…", _ID.sub(r"\1_…", value))


def first_told(dialect: DialectName, trace: RecordedTrace) -> dict[str, dict[str, Any]]:
    """Return how the first finding of each requirement violated in `trace` is told."""
    return {id_: told_by(trace, tally.findings[0]) for id_, tally in violated(dialect, trace)}


def told() -> dict[str, dict[str, Any]]:
    """Return for each fault, in the first dialect that has it, the requirement violated and what is said."""
    found: dict[str, dict[str, Any]] = {}
    for name, fault in sorted(FAULTS.items()):
        dialect = next(each for each in DIALECTS if each in fault.dialects)
        several = (first_told(dialect, trace) for trace in _showing(dialect, fault))
        said = next(filter(None, several), None) or _recurring(dialect, fault)
        found[name] = {"in": dialect, **said}
    return found


def _recurring(dialect: DialectName, fault: Difference) -> dict[str, dict[str, Any]]:
    """Return how a fault is told that counts only where it recurs: here, in the same trace twice."""
    for trace in _showing(dialect, fault):
        for id_, tally in book(dialect).judge(trace).items():
            twice = Tally()
            twice.add(tally)
            twice.add(tally)
            if tally.recurring:
                return {id_: told_by(trace, twice.settled().findings[0])}
    return {}


def _showing(dialect: DialectName, fault: Difference) -> Iterator[RecordedTrace]:
    """Yield traces that a fault changes: mostly the first shows it, and some show it late."""
    yield from changed(dialect, fault, 1)
    yield from changed(dialect, fault)


def known() -> dict[str, dict[str, Any]]:
    """Return what the file says."""
    found: dict[str, dict[str, Any]] = parse_yaml(FILE.read_text(encoding="utf-8"))
    return found


def main() -> None:
    FILE.write_text(f"# Written by: python -m tests.rules.telling\n{dense(told())}", encoding="utf-8")


if __name__ == "__main__":
    main()
