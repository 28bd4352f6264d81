"""What the schema of a payload says of the event's `type`, and of the members that it may have."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from schemas.bundle import Bundle, Schema
from schemas.document import Message

UNIONS = ("oneOf", "anyOf")
"""Keywords whose value lists alternatives."""


def resolve(schema: Schema, bundle: Bundle) -> Schema:
    """Return `schema`, or what its chain of `$ref`s ends in."""
    for _ in range(len(bundle.definitions) + 1):
        if isinstance(schema, bool) or "$ref" not in schema:
            break
        schema = bundle.definitions[schema["$ref"].removeprefix("#/definitions/")]
    return schema


def _parts(schema: Schema, bundle: Bundle) -> Iterable[dict[str, Any]]:
    """Yield `schema` and everything that must hold together with it."""
    whole = resolve(schema, bundle)
    if isinstance(whole, dict):
        yield whole
        for each in whole.get("allOf", ()):
            yield from _parts(each, bundle)


def pinned_types(schema: Schema, bundle: Bundle) -> list[str] | None:
    """Return the values the payload's `type` may have, or None where it leaves them open."""
    pinned: list[str] | None = None
    for part in _parts(schema, bundle):
        field = resolve(part.get("properties", {}).get("type", True), bundle)
        if isinstance(field, dict) and ("const" in field or "enum" in field):
            values = [str(v) for v in ([field["const"]] if "const" in field else field["enum"])]
            # A common base may list the types of all events, of which each message pins one.
            pinned = values if pinned is None else [v for v in pinned if v in values]
    if pinned is not None:
        return pinned
    alternatives = resolve(schema, bundle)
    for group in UNIONS:
        if isinstance(alternatives, dict) and alternatives.get(group):
            each = [pinned_types(branch, bundle) for branch in alternatives[group]]
            if all(each):
                return [t for types in each for t in types or ()]
    return None


def leaves_type_open(schema: Schema, bundle: Bundle) -> bool:
    """Tell whether the payload has a `type` field without saying its value."""
    parts = list(_parts(schema, bundle))
    return any("type" in part.get("properties", {}) for part in parts)


def is_generic(message: Message, bundle: Bundle) -> bool:
    """Tell whether `message` stands for events that the document does not list.

    Its payload leaves `type` open and says expressly that anything may be added.
    """
    reference: Schema = {"$ref": f"#/definitions/{message.payload}"}
    return any(part.get("additionalProperties") is True for part in _parts(reference, bundle))


def payload_of(message: Message) -> dict[str, Any]:
    """Return a reference to the payload of `message` in the bundle."""
    return {"$ref": f"#/definitions/{message.payload}"}


def members_of(schema: Schema, bundle: Bundle) -> dict[str, list[Schema]]:
    """Return the members that an object may have by `schema`, in its alternatives too, with their schemas."""
    found: dict[str, list[Schema]] = {}
    pending, seen = [schema], set[str]()
    while pending:
        each = pending.pop(0)
        if isinstance(each, bool):
            continue
        name = str(each.get("$ref", "")).removeprefix("#/definitions/")
        if name and name not in seen:
            seen.add(name)
            pending.append(bundle.definitions[name])
        for member, said in each.get("properties", {}).items():
            if said is not False:
                found.setdefault(member, []).append(said)
        pending += [part for group in ("allOf", *UNIONS) for part in each.get(group, ())]
    return found
