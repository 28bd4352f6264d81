"""A document that demands what its own examples break is told so, with the place."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from schemas.loader import load
from schemas.weaknesses import weaknesses
from tests.schemas.documents import message, version_2, version_3, written

AT = "/channels/~1talk/publish/message"


def _said(folder: Path, raw: Any) -> list[tuple[str, str]]:
    """Return pointer and problem of the weaknesses of a document."""
    start = "an example that its own schema refuses: "
    return [
        (w.pointer, w.problem.removeprefix(start)) for w in weaknesses(load(written(folder, "a.json", raw)))
    ]


def _ping(**members: Any) -> dict[str, Any]:
    return {"type": "object", "required": ["type"], "properties": {"type": {"const": "ping"}, **members}}


@pytest.mark.parametrize(
    ("schema", "wrong"),
    [
        ({"type": "integer", "examples": [5]}, []),
        (
            {"type": "integer", "examples": [5, "5"]},
            [("/examples/1", 'it is "5", where type integer is expected')],
        ),
        (
            {"pattern": r"^\p{Lu}$", "examples": ["É", "é"]},
            [("/examples/1", r'it is "é", where text that matches ^\p{Lu}$ is expected')],
        ),
        (
            {"type": "object", "required": ["k"], "examples": [{"k": 1}, {}]},
            [("/examples/1", "`k`, the field is missing, where a value is expected")],
        ),
        (
            {
                "type": "array",
                "items": {"type": "object", "properties": {"n": {"maximum": 3, "examples": [4]}}},
            },
            [("/items/properties/n/examples/0", "it is 4, where at most 3 is expected")],
        ),
    ],
)
def test_examples_of_schemas(tmp_path: Path, schema: Any, wrong: list[tuple[str, str]]) -> None:
    raw = version_2(message("ping", _ping(x=schema)))
    assert _said(tmp_path, raw) == [(f"{AT}/payload/properties/x{place}", said) for place, said in wrong]


def test_examples_behind_references_and_in_unions_that_overlap(tmp_path: Path) -> None:
    branches = [{"enum": ["auto"]}, {"type": "string", "examples": [7]}]
    raw = version_2(message("ping", _ping(x={"$ref": "#/components/schemas/x"})))
    raw["components"] = {"schemas": {"x": {"oneOf": branches}}}
    assert _said(tmp_path, raw)[1:] == [
        ("/components/schemas/x/oneOf/1/examples/0", "it is 7, where type string is expected")
    ]


def test_the_one_example_of_openapi_3_0(tmp_path: Path) -> None:
    members = {
        "a": {"type": "integer", "nullable": True, "example": None},
        "b": {"type": "integer", "example": None},
        "c": {"type": "integer", "nullable": True, "example": "1"},
    }
    raw = version_2(
        message("ping", _ping(**members), schemaFormat="application/vnd.oai.openapi;version=3.0.0")
    )
    assert [place.removeprefix(f"{AT}/payload/properties") for place, _ in _said(tmp_path, raw)] == [
        "/b/example",
        "/c/example",
    ]


@pytest.mark.parametrize("version", [version_2, version_3])
def test_examples_of_messages(tmp_path: Path, version: Any) -> None:
    examples = [
        {"name": "good", "payload": {"type": "ping", "n": 1}},
        {"headers": {"any": "thing"}},
        {"name": "bad", "payload": {"type": "ping", "n": "1"}},
        {"payload": {"n": 1}},
        {"payload": "ping"},
        {"$ref": "#/nowhere"},
    ]
    raw = version(message("ping", _ping(n={"type": "integer"}), examples=examples))
    assert [(place.rpartition("/examples")[2], said) for place, said in _said(tmp_path, raw)] == [
        ("/2/payload", '`n` is "1", where type integer is expected'),
        ("/3/payload", "`type`, the field is missing, where a value is expected"),
        ("/4/payload", 'it is "ping", where type object is expected'),
    ]


def test_examples_of_what_is_not_json_schema_break_nothing(tmp_path: Path) -> None:
    avro = {"type": "record", "name": "Ping", "fields": [], "examples": [1]}
    fields = {"schemaFormat": "application/vnd.apache.avro;version=1.9.0", "examples": [{"payload": 7}]}
    assert [said for _, said in _said(tmp_path, version_2(message("ping", avro, **fields)))] == [
        "the payload is not JSON Schema"
    ]


def test_keys_that_json_does_not_have(tmp_path: Path) -> None:
    text = """
        asyncapi: 2.6.0
        channels:
          /talk:
            publish: {message: {name: ping, payload: {type: object, properties: {type: {const: ping}},
              patternProperties: {'^É': true}, examples: [{1: 2, type: pong}]}}}
            subscribe: {message: {name: pong, payload: {type: object, properties: {type: {const: pong}}}}}
    """
    [weakness] = weaknesses(load(written(tmp_path, "talk.yaml", text)))
    assert weakness.pointer == f"{AT}/payload/examples/0"
    assert weakness.coped == "the schema decides"
