"""Examples of a document that its own schemas refuse: one of the two is not what the author meant."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from schemas.bundle import Schema, walk_schema
from schemas.document import Document
from schemas.engines import explaining, rooted
from schemas.explain import leaf_errors, violation
from schemas.overlaps import as_written

if TYPE_CHECKING:
    from jsonschema.protocols import Validator


def broken_examples(document: Document) -> Iterator[tuple[str, str, str]]:
    """Yield file, pointer and a problem for each example of a schema or a message that its schema refuses."""
    definitions = document.bundle.definitions
    for name, path, schema in _with_examples(definitions):
        dialect = document.bundle.dialects[name]
        validator = explaining(rooted(schema, definitions), dialect)
        for index, example in enumerate(schema["examples"]):
            problem = _problem(validator, example)
            if problem:
                written = as_written(path, document.relaxed.get(name, {}))
                # OpenAPI 3.0 has one for each schema.
                place: tuple[str | int, ...] = (
                    ("example",) if dialect == "openapi-3.0" else ("examples", index)
                )
                yield (*document.bundle.origin(["definitions", name, *written, *place]), problem)
    for channel in document.channels:
        for message in (m for o in channel.operations for m in o.messages if m.examples):
            whole = rooted({"$ref": f"#/definitions/{message.payload}"}, definitions)
            validator = explaining(whole, message.dialect)
            for uri, pointer, example in message.examples:
                problem = _problem(validator, example)
                if problem:
                    yield uri, pointer, problem


def _with_examples(
    definitions: dict[str, Schema],
) -> Iterator[tuple[str, tuple[str | int, ...], dict[str, Any]]]:
    """Yield each schema with examples, with its definition and its path in it."""
    for name, definition in definitions.items():
        found: list[tuple[tuple[str | int, ...], dict[str, Any]]] = []

        def visit(
            path: tuple[str | int, ...],
            schema: Schema,
            found: list[tuple[tuple[str | int, ...], dict[str, Any]]] = found,
        ) -> None:
            if isinstance(schema, dict) and isinstance(schema.get("examples"), list):
                found.append((path, schema))

        walk_schema(definition, visit)
        yield from ((name, path, schema) for path, schema in found)


def _problem(validator: Validator, example: Any) -> str:
    """Return what is wrong with `example`, empty where nothing is."""
    value = json.loads(json.dumps(example, default=str))  # YAML has keys that are numbers, and more
    for error in leaf_errors(validator.iter_errors(value)):
        wrong = violation(error)
        what = f"`{wrong.place}`" if wrong.path else "it"
        is_not = wrong.actual if wrong.keyword == "required" else f"{what} is {wrong.actual}"
        where = f" {what}," if wrong.keyword == "required" else ""
        return f"an example that its own schema refuses:{where} {is_not}, where {wrong.expected} is expected"
    return ""
