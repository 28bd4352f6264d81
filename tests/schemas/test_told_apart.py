"""How messages are told apart: what documents say, what channels are known for, what payloads show."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from protocol.errors import DocumentError
from schemas.contract import Contract, contract_of
from schemas.loader import load
from schemas.weaknesses import weaknesses
from tests.schemas.documents import PING, PONG, message, version_2, version_3, written

_NUMBER = {"type": "integer"}


def _object(required: list[str] | None = None, **members: Any) -> dict[str, Any]:
    return {"type": "object", "properties": members, "required": required or []}


OPEN = message("open", _object(["open"], id=_NUMBER, open=_object(["size"], size=_NUMBER)))
SHUT = message("shut", _object(["shut"], id=_NUMBER, shut=_object()))
OPENED = message("opened", _object(["result"], result=_object(["opened"], id=_NUMBER, opened=_object())))
FAILED = message("failed", _object(["result"], result=_object(["status"], id=_NUMBER, status=_object())))
ERROR = message("error", _object(["error"], error=_object(["code"], code=_NUMBER)))
ASKS = {"oneOf": [OPEN, SHUT]}
ANSWERS = {"oneOf": [OPENED, FAILED, ERROR]}


def made(folder: Path, document: dict[str, Any]) -> Contract:
    return contract_of(load(written(folder, "talk.json", document)))


def _at(document: dict[str, Any], address: str) -> dict[str, Any]:
    [channel] = document["channels"].values()
    return {**document, "channels": {address: channel}}


# --- the rule, and why it counts --------------------------------------------------------------------------


def test_payloads_that_are_envelopes_are_told_apart_by_their_key(tmp_path: Path) -> None:
    contract = made(tmp_path, version_2(ASKS, ANSWERS))
    assert (contract.told_apart["client"].rule, contract.told_apart["client"].ground) == ("key", "payloads")
    assert contract.told_apart["server"].rule == "result-key"
    assert set(contract.client) == {"open", "shut"}
    assert set(contract.server) == {"opened", "failed", "error"}


def test_a_frame_without_a_type_is_valid_where_no_message_has_one(tmp_path: Path) -> None:
    contract = made(tmp_path, version_2(ASKS, ANSWERS))
    assert contract.client["open"].is_valid({"id": 1, "open": {"size": 2}})
    [wrong] = contract.client["open"].violations({"open": {"size": "2"}})
    assert wrong.place == "open.size"


@pytest.mark.parametrize(
    "asks",
    [
        message("ping", PING),
        {"oneOf": [OPEN, message("ping", PING)]},
        {"oneOf": [OPEN, {"name": "anything"}]},
        message("many", _object(a=_NUMBER, b=_NUMBER)),
        message("one", _object(content={"type": "string"})),
        {"oneOf": [OPEN, message("avro", {}, schemaFormat="application/vnd.apache.avro;version=1.9.0")]},
    ],
    ids=["a type", "one type", "an unknown payload", "two members", "a text", "another language"],
)
def test_others_are_told_apart_by_type(tmp_path: Path, asks: Any) -> None:
    contract = made(tmp_path, version_2(asks))
    assert contract.told_apart["client"].rule == "type"
    assert contract.name_of({"type": "ping", "open": {}}, "client") == "ping"


@pytest.mark.parametrize("place", ["document", "channel", "operation"])
def test_a_document_may_say_it_in_three_places(tmp_path: Path, place: str) -> None:
    document = version_2(message("ping", PING))
    channel = document["channels"]["/talk"]
    {"document": document, "channel": channel, "operation": channel["publish"]}[place]["x-discriminator"] = (
        "key"
    )
    contract = made(tmp_path, document)
    assert (contract.told_apart["client"].rule, contract.told_apart["client"].ground) == ("key", "document")
    assert contract.told_apart["server"].rule == ("type" if place == "operation" else "key")


def test_the_nearest_place_counts(tmp_path: Path) -> None:
    document = version_2(ASKS, ANSWERS, **{"x-discriminator": "type"})
    document["channels"]["/talk"]["x-discriminator"] = {"server": "result-key"}
    document["channels"]["/talk"]["publish"]["x-discriminator"] = "key"
    contract = made(tmp_path, document)
    assert [contract.told_apart[side].rule for side in ("client", "server")] == ["key", "result-key"]


def test_a_document_of_version_3_says_it_alike(tmp_path: Path) -> None:
    document = version_3(message("ping", PING))
    document["operations"]["hear"]["x-discriminator"] = "key"
    document["channels"]["talk"]["x-discriminator"] = {"server": "result-key", "client": "type"}
    contract = made(tmp_path, document)
    assert [contract.told_apart[side].rule for side in ("client", "server")] == ["key", "result-key"]


@pytest.mark.parametrize(
    ("said", "pointer"),
    [("name", "/x-discriminator"), ({"server": 1}, "/x-discriminator/server"), ({"both": "key"}, "/x-d")],
)
def test_a_rule_that_there_is_not_is_told_with_its_place(tmp_path: Path, said: Any, pointer: str) -> None:
    with pytest.raises(DocumentError) as caught:
        made(tmp_path, version_2(ASKS, ANSWERS, **{"x-discriminator": said}))
    assert caught.value.pointer.startswith(pointer)


def test_a_channel_that_the_suite_knows_has_its_rule(tmp_path: Path) -> None:
    bare = {"oneOf": [message("x.open", _object(["size"], size=_NUMBER, a=_NUMBER)), message("x.shut", {})]}
    told = message("x.told", _object(text={"type": "string"}))
    document = _at(version_2(bare, told), "/stt/v1/transcribe:streamBidirectional")
    contract = made(tmp_path, document)
    assert contract.told_apart["client"].ground == contract.told_apart["server"].ground == "channel"
    assert contract.name_of({"open": {"size": 1}}, "client") == "x.open"
    assert contract.client["x.open"].is_valid({"open": {"size": 1}})
    assert not contract.client["x.open"].is_valid({"size": 1})
    assert contract.server["x.told"].is_valid({"result": {"told": {"text": "a"}}})
    [wrong] = contract.server["x.told"].violations({"result": {"told": {"text": 1}}})
    assert wrong.place == "result.told.text"


def test_messages_without_their_envelope_are_a_weakness(tmp_path: Path) -> None:
    asks = {"oneOf": [OPEN, message("shut", _object(why={"type": "string"}))]}
    rules: dict[str, Any] = {"x-discriminator": {"client": "key", "server": "result-key"}}
    document = version_2(asks, ANSWERS, **rules)
    [found] = weaknesses(load(written(tmp_path, "talk.json", document)))
    assert found.problem.startswith("the payload of `shut` has no envelope")
    assert found.coped == "it is taken for what stands in `shut`"


def test_a_known_channel_whose_messages_have_a_type_is_told_apart_by_it(tmp_path: Path) -> None:
    document = _at(version_2(message("ping", PING)), "/tts/v1/voice:streamBidirectional")
    assert made(tmp_path, document).told_apart["client"].rule == "type"


# --- the name of a frame ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("frame", "name"),
    [
        ({"open": {}, "id": 5}, "open"),
        ({"contextId": "a", "shut": {}}, "shut"),
        ({"open": {}, "shut": None}, "open"),
        ({"open": None}, "open"),
        ({"open": {}, "new": 1}, "open"),
        ({"new": {}}, "new"),
        ({"open": {}, "shut": {}}, ""),
        ({"id": 5, "context_id": "a"}, ""),
        ({}, ""),
        ([], ""),
        ("open", ""),
        (None, ""),
    ],
    ids=str,
)
def test_the_one_key_names_the_message(tmp_path: Path, frame: Any, name: str) -> None:
    assert made(tmp_path, version_2(ASKS, ANSWERS)).name_of(frame, "client") == name


@pytest.mark.parametrize(
    ("frame", "name"),
    [
        ({"result": {"id": 5, "opened": {}}}, "opened"),
        ({"result": {"opened": {}, "status": {"code": 0}}}, "opened"),
        ({"result": {"status": {"code": 5}}}, "failed"),
        ({"result": {"id": 1, "contextId": "a", "status": {"code": 5}}}, "failed"),
        ({"result": {"opened": None, "status": {}}}, "opened"),
        ({"result": {"new": 1}}, "new"),
        ({"result": {}}, ""),
        ({"error": {"code": 3}}, "error"),
        ({"error": {"code": 3}, "result": None}, "error"),
        ({"done": True}, "done"),
        ({"result": 5}, "result"),
        (5, ""),
    ],
    ids=str,
)
def test_the_one_key_in_the_result_names_the_message(tmp_path: Path, frame: Any, name: str) -> None:
    assert made(tmp_path, version_2(ASKS, ANSWERS)).name_of(frame, "server") == name


def test_two_spellings_of_a_key_name_one_message(tmp_path: Path) -> None:
    both = message("shut_it", _object(shut_it=_object(), shutIt=_object()))
    contract = made(tmp_path, version_2({"oneOf": [OPEN, both]}))
    assert (
        contract.name_of({"shutIt": {}}, "client") == contract.name_of({"shut_it": {}}, "client") == "shut_it"
    )


@pytest.mark.parametrize("frame", [{"type": 5}, {"type": None}, {}, [], None], ids=str)
def test_a_frame_without_a_text_as_its_type_has_no_name(tmp_path: Path, frame: Any) -> None:
    contract = made(tmp_path, version_2(message("ping", PING), message("pong", PONG)))
    assert contract.name_of(frame, "client") == ""


# --- what is missing --------------------------------------------------------------------------------------


def test_a_field_that_is_missing_in_each_of_its_spellings_is_named(tmp_path: Path) -> None:
    payload = {**_object(voiceId=_NUMBER, voice_id=_NUMBER)}
    payload["anyOf"] = [{"required": ["voiceId"]}, {"required": ["voice_id"]}]
    contract = made(tmp_path, version_2({"oneOf": [message("open", _object(["open"], open=payload)), SHUT]}))
    [found] = contract.client["open"].violations({"open": {}})
    assert (found.place, found.keyword) == ("open.voiceId", "required")


def test_two_fields_of_which_one_is_needed_are_no_spellings(tmp_path: Path) -> None:
    payload = {
        **_object(text=_NUMBER, sound=_NUMBER),
        "anyOf": [{"required": ["text"]}, {"required": ["sound"]}],
    }
    contract = made(tmp_path, version_2({"oneOf": [message("open", _object(["open"], open=payload)), SHUT]}))
    [found] = contract.client["open"].violations({"open": {}})
    assert (found.place, found.keyword) == ("open", "anyOf")
