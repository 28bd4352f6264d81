"""Conditions of a schema, written as alternatives that can be chosen.

`if`, `dependencies` and `not` say what must not be; who makes a value needs to know what may.
Each becomes an `anyOf`; `contains` becomes a first element, and `patternProperties` a member with a name that
matches. So a value made of the result satisfies the original, or is found out by its validator; some that
satisfy the original cannot be made (a match of `contains` in the middle).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from generators.patterns import matching
from schemas.bundle import Schema
from schemas.ecma import searching

_CONDITIONS = frozenset(
    "if then else dependencies dependentRequired dependentSchemas patternProperties".split()
)

_IN_CONTEXT = frozenset(
    "if then else additionalProperties additionalItems items prefixItems contains minContains maxContains"
    " patternProperties unevaluatedProperties unevaluatedItems $ref allOf anyOf oneOf not".split()
)
"""Keywords that cannot be negated one by one."""

_OPPOSITES: Mapping[str, Callable[[Any], Schema]] = {
    "minimum": lambda v: {"exclusiveMaximum": v},
    "maximum": lambda v: {"exclusiveMinimum": v},
    "exclusiveMinimum": lambda v: {"maximum": v},
    "exclusiveMaximum": lambda v: {"minimum": v},
    "minLength": lambda v: {"maxLength": v - 1},
    "maxLength": lambda v: {"minLength": v + 1},
    "minItems": lambda v: {"maxItems": v - 1},
    "maxItems": lambda v: {"minItems": v + 1},
}


def unfolded(schema: dict[str, Any], resolved: Callable[[Schema], Schema]) -> dict[str, Any]:
    """Return `schema` without conditions; their alternatives are in its `allOf`.

    `resolved` follows the references of a schema.
    """
    made = {k: v for k, v in schema.items() if k not in _CONDITIONS}
    groups = [*_conditionals(schema, resolved), *_dependencies(schema), *_negations(schema, made, resolved)]
    if groups:
        made["allOf"] = [*made.get("allOf", ()), *({"anyOf": group} for group in groups)]
    _contain(made)
    _name(made, schema.get("patternProperties", {}))
    return made


def _conditionals(schema: dict[str, Any], resolved: Callable[[Schema], Schema]) -> Iterator[list[Schema]]:
    if "if" in schema and ("then" in schema or "else" in schema):
        otherwise = schema.get("else", True)
        no = [{"allOf": [each, otherwise]} for each in opposite(resolved(schema["if"]))]
        yield [{"allOf": [schema["if"], schema.get("then", True)]}, *no]


def _dependencies(schema: dict[str, Any]) -> Iterator[list[Schema]]:
    for keyword in ("dependencies", "dependentRequired", "dependentSchemas"):
        for name, needs in schema.get(keyword, {}).items():
            also = {"required": needs} if isinstance(needs, list) else needs
            yield [{"allOf": [{"required": [name]}, also]}, {"properties": {name: False}}]


def _negations(
    schema: dict[str, Any], made: dict[str, Any], resolved: Callable[[Schema], Schema]
) -> Iterator[list[Schema]]:
    if "not" in schema:
        forbidden = resolved(schema["not"])
        found = opposite(forbidden)
        if found != [{"not": forbidden}]:
            del made["not"]
            yield found


def opposite(schema: Schema) -> list[Schema]:
    """Return alternatives that together allow what `schema` does not."""
    if isinstance(schema, bool):
        return [not schema]
    if set(schema) & _IN_CONTEXT:
        return [{"not": schema}]
    found: list[Schema] = [{"properties": {name: False}} for name in schema.get("required", ())]
    for name, member in schema.get("properties", {}).items():
        found.append({"required": [name], "properties": {name: {"not": member}}})
    for keyword, value in schema.items():
        if keyword in _OPPOSITES:
            found.append(_OPPOSITES[keyword](value))
        elif keyword not in ("required", "properties", "examples", "default", "format") and not (
            keyword == "type" and value == "object" and found
        ):
            found.append({"not": {keyword: value}})
    return found or [False]


def _contain(made: dict[str, Any]) -> None:
    """Put what an array has to contain at its head."""
    least = made.get("minContains", 1)
    items = made.get("items", True)
    if "contains" in made and least and not isinstance(items, list) and "prefixItems" not in made:
        made["prefixItems"] = [{"allOf": [made["contains"], items]}] * least
        made["minItems"] = max(least, made.get("minItems", 0))
        del made["contains"]


def _name(made: dict[str, Any], by_pattern: Mapping[str, Schema]) -> None:
    """Give a member a name for each pattern of names, and each named member what the patterns ask of it."""
    if not by_pattern:
        return
    properties: dict[str, Schema] = dict(made.get("properties", {}))
    for pattern in by_pattern:
        for name in matching(pattern)[:1]:
            properties.setdefault(name, True)
    for name, member in properties.items():
        asked = [s for pattern, s in by_pattern.items() if searching(pattern)(name)]
        if asked:
            properties[name] = {"allOf": [member, *asked]}
    made["properties"] = properties
