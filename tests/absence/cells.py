"""The cells of the absence matrix: one kind of absence in one dialect, offline or live."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from fnmatch import fnmatchcase

from protocol.dialect import DialectName
from reference.absence import ABSENCE, kind_of_absence
from reference.differences import Difference
from tests.rules.scripts import DIALECTS


@dataclass(frozen=True, slots=True, order=True)
class Cell:
    """One way to be absent, in one dialect."""

    dialect: DialectName
    name: str

    @property
    def kind(self) -> str:
        """The kind of absence: the first part of the name."""
        return kind_of_absence(self.name)

    @property
    def difference(self) -> Difference:
        """What the server does."""
        return ABSENCE[self.name]

    def __str__(self) -> str:
        return f"{self.dialect} {self.name}"


def cells(dialect: DialectName | None = None, only: str = "*") -> Iterator[Cell]:
    """Yield the cells whose names match a pattern, of one dialect or of both."""
    for each in DIALECTS if dialect is None else (dialect,):
        for name, difference in ABSENCE.items():
            if each in difference.dialects and fnmatchcase(name, only):
                yield Cell(each, name)
