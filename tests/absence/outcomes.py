"""What came of a cell."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

from reports.model import Report
from rules.verdicts import Verdict


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of a cell, in short.

    ``exit`` is the exit code; ``fails`` and ``warns`` are the requirements with these verdicts.
    ``connections`` is how many connections showed the absence; with none, nothing was tried.
    """

    exit: int
    fails: tuple[str, ...]
    warns: tuple[str, ...]
    connections: int

    def as_json(self) -> dict[str, Any]:
        """Return the outcome as JSON."""
        return asdict(self)

    def __str__(self) -> str:
        if not self.connections:
            return "untried"
        found = [*(f"fail {id_}" for id_ in self.fails), *(f"warn {id_}" for id_ in self.warns)]
        return f"exit {self.exit}: {', '.join(found) or 'nothing found'}"


def outcome_of(report: Report, connections: int) -> Outcome:
    """Return what a report says, in short."""
    fails, warns = (
        tuple(sorted(r.requirement.id for r in report.requirements if r.verdict is verdict))
        for verdict in (Verdict.FAIL, Verdict.WARN)
    )
    return Outcome(int(report.exit), fails, warns, connections)


def from_json(value: Mapping[str, Any]) -> Outcome:
    """Return an outcome that was written as JSON."""
    return Outcome(value["exit"], tuple(value["fails"]), tuple(value["warns"]), value["connections"])
