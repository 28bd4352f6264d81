"""Our side of a comparison: the events of a dialect's document, in the words of the wire."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from drift.differences import Events, Known
from drift.flat import flatten
from drift.spelling import spelled
from protocol.catalogue import dialect_of
from protocol.words import Words
from protocol.yaml_core import parse_yaml
from rules.rulebook import own_contract
from schemas.contract import EventSchema

FOLDER = Path(__file__).parent
SIDES = ("client", "server")


def documented(dialect: str) -> Mapping[str, Events]:
    """Return the events of both sides by the dialect's document."""
    contract, words = own_contract(dialect), dialect_of(dialect).words
    return {"client": _places(contract.client, words), "server": _places(contract.server, words)}


def known_differences(dialect: str) -> list[Known]:
    """Return the differences that are accepted, in the order of the file."""
    listed = parse_yaml((FOLDER / "known" / f"{dialect}.yaml").read_text(encoding="utf-8"))
    return [
        Known(entry["what"], at, entry["reason"], entry.get("says", ""))
        for entry in listed
        for at in ([entry["at"]] if isinstance(entry["at"], str) else entry["at"])
    ]


def _places(events: Mapping[str, EventSchema], words: Words) -> Events:
    """Return the places of each event; one that the root calls as the dialect calls another is a stranger."""
    strangers = set(words.events.values())
    return {
        words.type(type_): spelled(flatten(event.schema, event.definitions), words)
        for type_, event in events.items()
        if type_ not in strangers
    }
