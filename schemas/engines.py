"""The two validation engines, set up alike.

`jsonschema_rs` decides (about a hundred times faster), `jsonschema` explains and has the last word.
"""

from __future__ import annotations

import functools
from collections.abc import Iterator
from fractions import Fraction
from typing import TYPE_CHECKING, Any, cast

import jsonschema_rs

from schemas.bundle import Schema
from schemas.formats import CHECKERS

if TYPE_CHECKING:
    from jsonschema import FormatChecker
    from jsonschema.protocols import Validator


def is_multiple(value: float, step: float) -> bool:
    """Tell whether `value`, as it is written, is a multiple of `step`."""
    try:
        return (_as_written(value) / _as_written(step)).denominator == 1
    except ValueError:  # infinity, and what is no number
        return False


def _as_written(number: float) -> Fraction:
    return Fraction(number) if isinstance(number, int) else Fraction(repr(number))


_FAST = {"draft7": jsonschema_rs.Draft7Validator, "openapi-3.0": jsonschema_rs.Draft7Validator}


def rooted(schema: Schema, definitions: dict[str, Schema]) -> dict[str, Any]:
    """Return `schema` with the definitions it may refer to, ready for either engine."""
    body: dict[str, Any] = (
        {"allOf": [schema]} if isinstance(schema, bool) or "$ref" in schema else dict(schema)
    )
    return {**body, "definitions": definitions}


def explaining(schema: dict[str, Any], dialect: str) -> Validator:
    """Return a `jsonschema` validator of the rooted `schema`."""
    kind, formats = _explainer(dialect in ("draft7", "openapi-3.0"))
    return kind(schema, format_checker=formats)


@functools.cache
def _explainer(old: bool) -> tuple[type[Validator], FormatChecker]:
    """Return the class of validators, and their formats. Only who needs an explanation waits for all this."""
    from jsonschema import (  # noqa: PLC0415
        Draft7Validator,
        Draft202012Validator,
        FormatChecker,
        ValidationError,
        validators,
    )

    def multiple_of(validator: Validator, step: Any, value: Any, _: Schema) -> Iterator[ValidationError]:
        """Judge numbers as they are written, in decimal: as floats, 0.07 is no multiple of 0.01."""
        if validator.is_type(value, "number") and not is_multiple(value, step):
            yield ValidationError(f"{value!r} is not a multiple of {step!r}")

    extend: Any = validators.extend  # which has no types of its own
    formats = FormatChecker(formats=())
    for name, check in CHECKERS.items():
        formats.checks(name)(check)
    base = Draft7Validator if old else Draft202012Validator
    return cast("type[Validator]", extend(base, {"multipleOf": multiple_of})), formats


def deciding(schema: dict[str, Any], dialect: str) -> Any:
    """Return a `jsonschema_rs` validator of the rooted `schema`.

    Raises `jsonschema_rs.ValidationError` or `ValueError` where it cannot compile what `jsonschema` can.
    """
    engine = _FAST.get(dialect, jsonschema_rs.Draft202012Validator)
    return engine(schema, formats=CHECKERS, validate_formats=True, offline=True)


def is_schema(schema: dict[str, Any], dialect: str) -> bool:
    """Tell whether the rooted `schema` satisfies the meta-schema of its dialect."""
    meta = "http://json-schema.org/draft-07/schema#"
    if dialect not in _FAST:
        meta = "https://json-schema.org/draft/2020-12/schema"
    return bool(jsonschema_rs.meta.is_valid({"$schema": meta, **schema}))
