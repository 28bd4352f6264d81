"""Our side of a comparison: the events of a dialect's document, in the words of the wire."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from drift.differences import Events, Known
from drift.flat import Place, flatten
from protocol.catalogue import dialect_of
from protocol.words import Words
from protocol.yaml_core import parse_yaml
from rules.rulebook import own_contract
from schemas.contract import EventSchema

FOLDER = Path(__file__).parent
SIDES = ("client", "server")

_TAG = re.compile(r"<[^<>]*>")


def documented(dialect: str) -> Mapping[str, Events]:
    """Return the events of both sides by the dialect's document."""
    contract, words = own_contract(dialect), dialect_of(dialect).words
    return {"client": _places(contract.client, words), "server": _places(contract.server, words)}


def named(dialect: str) -> Mapping[str, Events] | None:
    """Return the events that `names/` lists, and nothing of their fields; None where it has none.

    So is compared what has a document that holds no more than the facts tell.
    """
    if not (FOLDER / "names" / f"{dialect}.yaml").exists():
        return None
    listed = _read("names", dialect)
    return {side: {type_: {} for type_ in listed[side]} for side in SIDES}


def known_differences(dialect: str) -> list[Known]:
    """Return the differences that are accepted, in the order of the file."""
    return [
        Known(entry["what"], at, entry["reason"], entry.get("says", ""))
        for entry in _read("known", dialect)
        for at in ([entry["at"]] if isinstance(entry["at"], str) else entry["at"])
    ]


def spelled(places: Mapping[str, Place], words: Words) -> dict[str, Place]:
    """Return places with the paths that a dialect has for them."""
    moved = {path: words.place(_TAG.sub("", path)) for path in places}
    return {
        moved[path] if moved[path] != _TAG.sub("", path) else path: place for path, place in places.items()
    }


def _places(events: Mapping[str, EventSchema], words: Words) -> Events:
    return {
        words.type(type_): spelled(flatten(event.schema, event.definitions), words)
        for type_, event in events.items()
    }


def _read(folder: str, dialect: str) -> Any:
    return parse_yaml((FOLDER / folder / f"{dialect}.yaml").read_text(encoding="utf-8"))
