"""Reading a bundled schema: its references followed, its `allOf` merged, its bounds as numbers."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from schemas.bundle import Schema

ANNOTATIONS = frozenset(("default", "examples", "$comment", "readOnly", "writeOnly", "deprecated", "format"))

SUPPORTED = frozenset(
    "$ref type const enum allOf anyOf oneOf not pattern format minLength maxLength minimum maximum"
    " exclusiveMinimum exclusiveMaximum multipleOf items prefixItems minItems maxItems uniqueItems properties"
    " required additionalProperties propertyNames minProperties maxProperties".split()
)


class UnsupportedKeyword(ValueError):
    """The schema uses a keyword for which no values can be made; names keyword and pointer."""

    def __init__(self, keyword: str, pointer: str) -> None:
        self.keyword, self.pointer = keyword, pointer
        super().__init__(f"#{pointer or '/'}: no values can be made for the keyword {keyword!r}")


def check(schema: Mapping[str, Any], pointer: str) -> None:
    """Raise `UnsupportedKeyword` for the first keyword of `schema` that is not understood."""
    for keyword in schema:
        if keyword not in SUPPORTED and keyword not in ANNOTATIONS and not keyword.startswith("x-"):
            raise UnsupportedKeyword(keyword, f"{pointer}/{keyword}")


def flat(schema: Schema, definitions: Mapping[str, Schema]) -> Schema:
    """Return `schema` with its references followed and its `allOf` merged into it."""
    for _ in range(len(definitions) + 1):
        if isinstance(schema, bool) or "$ref" not in schema:
            break
        schema = definitions[schema["$ref"].removeprefix("#/definitions/")]
    if isinstance(schema, bool) or "allOf" not in schema:
        return schema
    whole: Schema = {k: v for k, v in schema.items() if k != "allOf"}
    for part in schema["allOf"]:
        whole = merged(whole, flat(part, definitions))
    return whole


def placed(
    path: tuple[str, ...], properties: Mapping[str, Schema], definitions: Mapping[str, Schema]
) -> tuple[str, ...]:
    """Return the path of an object's members: with the kind of object it is, where its `type` says that."""
    type_ = flat(properties.get("type", True), definitions)
    kind = type_.get("const") if isinstance(type_, dict) else None
    return (*path, kind) if isinstance(kind, str) else path


def kinds_of(schema: Mapping[str, Any]) -> list[str]:
    """Return the types `schema` allows; where it names none, those that its other keywords speak of."""
    listed = schema.get("type")
    if listed is not None:
        return [listed] if isinstance(listed, str) else list(listed)
    if "properties" in schema or "required" in schema:
        return ["object"]
    if "items" in schema:
        return ["array"]
    if {"minLength", "maxLength", "pattern", "format"} & set(schema):
        return ["string"]
    if "minimum" in schema or "maximum" in schema:
        return ["number"]
    return ["null", "boolean", "integer", "string"]


def bounds(schema: Mapping[str, Any]) -> tuple[float | None, float | None]:
    """Return the least and the greatest number that `schema` allows; None where there is no bound."""
    low, high = schema.get("minimum"), schema.get("maximum")
    step = 1 if schema.get("type") == "integer" else 1e-6
    if "exclusiveMinimum" in schema:
        low = schema["exclusiveMinimum"] + step
    if "exclusiveMaximum" in schema:
        high = schema["exclusiveMaximum"] - step
    return low, high


def merged(one: Schema, other: Schema) -> Schema:
    """Return a schema that allows what both allow, for the keywords that documents merge by `allOf`."""
    if isinstance(one, bool):
        return other if one else False
    if isinstance(other, bool):
        return one if other else False
    whole = dict(one)
    for keyword, value in other.items():
        whole[keyword] = _merged_keyword(keyword, whole[keyword], value) if keyword in whole else value
    return whole


def _merged_keyword(keyword: str, one: Any, other: Any) -> Any:
    match keyword:
        case "required":
            return sorted({*one, *other})
        case "properties":
            names = dict.fromkeys([*one, *other])
            return {name: merged(one.get(name, True), other.get(name, True)) for name in names}
        case "enum":
            return [v for v in one if v in other]
        case "minimum" | "minLength" | "minItems" | "exclusiveMinimum" | "minProperties":
            return max(one, other)
        case "maximum" | "maxLength" | "maxItems" | "exclusiveMaximum" | "maxProperties":
            return min(one, other)
        case "type":
            kinds = [one] if isinstance(one, str) else one
            others = [other] if isinstance(other, str) else other
            both = [k for k in kinds if k in others] or [
                k for k in others if k == "integer" and "number" in kinds
            ]
            return both[0] if len(both) == 1 else both
        case "oneOf" | "anyOf" | "not" | "pattern" if one != other:
            raise UnsupportedKeyword(f"{keyword} twice in allOf", "")
    return other
