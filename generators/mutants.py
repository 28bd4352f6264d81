"""Single-fault mutants: client events that are wrong in exactly one place, each with its proof.

An operator makes from a place of the schema a pair: a valid event, the *twin*, and the same event with one
thing different. A mutant *by schema* is proven by the contract, which accepts the twin and not the mutant.
One *by facts* is well-formed; its `basis` names the fact that says why a server refuses it. Some differences
are no faults: the protocol allows them, or nobody knows; they are sent all the same, and say so.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from protocol.event_types import Event
from schemas.contract import Contract

Expects = Literal["refusal", "tolerance", "either"]
"""What the protocol says becomes of it: an error, nothing bad, or nothing that is known."""

NOBODY = "conformance_nobody"
"""An id, a name or a type that nothing has."""

OPERATORS = (
    "remove",
    "type",
    "null",
    "kind",
    "enum",
    "range",
    "length",
    "size",
    "pattern",
    "base64",
    "unknown-field",
    "unknown-type",
    "event-id",
    "content",
    "unknown-id",
    "half-sample",
    "beta-name",
)
"""What may be done to an event, in the order in which mutants are listed."""


@dataclass(frozen=True, slots=True)
class Mutant:
    """One client event with one difference.

    `path` is where it lies, as the protocol's `param` writes paths; `operator` and `value` say what was
    done. `basis` is what proves it: `schema`, or the id of a fact; empty for what is no fault.
    """

    type: str
    path: str
    operator: str
    value: str
    event: Event
    twin: Event
    basis: str = "schema"
    expects: Expects = "refusal"

    @property
    def label(self) -> dict[str, str]:
        """The label that traces and reports carry."""
        return {"path": self.path, "operator": self.operator, "value": self.value}

    def __str__(self) -> str:
        return f"{self.type} {self.path or '(event)'}: {self.operator} {self.value}".rstrip()


class Unproven(AssertionError):
    """A mutant that is not what it says: its twin is invalid, or it is valid itself."""


def proven(mutant: Mutant, contract: Contract) -> Mutant:
    """Return `mutant` if the contract agrees with it. Raises `Unproven`."""
    schema = contract.client[mutant.type]
    if not schema.is_valid(mutant.twin):
        raise Unproven(f"{mutant}: the twin is invalid")
    by_schema = mutant.basis == "schema"
    known = contract.name_of(mutant.event, "client") == mutant.type
    if by_schema and known and schema.is_valid(mutant.event):
        raise Unproven(f"{mutant}: the contract allows it")
    if not by_schema and not (known and schema.is_valid(mutant.event)):
        raise Unproven(f"{mutant}: the contract does not allow it")
    return mutant


def few(found: list[Mutant], least: int = 1) -> list[Mutant]:
    """Return of `found`, for each operator, the first ones and the deepest one."""
    chosen: list[Mutant] = []
    for operator in OPERATORS:
        group = [m for m in found if m.operator == operator]
        deepest = max(group, key=lambda m: m.path.count(".") + m.path.count("["), default=None)
        chosen += group[:least]
        if deepest is not None and deepest not in chosen:
            chosen.append(deepest)
    return chosen
