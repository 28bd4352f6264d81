"""Protocols beside this family: what a server speaks that is judged by none of its dialects."""

from __future__ import annotations

import functools
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from protocol.reading import read_text
from protocol.yaml_core import parse_settings

_FILE = Path(__file__).with_name("siblings.yaml")


@dataclass(frozen=True, slots=True)
class Sibling:
    """Another protocol: its name, parts of its addresses, types of its events, and in what it differs."""

    title: str
    paths: tuple[str, ...]
    events: frozenset[str]
    differs: str

    @property
    def sentence(self) -> str:
        """What is said to who has such a server judged."""
        return f"{self.title} is another protocol ({self.differs}), which this suite does not judge"


def sibling_at(url: str) -> Sibling | None:
    """Return the protocol whose address `url` is; None where it is none of these."""
    return next((each for each in siblings() if any(path in url for path in each.paths)), None)


def sibling_of(types: Iterable[str]) -> Sibling | None:
    """Return the protocol that has most of the events of these types; None where none has any of them."""
    seen = set(types)
    best = max(siblings(), key=lambda each: len(each.events & seen))
    return best if best.events & seen else None


@functools.cache
def siblings() -> tuple[Sibling, ...]:
    """Return all that are known."""
    return tuple(
        Sibling(each["title"], tuple(each["paths"]), frozenset(each["events"]), each["differs"])
        for each in parse_settings(read_text(_FILE), _FILE.name)[0]
    )
