"""Reading a bundled schema: its references followed, its `allOf` merged, its bounds as numbers."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from fractions import Fraction
from itertools import product
from typing import Any

import jsonschema_rs

from generators.conditions import unfolded
from generators.schema_intersection import hopeless, merged
from schemas.bundle import Schema
from schemas.engines import deciding, explaining, rooted
from schemas.spellings import by_spelling

ANNOTATIONS = frozenset(
    "default examples $comment readOnly writeOnly deprecated format contentEncoding contentMediaType"
    " contentSchema definitions $defs".split()
)

SUPPORTED = frozenset(
    "$ref type const enum allOf anyOf oneOf not if then else dependencies dependentRequired dependentSchemas"
    " pattern format minLength maxLength minimum maximum exclusiveMinimum exclusiveMaximum multipleOf items"
    " prefixItems additionalItems contains minContains maxContains minItems maxItems uniqueItems properties"
    " patternProperties required additionalProperties unevaluatedProperties propertyNames minProperties"
    " maxProperties".split()
)

SIMPLE_TYPES = ("null", "boolean", "integer", "string")
"""What a value may be where its schema says nothing: enough to see that anything goes."""


class UnsupportedKeyword(ValueError):
    """The schema uses a keyword for which no values can be made; names keyword and pointer."""

    def __init__(self, keyword: str, pointer: str) -> None:
        self.keyword, self.pointer = keyword, pointer
        super().__init__(f"#{pointer or '/'}: no values can be made for the keyword {keyword!r}")


def unsupported(schema: Mapping[str, Any]) -> str:
    """Return the first keyword of `schema` that is not understood, empty where all are."""
    for keyword in schema:
        if keyword not in SUPPORTED and keyword not in ANNOTATIONS and not keyword.startswith("x-"):
            return keyword
    return ""


def check_keywords(schema: Mapping[str, Any], pointer: str) -> None:
    """Raise `UnsupportedKeyword` for the first keyword of `schema` that is not understood."""
    keyword = unsupported(schema)
    if keyword:
        raise UnsupportedKeyword(keyword, f"{pointer}/{keyword}")


def validity(schema: Schema, definitions: Mapping[str, Schema], dialect: str) -> Callable[[Any], bool]:
    """Return what tells whether a value satisfies `schema`."""
    whole = rooted(schema, dict(definitions))
    try:
        found: Callable[[Any], bool] = deciding(whole, dialect).is_valid
    except (ValueError, jsonschema_rs.ValidationError):  # a construct that only one engine knows
        found = explaining(whole, dialect).is_valid
    return found


def flat(schema: Schema, definitions: Mapping[str, Schema]) -> Schema:
    """Return `schema` with its references followed, its `allOf` merged, its conditions as alternatives."""
    if isinstance(schema, bool):
        return schema
    own = {k: v for k, v in schema.items() if k != "$ref"}
    own = unfolded(own, lambda each: flat(each, definitions))
    parts = [definitions[name] for name in _named(schema)] + own.pop("allOf", [])
    whole: Schema = own
    for part in parts:
        whole = merged(whole, flat(part, definitions))
    return False if hopeless(whole) else whole


def _named(schema: Mapping[str, Any]) -> list[str]:
    return [schema["$ref"].removeprefix("#/definitions/")] if "$ref" in schema else []


def referred(schema: Schema, definitions: Mapping[str, Schema]) -> list[str]:
    """Return the names of the definitions that `schema` is made of, by `$ref` and `allOf`."""
    if isinstance(schema, bool):
        return []
    found = _named(schema)
    for part in [*(definitions[name] for name in found), *schema.get("allOf", ())]:
        found += referred(part, definitions)
    return found


def patterns_of_names(schema: Schema, definitions: Mapping[str, Schema]) -> list[str]:
    """Return the patterns that `schema` has for the names of members."""
    if isinstance(schema, bool):
        return []
    found = list(schema.get("patternProperties", ()))
    for part in [*(definitions[name] for name in _named(schema)), *schema.get("allOf", ())]:
        found += patterns_of_names(part, definitions)
    return found


def placed(
    path: tuple[str, ...], properties: Mapping[str, Schema], definitions: Mapping[str, Schema]
) -> tuple[str, ...]:
    """Return the path of an object's members: with the kind of object it is, where its `type` says that."""
    type_ = flat(properties.get("type", True), definitions)
    kind = type_.get("const") if isinstance(type_, dict) else None
    return (*path, kind) if isinstance(kind, str) else path


_FEW = 3
"""Fields in two spellings that are combined in every way."""


def ways_to_spell(schema: Mapping[str, Any], *, every: bool) -> list[list[str]]:
    """Return the ways to give each field of an object one spelling, as the names that are left out then.

    None where no field has two. All first spellings make a way, all second ones another; of few fields
    `every` combination is one.
    """
    properties = schema.get("properties", {})
    required = set(schema.get("required", ()))
    fields = by_spelling(name for name, said in properties.items() if said is not False).values()
    several = [names for names in fields if len(names) > 1 and len(required.intersection(names)) < len(names)]
    if not several:
        return []
    if every and len(several) <= _FEW:
        kept = [set(chosen) for chosen in product(*several)]
    else:
        longest = max(map(len, several))
        kept = [{names[min(n, len(names) - 1)] for names in several} for n in range(longest)]
    return [[name for names in several for name in names if name not in each] for each in kept]


_SPEAKING: tuple[tuple[frozenset[str], str], ...] = (
    (
        frozenset(
            "properties required additionalProperties propertyNames minProperties maxProperties".split()
        ),
        "object",
    ),
    (frozenset(("items", "prefixItems", "minItems", "maxItems", "uniqueItems", "contains")), "array"),
    (frozenset(("minLength", "maxLength", "pattern", "format")), "string"),
    (frozenset("minimum maximum exclusiveMinimum exclusiveMaximum multipleOf".split()), "number"),
)
"""Keywords that speak of values of one type only."""


def kinds_of(schema: Mapping[str, Any]) -> list[str]:
    """Return the types `schema` allows; where it names none, those that its other keywords speak of."""
    listed = schema.get("type")
    if listed is not None:
        return [listed] if isinstance(listed, str) else list(listed)
    for keywords, kind in _SPEAKING:
        if keywords & set(schema):
            return [kind]
    forbidden = schema.get("not")
    excluded = forbidden.get("type") if isinstance(forbidden, dict) and set(forbidden) == {"type"} else ()
    return [
        k for k in SIMPLE_TYPES if k not in ((excluded,) if isinstance(excluded, str) else excluded or ())
    ]


def bounds(schema: Mapping[str, Any]) -> tuple[float | None, float | None]:
    """Return the least and the greatest number that `schema` allows; None where there is no bound."""
    step = schema.get("multipleOf", 1 if schema.get("type") == "integer" else None)
    return _end(schema, "minimum", "exclusiveMinimum", step, 1), _end(
        schema, "maximum", "exclusiveMaximum", step, -1
    )


def _end(schema: Mapping[str, Any], closed: str, open_: str, step: Any, inwards: int) -> float | None:
    """Return one end of a range; `inwards` is the direction of the other one."""
    found: list[float] = [schema[closed]] if closed in schema else []
    if step is not None:
        size = Fraction(str(step))
        ends = [_multiple(Fraction(str(v)), size, inwards) for v in found]
        if open_ in schema:
            edge = Fraction(str(schema[open_]))
            inner = _multiple(edge, size, inwards)
            ends.append(inner + inwards * size if inner == edge else inner)
        found = [int(e) if e.denominator == 1 else float(e) for e in ends]
    elif open_ in schema:
        edge = schema[open_]
        near = round(edge + inwards * 1e-6, 6)
        found.append(near if near != edge else math.nextafter(edge, inwards * math.inf))
    if not found:
        return None
    return max(found) if inwards > 0 else min(found)


def _multiple(value: Fraction, step: Fraction, inwards: int) -> Fraction:
    times = value / step
    return step * (math.ceil(times) if inwards > 0 else math.floor(times))
