"""What two schemas allow together, as one schema: the `allOf` of documents, and what stands beside a union.

Nothing is lost. What cannot be said in one keyword (two patterns, a second union) stays behind in `allOf`.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from fractions import Fraction
from typing import Any

from schemas.bundle import Schema

_ANNOTATIONS = frozenset(("default", "examples", "format"))


def merged(one: Schema, other: Schema) -> Schema:
    """Return a schema that allows what both allow."""
    if isinstance(one, bool):
        return other if one else False
    if isinstance(other, bool):
        return one if other else False
    whole: dict[str, Any] = {**other, **one}
    left: list[Schema] = [*one.get("allOf", ()), *other.get("allOf", ())]
    for keyword, value in one.items():
        if keyword in ("properties", "allOf") or keyword not in other or _same(value, other[keyword]):
            continue
        if keyword in _MERGES:
            whole[keyword] = _MERGES[keyword](value, other[keyword])
        elif keyword not in _ANNOTATIONS and not keyword.startswith("x-"):
            left.append({keyword: other[keyword]})
    if "properties" in whole:
        whole["properties"] = _properties(one, other)
    if left:
        whole["allOf"] = left
    return False if _contradicts(whole) else whole


def hopeless(schema: Schema) -> bool:
    """Tell whether nothing satisfies `schema`, as far as that shows at a glance."""
    if isinstance(schema, bool):
        return not schema
    properties = schema.get("properties", {})
    return any(properties.get(name, True) is False for name in schema.get("required", ()))


def _same(one: Any, other: Any) -> bool:
    return bool(one == other) and repr(one) == repr(other)  # 1 is not true


def _contradicts(schema: dict[str, Any]) -> bool:
    """Tell whether the constants of `schema` exclude each other: dead branches of unions are seen early."""
    if schema.get("type") == [] or schema.get("enum") == []:
        return True
    if "const" not in schema:
        return False
    value = schema["const"]
    if "enum" in schema and value not in schema["enum"]:
        return True
    for each in (schema, *schema.get("allOf", ())):
        if not isinstance(each, dict):
            continue
        other = each.get("not")
        listed = [other["const"]] if isinstance(other, dict) and set(other) == {"const"} else []
        listed += other["enum"] if isinstance(other, dict) and set(other) == {"enum"} else []
        if any(_same(value, v) for v in listed) or ("const" in each and not _same(value, each["const"])):
            return True
    return False


def _properties(one: dict[str, Any], other: dict[str, Any]) -> dict[str, Schema]:
    """Return the members of both; what one does not name, it has to allow as an additional one."""
    mine, theirs = one.get("properties", {}), other.get("properties", {})
    rest, others = one.get("additionalProperties", True), other.get("additionalProperties", True)
    names = dict.fromkeys([*mine, *theirs])
    return {name: _both(mine.get(name, rest), theirs.get(name, others)) for name in names}


def _both(one: Schema, other: Schema) -> Schema:
    """Return a schema of what both allow; where one is a reference, it stays one, for what is circular."""
    if one is True or other is True or _same(one, other):
        return other if one is True else one
    if one is False or other is False:
        return False
    if "$ref" in one or "$ref" in other:
        return {"allOf": [one, other]}
    return merged(one, other)


def _types(one: Any, other: Any) -> Any:
    kinds = [one] if isinstance(one, str) else one
    others = [other] if isinstance(other, str) else other
    both = [k for k in kinds if k in others or (k == "integer" and "number" in others)]
    both += [k for k in others if k == "integer" and "number" in kinds and k not in both]
    return both[0] if len(both) == 1 else both


def _multiples(one: Any, other: Any) -> Any:
    first, second = Fraction(str(one)), Fraction(str(other))
    common = math.lcm(first.numerator * second.denominator, second.numerator * first.denominator)
    both = Fraction(common, first.denominator * second.denominator)
    return int(both) if both.denominator == 1 else float(both)


_MERGES: dict[str, Callable[[Any, Any], Any]] = {
    "required": lambda a, b: sorted({*a, *b}),
    "enum": lambda a, b: [v for v in a if any(_same(v, w) for w in b)],
    "type": _types,
    "uniqueItems": lambda a, b: a or b,
    "multipleOf": _multiples,
    **dict.fromkeys(("items", "additionalProperties", "propertyNames", "additionalItems"), _both),
    **dict.fromkeys(
        ("minimum", "minLength", "minItems", "exclusiveMinimum", "minProperties", "minContains"), max
    ),
    **dict.fromkeys(
        ("maximum", "maxLength", "maxItems", "exclusiveMaximum", "maxProperties", "maxContains"), min
    ),
}
