"""What has to come of each cell, written from the facts: `expected/*.yaml`.

An entry says for the cells that match one of its patterns, in its `dialects`, what has to come of them; of
several entries the first one counts::

    - cells: ["absent:response.done"]
      red: response/lifecycle/done-exactly-once     # one of these requirements says so; patterns are allowed
      level: {openai: MUST, inworld: SHOULD}        # default MUST; `any` where the facts leave it open
      exit: [5, 6]                                  # or one of these exit codes, where nothing can be judged
      fact: RS-04; Inworld 5.4

A cell with `green` is clean, for the fact about that event which is named. One with `untried` cannot be
shown by what we have.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from fnmatch import fnmatchcase
from functools import cache
from pathlib import Path
from typing import Any, Literal, get_args

import yaml

from tests.absence.cells import Cell
from tests.absence.outcomes import Outcome
from tests.rules.scripts import DIALECTS

FOLDER = Path(__file__).parent / "expected"

How = Literal["MUST", "SHOULD", "any"]


@dataclass(frozen=True, slots=True)
class Expectation:
    """What has to come of some cells."""

    source: str
    cells: tuple[str, ...]
    dialects: tuple[str, ...]
    red: tuple[str, ...]
    level: Mapping[str, How]
    exit: tuple[int, ...]
    green: str
    untried: str
    fact: str

    def concerns(self, cell: Cell) -> bool:
        """Tell whether the expectation is about a cell."""
        return cell.dialect in self.dialects and any(fnmatchcase(cell.name, each) for each in self.cells)

    def met(self, cell: Cell, outcome: Outcome) -> bool:
        """Tell whether an outcome is the one that is expected of a cell."""
        if self.untried or not outcome.connections:
            return not outcome.connections and bool(self.untried or self.green)
        if self.green:
            return outcome.exit == 0 and not outcome.fails and not outcome.warns
        if outcome.exit in self.exit:
            return True
        found = {"MUST": outcome.fails, "SHOULD": outcome.warns, "any": outcome.fails + outcome.warns}
        return any(fnmatchcase(id_, each) for id_ in found[self.level[cell.dialect]] for each in self.red)

    def shown(self, cell: Cell) -> str:
        """Return in a few words what is expected of a cell."""
        if self.green or self.untried:
            return "green" if self.green else "untried"
        level = self.level[cell.dialect]
        red = [f"{level} {' or '.join(self.red)}"] if self.red else []
        return " or ".join([*red, *(f"exit {each}" for each in self.exit)])


@cache
def expectations() -> tuple[Expectation, ...]:
    """Return all expectations, in the order in which they count."""
    return tuple(each for path in sorted(FOLDER.glob("*.yaml")) for each in _read(path))


def expected(cell: Cell) -> Expectation:
    """Return what is expected of a cell. Raises `LookupError` where nobody wrote it down."""
    found = next((each for each in expectations() if each.concerns(cell)), None)
    if found is None:
        raise LookupError(f"nothing in {FOLDER.name}/ says what has to come of {cell}")
    return found


def _read(path: Path) -> Iterator[Expectation]:
    for number, entry in enumerate(yaml.safe_load(path.read_text(encoding="utf-8")), 1):
        unknown = set(entry) - {"cells", "dialects", "red", "level", "exit", "green", "untried", "fact"}
        if unknown:
            raise ValueError(f"{path.name}, entry {number}: unknown {sorted(unknown)}")
        level = entry.get("level", "MUST")
        levels = level if isinstance(level, dict) else dict.fromkeys(DIALECTS, level)
        if not set(levels.values()) <= set(get_args(How)) or set(levels) != set(DIALECTS):
            raise ValueError(f"{path.name}, entry {number}: no level {level!r}")
        yield Expectation(
            source=f"{path.name}, entry {number}",
            cells=tuple(entry["cells"]),
            dialects=tuple(entry.get("dialects", DIALECTS)),
            red=_listed(entry.get("red")),
            level=levels,
            exit=_listed(entry.get("exit")),
            green=entry.get("green", ""),
            untried=entry.get("untried", ""),
            fact=entry.get("fact", ""),
        )


def _listed(value: Any) -> tuple[Any, ...]:
    return () if value is None else tuple(value) if isinstance(value, list) else (value,)
