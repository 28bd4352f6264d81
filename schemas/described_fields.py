"""What a schema says of each field of a message, as a table: for comparing what two documents say.

A field is written as a path, `result.audioChunk.words[]`. Of alternatives, the table has what they say
together: the types and values of all, as required what each of them requires, of limits the widest.
"""

from __future__ import annotations

import itertools
import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from schemas.bundle import Schema
from schemas.message_types import UNIONS
from schemas.spellings import by_spelling

_KINDS = {bool: "boolean", int: "integer", float: "number", str: "string", list: "array", dict: "object"}
_LOWER = ("minimum", "exclusiveMinimum", "minLength", "minItems", "minProperties")
_UPPER = ("maximum", "exclusiveMaximum", "maxLength", "maxItems", "maxProperties")
_LIMITS = (*_LOWER, *_UPPER, "multipleOf", "pattern", "format", "uniqueItems")
_MOST = 500  # alternatives of one value that are looked at; the largest document met has 64
_DEEPEST = 24  # steps of a path

Alternative = tuple[dict[str, Any], tuple[str, ...]]
"""A schema without unions and references, and the references that led to it."""


@dataclass(frozen=True, slots=True)
class DescribedField:
    """What may stand at a path.

    `spellings` are the names by which the field goes. `kinds` are JSON types, empty for any; `null` is one.
    `values` are the only ones that it may have, as JSON, None where others are allowed. `limits` are keywords
    of JSON Schema with their values. A `closed` object has no members but those that are listed.
    """

    path: str
    spellings: tuple[str, ...]
    kinds: frozenset[str]
    values: frozenset[str] | None
    required: bool
    limits: tuple[tuple[str, str], ...] = ()
    closed: bool = False


def described_fields(schema: Schema, definitions: Mapping[str, Schema]) -> dict[str, DescribedField]:
    """Return the fields of an object by their paths, in the order of the schema.

    In a key, each step is what its spellings have in common; `path` has the first of them. The object itself
    is there by an empty path.
    """
    table = _Table(definitions)
    table.value("", "", (), [(schema, ())], required=True)
    return table.found


class _Table:
    def __init__(self, definitions: Mapping[str, Schema]) -> None:
        self.definitions = definitions
        self.found: dict[str, DescribedField] = {}

    def value(
        self,
        key: str,
        path: str,
        spellings: tuple[str, ...],
        schemas: list[tuple[Schema, tuple[str, ...]]],
        *,
        required: bool,
    ) -> None:
        """Take in the value at `path`, of which one of `schemas` has to hold, and what lies below it."""
        options = [each for schema, within in schemas for each in self._alternatives(schema, within)]
        if not options:
            return  # nothing can stand there
        says = [each for each, _ in options]
        self.found[key] = DescribedField(
            path, spellings, _kinds(says), _values(says), required, _limits(says), _closed(says)
        )
        if path.count(".") + path.count("[") < _DEEPEST:
            self._members(key, path, options)
            items = [
                (each["items"], within) for each, within in options if isinstance(each.get("items"), dict)
            ]
            if items:
                self.value(f"{key}[]", f"{path}[]", (), _different(items), required=False)

    def _members(self, key: str, path: str, options: list[Alternative]) -> None:
        objects = [each for each in options if "properties" in each[0] or "required" in each[0]]
        names = dict.fromkeys(name for each, _ in objects for name in each.get("properties", ()))
        for shared, spellings in by_spelling(names).items():
            schemas = [
                (each["properties"][name], within)
                for each, within in objects
                for name in spellings
                if name in each.get("properties", ())
            ]
            required = all(set(spellings) & set(each.get("required", ())) for each, _ in objects)
            step, shown = (f"{key}.{shared}", f"{path}.{spellings[0]}") if key else (shared, spellings[0])
            self.value(step, shown, tuple(spellings), _different(schemas), required=required)

    def _alternatives(self, schema: Schema, within: tuple[str, ...]) -> Iterator[Alternative]:
        yield from itertools.islice(self._every(schema, within), _MOST)

    def _every(self, schema: Schema, within: tuple[str, ...]) -> Iterator[Alternative]:
        if isinstance(schema, bool):
            if schema:
                yield {}, within
            return
        parts: list[Schema] = list(schema.get("allOf", ()))
        if "$ref" in schema:
            name = str(schema["$ref"]).removeprefix("#/definitions/")
            if name in within:  # what holds itself is told once
                return
            within = (*within, name)
            parts.insert(0, self.definitions[name])
        groups = [group for group in UNIONS if group in schema]
        if len(groups) == len(schema) == 1:
            for each in schema[groups[0]]:
                yield from self._every(each, within)
            return
        parts += [{group: schema[group]} for group in groups]
        rest = {k: v for k, v in schema.items() if k not in ("allOf", "anyOf", "oneOf", "$ref")}
        yield from self._together((rest, within), parts)

    def _together(self, so_far: Alternative, parts: list[Schema]) -> Iterator[Alternative]:
        if not parts:
            yield so_far
            return
        for option, inside in self._every(parts[0], so_far[1]):
            yield from self._together((_both(so_far[0], option), inside), parts[1:])


def _both(one: Mapping[str, Any], other: Mapping[str, Any]) -> dict[str, Any]:
    """Return the schema that says what both say."""
    both = {**one, **other}
    if "properties" in one and "properties" in other:
        shared = one["properties"].keys() & other["properties"].keys()
        joined = {name: {"allOf": [one["properties"][name], other["properties"][name]]} for name in shared}
        both["properties"] = {**one["properties"], **other["properties"], **joined}
    if "required" in one and "required" in other:
        both["required"] = [*one["required"], *other["required"]]
    if "enum" in one and "enum" in other:
        both["enum"] = [value for value in one["enum"] if value in other["enum"]]
    both.update({word: max(one[word], other[word]) for word in _LOWER if word in one and word in other})
    both.update({word: min(one[word], other[word]) for word in _UPPER if word in one and word in other})
    return both


def _different(
    schemas: Iterable[tuple[Schema, tuple[str, ...]]],
) -> list[tuple[Schema, tuple[str, ...]]]:
    """Return `schemas`, each once; what is never valid is none."""
    unique = {(json.dumps(each, sort_keys=True), within): (each, within) for each, within in schemas}
    return [each for each in unique.values() if each[0] is not False]


# --- what alternatives say together -----------------------------------------------------------------------


def _kinds(says: list[dict[str, Any]]) -> frozenset[str]:
    each = [_kinds_of(one) for one in says]
    return frozenset().union(*each) if all(each) else frozenset()


def _kinds_of(schema: Mapping[str, Any]) -> set[str]:
    named = schema.get("type", ())
    if named:
        return {named} if isinstance(named, str) else set(named)
    if "const" in schema or "enum" in schema:
        listed = [schema["const"]] if "const" in schema else schema["enum"]
        return {_KINDS.get(type(value), "null") for value in listed}
    inferred = {"properties": "object", "items": "array"}
    return {kind for word, kind in inferred.items() if word in schema}


def _values(says: list[dict[str, Any]]) -> frozenset[str] | None:
    found: set[str] = set()
    for each in says:
        if "const" in each:
            found.add(json.dumps(each["const"]))
        elif "enum" in each:
            found.update(json.dumps(value) for value in each["enum"])
        elif _kinds_of(each) != {"null"}:
            return None
    return frozenset(found)


def _limits(says: list[dict[str, Any]]) -> tuple[tuple[str, str], ...]:
    speaking = [each for each in says if _kinds_of(each) != {"null"}]
    found: list[tuple[str, str]] = []
    for word in _LIMITS if speaking else ():
        if all(word in each for each in speaking):
            listed = [each[word] for each in speaking]
            widest = min(listed) if word in _LOWER else max(listed) if word in _UPPER else listed[0]
            if word in (*_LOWER, *_UPPER) or all(each == widest for each in listed):
                found.append((word, json.dumps(widest)))
    return tuple(found)


def _closed(says: list[dict[str, Any]]) -> bool:
    objects = [each for each in says if "object" in _kinds_of(each)]
    return bool(objects) and all(each.get("additionalProperties") is False for each in objects)
