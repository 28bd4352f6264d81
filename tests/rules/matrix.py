"""The kill matrix: which requirements each narrow fault of the reference server violates in good traces.

In the main dialects a fault violates just one, and the registry lists all that do. In other providers'
dialects, whose levels differ and whose habits hide some faults, each requirement has one of those listed.
"""

from __future__ import annotations

from functools import cache

from protocol.dialect import DialectName
from reference.faults import FAULTS
from reference.faults import providers as of_providers
from reference.providers import PROFILES
from rules.requirements import Requirement, registry
from tests.rules.judged_traces import binding, kills, violates
from tests.rules.scripts import DIALECTS

NARROW = sorted(name for name, fault in FAULTS.items() if not fault.wide)
CASES = [(dialect, name) for name in NARROW for dialect in DIALECTS if dialect in FAULTS[name].dialects]

ALL_FAULTS = {**FAULTS, **of_providers.FAULTS}
OTHERS = tuple(sorted(set(PROFILES) - set(DIALECTS)))


def bound(dialect: DialectName) -> list[Requirement]:
    """Return the requirements that can fail, or warn of, a server in a dialect, as the registry has them."""
    ids = binding(dialect)
    return [entry for entry in registry().judged(dialect) if entry.id in ids]


def tried(dialect: DialectName, entry: Requirement) -> list[str]:
    """Return the killers of a requirement that mean something in a dialect."""
    family = {*PROFILES[dialect].family}
    return [name for name in entry.killers if family & {*ALL_FAULTS[name].dialects}]


@cache
def killer(dialect: DialectName, id_: str) -> str:
    """Return the first killer that violates a requirement in a dialect's good traces; empty for none."""
    names = tried(dialect, registry().by_id[id_])
    return next((name for name in names if violates(dialect, ALL_FAULTS[name], id_)), "")


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
