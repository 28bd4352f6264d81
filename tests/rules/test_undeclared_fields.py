"""Schemas that are closed to fields they do not name, wherever in them an object is."""

from __future__ import annotations

from typing import Any

import pytest

from rules.undeclared_fields import closed

NAMED: dict[str, Any] = {"type": "object", "properties": {"name": {"type": "string"}}}
CLOSED = {**NAMED, "additionalProperties": False}


@pytest.mark.parametrize(
    ("schema", "expected"),
    [
        (True, True),
        (NAMED, CLOSED),
        ({"type": "object"}, {"type": "object"}),
        ({**NAMED, "additionalProperties": True}, {**NAMED, "additionalProperties": True}),
        ({"additionalProperties": NAMED}, {"additionalProperties": CLOSED}),
        ({"items": NAMED}, {"items": CLOSED}),
        ({"items": [NAMED, True]}, {"items": [CLOSED, True]}),
        ({"oneOf": [NAMED, NAMED]}, {"oneOf": [CLOSED, CLOSED]}),
        ({"patternProperties": {"^x-": NAMED}}, {"patternProperties": {"^x-": CLOSED}}),
        ({"enum": ["a", "b"], "const": NAMED}, {"enum": ["a", "b"], "const": NAMED}),
        ({"properties": {"part": NAMED}}, {"properties": {"part": CLOSED}, "additionalProperties": False}),
    ],
)
def test_every_object_that_names_its_members_is_closed(schema: Any, expected: Any) -> None:
    assert closed(schema) == expected


@pytest.mark.parametrize("union", ["allOf", "anyOf", "oneOf"])
def test_an_object_that_is_one_of_several_is_not_closed_itself(union: str) -> None:
    """What its branches name is not among its own members."""
    either = {**NAMED, union: [True]}
    assert closed(either) == either
