"""How a dialect spells what the root of its family has: other names of events, other places of fields.

Rules, scenarios and contracts speak the words of the root. Where frames are sent, received and judged they
are translated, and traces hold them as they were on the wire. Translating exchanges names and values, so that
it is its own reverse, and what is spelled as the root spells it is a stranger in a dialect that does not.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

_ABSENT: Any = object()
_Place = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Words:
    """The root's names of events and places of fields (`session.audio.output.voice`), with the dialect's."""

    events: Mapping[str, str] = field(default_factory=dict)
    places: Mapping[str, str] = field(default_factory=dict)
    _types: Mapping[str, str] = field(init=False, repr=False, compare=False, default_factory=dict)
    _moves: tuple[tuple[_Place, _Place], ...] = field(init=False, repr=False, compare=False, default=())

    def __post_init__(self) -> None:
        both = {**self.events, **{here: there for there, here in self.events.items()}}
        object.__setattr__(self, "_types", both)
        moves = ((tuple(a.split(".")), tuple(b.split("."))) for a, b in self.places.items())
        object.__setattr__(self, "_moves", tuple(moves))

    def __bool__(self) -> bool:
        return bool(self.events or self.places)

    def merged(self, other: Words) -> Words:
        """Return these words, changed by those of a child."""
        return Words({**self.events, **other.events}, {**self.places, **other.places})

    def type(self, type_: str) -> str:
        """Return a type of event in the words of the other side."""
        return self._types.get(type_, type_)

    def place(self, place: str) -> str:
        """Return the place of a field in the words of the other side, and that of what is below one."""
        for pair in self.places.items():
            for here, there in (pair, pair[::-1]):
                if place == here or place.startswith(f"{here}."):
                    return there + place[len(here) :]
        return place

    def text(self, text: str) -> str:
        """Return a sentence in which the root's names and places are spelled as the dialect spells them."""
        pairs = {**self.events, **self.places}
        if not pairs:
            return text
        longest_first = sorted(pairs, key=len, reverse=True)
        pattern = "|".join(map(re.escape, longest_first))
        return re.sub(rf"(?<![\w.])(?:{pattern})(?!\w|\.\w)", lambda found: pairs[found[0]], text)

    def event(self, event: dict[str, Any]) -> dict[str, Any]:
        """Return an event in the words of the other side; what was given is not changed."""
        if not self:
            return event
        found = dict(event)
        if isinstance(type_ := found.get("type"), str):
            found["type"] = self.type(type_)
        moving = [(there, _taken(found, here), here, _taken(found, there)) for here, there in self._moves]
        for there, from_here, here, from_there in moving:
            _put(found, there, from_here)
            _put(found, here, from_there)
        error = found.get("error")
        if isinstance(error, dict) and isinstance(error.get("param"), str):
            found["error"] = {**error, "param": self.place(error["param"])}
        return found


def _taken(event: dict[str, Any], place: _Place) -> Any:
    """Take the value at `place` out of `event`, with what holds nothing else; return it, or `_ABSENT`."""
    name, *rest = place
    if name not in event:
        return _ABSENT
    if not rest:
        return event.pop(name)
    if not isinstance(event[name], dict):
        return _ABSENT
    inner = dict(event[name])
    found = _taken(inner, tuple(rest))
    if found is not _ABSENT:
        if inner:
            event[name] = inner
        else:
            del event[name]
    return found


def _put(event: dict[str, Any], place: _Place, value: Any) -> None:
    """Put `value` at `place`, in mappings that are made where there are none."""
    if value is _ABSENT:
        return
    for name in place[:-1]:
        inner = event.get(name)
        event[name] = event = dict(inner) if isinstance(inner, dict) else {}
    event[place[-1]] = value
