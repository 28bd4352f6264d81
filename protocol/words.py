"""How a dialect spells what the root of its family has: other names of events, places of fields, and values.

Rules, scenarios and contracts speak the words of the root. Where frames are sent, received and judged they
are translated, and traces hold them as they were on the wire. Translating exchanges names and values, so that
it is its own reverse, and what is spelled as the root spells it is a stranger in a dialect that does not.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import Enum
from typing import Any


class _LeftOut(Enum):
    """A single value that stays itself wherever it is copied to."""

    LEFT_OUT = "left out"


LEFT_OUT: Any = _LeftOut.LEFT_OUT
"""Stands for a value that one side leaves out."""

_Place = tuple[str, ...]
Pair = tuple[Any, Any]
"""A value as the root has it, and as the dialect has it; either may be `LEFT_OUT`."""

EACH = "*"
"""A step of a place that stands for every member of a list."""


@dataclass(frozen=True, slots=True)
class Words:
    """The root's names of events and places of fields (`session.audio.output.voice`), with the dialect's.

    `values` are those that the dialect has instead of the root's, by the root's place: `{type: audio/pcm, …}`
    there is `pcm16` here, and `session.type` may be left out.
    """

    events: Mapping[str, str] = field(default_factory=dict)
    places: Mapping[str, str] = field(default_factory=dict)
    values: Mapping[str, tuple[Pair, ...]] = field(default_factory=dict)
    _types: Mapping[str, str] = field(init=False, repr=False, compare=False, default_factory=dict)
    _moves: tuple[tuple[_Place, _Place], ...] = field(init=False, repr=False, compare=False, default=())
    _values: tuple[tuple[_Place, tuple[Pair, ...]], ...] = field(
        init=False, repr=False, compare=False, default=()
    )

    def __post_init__(self) -> None:
        both = {**self.events, **{here: there for there, here in self.events.items()}}
        object.__setattr__(self, "_types", both)
        moves = ((tuple(a.split(".")), tuple(b.split("."))) for a, b in self.places.items())
        object.__setattr__(self, "_moves", tuple(moves))
        # Which side an event is on is not known here: values are exchanged wherever either has them.
        where = ((at, pairs) for place, pairs in self.values.items() for at in {place, self.place(place)})
        object.__setattr__(self, "_values", tuple((tuple(at.split(".")), pairs) for at, pairs in where))

    def __bool__(self) -> bool:
        return bool(self.events or self.places or self.values)

    def merged(self, other: Words) -> Words:
        """Return these words, changed by those of a child."""
        return Words(
            {**self.events, **other.events}, {**self.places, **other.places}, {**self.values, **other.values}
        )

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
        """Return a sentence in which the root's names and places are spelled as the dialect spells them.

        What the root calls as the dialect calls something else is a stranger, as it is in an event.
        """
        pairs = {**self._types, **self.places}
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
        for place, pairs in self._values:
            if place[0] in found:
                found = _exchanged(found, place, pairs)
        moving = [(there, _taken(found, here), here, _taken(found, there)) for here, there in self._moves]
        for there, from_here, here, from_there in moving:
            _put(found, there, from_here)
            _put(found, here, from_there)
        error = found.get("error")
        if isinstance(error, dict) and isinstance(error.get("param"), str):
            found["error"] = {**error, "param": self.place(error["param"])}
        return found


def _exchanged(value: Any, place: _Place, pairs: tuple[Pair, ...]) -> Any:
    """Return `value` with what is at `place` in it exchanged by `pairs`; what was given is not changed."""
    if not place:
        # A boolean equals a number in Python, and not on the wire; values of either kind are not exchanged.
        for one, other in pairs:
            if value in (one, other):
                return other if value == one else one
        return value
    name, *below = place
    rest = tuple(below)
    if name == EACH:
        return [_exchanged(each, rest, pairs) for each in value] if isinstance(value, list) else value
    if not isinstance(value, dict) or (rest and name not in value):
        return value
    made = _exchanged(value.get(name, LEFT_OUT), rest, pairs)
    if made is LEFT_OUT:
        return {each: held for each, held in value.items() if each != name}
    return {**value, name: made}


def _taken(event: dict[str, Any], place: _Place) -> Any:
    """Take the value at `place` out of `event`, with what holds nothing else; return it, or `LEFT_OUT`."""
    name, *rest = place
    if name not in event:
        return LEFT_OUT
    if not rest:
        return event.pop(name)
    if not isinstance(event[name], dict):
        return LEFT_OUT
    inner = dict(event[name])
    found = _taken(inner, tuple(rest))
    if found is not LEFT_OUT:
        if inner:
            event[name] = inner
        else:
            del event[name]
    return found


def _put(event: dict[str, Any], place: _Place, value: Any) -> None:
    """Put `value` at `place`, in mappings that are made where there are none."""
    if value is LEFT_OUT:
        return
    for name in place[:-1]:
        inner = event.get(name)
        event[name] = event = dict(inner) if isinstance(inner, dict) else {}
    event[place[-1]] = value
