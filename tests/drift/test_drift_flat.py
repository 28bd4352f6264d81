"""A JSON Schema becomes a table of places, however it is written."""

from __future__ import annotations

from typing import Any

import pytest

from drift.flat import Place, flatten


def _object(required: tuple[str, ...] = (), **members: Any) -> dict[str, Any]:
    return {"type": "object", "properties": members, "required": list(required)}


def _place(*kinds: str, values: tuple[str | int, ...] | None = None, required: bool = False) -> Place:
    return Place(frozenset(kinds), None if values is None else frozenset(values), required)


TEXT = {"type": "string"}


def test_members_are_paths() -> None:
    part = _object(("text",), text=TEXT)
    schema = _object(("item",), item=_object(content={"type": "array", "items": part}))
    assert flatten(schema, {}) == {
        "item": _place("object", required=True),
        "item.content": _place("array"),
        "item.content[]": _place("object", required=True),
        "item.content[].text": _place("string", required=True),
    }


@pytest.mark.parametrize(
    ("schema", "place"),
    [
        ({"const": "auto"}, _place("string", values=("auto",))),
        ({"enum": ["a", "b", None]}, _place("string", values=("a", "b"))),
        ({"anyOf": [TEXT, {"enum": ["a"]}]}, _place("string")),
        ({"anyOf": [{"type": "integer"}, {"const": "inf"}, {"type": "null"}]}, _place("integer", "string")),
        ({"type": ["integer", "null"]}, _place("integer")),
        ({"anyOf": [{"enum": ["a"]}, {"type": "object"}]}, _place("object", "string", values=("a",))),
        ({"oneOf": [{"type": "integer"}, {"type": "number"}]}, _place("number")),
        ({}, _place("any")),
        (True, _place("any")),
        ({"items": TEXT}, _place("array")),
        ({"allOf": [TEXT, {"minLength": 1}]}, _place("string")),
        ({"$ref": "#/definitions/Text"}, _place("string")),
    ],
)
def test_what_may_stand_at_a_place(schema: Any, place: Place) -> None:
    assert flatten(_object(x=schema), {"Text": TEXT})["x"] == place


def test_alternatives_are_told_apart_by_their_type() -> None:
    call, message = _object(type={"const": "call"}, name=TEXT), _object(type={"const": "message"}, role=TEXT)
    places = flatten(_object(item={"anyOf": [call, message, {"type": "null"}]}), {})
    assert set(places) == {"item", *(f"item<{kind}>.type" for kind in ("call", "message"))} | {
        "item<call>.name",
        "item<message>.role",
    }


def test_a_type_that_may_be_null_tells_an_alternative_apart() -> None:
    optional = {"anyOf": [{"const": "function"}, {"type": "null"}]}
    assert "tool<function>.name" in flatten(_object(tool=_object(type=optional, name=TEXT)), {})


def test_only_what_each_alternative_requires_is_required() -> None:
    one, other = _object(("a", "b"), a=TEXT, b=TEXT), _object(("a",), a=TEXT)
    places = flatten(_object(x={"oneOf": [one, other]}), {})
    assert (places["x.a"].required, places["x.b"].required) == (True, False)


def test_parts_of_a_whole_are_put_together() -> None:
    typed = _object(("type",), type={"const": "ping"})
    places = flatten({"allOf": [typed, _object(("at",), at={"type": "integer"})]}, {})
    assert places == {
        "type": _place("string", values=("ping",), required=True),
        "at": _place("integer", required=True),
    }


def test_a_type_that_holds_itself_is_told_once() -> None:
    node = _object(name=TEXT, below={"$ref": "#/$defs/Node"})
    places = flatten({"$ref": "#/$defs/Node"}, {"Node": node})
    assert set(places) == {"name", "below"}
