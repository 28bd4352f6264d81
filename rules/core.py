"""The core: the requirements on which a verdict rests, by dialect and by what is offered (`core.yaml`)."""

from __future__ import annotations

import functools
from collections.abc import Container, Mapping
from dataclasses import dataclass
from pathlib import Path

from protocol.catalogue import dialect_of
from protocol.yaml_core import parse_yaml

CORE_FILE = Path(__file__).with_name("core.yaml")


@dataclass(frozen=True, slots=True)
class CorePart:
    """Some requirements of the core, with what makes them part of it; see the file."""

    requirements: tuple[str, ...]
    features: tuple[str, ...] = ()
    where: str = ""
    asked: tuple[str, ...] = ()

    def belongs(self, dialect: str, offers: Mapping[str, bool], asked: Container[str] | None) -> bool:
        """Tell whether it is part of the core of a run; see `core`."""
        return (
            dialect_of(dialect).has(self.where)
            and all(offers.get(name, True) for name in self.features)
            and (asked is None or any(type_ in asked for type_ in self.asked))
        )


@functools.cache
def parts(file: Path = CORE_FILE) -> tuple[CorePart, ...]:
    """Return what the core is made of."""
    content = parse_yaml(file.read_text(encoding="utf-8"))
    return tuple(
        CorePart(where=each.pop("where", ""), **{name: tuple(value) for name, value in each.items()})
        for each in content
    )


def core(
    dialect: str, offers: Mapping[str, bool], asked: Container[str] | None = None
) -> tuple[tuple[str, ...], ...]:
    """Return the parts of what a verdict in `dialect` rests on, given what is offered: ids of requirements.

    `asked` holds the types of the client events that were sent where only part of a server was to be seen,
    None where all of it was.
    """
    return tuple(part.requirements for part in parts() if part.belongs(dialect, offers, asked))
