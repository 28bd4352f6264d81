"""The two validation engines, set up alike.

`jsonschema_rs` decides (about a hundred times faster), `jsonschema` explains and has the last word.
"""

from __future__ import annotations

import functools
from typing import TYPE_CHECKING, Any, cast

import jsonschema_rs

from schemas.bundle import Schema
from schemas.ecma import ELSEWHERE, searching
from schemas.formats import CHECKERS
from schemas.multiples import is_multiple

if TYPE_CHECKING:
    from jsonschema import FormatChecker
    from jsonschema.protocols import Validator


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
    from jsonschema import Draft7Validator, Draft202012Validator, FormatChecker, validators  # noqa: PLC0415

    from schemas.explaining_keywords import by_ecma  # noqa: PLC0415

    extend: Any = validators.extend  # which has no types of its own
    formats = FormatChecker(formats=())
    for name, check in CHECKERS.items():
        formats.checks(name)(check)
    base = Draft7Validator if old else Draft202012Validator
    return cast("type[Validator]", extend(base, by_ecma(base.VALIDATORS))), formats


def deciding(schema: dict[str, Any], dialect: str) -> Any:
    """Return a `jsonschema_rs` validator of the rooted `schema`.

    Raises `jsonschema_rs.ValidationError` or `ValueError` where it cannot compile what `jsonschema` can.
    """
    engine = _FAST.get(dialect, jsonschema_rs.Draft202012Validator)
    return engine(schema, formats=CHECKERS, validate_formats=True, offline=True, keywords=_DECIDING)


class _Pattern:
    def __init__(self, _parent: Any, pattern: str, _path: Any) -> None:
        self._search = searching(pattern)

    def validate(self, value: Any) -> None:
        if isinstance(value, str) and not self._search(value):
            raise ValueError("no match")


class _Multiple:
    def __init__(self, _parent: Any, step: float, _path: Any) -> None:
        self._step = step

    def validate(self, value: Any) -> None:
        number = isinstance(value, (int, float)) and not isinstance(value, bool)
        if number and not is_multiple(value, self._step):
            raise ValueError("no multiple")


class _Elsewhere:
    def __init__(self, _parent: Any, _value: Any, _path: Any) -> None:
        raise ValueError("only `jsonschema` knows this")


_DECIDING = {"pattern": _Pattern, "multipleOf": _Multiple, ELSEWHERE: _Elsewhere}
"""Keywords that `jsonschema_rs` asks Python about."""


def is_schema(schema: dict[str, Any], dialect: str) -> bool:
    """Tell whether the rooted `schema` satisfies the meta-schema of its dialect."""
    meta = "http://json-schema.org/draft-07/schema#"
    if dialect not in _FAST:
        meta = "https://json-schema.org/draft/2020-12/schema"
    return bool(jsonschema_rs.meta.is_valid({"$schema": meta, **schema}))
