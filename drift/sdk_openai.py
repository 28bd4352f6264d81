"""The Realtime types of the `openai` SDK that is installed, as tables of places."""

from __future__ import annotations

import importlib.metadata
from typing import Any

from drift.flat import Place, flatten

PACKAGE = "openai"

Side = dict[str, dict[str, Place]]


def version() -> str:
    """Return the version that is installed."""
    return importlib.metadata.version(PACKAGE)


def client() -> Side:
    """Return the places of each event that a client may send, by the event's `type`."""
    from openai.types.realtime import RealtimeClientEvent  # noqa: PLC0415 - one of two SDKs may be absent

    return _sides(RealtimeClientEvent)


def server() -> Side:
    """Return the places of each event that a server may send, by the event's `type`."""
    from openai.types.realtime import RealtimeServerEvent  # noqa: PLC0415 - one of two SDKs may be absent

    return _sides(RealtimeServerEvent)


def _sides(union: Any) -> Side:
    """Return the events of a union of pydantic models, each told by the constant in its `type`."""
    from pydantic import TypeAdapter  # noqa: PLC0415 - comes with the SDK

    schema = TypeAdapter(union).json_schema()
    definitions = schema["$defs"]
    sides: Side = {}
    for branch in schema.get("anyOf") or schema["oneOf"]:
        places = flatten(branch, definitions)
        for type_ in sorted(map(str, places["type"].values or ())):
            sides[type_] = places
    return sides
