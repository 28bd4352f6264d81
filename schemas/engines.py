"""The two validation engines, set up alike.

`jsonschema_rs` decides (about a hundred times faster), `jsonschema` explains and has the last word.
"""

from __future__ import annotations

from typing import Any

import jsonschema_rs
from jsonschema import Draft7Validator, Draft202012Validator
from jsonschema.protocols import Validator

from schemas.bundle import Schema
from schemas.formats import CHECKERS, FORMAT_CHECKER

_SLOW: dict[str, type[Validator]] = {"draft7": Draft7Validator, "openapi-3.0": Draft7Validator}
_FAST = {"draft7": jsonschema_rs.Draft7Validator, "openapi-3.0": jsonschema_rs.Draft7Validator}


def rooted(schema: Schema, definitions: dict[str, Schema]) -> dict[str, Any]:
    """Return `schema` with the definitions it may refer to, ready for either engine."""
    body: dict[str, Any] = (
        {"allOf": [schema]} if isinstance(schema, bool) or "$ref" in schema else dict(schema)
    )
    return {**body, "definitions": definitions}


def explaining(schema: dict[str, Any], dialect: str) -> Validator:
    """Return a `jsonschema` validator of the rooted `schema`."""
    return _SLOW.get(dialect, Draft202012Validator)(schema, format_checker=FORMAT_CHECKER)


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
