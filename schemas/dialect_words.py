"""Checks the words of a dialect against the document that they spell otherwise: every name in it is there."""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Mapping
from typing import Any

from protocol.dialect import Dialect
from protocol.errors import DocumentError
from protocol.words import EACH
from schemas.contract import Contract, EventSchema

FORMER = frozenset(("conversation.item.created",))
"""Events of the beta that the root's document still describes, for servers that send them beside GA's. A
dialect may have such a name instead of the root's."""


def check_words(spoken: Dialect, contract: Contract) -> None:
    """Raise `DocumentError` where `spoken` exchanges an event or a place that no event of `contract` has.

    A name that is exchanged for nothing changes nothing, and nobody would notice.
    """
    types = {**contract.client, **contract.server}
    for here, there in spoken.words.events.items():
        if here not in types:
            raise _wrong(spoken, "events", here, "is the name of no event", known=types)
        if there in types and there not in FORMER:
            remedy = f"{here} needs a name here that no other event has"
            raise _wrong(spoken, "events", here, f"is {there!r}, which is an event, too", remedy=remedy)
    for group in ("places", "values"):
        for here in getattr(spoken.words, group):
            if not any(_holds(each.schema, each, here.split("."), frozenset()) for each in types.values()):
                raise _wrong(spoken, group, here, "is a place in no event")


def _wrong(
    spoken: Dialect, group: str, name: str, problem: str, *, known: Iterable[str] = (), remedy: str = ""
) -> DocumentError:
    said = spoken  # the words of a parent are its child's, and the mistake is in the parent's file
    while said.parent is not None and name in getattr(said.parent.words, group):
        said = said.parent
    near = difflib.get_close_matches(name, known, n=3)
    hint = f"did you mean {' or '.join(near)}?" if near else "spell it as the parent's document does"
    return DocumentError(str(said.file), f"/{group}/{name}", problem, remedy or hint)


def _holds(schema: Any, event: EventSchema, place: list[str], seen: frozenset[str]) -> bool:
    """Tell whether `schema`, part of that of `event`, has a field at `place`, or lets any field be there."""
    if not place:
        return True
    if not isinstance(schema, Mapping):
        return False
    reference = str(schema.get("$ref", ""))
    name = reference.removeprefix("#/definitions/")
    if reference and name not in seen:
        return _holds(event.definitions.get(name), event, place, seen | {name})
    if place[0] == EACH and "items" in schema:
        return _holds(schema["items"], event, place[1:], frozenset())
    properties = schema.get("properties", {})
    if place[0] in properties:
        return _holds(properties[place[0]], event, place[1:], frozenset())
    parts = [part for group in ("allOf", "anyOf", "oneOf") for part in schema.get(group, ())]
    parts += [schema[group] for group in ("then", "else") if group in schema]
    return any(_holds(part, event, place, seen) for part in parts)
