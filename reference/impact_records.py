"""What faults and variants do to other people's clients, as `tox -e impact` has measured it.

The data are `impact/CLIENT.json` beside this module. A client that is not there, or a difference that it has
no cell for, was not measured: nothing is known of it.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Literal

ImpactOutcome = Literal["unaffected", "not exercised", "differs", "error", "warning", "no result", "unsteady"]
IMPACT_OUTCOMES: Mapping[ImpactOutcome, str] = {
    "unaffected": "it concluded the same",
    "not exercised": "nothing in this conversation was changed by it",
    "differs": "it concluded something else, without a word",
    "error": "it told of an error",
    "warning": "it dropped an event, or warned",
    "no result": "a turn had no end within the bound, and nothing was told of it",
    "unsteady": "two conversations had two outcomes",
}
"""Each outcome of a cell, and what it means."""

_FOLDER = Path(__file__).parent / "impact"


@dataclass(frozen=True, slots=True)
class ImpactCell:
    """The outcome for one client and one difference, and what it consists of."""

    outcome: ImpactOutcome
    what: tuple[str, ...] = ()

    @property
    def stops(self) -> bool:
        """True if a turn of the client's conversation had no end."""
        return self.outcome == "no result" or any(each.endswith(": no end") for each in self.what)


@dataclass(frozen=True, slots=True)
class ImpactRecord:
    """All cells of one client, by the name of the difference; `seconds` was the bound of each turn."""

    client: str
    version: str
    date: str
    seconds: float
    cells: Mapping[str, ImpactCell]


def read_impact_record(file: Path) -> ImpactRecord:
    """Return what a file says. Raises `OSError` if there is none."""
    told = json.loads(file.read_text(encoding="utf-8"))
    cells = {
        name: ImpactCell(outcome, tuple(found[name]) if isinstance(found, dict) else ())
        for outcome, found in told["cells"].items()
        for name in found
    }
    return ImpactRecord(told["client"], told["version"], told["date"], told["seconds"], cells)


@cache
def impact_records(folder: Path = _FOLDER) -> Sequence[ImpactRecord]:
    """Return the records of all clients that there are, in the order of their files' names."""
    return [read_impact_record(file) for file in sorted(folder.glob("*.json"))]


def impact_sentence(difference: str, records: Sequence[ImpactRecord]) -> str:
    """Return which clients suffer by a difference, and how; empty if none of them has met it."""
    met = [each for each in records if _met(each.cells.get(difference))]
    if not met:
        return ""
    suffering = [
        f"{each.client} {each.version}: {_how(each, difference)}"
        for each in met
        if _suffers(each, difference)
    ]
    rest = len(met) - len(suffering)
    if rest:
        others = (
            f"{rest} others" if suffering and rest > 1 else f"{rest} other" if suffering else f"all {rest}"
        )
        suffering.append(f"{others} unaffected")
    return f"{'; '.join(suffering)} (measured until {max(each.date for each in met)})"


def _met(cell: ImpactCell | None) -> bool:
    return cell is not None and cell.outcome not in ("not exercised", "unsteady")


def _suffers(record: ImpactRecord, difference: str) -> bool:
    return record.cells[difference].outcome != "unaffected"


def _how(record: ImpactRecord, difference: str) -> str:
    cell = record.cells[difference]
    if cell.outcome == "no result":
        return f"no result within {record.seconds:g} s"
    return ", ".join(_parts(cell))


def _parts(cell: ImpactCell) -> Iterator[str]:
    if cell.outcome == "error":
        yield "tells of an error"
    if cell.outcome == "warning":
        yield "drops an event, or warns"
    if cell.outcome == "differs" or cell.stops:
        yield from cell.what
