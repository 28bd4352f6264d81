"""A payload is read in the dialect of JSON Schema that it is written in."""

from __future__ import annotations

from pathlib import Path

import pytest

from schemas.document import OPAQUE
from schemas.loader import load
from schemas.weaknesses import weaknesses
from tests.schemas.documents import PING, message, valid, version_2, version_3, written


@pytest.mark.parametrize(
    ("schema_format", "dialect"),
    [
        (None, "draft7"),
        ("application/vnd.aai.asyncapi;version=2.6.0", "draft7"),
        ("application/vnd.aai.asyncapi+json;version=3.0.0", "draft7"),
        ("application/vnd.aai.asyncapi+yaml;version=3.1.0", "draft7"),
        ("application/schema+json;version=draft-07", "draft7"),
        ("application/schema+yaml; version=2020-12", "2020-12"),
        ("application/schema+json;version=2019-09", "2019-09"),
        ("application/schema+json", "2020-12"),
        ("application/vnd.oai.openapi;version=3.0.0", "openapi-3.0"),
        ("application/vnd.oai.openapi+json;version=3.1.0", "2020-12"),
        ("application/vnd.apache.avro;version=1.9.0", OPAQUE),
        ("application/raml+yaml;version=1.0", OPAQUE),
    ],
)
def test_which_dialect_a_payload_is_written_in(
    tmp_path: Path, schema_format: str | None, dialect: str
) -> None:
    fields = {"schemaFormat": schema_format} if schema_format else {}
    raw = version_2(message("ping", PING, **fields))
    [ping] = load(written(tmp_path, "talk.json", raw)).channels[0].messages("client")
    assert ping.dialect == dialect


def test_version_3_says_the_format_within_the_payload(tmp_path: Path) -> None:
    payload = {"schemaFormat": "application/vnd.oai.openapi;version=3.0.0", "schema": PING}
    [ping] = (
        load(written(tmp_path, "talk.json", version_3(message("ping", payload))))
        .channels[0]
        .messages("client")
    )
    assert ping.dialect == "openapi-3.0"


def test_a_payload_in_another_language_is_not_checked(tmp_path: Path) -> None:
    avro = {"type": "record", "name": "Ping", "fields": [{"name": "type", "type": "string"}]}
    raw = version_2(message("ping", avro, schemaFormat="application/vnd.apache.avro;version=1.9.0"))
    document = load(written(tmp_path, "talk.json", raw))
    assert valid(document, {"type": "ping", "anything": [1]})
    assert [w.problem for w in weaknesses(document)] == ["the payload is not JSON Schema"]


def test_tuples_of_2019_09(tmp_path: Path) -> None:
    pair = {"type": "array", "items": [{"type": "string"}, {"type": "integer"}], "additionalItems": False}
    payload = {"type": "object", "properties": {"type": {"enum": ["ping"]}, "pair": pair}}
    raw = version_2(message("ping", payload, schemaFormat="application/schema+json;version=2019-09"))
    document = load(written(tmp_path, "talk.json", raw))
    assert valid(document, {"type": "ping", "pair": ["a", 1]})
    assert not valid(document, {"type": "ping", "pair": ["a", "b"]})
    assert not valid(document, {"type": "ping", "pair": ["a", 1, 2]})


def test_nullable_and_exclusive_bounds_of_openapi(tmp_path: Path) -> None:
    n = {"type": "integer", "nullable": True, "minimum": 0, "exclusiveMinimum": True}
    payload = {"type": "object", "properties": {"type": {"enum": ["ping"]}, "n": n}}
    raw = version_2(message("ping", payload, schemaFormat="application/vnd.oai.openapi;version=3.0.0"))
    document = load(written(tmp_path, "talk.json", raw))
    for value, verdict in ((1, True), (None, True), (0, False), ("1", False)):
        assert valid(document, {"type": "ping", "n": value}) is verdict


def test_draft_7_ignores_what_stands_beside_a_reference_and_2020_does_not(tmp_path: Path) -> None:
    payload = {
        "type": "object",
        "properties": {"type": {"const": "ping"}, "n": {"$ref": "#/n", "maximum": 5}},
    }
    for schema_format, verdict in (("draft-07", True), ("2020-12", False)):
        fields = {"schemaFormat": f"application/schema+json;version={schema_format}"}
        raw = {**version_2(message("ping", payload, **fields)), "n": {"type": "integer"}}
        assert valid(load(written(tmp_path, "talk.json", raw)), {"type": "ping", "n": 9}) is verdict


def test_overlapping_branches_are_read_as_any_of(tmp_path: Path) -> None:
    either = {"oneOf": [{"enum": ["auto"]}, {"type": "string"}]}
    payload = {"type": "object", "properties": {"type": {"const": "ping"}, "c": either}}
    document = load(written(tmp_path, "talk.json", version_2(message("ping", payload))))
    assert valid(document, {"type": "ping", "c": "auto"})
    assert not valid(document, {"type": "ping", "c": 5})
    [weakness] = weaknesses(document)
    assert weakness.problem == 'two branches of `oneOf` accept "auto"'
    assert weakness.pointer == "/channels/~1talk/publish/message/payload/properties/c/oneOf"


def test_branches_that_exclude_each_other_stay_one_of(tmp_path: Path) -> None:
    either = {"oneOf": [{"type": "integer"}, {"type": "string"}]}
    payload = {"type": "object", "properties": {"type": {"const": "ping"}, "c": either}}
    document = load(written(tmp_path, "talk.json", version_2(message("ping", payload))))
    assert weaknesses(document) == []
    assert not valid(document, {"type": "ping", "c": None})
