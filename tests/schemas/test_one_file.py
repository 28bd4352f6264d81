"""A document of several files in one: what it says of events stays the same, and nothing leads out of it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from protocol.catalogue import dialect_of, own_dialects
from protocol.errors import DocumentError
from schemas.contract import contract_of
from schemas.loader import load, load_dialect
from schemas.one_file import dialect_in_one_file, one_file
from tests.schemas.documents import version_2, written
from tests.schemas.resolved import whole_schemas


def _references(value: Any) -> list[str]:
    if isinstance(value, list):
        return [each for member in value for each in _references(member)]
    if not isinstance(value, dict):
        return []
    own = [value["$ref"]] if isinstance(value.get("$ref"), str) else []
    return own + [each for member in value.values() for each in _references(member)]


@pytest.mark.parametrize("name", [each.name for each in own_dialects()])
def test_a_dialects_document_in_one_file_says_the_same(name: str, tmp_path: Path) -> None:
    whole = dialect_in_one_file(dialect_of(name))
    assert [each for each in _references(whole) if not each.startswith("#/components/")] == []
    read = contract_of(load(written(tmp_path, "whole.json", whole)))
    own = contract_of(load_dialect(dialect_of(name)))
    assert whole_schemas(read) == whole_schemas(own)
    assert read.channel.address == dialect_of(name).path
    assert read.channel.query == own.channel.query
    assert [m.name for m in read.channel.messages("server")] == [
        m.name for m in own.channel.messages("server")
    ]


def _parts(folder: Path, message: Any, **files: Any) -> Path:
    for name, content in files.items():
        written(folder, f"{name}.json", content)
    return written(folder, "talk.json", version_2(message))


def test_schemas_of_two_files_may_have_one_name(tmp_path: Path) -> None:
    payload = {
        "type": "object",
        "properties": {
            "type": {"const": "ping"},
            "left": {"$ref": "./left.json#/Size"},
            "right": {"$ref": "right.json#/Size"},
            "again": {"$ref": "left.json#/Size"},
        },
    }
    path = _parts(
        tmp_path,
        {"name": "ping", "payload": payload},
        left={"Size": {"type": "integer"}},
        right={"Size": {"$ref": "#/Other"}, "Other": {"type": "string"}},
    )
    whole = one_file(path)
    assert whole["components"]["schemas"] == {
        "Size": {"type": "integer"},
        "Size-2": {"$ref": "#/components/schemas/Other"},
        "Other": {"type": "string"},
    }
    again = contract_of(load(written(tmp_path / "elsewhere", "whole.json", whole)))
    assert whole_schemas(again) == whole_schemas(contract_of(load(path)))


def test_a_schema_that_leads_back_to_itself_does_so_in_one_file(tmp_path: Path) -> None:
    tree = {"type": "object", "properties": {"child": {"$ref": "#/Tree"}}}
    payload = {"type": "object", "properties": {"type": {"const": "ping"}, "tree": {"$ref": "t.json#/Tree"}}}
    path = _parts(tmp_path, {"name": "ping", "payload": payload}, t={"Tree": tree})
    inside = {"type": "object", "properties": {"child": {"$ref": "#/components/schemas/Tree"}}}
    assert one_file(path)["components"]["schemas"] == {"Tree": inside}


def test_fields_and_values_called_as_keywords_are_none(tmp_path: Path) -> None:
    payload = {
        "type": "object",
        "properties": {
            "type": {"const": "ping"},
            "examples": {"$ref": "s.json#/Text"},
            "said": {"enum": [{"$ref": "s.json#/Text"}]},
        },
    }
    whole = one_file(_parts(tmp_path, {"name": "ping", "payload": payload}, s={"Text": {"type": "string"}}))
    text = json.dumps(whole)
    assert text.count("#/components/schemas/Text") == 1
    assert text.count("s.json#/Text") == 1


def test_a_message_of_another_file_is_put_where_it_is_used(tmp_path: Path) -> None:
    other = {"name": "ping", "payload": {"$ref": "#/Ping"}}
    ping = {"type": "object", "properties": {"type": {"const": "ping"}}}
    path = _parts(tmp_path, {"$ref": "m.json#/message"}, m={"message": other, "Ping": ping})
    whole = one_file(path)
    assert "m.json" not in json.dumps(whole)
    assert [m.name for m in load(written(tmp_path, "whole.json", whole)).channels[0].messages("client")] == [
        "ping"
    ]


def test_a_reference_that_leads_nowhere_is_told(tmp_path: Path) -> None:
    with pytest.raises(DocumentError, match="leads nowhere"):
        one_file(_parts(tmp_path, {"name": "ping", "payload": {"$ref": "#/components/schemas/No"}}))
