"""Conversations with a server that has faults, as trace files: what `judge` takes."""

from __future__ import annotations

import json
from pathlib import Path

from reference.alterations import Alteration
from reference.behaviour import Behaviour
from reference.faults import FAULTS
from tests.rules.scripted_stage import Stage


def faulty(*names: str) -> Behaviour:
    """Return the behaviour of a server that has the faults named."""
    changes = [change for name in names for change in FAULTS[name].changes]
    return Behaviour(alteration=lambda _: Alteration(changes))


def record(path: Path, *faults: str) -> Path:
    """Write the trace of a conversation with a server that has the faults named; return `path`."""
    stage = Stage("openai", faulty(*faults))
    stage.update(instructions="Be brief.")
    stage.item("Say hello.")
    stage.respond(output_modalities=["text"])
    stage.wait(10)
    trace = stage.trace(path.stem)
    lines = [trace.header]
    for entry in trace.entries:
        line = entry._asdict()
        lines.append({name: value for name, value in line.items() if value is not None})
    lines.append({"end": "closed", "entries": len(trace.entries)})
    path.write_text("".join(json.dumps(line) + "\n" for line in lines), encoding="utf-8")
    return path
