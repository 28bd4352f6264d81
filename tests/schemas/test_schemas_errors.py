"""A document that cannot be used gets one line: file, place, problem, remedy."""

from __future__ import annotations

import copy
from pathlib import Path
from typing import Any

import pytest

from protocol.errors import DocumentError
from schemas.contract import contract_of
from schemas.loader import load
from tests.schemas.documents import PING, message, version_2, version_3, written

GOOD = version_2(message("ping", PING))
MESSAGE = "/channels/~1talk/publish/message"
PAYLOAD = "/channels/~1talk/publish/message/payload"


def _caught(source: str | Path) -> DocumentError:
    """Return the complaint about a document, and check that it is one line with all its parts."""
    with pytest.raises(DocumentError) as caught:
        contract_of(load(source))
    error = caught.value
    assert "\n" not in str(error)
    place = "" if "cannot be read" in error.problem else f"{error.pointer}: "
    assert str(error) == f"{error.file}: {place}{error.problem}; {error.remedy}"
    assert error.remedy
    return error


def _with(path: str, value: Any, document: Any = GOOD) -> Any:
    """Return a copy of `document` in which the value at `path` is another one, or absent."""
    changed = copy.deepcopy(document)
    *way, last = [step.replace("~1", "/") for step in path.strip("/").split("/")]
    place = changed
    for step in way:
        place = place[step]
    if value is ...:
        del place[last]
    else:
        place[last] = value
    return changed


# --- no document at all -----------------------------------------------------------------------------------


def test_a_file_that_is_not_there(tmp_path: Path) -> None:
    error = _caught(tmp_path / "absent.yaml")
    assert "cannot be read" in error.problem
    assert error.file == str(tmp_path / "absent.yaml")
    assert error.remedy == "check the path"


def test_a_folder(tmp_path: Path) -> None:
    assert "cannot be read" in _caught(tmp_path).problem


@pytest.mark.parametrize("url", ["https://host/talk.yaml", "http://host/talk.yaml", "ftp://host/talk.yaml"])
def test_nothing_is_read_over_the_network(url: str) -> None:
    error = _caught(url)
    assert error.file == url
    assert error.remedy == "download it first"


@pytest.mark.parametrize(
    ("text", "place", "problem"),
    [
        ("a: [1, 2", "line 2, column 1", "is neither YAML nor JSON"),
        ("a: 1\nb: }\n", "line 2, column 4", "is neither YAML nor JSON"),
        ("a: 1\n\tb: 2\n", "line 2, column 1", "is neither YAML nor JSON"),
        ("a: 2.6.0\na: 2.6.0\n", "line 2, column 1", "the key 'a' stands twice in one mapping"),
        ("a: !!python/object:os.system {}", "line 1, column 4", "could not determine a constructor"),
        ("a: 2020-01-01\nb: !!timestamp 2020-01-01", "line 2, column 4", "could not determine a constructor"),
        ("a: *nobody", "line 1, column 4", "undefined alias"),
        ("a: 1\n---\nb: 2\n", "line 2, column 1", "in the stream, but found another document"),
        ('{"asyncapi": ', "line 2, column 1", "is neither YAML nor JSON"),
        ("a: \x00", "", "is neither YAML nor JSON"),
        ("[" * 100_000, "", "nests too deeply"),
    ],
)
def test_text_that_is_not_yaml(tmp_path: Path, text: str, place: str, problem: str) -> None:
    path = tmp_path / "broken.yaml"
    path.write_text(text, encoding="utf-8")
    error = _caught(path)
    assert problem in error.problem
    assert error.pointer == (place or error.pointer)


def test_bytes_that_are_not_utf_8(tmp_path: Path) -> None:
    path = tmp_path / "latin.yaml"
    path.write_bytes("a: ü".encode("latin-1"))
    error = _caught(path)
    assert (error.pointer, error.problem) == ("byte 3", "is not UTF-8 text")


# --- no AsyncAPI document ---------------------------------------------------------------------------------


@pytest.mark.parametrize("content", ["", "hello", "5", "[]", "- a", "null"])
def test_what_is_no_mapping(tmp_path: Path, content: str) -> None:
    error = _caught(written(tmp_path, "d.yaml", content))
    assert (error.pointer, error.problem) == ("/", "the document is not a mapping")


@pytest.mark.parametrize("version", ["1.2.0", "2.7.0", "2.6", "3.2.0", "4.0.0", "2.6.0-beta", 2.6])
def test_a_version_that_is_not_known(tmp_path: Path, version: Any) -> None:
    error = _caught(written(tmp_path, "d.json", _with("asyncapi", version)))
    assert error.problem == f"AsyncAPI version {version} is not known"
    assert "2.0.0" in error.remedy
    assert "3.0.0" in error.remedy


def test_an_openapi_document(tmp_path: Path) -> None:
    assert _caught(written(tmp_path, "d.json", {"openapi": "3.1.0"})).problem == "is not an AsyncAPI document"


@pytest.mark.parametrize(
    ("path", "value", "pointer", "problem"),
    [
        ("channels", ..., "/", "`channels` is missing"),
        ("channels", [], "/channels", "`channels` is not a mapping"),
        ("channels", {}, "/channels", "which channel to use is not clear"),
        ("channels/~1talk", None, "/channels/~1talk", "the channel is not a mapping"),
        ("channels/~1talk/publish", 5, "/channels/~1talk/publish", "the operation is not a mapping"),
        ("channels/~1talk/publish", ..., "/channels/~1talk", "lacks messages of one side"),
        ("channels/~1talk/subscribe/message", ..., "/channels/~1talk", "lacks messages of one side"),
        (MESSAGE, "ping", MESSAGE, "the message is not a mapping"),
        (MESSAGE, {"oneOf": {}}, f"{MESSAGE}/oneOf", "`oneOf` is not a list"),
        (f"{MESSAGE}/traits", {}, f"{MESSAGE}/traits", "`traits` is not a list"),
        (f"{MESSAGE}/traits", [5], f"{MESSAGE}/traits/0", "the trait is not a mapping"),
    ],
)
def test_a_document_that_lacks_what_is_needed(
    tmp_path: Path, path: str, value: Any, pointer: str, problem: str
) -> None:
    error = _caught(written(tmp_path, "d.json", _with(path, value)))
    assert (error.pointer, error.problem) == (pointer, problem)


THREE = version_3(message("ping", PING))


@pytest.mark.parametrize(
    ("path", "value", "pointer", "problem"),
    [
        ("operations/hear/action", "shout", "/operations/hear", "`action` is neither `send` nor `receive`"),
        ("operations/hear/channel", ..., "/operations/hear", "`channel` is missing"),
        ("operations/hear/messages", {}, "/operations/hear/messages", "`messages` is not a list"),
        ("operations/hear", [], "/operations/hear", "the operation is not a mapping"),
        ("operations", ..., "/channels/talk", "lacks messages of one side"),
        ("operations", [5], "/operations", "`operations` is not a mapping"),
    ],
)
def test_a_document_of_version_3_that_lacks_what_is_needed(
    tmp_path: Path, path: str, value: Any, pointer: str, problem: str
) -> None:
    error = _caught(written(tmp_path, "d.json", _with(path, value, THREE)))
    assert (error.pointer, error.problem) == (pointer, problem)


def test_messages_of_a_channel_that_are_a_list(tmp_path: Path) -> None:
    raw = _with("operations/hear/messages", ..., _with("channels/talk/messages", [5], THREE))
    error = _caught(written(tmp_path, "d.json", raw))
    assert (error.pointer, error.problem) == ("/channels/talk/messages", "`messages` is not a mapping")


# --- channels ---------------------------------------------------------------------------------------------


def test_a_channel_that_is_not_there(tmp_path: Path) -> None:
    document = load(written(tmp_path, "d.json", GOOD))
    with pytest.raises(DocumentError) as caught:
        contract_of(document, "/walk")
    assert caught.value.pointer == "/channels"
    assert caught.value.problem == "has no channel /walk"
    assert caught.value.remedy == "name one of: /talk"


def test_several_channels_none_of_them_realtime(tmp_path: Path) -> None:
    raw = copy.deepcopy(GOOD)
    raw["channels"]["/walk"] = raw["channels"]["/talk"]
    error = _caught(written(tmp_path, "d.json", raw))
    assert error.problem == "which channel to use is not clear"
    assert error.remedy == "name one of: /talk, /walk"
    assert contract_of(load(tmp_path / "d.json"), "/walk").channel.address == "/walk"


# --- references -------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "reference",
    [
        "#/components/absent",
        "absent.json",
        "absent.json#/a",
        "#/channels/~1talk/publish/operationId/x",
        "https://host/schema.json",
        "#absent",
        "file:///absent/schema.json",
    ],
)
def test_a_reference_that_leads_nowhere(tmp_path: Path, reference: str) -> None:
    raw = _with("channels/~1talk/publish/message/payload/properties", {"a": {"$ref": reference}})
    error = _caught(written(tmp_path, "d.json", raw))
    assert error.problem == f"`$ref: {reference}` leads nowhere"
    assert error.pointer == f"{PAYLOAD}/properties/a/$ref"
    assert error.file == str(tmp_path / "d.json")


def test_a_reference_into_a_broken_file_names_that_file(tmp_path: Path) -> None:
    (tmp_path / "parts.yaml").write_text("a: [")
    error = _caught(written(tmp_path, "d.json", _with(PAYLOAD, {"$ref": "parts.yaml#/a"})))
    assert error.file == str(tmp_path / "parts.yaml")
    assert "is neither YAML nor JSON" in error.problem


def test_a_reference_that_is_no_text(tmp_path: Path) -> None:
    error = _caught(written(tmp_path, "d.json", _with(f"{PAYLOAD}/properties/a", {"$ref": 5})))
    assert error.problem == "`$ref` is not a string"


def test_references_that_lead_to_each_other(tmp_path: Path) -> None:
    raw = _with("channels/~1talk/publish/message", {"$ref": "#/components/a"})
    raw["components"] = {"a": {"$ref": "#/components/b"}, "b": {"$ref": "#/components/a"}}
    assert _caught(written(tmp_path, "d.json", raw)).problem == "`$ref` leads back to itself"


@pytest.mark.parametrize(
    "schemas",
    [
        {"a": {"allOf": [{"$ref": "#/components/schemas/a"}]}},
        {
            "a": {"anyOf": [{"type": "null"}, {"$ref": "#/components/schemas/b"}]},
            "b": {"not": {"$ref": "#/components/schemas/a"}},
        },
    ],
)
def test_a_schema_that_never_looks_at_a_smaller_part(tmp_path: Path, schemas: Any) -> None:
    raw = _with(f"{PAYLOAD}/properties/a", {"$ref": "#/components/schemas/a"})
    raw["components"] = {"schemas": schemas}
    error = _caught(written(tmp_path, "d.json", raw))
    assert error.problem == "refers to itself without end"
    assert error.pointer.startswith("/components/schemas/")


# --- what is no schema ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("schema", "pointer", "problem"),
    [
        (5, "", "is not a schema"),
        ("string", "", "is not a schema"),
        (None, "", "is not a schema"),
        ({"type": "text"}, "/type", "is not a JSON Schema"),
        ({"type": 5}, "/type", "is not a JSON Schema"),
        ({"minLength": -1}, "/minLength", "is not a JSON Schema"),
        ({"minLength": "1"}, "/minLength", "is not a JSON Schema"),
        ({"enum": "a"}, "/enum", "is not a JSON Schema"),
        ({"required": "a"}, "/required", "is not a JSON Schema"),
        ({"pattern": 5}, "/pattern", "is not a JSON Schema"),
        ({"properties": []}, "/properties", "`properties` is not a mapping"),
        ({"properties": {"b": 5}}, "/properties/b", "is not a schema"),
        ({"items": {"items": "x"}}, "/items/items", "is not a schema"),
        ({"allOf": {}}, "/allOf", "`allOf` is not a list"),
        ({"anyOf": []}, "/anyOf", "is not a JSON Schema"),
        ({"multipleOf": 0}, "/multipleOf", "is not a JSON Schema"),
    ],
    ids=str,
)
def test_what_is_no_schema(tmp_path: Path, schema: Any, pointer: str, problem: str) -> None:
    error = _caught(written(tmp_path, "d.json", _with(f"{PAYLOAD}/properties/a", schema)))
    assert problem in error.problem
    assert error.pointer == f"{PAYLOAD}/properties/a{pointer}"


def test_a_schema_in_another_file_is_named_there(tmp_path: Path) -> None:
    written(tmp_path, "parts.json", {"a": {"properties": {"b": {"type": "text"}}}})
    error = _caught(written(tmp_path, "d.json", _with(f"{PAYLOAD}/properties/a", {"$ref": "parts.json#/a"})))
    assert error.file == str(tmp_path / "parts.json")
    assert error.pointer == "/a/properties/b/type"


def test_a_schema_that_nests_without_end_is_no_crash(tmp_path: Path) -> None:
    schema: Any = {"type": "string"}
    for _ in range(400):
        schema = {"items": schema}
    raw = _with(f"{PAYLOAD}/properties/a", schema)
    path = written(tmp_path, "d.json", raw)
    try:
        contract_of(load(path)).client["ping"].is_valid({"type": "ping"})
    except DocumentError as error:
        assert "nests too deeply" in error.problem  # noqa: PT017 - either is right
