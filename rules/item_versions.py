"""Compares two versions of an item: whether they say the same, and where they part."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

_SAYING = frozenset(("id", "type", "role", "content", "name", "call_id", "arguments", "output"))
"""The members of an item that say what it is."""


def same_item(one: Mapping[str, Any], other: Mapping[str, Any]) -> bool:
    """Tell whether two versions of an item say the same.

    What only one of them shows counts only where it is what the item says; whether `object` or a newer
    field is shown in both places is nobody's business.
    """
    return all(one.get(name) == other.get(name) for name in _compared(one, other))


def parting(one: Mapping[str, Any], other: Mapping[str, Any]) -> tuple[str, Any, Any]:
    """Return the place where two versions of an item first part, and what each has there.

    The place is written like `.content[0].text`, and is empty where they say the same.
    """
    names = _compared(one, other)
    for name in sorted(names):
        if one.get(name) != other.get(name):
            return _deepest(f".{name}", one.get(name), other.get(name))
    return "", None, None


def _compared(one: Mapping[str, Any], other: Mapping[str, Any]) -> set[str]:
    return (one.keys() & other.keys()) | _SAYING


def _deepest(place: str, one: Any, other: Any) -> tuple[str, Any, Any]:
    if isinstance(one, dict) and isinstance(other, dict):
        for name in sorted(one.keys() | other.keys()):
            if one.get(name) != other.get(name):
                return _deepest(f"{place}.{name}", one.get(name), other.get(name))
    elif isinstance(one, list) and isinstance(other, list) and len(one) == len(other):
        for index, mine in enumerate(one):
            if mine != other[index]:
                return _deepest(f"{place}[{index}]", mine, other[index])
    return place, one, other
