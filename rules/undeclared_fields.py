"""Whether a client event has fields that no document of ours names.

Our documents leave objects open, for what a server may add. What a client may add is another matter: OpenAI's
server refuses a field that it does not know (openai 2, `unknown_parameter`), here and there.
"""

from __future__ import annotations

import functools
from typing import Any

from schemas.bundle import MANY, NAMED, ONE, Schema
from schemas.contract import Contract, EventSchema


def closed(schema: Schema) -> Schema:
    """Return `schema` with every object that names its members closed to others."""
    if isinstance(schema, bool):
        return schema
    made: dict[str, Any] = {}
    for keyword, value in schema.items():
        if keyword in ONE or (keyword == "items" and not isinstance(value, list)):
            made[keyword] = closed(value)
        elif keyword in MANY or keyword == "items":
            made[keyword] = [closed(each) for each in value]
        elif keyword in NAMED:
            made[keyword] = {name: closed(each) for name, each in value.items()}
        else:
            made[keyword] = value
    if "properties" in made and not {"allOf", "anyOf", "oneOf"} & set(made):
        made.setdefault("additionalProperties", False)
    return made


class Declared:
    """Tells of a contract's client events whether they keep to the fields that it names."""

    def __init__(self, contract: Contract) -> None:
        self._contract = contract

    @functools.cached_property
    def _definitions(self) -> dict[str, Schema]:
        return {name: closed(each) for name, each in self._contract.bundle.definitions.items()}

    @functools.cache  # noqa: B019 - lives as long as the contract does
    def _schema(self, type_: str) -> EventSchema:
        known = self._contract.client[type_]
        return EventSchema(type_, known.message, known.schema, self._definitions)

    def has_all(self, type_: str, event: dict[str, Any]) -> bool:
        """Tell whether every field of `event` is one that the contract names."""
        return self._schema(type_).is_valid(event)


@functools.cache
def declared(contract: Contract) -> Declared:
    """Return what tells of events whether they keep to the fields that `contract` names."""
    return Declared(contract)
