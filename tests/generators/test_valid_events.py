"""Every event that is made is valid and usable, and together they reach all that the schema allows."""

from __future__ import annotations

import base64
import json
from collections.abc import Iterator, Sequence
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from jsonschema import Draft7Validator

from generators.covering_values import missed
from generators.events import Events
from generators.from_schema import Compiler
from generators.schema_resolution import UnsupportedKeyword
from generators.schema_tree import SchemaReader
from generators.sites import sites
from generators.walk import walk
from tests.generators.conftest import EXAMPLES, THIRD_PARTY, WORLD, contracts, events_of, examples_of


@pytest.mark.skipif(not THIRD_PARTY.exists(), reason="the third party's AsyncAPI document is not there")
def test_the_third_partys_document_is_among_them() -> None:
    assert sum(name.startswith("third") for name in contracts()) == 3


def test_every_value_is_valid(events: Events, type_: str, examples: Sequence[Any]) -> None:
    schema = events.contract.client[type_]
    made = [*examples, *(step.event for step in events.walk(type_))]
    assert made
    for event in made:
        assert not [v for v in schema.violations(event) if v.kind == "schema"], event
        assert events.contract.name_of(event, "client") == type_, event


def test_every_site_is_reached(events: Events, type_: str, examples: Sequence[Any]) -> None:
    assert [f"{s.pointer} {s.what}" for s in missed(events.tree(type_), examples)] == []


def test_the_walk_reaches_every_site(events: Events, type_: str) -> None:
    root = events.tree(type_)
    walked = [step.event for step in events.walk(type_)]
    assert [f"{s.pointer} {s.what}" for s in missed(root, walked)] == []


@pytest.mark.parametrize("rich", ["session.update", "conversation.item.create", "response.create"])
@pytest.mark.parametrize("name", ["openai", "inworld"])
def test_chance_alone_reaches_nearly_all(name: str, rich: str) -> None:
    events = events_of(name)
    root = events.tree(rich)
    total = len(sites(root))
    drawn: list[Any] = []

    @settings(
        max_examples=EXAMPLES,
        derandomize=True,
        database=None,
        deadline=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(events.strategy(rich))
    def draw(event: Any) -> None:
        drawn.append(event)

    draw()
    assert len(missed(root, drawn)) / total <= 0.2, missed(root, drawn)


def test_the_walk_is_the_same_every_time_and_says_each_event_once(events: Events, type_: str) -> None:
    first, second = (list(events.walk(type_)) for _ in range(2))
    assert first == second
    texts = [json.dumps(step.event, sort_keys=True) for step in first]
    assert len(texts) == len(set(texts))
    assert all(step.what and step.event.get("type", step.type) is not None for step in first)


@pytest.mark.parametrize("name", ["openai", "inworld"])
def test_a_seed_gives_the_same_events_and_another_one_others(name: str) -> None:
    events = events_of(name)
    count = len(events.covering("conversation.item.create")) + 10
    first, second, other = (
        events.examples("conversation.item.create", count, seed=seed) for seed in (7, 7, 8)
    )
    assert first == second
    assert first != other


def _leaves(value: Any, path: tuple[str, ...] = ()) -> Iterator[tuple[tuple[str, ...], Any]]:
    yield path, value
    if isinstance(value, dict):
        for name, each in value.items():
            yield from _leaves(each, (*path, name))
    elif isinstance(value, list):
        for each in value:
            yield from _leaves(each, (*path, "*"))


def test_values_mean_something(message: tuple[str, str], examples: Sequence[Any]) -> None:
    ours = not message[0].startswith("third")
    for event in examples:
        # A free name may be any name.
        for path, value in (each for each in _leaves(event) if "metadata" not in each[0]):
            name, parent = path[-1] if path else "", path[-2] if len(path) > 1 else ""
            if name == "audio" and isinstance(value, str):
                raw = base64.b64decode(value, validate=True)
                assert raw, "no audio at all"
                assert len(raw) % 2 == 0, "half a sample"
            elif name == "parameters" and parent in ("*", "function") and isinstance(value, dict):
                Draft7Validator.check_schema(value)
            elif name == "arguments" and isinstance(value, str):
                assert isinstance(json.loads(value), dict)
            elif name == "previous_item_id" and value:
                assert value in ("root", *WORLD.item_ids)
            elif name == "item_id" and ours:
                assert value in WORLD.item_ids
            elif name == "response_id" and isinstance(value, str) and ours:
                assert value in WORLD.response_ids
            if isinstance(value, str):
                value.encode()


@pytest.mark.parametrize("name", ["openai", "inworld"])
def test_texts_are_of_many_scripts_and_lengths(name: str) -> None:
    made = examples_of(name, "conversation.item.create")
    texts = {v for event in made for path, v in _leaves(event) if path[-1:] == ("text",)}
    assert len({len(t) for t in texts}) > 10
    assert max(map(len, texts)) > 1000
    assert any("\u4e00" <= c <= "\u9fff" for t in texts for c in t)
    assert any("\u0600" <= c <= "\u06ff" for t in texts for c in t)


# --- what the compiler does not know ------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("schema", "pointer"),
    [
        ({"type": "object", "properties": {"a": {"nullable": True}}}, "/properties/a/nullable"),
        ({"type": "array", "items": {"unevaluatedItems": False}}, "/items/unevaluatedItems"),
        ({"oneOf": [{"type": "null"}, {"minimun": 1}]}, "/oneOf/1/minimun"),
        ({"type": "object", "discriminator": "type"}, "/discriminator"),
    ],
)
def test_an_unsupported_keyword_is_named_with_its_pointer(schema: dict[str, Any], pointer: str) -> None:
    for attempt in (Compiler({}).strategy, SchemaReader({}).read):
        with pytest.raises(UnsupportedKeyword) as caught:
            attempt(schema)
        assert caught.value.pointer == pointer
        assert pointer in str(caught.value)


_SCHEMAS: list[dict[str, Any]] = [
    {"type": "integer", "minimum": 3, "maximum": 3},
    {"type": "integer", "exclusiveMinimum": 0, "maximum": 2},
    {"type": "number", "minimum": -1.5, "maximum": 1.5},
    {"type": "integer", "multipleOf": 5, "minimum": 1, "maximum": 20},
    {"type": "string", "minLength": 2, "maxLength": 4},
    {"type": "string", "pattern": "^[a-c]{2,3}$"},
    {"type": ["string", "null", "integer"]},
    {"type": "array", "items": {"enum": ["a", "b"]}, "minItems": 1, "maxItems": 2, "uniqueItems": True},
    {"type": "object", "additionalProperties": {"type": "integer"}, "maxProperties": 3},
    {"oneOf": [{"type": "integer", "minimum": 0}, {"type": "integer", "maximum": 0}]},
    {"anyOf": [{"type": "string"}, {"enum": ["x", 1]}]},
    {
        "allOf": [
            {"type": "object", "properties": {"a": {"type": "string"}}, "required": ["a"]},
            {"properties": {"b": {"type": "boolean"}}},
        ]
    },
    {"not": {"enum": ["no"]}, "enum": ["yes", "no"]},
    True,  # type: ignore[list-item]
]


@pytest.mark.parametrize("schema", _SCHEMAS, ids=str)
def test_each_keyword_is_obeyed(schema: Any) -> None:
    valid = Draft7Validator(schema).is_valid

    @settings(max_examples=50, derandomize=True, database=None, deadline=None)
    @given(Compiler({}).strategy(schema))
    def drawn_is_valid(value: Any) -> None:
        assert valid(value)

    drawn_is_valid()
    root = SchemaReader({}).read(schema)
    assert root is not None
    walked = [step.event for step in walk("x", root)]
    assert walked
    assert all(valid(value) for value in walked)


@given(st.data())
@settings(max_examples=30, derandomize=True, database=None, deadline=None)
def test_what_refers_to_itself_ends(data: st.DataObject) -> None:
    tree = {
        "type": "object",
        "properties": {"next": {"$ref": "#/definitions/Tree"}, "n": {"type": "integer"}},
    }
    value = data.draw(Compiler({"Tree": tree}).strategy({"$ref": "#/definitions/Tree"}))
    assert Draft7Validator({"$ref": "#/definitions/Tree", "definitions": {"Tree": tree}}).is_valid(value)
    root = SchemaReader({"Tree": tree}).read({"$ref": "#/definitions/Tree"})
    assert root is not None
    assert list(walk("x", root))
