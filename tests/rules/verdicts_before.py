"""What an earlier version found in the traces of each fault and in the recordings, as its own judge said it.

    python -m tests.rules.verdicts_before 6bf4978 0.1.0

builds that commit (as `benchmarks/against.py` does), has it judge the traces, and writes what it found
violated to `verdicts_before.yaml`. A profile of that version must find nothing else.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import yaml

from protocol.yaml_core import parse_yaml
from reference.faults import FAULTS
from tests.rules.judged_traces import changed
from wire.trace import RecordedTrace
from wire.trace_files import TraceFile

FOUND = Path(__file__).with_name("verdicts_before.yaml")
RECORDINGS = Path(
    os.environ.get("CONFORMANCE_RECORDINGS") or Path(__file__).parents[3] / "shared" / "recordings"
)
_SAMPLE = 3

_JUDGE = """
import json, sys
from rules.rulebook import rulebook
from rules.requirements import registry
from rules.verdicts import Level
from wire.trace import Entry, RecordedTrace
books = {}
for line in sys.stdin:
    dialect, name, header, entries = json.loads(line)
    book = books.setdefault(dialect, rulebook(dialect))
    tallies = book.judge(RecordedTrace(name, [Entry(*each) for each in entries], header))
    binding = {e.id for e in registry().judged(dialect) if e.level[dialect] is not Level.MAY}
    print(json.dumps(sorted(id_ for id_ in binding if id_ in tallies and tallies[id_].violations)))
"""
"""Run in the other build, whose interface this is."""


def subjects(dialects: frozenset[str]) -> Iterator[tuple[str, str, RecordedTrace | TraceFile]]:
    """Yield each trace that is judged: of which fault or recording it is, in which dialect, and itself."""
    for name, fault in FAULTS.items():
        for dialect in sorted(dialects & set(fault.dialects)):
            for trace in changed(dialect, fault, _SAMPLE):
                yield name, dialect, trace
    for path in sorted(RECORDINGS.glob("*.jsonl")) if RECORDINGS.is_dir() else ():
        yield f"recording {path.stem}", "openai", TraceFile(path)


def before(version: str) -> dict[str, dict[str, list[str]]]:
    """Return what `version` found violated, by fault or recording, in each dialect."""
    found: dict[str, dict[str, dict[str, list[str]]]] = parse_yaml(FOUND.read_text(encoding="utf-8"))
    return found[version]


def _judged(python: Path, folder: Path, dialects: frozenset[str]) -> dict[str, dict[str, list[str]]]:
    """Return what the build in `folder` finds violated."""
    told, lines = [], []
    for name, dialect, trace in subjects(dialects):
        told.append((name, dialect))
        lines.append(json.dumps([dialect, trace.name, trace.header, [list(entry) for entry in trace]]))
    run = subprocess.run(
        [python, "-c", _JUDGE], cwd=folder, input="\n".join(lines), text=True, capture_output=True, check=True
    )
    found: dict[str, dict[str, set[str]]] = defaultdict(lambda: defaultdict(set))
    for (name, dialect), line in zip(told, run.stdout.splitlines(), strict=True):
        found[name][dialect].update(json.loads(line))
    return {n: {d: sorted(ids) for d, ids in each.items() if ids} for n, each in found.items()}


def _written(found: dict[str, Any]) -> str:
    head = "# What earlier versions found violated. Written by `python -m tests.rules.verdicts_before`.\n"
    return head + yaml.safe_dump(found, width=110, sort_keys=True, default_flow_style=None)


def main(commit: str, version: str) -> None:
    """Judge by the build of `commit`, and write down what it finds as what `version` found."""
    from benchmarks.builds import of_commit
    from rules.profiles import profile

    build = of_commit(commit)
    known = parse_yaml(FOUND.read_text(encoding="utf-8")) if FOUND.exists() else {}
    known[version] = _judged(build.python, build.folder, profile(version).dialects)
    FOUND.write_text(_written(known), encoding="utf-8")


if __name__ == "__main__":
    main(*sys.argv[1:3])
