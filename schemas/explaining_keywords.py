"""Keywords for `jsonschema` that mean what they mean to the engine that decides.

`jsonschema` has Python's `re` search patterns and divides floats.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from jsonschema import ValidationError

from schemas.ecma import searching
from schemas.multiples import is_multiple

Validate = Callable[[Any, Any, Any, Any], Iterator[ValidationError]]


def by_ecma(usual: Mapping[str, Validate]) -> dict[str, Validate]:
    """Return the keywords that take the place of some of `usual`, those of a draft."""
    found: dict[str, Validate] = {
        "multipleOf": _multiple_of,
        "pattern": _pattern,
        "patternProperties": _pattern_properties,
        "additionalProperties": _additional_properties(usual["additionalProperties"]),
    }
    if "unevaluatedProperties" in usual:
        found["unevaluatedProperties"] = _unevaluated_properties
    return found


def _multiple_of(validator: Any, step: Any, value: Any, _: Any) -> Iterator[ValidationError]:
    if validator.is_type(value, "number") and not is_multiple(value, step):
        yield ValidationError(f"{value!r} is not a multiple of {step!r}")


def _pattern(validator: Any, pattern: str, value: Any, _: Any) -> Iterator[ValidationError]:
    if validator.is_type(value, "string") and not searching(pattern)(value):
        yield ValidationError(f"{value!r} does not match {pattern!r}")


def _pattern_properties(
    validator: Any, named: Mapping[str, Any], value: Any, _: Any
) -> Iterator[ValidationError]:
    if validator.is_type(value, "object"):
        for pattern, schema in named.items():
            search = searching(pattern)
            for name, member in value.items():
                if search(name):
                    yield from validator.descend(member, schema, path=name, schema_path=pattern)


def _additional_properties(usual: Validate) -> Validate:
    def additional_properties(
        validator: Any, rest: Any, value: Any, schema: Any
    ) -> Iterator[ValidationError]:
        if "patternProperties" not in schema:
            yield from usual(validator, rest, value, schema)
        elif validator.is_type(value, "object"):
            yield from _rest(validator, rest, value, _named(schema, value))

    return additional_properties


def _unevaluated_properties(validator: Any, rest: Any, value: Any, schema: Any) -> Iterator[ValidationError]:
    if validator.is_type(value, "object"):
        yield from _rest(validator, rest, value, _evaluated(validator, value, schema))


def _rest(validator: Any, rest: Any, value: Any, known: set[str]) -> Iterator[ValidationError]:
    """Judge the members of `value` that are not `known`."""
    unknown = [name for name in value if name not in known]
    if rest is False and unknown:
        yield ValidationError(f"{', '.join(map(repr, unknown))} must not be there")
    elif rest is not False:
        for name in unknown:
            yield from validator.descend(value[name], rest, path=name)


def _named(schema: Mapping[str, Any], value: Mapping[str, Any]) -> set[str]:
    """Return the members of `value` that `properties` or `patternProperties` of `schema` name."""
    searches = [searching(pattern) for pattern in schema.get("patternProperties", ())]
    return {n for n in value if n in schema.get("properties", ()) or any(s(n) for s in searches)}


def _evaluated(validator: Any, value: Mapping[str, Any], schema: Any) -> set[str]:
    """Return the members of `value` that `schema` looks at, as JSON Schema 2019-09 and later count them."""
    if isinstance(schema, bool):
        return set()
    if "additionalProperties" in schema:
        return set(value)
    found = _named(schema, value)
    if "$ref" in schema:
        target = validator._resolver.lookup(schema["$ref"])  # noqa: SLF001 - there is no other way to it
        there = validator.evolve(schema=target.contents, _resolver=target.resolver)
        found |= set(value) if _takes_all(target.contents) else _evaluated(there, value, target.contents)
    for each in _in_place(validator, value, schema):
        if validator.evolve(schema=each).is_valid(value):
            found |= set(value) if _takes_all(each) else _evaluated(validator, value, each)
    return found


def _takes_all(schema: Any) -> bool:
    return isinstance(schema, dict) and "unevaluatedProperties" in schema


def _in_place(validator: Any, value: Mapping[str, Any], schema: Mapping[str, Any]) -> Iterator[Any]:
    """Yield the subschemas of `schema` that may look at members of `value` itself."""
    for group in ("allOf", "anyOf", "oneOf"):
        yield from schema.get(group, ())
    yield from (each for name, each in schema.get("dependentSchemas", {}).items() if name in value)
    if "if" in schema:
        yield schema["if"]
        holds = validator.evolve(schema=schema["if"]).is_valid(value)
        yield schema.get("then" if holds else "else", True)
