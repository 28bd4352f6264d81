"""The kill matrix: which requirements each narrow fault of the reference server violates in good traces."""

from __future__ import annotations

from functools import cache

from protocol.dialect import DialectName
from reference.faults import FAULTS
from tests.rules.judged_traces import kills
from tests.rules.scripts import DIALECTS

NARROW = sorted(name for name, fault in FAULTS.items() if not fault.wide)
CASES = [(dialect, name) for name in NARROW for dialect in DIALECTS if dialect in FAULTS[name].dialects]


@cache
def matrix(dialect: DialectName, name: str) -> dict[str, str]:
    """Return the requirements that a fault violates, with the first finding of each."""
    return kills(dialect, FAULTS[name])


def killers() -> dict[str, list[str]]:
    """Return, for each requirement, the faults that violate just it."""
    found: dict[str, set[str]] = {}
    for dialect, name in CASES:
        killed = matrix(dialect, name)
        for id_ in killed if len(killed) == 1 else ():
            found.setdefault(id_, set()).add(name)
    return {id_: sorted(names) for id_, names in found.items()}
