"""Finds `oneOf` branches that accept one value together, by trying values on them.

A document that writes `oneOf: [{enum: [auto]}, {type: string}]` rejects `auto`, its only documented value.
That is the document's mistake, never the server's: where a witness shows that branches overlap, the
bundle reads the `oneOf` as `anyOf`.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from schemas.bundle import Bundle, Schema, walk_schema
from schemas.engines import explaining, rooted

_MINIMAL: dict[str, Any] = {
    "string": "",
    "integer": 0,
    "number": 0,
    "boolean": False,
    "null": None,
    "array": [],
    "object": {},
}
_DEPTH = 4
_LONGEST = 1000


def relax(bundle: Bundle) -> dict[str, dict[tuple[str | int, ...], Any]]:
    """Turn each `oneOf` in `bundle` whose branches overlap into `anyOf`.

    Returns, by definition and path of the `oneOf`, a value that two branches accept.
    """
    found: dict[str, dict[tuple[str | int, ...], Any]] = {}
    # All are found before the first is changed, so that paths are those of the document.
    for name, path, schema in _unions(bundle):
        shared = overlapping(schema["oneOf"], bundle.definitions, bundle.dialects[name])
        if shared:
            found.setdefault(name, {})[path] = shared[0]
            branches = schema.pop("oneOf")
            # Another `anyOf` may stand beside it, and both must hold.
            schema["allOf"] = [*schema.get("allOf", []), {"anyOf": branches}]
    return found


def _unions(bundle: Bundle) -> list[tuple[str, tuple[str | int, ...], dict[str, Any]]]:
    """Return each schema with a `oneOf`, with its definition and its path in it, the innermost first."""
    found: list[tuple[str, tuple[str | int, ...], dict[str, Any]]] = []
    for name, definition in bundle.definitions.items():

        def visit(path: tuple[str | int, ...], schema: Schema, name: str = name) -> None:
            if isinstance(schema, dict) and "oneOf" in schema:
                found.append((name, path, schema))

        walk_schema(definition, visit)
    return sorted(found, key=lambda each: -len(each[1]))


def as_written(
    path: tuple[str | int, ...], relaxed: Iterable[tuple[str | int, ...]]
) -> tuple[str | int, ...]:
    """Return `path` as it is in the document, where a `oneOf` was not yet read as `anyOf`."""
    for start in relaxed:
        rest = path[len(start) :]
        if path[: len(start)] == start and rest[:1] == ("allOf",) and rest[2:3] == ("anyOf",):
            path = (*start, "oneOf", *rest[3:])
    return path


def overlapping(branches: list[Schema], definitions: dict[str, Schema], dialect: str) -> list[Any]:
    """Return `[value]` for a value that two of `branches` accept, or `[]` where none was found."""
    kinds = [_types(each, definitions) for each in branches]
    if all(not (a & b) for i, a in enumerate(kinds) for b in kinds[i + 1 :]):
        return []
    validators = [explaining(rooted(each, definitions), dialect) for each in branches]
    for branch in branches:
        for value in _samples(branch, definitions, _DEPTH):
            if sum(v.is_valid(value) for v in validators) > 1:
                return [value]
    return []


def _target(schema: Schema, definitions: dict[str, Schema]) -> Schema:
    seen = 0
    while isinstance(schema, dict) and "$ref" in schema and seen < 50:
        schema = definitions[schema["$ref"].rsplit("/", 1)[-1]]
        seen += 1
    return schema


def _types(schema: Schema, definitions: dict[str, Schema]) -> set[str]:
    """Return the JSON types `schema` may accept; all of them where it does not say."""
    schema = _target(schema, definitions)
    everything = set(_MINIMAL)
    if isinstance(schema, bool) or "type" not in schema:
        return everything
    listed = schema["type"] if isinstance(schema["type"], list) else [schema["type"]]
    return set(listed) | ({"integer"} if "number" in listed else set())


def _samples(schema: Schema, definitions: dict[str, Schema], depth: int) -> Iterator[Any]:
    """Yield a few small values that `schema` was probably written for."""
    schema = _target(schema, definitions)
    if isinstance(schema, bool) or depth == 0:
        yield from _MINIMAL.values()
        return
    if "const" in schema:
        yield schema["const"]
    elif "enum" in schema:
        yield from schema["enum"]
    else:
        for group in ("anyOf", "oneOf"):
            for branch in schema.get(group, ()):
                yield from _samples(branch, definitions, depth - 1)
        for kind in sorted(_types(schema, definitions)):
            yield _minimal(kind, schema, definitions, depth)


def _minimal(kind: str, schema: dict[str, Any], definitions: dict[str, Schema], depth: int) -> Any:
    if kind == "object":
        members = dict(schema.get("properties", {}))
        needed = set(schema.get("required", ()))
        for part in schema.get("allOf", ()):
            whole = _target(part, definitions)
            if isinstance(whole, dict):
                members.update(whole.get("properties", {}))
                needed |= set(whole.get("required", ()))
        return {n: next(_samples(members.get(n, True), definitions, depth - 1), None) for n in sorted(needed)}
    if kind in ("integer", "number"):
        return schema.get("minimum", 0)
    if kind == "string":
        return "x" * min(int(schema.get("minLength", 0)), _LONGEST)
    return _MINIMAL[kind]
