"""Text frames and the events in them."""

from __future__ import annotations

import json
import sys
from typing import Any, NamedTuple

import orjson

from protocol.event_types import Event
from protocol.words import Words


class Received(NamedTuple):
    """A server event with its place in the trace."""

    seq: int
    event: Event

    @property
    def type(self) -> str:
        """The event's `type`, or the empty string."""
        value = self.event.get("type")
        return value if isinstance(value, str) else ""


DEEPEST_NESTING = 100
"""Levels of nesting an event may have; the protocol's own have about ten."""

_SHORT = 1024  # characters in which counting is faster than looking


_LARGEST = sys.float_info.max
_WHOLE = range(-(2**63), 2**64)  # what orjson reads and writes as an integer


def _no_constant(name: str) -> Any:
    raise ValueError(f"{name} is not JSON")


def _finite(digits: str) -> float:
    """Return the number that `digits` spell, the largest there is where it is too large for a double.

    JSON sets no bound, but an infinite number could be written to no trace that anybody can read again.
    """
    return max(-_LARGEST, min(_LARGEST, float(digits)))


def _integer(digits: str) -> float:
    number = _finite(digits)
    return int(digits) if abs(number) < 2**65 and int(digits) in _WHOLE else number


def parse(text: str | bytes, deepest: int = DEEPEST_NESTING) -> Any:
    """Return the JSON value in `text`.

    Raises `ValueError` for what is not JSON (NaN and Infinity, cut-off text), and for what nests too deeply.
    """
    try:
        try:
            value = orjson.loads(text)
        except orjson.JSONDecodeError:
            # Lone surrogates are JSON by the grammar, though no UTF-8 can hold them.
            # Nor does orjson take numbers that no double can hold.
            value = json.loads(text, parse_constant=_no_constant, parse_float=_finite, parse_int=_integer)
    except RecursionError:
        raise ValueError("nests too deeply to be read") from None
    if _opens_more(text, deepest) and _too_deep(value, deepest):
        raise ValueError("nests too deeply to be read")
    return value


def _opens_more(text: str | bytes, brackets: int) -> bool:
    """Tell whether `text` opens more than so many `brackets`: with fewer it nests no deeper.

    Long texts are mostly one string of audio: looking for the next bracket passes over it eight times
    faster than counting does.
    """
    pair: tuple[Any, Any] = (b"{", b"[") if isinstance(text, bytes) else ("{", "[")
    if len(text) < _SHORT:
        return text.count(pair[0]) + text.count(pair[1]) > brackets
    left = brackets
    for bracket in pair:
        place = text.find(bracket)
        while place >= 0:
            if not left:
                return True
            left -= 1
            place = text.find(bracket, place + 1)
    return False


def _too_deep(value: Any, deepest: int) -> bool:
    """Tell whether `value`, an object or an array, nests deeper than `deepest`, without recursion."""
    level = [value]
    for _ in range(deepest):
        children = [c for each in level for c in (each.values() if isinstance(each, dict) else each)]
        level = [c for c in children if isinstance(c, dict | list)]
        if not level:
            return False
    return True


def dump(value: Any) -> str:
    """Return `value` as one line of JSON."""
    try:
        return orjson.dumps(value).decode("utf-8")
    except (TypeError, orjson.JSONEncodeError):  # lone surrogates, integers beyond 64 bits
        return json.dumps(value, separators=(",", ":"), default=str)


def event_of(text: str | bytes) -> Event | None:
    """Return the event in `text`, or None where it is not one JSON object."""
    try:
        value = parse(text)
    except ValueError:
        return None
    return value if isinstance(value, dict) else None


def spelled(text: str, event: Event, words: Words) -> str:
    """Return `text`, which holds `event`, in the words of a dialect; as it is where nothing differs."""
    changed = words.event(event)
    return text if changed == event else dump(changed)
