"""The quick yes: it affirms what the engines find valid, and nothing else."""

from __future__ import annotations

import itertools
from typing import Any

import pytest

from rules.rulebook import own_contract
from schemas.contract import EventSchema
from schemas.engines import deciding, explaining, rooted
from schemas.flat import affirming

VALUES: tuple[Any, ...] = (
    *(
        None,
        True,
        False,
        0,
        1,
        -1,
        2**70,
        0.0,
        1.0,
        1.5,
        "",
        "a",
        "item_1",
        "\ud800",
        "AAAA",
        "AAA",
        "AAA=",
        "AA =",
    ),
    [],
    ["AAAA"],
    {},
    {"a": 1},
)
"""What may stand in a field."""

SCHEMAS = [
    pytest.param(schema, id=f"{dialect} {side} {type_}")
    for dialect in ("openai", "inworld")
    for side in ("client", "server")
    for type_, schema in sorted(getattr(own_contract(dialect), side).items())
    if affirming(schema.schema, schema.definitions) is not None
]


def _whole(schema: EventSchema) -> dict[str, Any]:
    """Return an event that satisfies a flat `schema`."""
    definition: Any = next(
        d for n, d in schema.definitions.items() if str(schema.schema).endswith(f"/{n}'}}")
    )
    event: dict[str, Any] = dict.fromkeys(definition["required"], "AAAA")
    event["type"] = schema.type
    numbers = [str(v.absolute_path[0]) for v in schema._slow.iter_errors(event)]
    return {**event, **dict.fromkeys(numbers, 0)}


@pytest.mark.parametrize("schema", SCHEMAS)
def test_what_is_affirmed_is_valid(schema: EventSchema) -> None:
    whole = _whole(schema)
    assert schema._slow.is_valid(whole)
    assert schema.affirms(whole)
    names = [*whole, "event_id", "delta", "response_id", "item", "session", "response", "unheard_of"]
    for name, value in itertools.product(dict.fromkeys(names), VALUES):
        for event in ({**whole, name: value}, {k: v for k, v in whole.items() if k != name}):
            if schema.affirms(event):
                assert schema._slow.is_valid(event), (name, value)


@pytest.mark.parametrize("value", [None, "", [], 0, [{"type": "a"}]])
def test_nothing_but_an_object_is_affirmed(value: Any) -> None:
    affirms = affirming({"type": "object", "properties": {}}, {})
    assert affirms is not None
    assert affirms({})
    assert not affirms(value)


def test_deltas_are_affirmed() -> None:
    for dialect in ("openai", "inworld"):
        schema = own_contract(dialect).server["response.output_audio.delta"]
        assert affirming(schema.schema, schema.definitions) is not None


@pytest.mark.parametrize(
    "more",
    [
        {"additionalProperties": False},
        {"minProperties": 9},
        {"anyOf": [{"required": ["b"]}]},
        {"patternProperties": {"^b": False}},
        {"required": ["a", "b"]},
        {"properties": {"a": {"type": "string", "pattern": "^b"}}},
        {"properties": {"a": {"type": ["string", "null"]}}},
        {"properties": {"a": {"type": "string", "format": "date"}}},
        {"properties": {"a": {"type": "integer", "multipleOf": 2}}},
        {"properties": {"a": {"const": 1}}},
        {"properties": {"a": {"$ref": "#/definitions/text", "maxLength": 1}}},
        {"properties": {"a": False}},
    ],
)
def test_of_what_says_more_nothing_is_affirmed(more: dict[str, Any]) -> None:
    flat: dict[str, Any] = {"type": "object", "required": ["a"], "properties": {"a": {"type": "string"}}}
    assert affirming(flat, {}) is not None
    assert affirming({**flat, **more}, {"text": {"type": "string"}}) is None


def test_the_length_of_text_is_counted_in_characters() -> None:
    text = {"type": "string", "minLength": 2}
    schema = {"type": "object", "required": ["a"], "properties": {"a": text}}
    affirms = affirming(schema, {})
    assert affirms is not None
    for said in ("", "a", "ab", "é", "e\u0301", "😀", "😀😀"):
        for engine in (explaining, deciding):
            assert affirms({"a": said}) == engine(rooted(schema, {}), "draft7").is_valid({"a": said})
