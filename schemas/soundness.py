"""Finds schemas that no validator can use, before one is asked to.

A schema that its meta-schema rejects, or that refers to itself without ever looking at a smaller part of the
value, would break a run in its middle.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from protocol.errors import DocumentError
from schemas.bundle import Bundle, Schema, subschemas
from schemas.engines import explaining, is_schema
from schemas.explain import leaf_errors, violation

_IN_PLACE = frozenset(
    ("allOf", "anyOf", "oneOf", "not", "if", "then", "else", "dependentSchemas", "dependencies")
)
"""Keywords whose subschemas look at the same value."""


def check_soundness(bundle: Bundle) -> None:
    """Raise `DocumentError` for the first definition of `bundle` that is no schema or has no end."""
    for dialect in sorted(set(bundle.dialects.values())):
        _meet_meta_schema(bundle, dialect)
    ended: set[str] = set()
    for name in bundle.definitions:
        _must_end(bundle, name, (), ended)


def _meet_meta_schema(bundle: Bundle, dialect: str) -> None:
    whole: dict[str, Any] = {
        "definitions": {n: d for n, d in bundle.definitions.items() if bundle.dialects[n] == dialect}
    }
    if is_schema(whole, dialect):
        return
    meta = explaining(type(explaining({}, dialect)).META_SCHEMA, dialect)
    for error in leaf_errors(meta.iter_errors(whole)):
        said = violation(error)
        uri, pointer = bundle.origin(list(error.absolute_path))
        raise DocumentError(
            uri, pointer, f"is not a JSON Schema: {said.actual}", f"{said.expected} is expected"
        )


def _must_end(bundle: Bundle, name: str, above: tuple[str, ...], ended: set[str]) -> None:
    if name in above:
        uri, pointer = bundle.origins[name]
        raise DocumentError(
            uri, pointer, "refers to itself without end", "put the reference below a property or an element"
        )
    if name not in ended:
        for each in _same_value(bundle.definitions[name]):
            _must_end(bundle, each, (*above, name), ended)
        ended.add(name)


def _same_value(schema: Schema) -> Iterator[str]:
    """Yield the names of the definitions that are asked about the very value `schema` is asked about."""
    if isinstance(schema, bool):
        return
    if "$ref" in schema:
        yield str(schema["$ref"]).removeprefix("#/definitions/")
    for path, each in subschemas(schema):
        if path[0] in _IN_PLACE:
            yield from _same_value(each)
