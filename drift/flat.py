"""A JSON Schema as a table: each place that an event may have, and what may stand there.

A place is written as a path. `response.output[]<message>.content[].text` is the text of a part of a message
in the output of a response; `<message>` says of which kind, by its constant `type`, an object is.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

_KINDS = {bool: "boolean", int: "integer", float: "number", str: "string", list: "array", dict: "object"}
_UNIONS = ("anyOf", "oneOf")
_ANY = "any"


@dataclass(frozen=True, slots=True)
class Place:
    """What may stand at a path: JSON types, and the only values it may have.

    `values` is None where other values are allowed, too, objects and arrays aside. `required`
    is False where any alternative does without. `null` is in neither: whether an optional field may be null,
    SDKs do not say.
    """

    kinds: frozenset[str]
    values: frozenset[str | int | float | bool] | None
    required: bool


def flatten(schema: Any, definitions: Mapping[str, Any]) -> dict[str, Place]:
    """Return the places of an object's members by path, in the order of the schema.

    `definitions` has what each `$ref` ends in, by the last step of the reference.
    """
    flat = _Flat(definitions)
    flat.members("", schema, ())
    return {path: found.place() for path, found in flat.found.items()}


class _Found:
    """What the alternatives for one path say, as they come."""

    def __init__(self) -> None:
        self.kinds: set[str] = set()
        self.values: set[str | int | float | bool] = set()
        self.closed = True
        self.required = True

    def place(self) -> Place:
        kinds = self.kinds - {"integer"} if "number" in self.kinds else self.kinds
        values = frozenset(self.values) if self.closed and self.values else None
        return Place(frozenset(kinds), values, self.required)


class _Flat:
    def __init__(self, definitions: Mapping[str, Any]) -> None:
        self.definitions = definitions
        self.found: dict[str, _Found] = {}

    def members(self, path: str, schema: Any, within: tuple[str, ...]) -> None:
        """Take in the members of the objects that `schema` allows at `path`."""
        groups: dict[str, list[tuple[dict[str, Any], tuple[str, ...]]]] = {}
        for each, inside in self._alternatives(schema, within):
            if each.get("properties"):
                tagged = f"{path}<{self._tag(each)}>" if path and self._tag(each) else path
                groups.setdefault(tagged, []).append((each, inside))
        for prefix, group in groups.items():
            for each, inside in group:
                for name, member in each["properties"].items():
                    where = f"{prefix}.{name}" if prefix else name
                    in_all = all(name in other.get("required", ()) for other, _ in group)
                    self.value(where, member, inside, required=in_all)

    def value(self, path: str, schema: Any, within: tuple[str, ...], *, required: bool = True) -> None:
        """Take in what `schema` allows at `path`, and below it."""
        found = self.found.setdefault(path, _Found())
        found.required &= required
        for each, inside in self._alternatives(schema, within):
            kinds, values = _says(each)
            found.kinds |= kinds
            found.values |= values
            found.closed &= bool(values) or kinds <= {"array", "object"}
            if "array" in kinds and "items" in each:
                self.value(f"{path}[]", each["items"], inside)
        self.members(path, schema, within)

    def _tag(self, schema: Mapping[str, Any]) -> str:
        """Return the constant `type` of an object; empty where it has none."""
        options = [_says(each) for each, _ in self._alternatives(schema["properties"].get("type", {}), ())]
        listed = [values for kinds, values in options if kinds]  # what is left is null
        return str(next(iter(listed[0]))) if len(listed) == 1 and len(listed[0]) == 1 else ""

    def _alternatives(
        self, schema: Any, within: tuple[str, ...]
    ) -> Iterator[tuple[dict[str, Any], tuple[str, ...]]]:
        """Yield the schemas of which one has to hold, each with the references that led to it."""
        if not isinstance(schema, dict):
            yield {}, within
            return
        if "$ref" in schema:
            name = str(schema["$ref"]).rsplit("/", 1)[-1]
            if name not in within:  # a type that holds itself is told once
                yield from self._alternatives(self.definitions[name], (*within, name))
            return
        union = next((schema[word] for word in _UNIONS if word in schema), None)
        rest = {word: value for word, value in schema.items() if word not in (*_UNIONS, "allOf")}
        if union is not None:
            for each in union:
                for option, inside in self._alternatives(each, within):
                    yield _both(rest, option), inside
        elif "allOf" in schema:
            yield from self._all_of(rest, list(schema["allOf"]), within)
        else:
            yield rest, within

    def _all_of(
        self, so_far: dict[str, Any], parts: list[Any], within: tuple[str, ...]
    ) -> Iterator[tuple[dict[str, Any], tuple[str, ...]]]:
        if not parts:
            yield so_far, within
            return
        for option, inside in self._alternatives(parts[0], within):
            yield from self._all_of(_both(so_far, option), parts[1:], inside)


def _both(one: Mapping[str, Any], other: Mapping[str, Any]) -> dict[str, Any]:
    """Return the schema that says what both say; of members that both name, the later says more."""
    both = {**one, **other}
    if "properties" in one and "properties" in other:
        both["properties"] = {**one["properties"], **other["properties"]}
    if "required" in one and "required" in other:
        both["required"] = sorted({*one["required"], *other["required"]})
    return both


def _says(schema: Mapping[str, Any]) -> tuple[set[str], set[str | int | float | bool]]:
    """Return the JSON types and the only values that a schema without alternatives allows, but for null."""
    if "const" in schema or "enum" in schema:
        listed = [schema["const"]] if "const" in schema else schema["enum"]
        values = [value for value in listed if value is not None]
        return {_KINDS[type(value)] for value in values}, {
            value for value in values if isinstance(value, str | int | float)
        }
    named = schema.get("type", ())
    kinds = {named} if isinstance(named, str) else set(named)
    if not kinds:
        inferred = {"properties": "object", "items": "array"}
        kinds = {kind for word, kind in inferred.items() if word in schema} or {_ANY}
    return kinds - {"null"}, set()
