"""A document's places as a dialect spells them: documents are written in the words of the family's root."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from typing import Any

from drift.flat import Place
from protocol.words import EACH, LEFT_OUT, Words

_TAG = r"(?:<[^<>]*>)?"

_Pairs = Iterable[tuple[Any, Any]]


def spelled(places: Mapping[str, Place], words: Words) -> dict[str, Place]:
    """Return places with the paths, the values and the event's `type` that a dialect has for them."""
    for at, pairs in words.values.items():
        places = _exchanged(places, at, pairs)
    parents = set(_above(places))
    found = {_moved(path, words.places): place for path, place in places.items()}
    emptied = parents - set(_above(path for path in found if path not in parents))
    found = {path: place for path, place in found.items() if path not in emptied}
    if "type" in found and found["type"].values is not None:
        types = frozenset(words.type(str(each)) for each in found["type"].values)
        found["type"] = replace(found["type"], values=types)
    return found


def _moved(path: str, places: Mapping[str, str]) -> str:
    """Return the path as the dialect has it; alternatives at and below the place that moves stay apart."""
    for here, there in places.items():
        found = re.match(rf"{_steps(here)}(?=$|[.\[<])", path)
        if found:
            return there + path[found.end() :]
    return path


def _above(places: Iterable[str]) -> Iterator[str]:
    """Yield the paths that have others below them."""
    for path in places:
        while path := path.rpartition(".")[0]:
            yield path


def _exchanged(places: Mapping[str, Place], at: str, pairs: _Pairs) -> dict[str, Place]:
    """Return the places with the values that the dialect has at the root's place `at`."""
    words = {root: here for root, here in pairs if isinstance(root, str)}
    names = frozenset(here for root, here in pairs if isinstance(root, dict) and isinstance(here, str))
    found: dict[str, Place] = {}
    for path, place in places.items():
        ahead = re.match(rf"{_steps(at)}(?=$|[.\[<])", path)
        rest = None if ahead is None else path[ahead.end() :]
        if rest == "" and names:  # an object of the root has a name here
            other = place.values if "string" in place.kinds else frozenset[Any]()
            values = None if other is None else names | other
            found[path] = Place(frozenset({"string"}), values, place.required)
        elif rest == "":
            if (made := _valued(place, words)) is not None:
                found[_retagged(path, at, words)] = made
        elif rest is None or not names:  # of what has a name, no member is left
            found[_retagged(path, at, words)] = place
    return found


def _valued(place: Place, words: Mapping[str, Any]) -> Place | None:
    """Return what may stand at a place by the dialect's words; None where it leaves the field out."""
    values = None if place.values is None else [words.get(str(each), each) for each in place.values]
    if values and all(each is LEFT_OUT for each in values):
        return None
    objects = {"object" for here in words.values() if isinstance(here, dict)}
    return replace(
        place, kinds=place.kinds | objects, values=None if values is None or objects else frozenset(values)
    )


def _retagged(path: str, at: str, words: Mapping[str, Any]) -> str:
    """Return the path with what tells objects apart by their `type` in the dialect's words."""
    parent, _, name = at.rpartition(".")
    if name != "type" or not parent:
        return path

    def renamed(found: re.Match[str]) -> str:
        here = words.get(found[2], found[2])
        return found[1] if here is LEFT_OUT else f"{found[1]}<{here}>"

    return re.sub(rf"^({_steps(parent)})<([^<>]*)>", renamed, path)


def _steps(place: str) -> str:
    """Return a pattern of the paths that lead to a place, however alternatives on the way are told apart."""
    first, *steps = place.split(".")
    return re.escape(first) + "".join(
        _TAG + (r"\[\]" if step == EACH else rf"\.{re.escape(step)}") for step in steps
    )
