"""Our own AsyncAPI documents, and the JSON Schemas that ship beside them."""

from __future__ import annotations

import functools
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from protocol.catalogue import dialect_of, own_dialects
from protocol.yaml_core import parse_yaml
from rules.rulebook import own_contract
from schemas.contract import Contract, contract_of
from schemas.loader import load_dialect
from schemas.message_types import pinned_types, resolve
from schemas.one_file import dialect_in_one_file
from schemas.weaknesses import weaknesses

ROOT = Path(__file__).resolve().parents[2]
FOLDER = ROOT / "schemas" / "asyncapi"
DIALECTS = ("inworld", "openai")

CLIENT = {
    "session.update",
    "input_audio_buffer.append",
    "input_audio_buffer.commit",
    "input_audio_buffer.clear",
    "conversation.item.create",
    "conversation.item.retrieve",
    "conversation.item.delete",
    "conversation.item.truncate",
    "response.create",
    "response.cancel",
    "output_audio_buffer.clear",
}
"""The eleven events a client may send, by the facts."""

CONFIDENCE = {"firm", "inherited", "observed", "single", "disputed"}


@functools.cache
def contract(dialect: str) -> Contract:
    return contract_of(load_dialect(dialect_of(dialect)))


@functools.cache
def texts() -> dict[str, Any]:
    return {path.name: parse_yaml(path.read_text(encoding="utf-8")) for path in sorted(FOLDER.glob("*.yaml"))}


@functools.cache
def overlays() -> dict[str, Any]:
    """Return the parts of documents that stand with the dialects."""
    folder = ROOT / "protocol" / "dialects"
    found = (path for path in sorted(folder.glob("*/*.yaml")) if path.name != "dialect.yaml")
    return {f"{path.parent.name}/{path.name}": parse_yaml(path.read_text(encoding="utf-8")) for path in found}


def _mappings(value: Any, path: str = "") -> Iterator[tuple[str, dict[str, Any]]]:
    """Yield each mapping in `value`, with its path; what stands in examples is no schema."""
    if isinstance(value, dict):
        yield path, value
        for key, each in value.items():
            if key not in ("examples", "const", "enum"):
                yield from _mappings(each, f"{path}/{key}")
    elif isinstance(value, list):
        for index, each in enumerate(value):
            yield from _mappings(each, f"{path}/{index}")


# --- the documents ----------------------------------------------------------------------------------------


@pytest.mark.parametrize("dialect", DIALECTS)
def test_a_client_may_send_the_eleven_events(dialect: str) -> None:
    assert set(contract(dialect).client) == CLIENT
    assert len(contract(dialect).channel.messages("client")) == 11


@pytest.mark.parametrize(
    ("dialect", "address"), [("inworld", "/api/v1/realtime/session"), ("openai", "/v1/realtime")]
)
def test_the_channel_is_where_the_facts_say(dialect: str, address: str) -> None:
    [channel] = contract(dialect).document.channels
    assert channel.address == address


@pytest.mark.parametrize("dialect", DIALECTS)
def test_every_server_event_is_typed(dialect: str) -> None:
    made = contract(dialect)
    assert len(made.server) >= 45
    assert made.catch_all == {}
    for message in made.channel.messages("server"):
        assert pinned_types({"$ref": f"#/definitions/{message.payload}"}, made.bundle) == [message.name]
        payload = resolve({"$ref": f"#/definitions/{message.payload}"}, made.bundle)
        assert isinstance(payload, dict)
        assert not made.server[message.name].is_valid({})
        assert not made.server[message.name].is_valid({"type": "another"})
        assert not made.server[message.name].is_valid([])


NO_EVENT_ID = {"input_audio_buffer.dtmf_event_received"}
"""The one event that is documented without an `event_id`."""


@pytest.mark.parametrize("dialect", DIALECTS)
def test_every_server_event_has_its_fields_checked(dialect: str) -> None:
    for type_, schema in contract(dialect).server.items():
        said = {v.path for v in schema.violations({"type": type_, "event_id": 5})}
        assert said, type_
        assert (("event_id",) in said) is (type_ not in NO_EVENT_ID), type_


@pytest.mark.parametrize("dialect", DIALECTS)
def test_events_and_fields_that_are_not_listed_are_legal(dialect: str) -> None:
    made = contract(dialect)
    assert made.schema("server", "something.new") is None
    error = {
        "type": "error",
        "event_id": "event_1",
        "error": {"type": "invalid_request_error", "code": None, "message": "no", "param": None, "new": 1},
        "new": {},
    }
    assert [v for v in made.server["error"].violations(error) if v.kind == "schema"] == []


def test_only_the_ga_names_are_spoken() -> None:
    beta = ("response.text.delta", "response.audio.delta", "response.audio_transcript.delta")
    for dialect in DIALECTS:
        assert not [name for name in beta if contract(dialect).knows("server", name)]


@pytest.mark.parametrize("dialect", DIALECTS)
def test_each_server_event_says_how_sure_it_is(dialect: str) -> None:
    for message in contract(dialect).channel.messages("server"):
        assert message.extensions.get("x-confidence") in CONFIDENCE, message.name
        assert message.summary or message.title, message.name


def test_what_openai_documents_is_firm() -> None:
    found = {m.extensions["x-confidence"] for m in contract("openai").channel.messages("server")}
    assert found == {"firm"}


@pytest.mark.parametrize("dialect", DIALECTS)
def test_our_documents_have_no_weakness(dialect: str) -> None:
    assert weaknesses(contract(dialect).document) == []


def test_every_file_is_part_of_a_document() -> None:
    contracts = [own_contract(each.name) for each in own_dialects()]
    assert {Path(uri).name for each in contracts for uri in each.document.texts} >= set(texts())


def test_the_dialects_share_their_common_parts() -> None:
    shared = set.intersection(*({Path(u).name for u in contract(d).document.texts} for d in DIALECTS))
    assert {"common.yaml", "items.yaml", "responses.yaml", "errors.yaml"} <= shared


def test_every_field_is_described_in_words() -> None:
    bare = [
        f"{name}#{path}/properties/{field}"
        for name, text in (texts() | overlays()).items()
        for path, mapping in _mappings(text)
        if isinstance(mapping.get("properties"), dict)
        for field, schema in mapping["properties"].items()
        if isinstance(schema, dict)
        and "$ref" not in schema
        and not str(schema.get("description", "")).strip()
    ]
    assert bare == []


def test_what_is_referred_to_is_described_as_well() -> None:
    bare = [
        f"{name}#/{key}"
        for name, text in texts().items()
        if "asyncapi" not in text
        for key, schema in text.items()
        if isinstance(schema, dict) and not {"$ref", "payload", "description", "title", "allOf"} & set(schema)
    ]
    assert bare == []


def test_the_query_of_inworld_needs_a_key_and_the_protocol() -> None:
    query = contract("inworld").channel.query
    valid = Draft202012Validator(query).is_valid
    assert valid({"key": "k", "protocol": "realtime"})
    for wrong in (
        {},
        {"key": "k"},
        {"protocol": "realtime"},
        {"key": "", "protocol": "realtime"},
        {"key": "k", "protocol": "x"},
    ):
        assert not valid(wrong), wrong


def test_security_is_described() -> None:
    for dialect, schemes in (
        ("inworld", {"basic", "bearer", "subprotocol"}),
        ("openai", {"bearer", "subprotocol"}),
    ):
        raw = dialect_in_one_file(dialect_of(dialect))
        assert {name for each in raw["servers"]["production"]["security"] for name in each} == schemes
        assert schemes <= set(raw["components"]["securitySchemes"])


@pytest.mark.parametrize(
    ("branch", "value", "verdict"),
    [
        ("stt", {"voice_profile": True}, True),
        ("stt", {"vad_threshold": 1.5}, False),
        ("tts", {"language": "en-US"}, True),
        ("tts", 5, False),
        ("memory", {}, True),
        ("memory", [], False),
        ("backchannel", {}, True),
        ("backchannel", "on", False),
        ("responsiveness", {}, True),
        ("responsiveness", True, False),
        ("auto_tool_response", False, True),
        ("auto_tool_response", "no", False),
        ("a_branch_to_come", {"x": 1}, True),
    ],
)
def test_provider_data_has_its_branches(branch: str, value: Any, verdict: bool) -> None:
    event = {"type": "session.update", "session": {"type": "realtime", "providerData": {branch: value}}}
    assert contract("inworld").client["session.update"].is_valid(event) is verdict


def test_what_openai_refuses_is_closed_and_what_inworld_ignores_is_open() -> None:
    event = {"type": "session.update", "session": {"type": "realtime", "no_such_field": 1}}
    assert not contract("openai").client["session.update"].is_valid(event)
    assert contract("inworld").client["session.update"].is_valid(event)


# --- the JSON Schemas beside them -------------------------------------------------------------------------


@pytest.mark.parametrize("path", sorted((ROOT / "schemas").glob("*.schema.json")), ids=lambda p: p.name)
def test_each_json_schema_is_one(path: Path) -> None:
    schema = json.loads(path.read_text(encoding="utf-8"))
    Draft202012Validator.check_schema(schema)
    assert schema["$schema"] == "https://json-schema.org/draft/2020-12/schema"
    assert schema["title"]


def test_the_registry_satisfies_its_schema() -> None:
    schema = json.loads((ROOT / "schemas" / "registry.schema.json").read_text(encoding="utf-8"))
    files = sorted((ROOT / "rules" / "registry").glob("*.yaml"))
    assert files
    for path in files:
        errors = [
            f"{path.name} {list(e.path)}: {e.message}"
            for e in Draft202012Validator(schema).iter_errors(parse_yaml(path.read_text(encoding="utf-8")))
        ]
        assert errors == []


@pytest.mark.parametrize(
    "target",
    [
        {},
        {"endpoint": 5},
        {"endpoint": "wss://h", "dialect": "Other"},
        {"endpoint": "wss://h", "auth": {"key": "never in a file"}},
        {"endpoint": "wss://h", "timeouts": {"answer": 0}},
        {"endpoint": "wss://h", "concurrency": 0},
        {"endpoint": "wss://h", "features": {"mcp": "yes"}},
        {"endpoint": "wss://h", "unknown": 1},
    ],
    ids=str,
)
def test_the_configuration_schema_refuses_what_cannot_be_meant(target: Any) -> None:
    schema = json.loads((ROOT / "schemas" / "configuration.schema.json").read_text(encoding="utf-8"))
    valid = Draft202012Validator(schema).is_valid
    assert valid({"targets": {"a": {"endpoint": "wss://h"}}})
    assert not valid({"targets": {"a": target}})


def test_a_kind_that_is_none_of_the_known_ones_is_told_by_its_name() -> None:
    event: dict[str, Any] = {"type": "conversation.item.added", "event_id": "e", "previous_item_id": None}
    event |= {"item": {"id": "item_1", "object": "realtime.item", "type": "odd"}}
    (violation,) = own_contract("openai").server["conversation.item.added"].violations(event)
    assert violation.path == ("item", "type")
    assert '"function_call"' in violation.expected
