"""A quick yes for events whose fields are plain strings and numbers: deltas, most of a conversation.

The engine that decides copies an event before it looks at it, audio and all, and asks Python about the audio.
For an object with nothing but such fields, looking at them here is faster. What this does not affirm may be
valid all the same: only the engine says no.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from schemas.bundle import Schema
from schemas.formats import is_base64

_MEANS_NOTHING = frozenset(("title", "description", "examples", "default", "deprecated", "$comment"))
_OF_OBJECT = frozenset(("type", "required", "properties"))
_OF_CONSTANT = frozenset(("type", "const"))
_OF_TEXT = frozenset(("type", "minLength"))
_OF_PAYLOAD = frozenset(("type", "format"))
_OF_INTEGER = frozenset(("type", "minimum"))

Affirms = Callable[[Any], bool]


def affirming(schema: Schema, definitions: Mapping[str, Schema]) -> Affirms | None:
    """Return what affirms that events satisfy `schema`; None where it says more than is looked at here."""
    whole = _plain(schema, definitions)
    if whole.get("type") != "object" or not whole.keys() <= _OF_OBJECT:
        return None
    required = set(whole.get("required", ()))
    constants: list[tuple[str, str]] = []
    texts: list[tuple[str, int]] = []
    payloads: list[str] = []
    numbers: list[tuple[str, float]] = []
    members: dict[str, Schema] = whole.get("properties", {})
    if not required <= members.keys():
        return None
    for name in required:
        field = _plain(members[name], definitions)
        kind, says = field.get("type"), field.keys()
        if isinstance(field.get("const"), str) and kind in (None, "string") and says <= _OF_CONSTANT:
            constants.append((name, field["const"]))
        elif kind == "string" and says <= _OF_TEXT:
            texts.append((name, field.get("minLength", 0)))
        elif kind == "string" and says <= _OF_PAYLOAD and field["format"] == "byte":
            payloads.append(name)
        elif kind == "integer" and says <= _OF_INTEGER:
            numbers.append((name, field.get("minimum", float("-inf"))))
        else:
            return None
    return _affirming(constants, texts, payloads, numbers, frozenset(members.keys() - required))


def _affirming(  # noqa: C901 - one loop for each kind of field
    constants: list[tuple[str, str]],
    texts: list[tuple[str, int]],
    payloads: list[str],
    numbers: list[tuple[str, float]],
    optional: frozenset[str],
) -> Affirms:
    def affirms(event: Any) -> bool:
        # No generator expressions: they would cost as much again.
        if event.__class__ is not dict or not optional.isdisjoint(event):
            return False
        get = event.get
        for name, value in constants:
            if get(name) != value:
                return False
        for name, shortest in texts:
            text = get(name)
            if text.__class__ is not str or len(text) < shortest:
                return False
        for name, least in numbers:
            number = get(name)
            if number.__class__ is not int or number < least:
                return False
        for name in payloads:
            text = get(name)
            if text.__class__ is not str or not is_base64(text):
                return False
        return True

    return affirms


def _plain(schema: Schema, definitions: Mapping[str, Schema]) -> dict[str, Any]:
    """Return the end of a chain of references without what means nothing; empty where that is not sure."""
    for _ in range(len(definitions) + 1):
        if isinstance(schema, bool):
            return {}
        plain = {name: value for name, value in schema.items() if name not in _MEANS_NOTHING}
        if "$ref" not in plain:
            return plain
        # What stands beside a reference counts in some dialects of JSON Schema and not in others.
        target = definitions.get(str(plain["$ref"]).removeprefix("#/definitions/"))
        if len(plain) > 1 or target is None:
            return {}
        schema = target
    return {}
