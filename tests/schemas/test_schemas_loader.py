"""Any AsyncAPI document of the known versions becomes the same Document."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from schemas.contract import contract_of
from schemas.document import Document
from schemas.loader import load
from schemas.weaknesses import weaknesses
from tests.schemas.documents import PING, PONG, message, valid, version_2, version_3, written


def _names(document: Document, direction: Any = "client") -> list[str]:
    return [m.name for m in document.channels[0].messages(direction)]


# --- versions and forms -----------------------------------------------------------------------------------


@pytest.mark.parametrize("version", [f"2.{minor}.0" for minor in range(7)] + ["2.6.1"])
def test_every_version_2(tmp_path: Path, version: str) -> None:
    document = load(written(tmp_path, "talk.json", version_2(message("ping", PING), version=version)))
    assert document.version == version
    assert document.title == "Talk"
    [channel] = document.channels
    assert channel.address == "/talk"
    # In 2.x, `publish` is what a client may publish.
    assert [(o.id, o.direction) for o in channel.operations] == [("ask", "client"), ("answer", "server")]
    assert _names(document) == ["ping"]
    assert _names(document, "server") == ["pong"]


def test_version_3_takes_the_view_of_the_server(tmp_path: Path) -> None:
    document = load(written(tmp_path, "talk.json", version_3(message("ping", PING))))
    [channel] = document.channels
    assert channel.address == "/talk"
    assert [(o.id, o.direction) for o in channel.operations] == [("hear", "client"), ("tell", "server")]
    assert _names(document) == ["ping"]
    assert _names(document, "server") == ["pong"]
    assert valid(document, {"type": "ping"})


@pytest.mark.parametrize("version", ["3.1.0", "3.1.4"])
def test_version_3_1_is_read_as_3_0_is(tmp_path: Path, version: str) -> None:
    """What 3.1 adds: a format of its own for schemas, examples of any type, and bindings for ROS 2."""
    payload = {"schemaFormat": f"application/vnd.aai.asyncapi+json;version={version}", "schema": PING}
    ask = message("ping", payload, examples=[{"payload": {"type": "ping"}, "headers": {}}])
    document = load(written(tmp_path, "talk.json", version_3(ask, version=version)))
    assert document.version == version
    assert [m.dialect for m in document.channels[0].messages("client")] == ["draft7"]
    assert _names(document, "server") == ["pong"]
    assert valid(document, {"type": "ping"})
    assert weaknesses(document) == []


def test_bindings_for_ros_2_are_named(tmp_path: Path) -> None:
    raw = version_3(message("ping", PING), version="3.1.0")
    ros2 = {"ros2": {"rmwImplementation": "rmw_fastrtps_cpp", "domainId": 0}}
    raw["servers"] = {
        "bus": {"host": "none", "protocol": "ros2", "bindings": ros2},
        "here": {"host": "localhost", "protocol": "ws"},
    }
    raw["operations"]["hear"]["bindings"] = {"$ref": "#/components/operationBindings/a"}
    raw["servers"]["nowhere"] = {"$ref": "#/components/servers/none"}
    raw["components"] = {"operationBindings": {"a": {"ros2": {"role": "subscriber", "node": "/a"}}}}
    document = load(written(tmp_path, "talk.json", raw))
    assert [(w.pointer, w.problem) for w in weaknesses(document)] == [
        ("/components/operationBindings/a/ros2", "a binding for ROS 2"),
        ("/servers/bus/bindings/ros2", "a binding for ROS 2"),
    ]
    assert valid(document, {"type": "ping"})


def test_version_3_operations_without_messages_take_all_of_the_channel(tmp_path: Path) -> None:
    raw = version_3(message("ping", PING))
    del raw["operations"]["hear"]["messages"]
    assert _names(load(written(tmp_path, "talk.json", raw))) == ["ping", "pong"]


def test_version_3_replies_go_the_other_way(tmp_path: Path) -> None:
    raw = version_3(message("ping", PING))
    del raw["operations"]["tell"]
    raw["operations"]["hear"]["reply"] = {"messages": [{"$ref": "#/channels/talk/messages/answer"}]}
    document = load(written(tmp_path, "talk.json", raw))
    assert _names(document, "server") == ["pong"]
    assert [o.id for o in document.channels[0].operations] == ["hear", "hear.reply"]


YAML = """
    asyncapi: 2.6.0
    info: {title: Talk, version: '1'}
    channels:
      /talk:
        description: A channel.
        bindings:
          ws: {query: {type: object, properties: {key: {type: string}}}}
        publish:
          operationId: ask
          message:
            name: ping
            title: Ping
            summary: Are you there?
            x-confidence: firm
            payload:
              type: object
              required: [type]
              properties:
                type: {const: ping}
                mode: {type: string, enum: [ON, OFF, yes]}
        subscribe:
          message: {name: pong, payload: {type: object, properties: {type: {const: pong}}}}
"""


def test_yaml_and_what_stands_beside_the_messages(tmp_path: Path) -> None:
    path = written(tmp_path, "talk.yaml", YAML)
    document = load(path)
    [channel] = document.channels
    assert channel.description == "A channel."
    assert channel.query["properties"] == {"key": {"type": "string"}}
    [ping] = channel.messages("client")
    assert (ping.name, ping.title, ping.summary) == ("ping", "Ping", "Are you there?")
    assert ping.extensions == {"x-confidence": "firm"}
    assert ping.pointer == "/channels/~1talk/publish/message"
    assert ping.file == str(path)


def test_enum_values_stay_strings(tmp_path: Path) -> None:
    document = load(written(tmp_path, "talk.yaml", YAML))
    assert valid(document, {"type": "ping", "mode": "ON"})
    assert not valid(document, {"type": "ping", "mode": True})
    assert [w.pointer.rsplit("/", 2)[-2:] for w in weaknesses(document)] == [
        ["enum", str(n)] for n in range(3)
    ]


def test_a_path_a_string_and_a_file_url_are_the_same(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = written(tmp_path / "a folder with ü", "talk.yaml", YAML)
    digest = load(path).digest
    assert load(str(path)).digest == digest
    assert load(path.as_uri()).digest == digest
    assert load(f"{path.as_uri()}#/channels").digest == digest
    monkeypatch.chdir(path.parent)
    assert load("talk.yaml").digest == digest


def test_a_document_with_an_overlay_has_its_channel_where_the_overlay_says(tmp_path: Path) -> None:
    overlay = written(tmp_path, "overlay.json", {"info": {"title": "Other"}})
    for raw in (version_2(message("ping", PING)), version_3(message("ping", PING))):
        path = written(tmp_path, "talk.json", raw)
        changed = load(path, [(overlay, "/walk")])
        assert (changed.title, [c.address for c in changed.channels]) == ("Other", ["/walk"])
        assert _names(changed) == _names(load(path))
    twice = load(path, [(overlay, "/walk"), (overlay, "/run")])
    assert [c.address for c in twice.channels] == ["/run"]


def test_a_document_of_several_channels_keeps_their_addresses(tmp_path: Path) -> None:
    raw = version_2(message("ping", PING))
    raw["channels"]["/walk"] = raw["channels"]["/talk"]
    overlay = written(tmp_path, "overlay.json", {"info": {"title": "Other"}})
    changed = load(written(tmp_path, "talk.json", raw), [(overlay, "/run")])
    assert [c.address for c in changed.channels] == ["/talk", "/walk"]


def test_an_overlay_takes_messages_out_of_a_channel_and_names_others(tmp_path: Path) -> None:
    both = {"oneOf": [{"$ref": "#/components/messages/ping"}, {"$ref": "#/components/messages/pong"}]}
    messages = {"ping": message("ping", PING), "pong": message("pong", PONG)}
    path = written(tmp_path, "talk.json", version_2(both, components={"messages": messages}))
    more = {"name": "pang", "payload": {"$ref": "parts.json#/pang"}}
    change = {
        "oneOf-": [{"$ref": "#/components/messages/pong"}],
        "oneOf+": [{"$ref": "#/components/messages/pang"}],
    }
    written(tmp_path / "over", "parts.json", {"pang": {"type": "object"}})
    overlay = written(
        tmp_path / "over",
        "overlay.json",
        {
            "channels": {"/talk": {"publish": {"message": change}}},
            "components": {"messages": {"pong": None, "pang": more}},
        },
    )
    assert _names(load(path, [(overlay, "/talk")])) == ["ping", "pang"]


def test_the_digest_follows_the_text_of_all_files_and_not_their_place(tmp_path: Path) -> None:
    raw = version_2(message("ping", {"$ref": "parts.json#/ping"}))
    digests = []
    for folder, ping in (("a", PING), ("b", PING), ("c", PONG)):
        written(tmp_path / folder, "parts.json", {"ping": ping})
        digests.append(load(written(tmp_path / folder, "talk.json", raw)).digest)
    assert digests[0] == digests[1] != digests[2]


def test_a_byte_order_mark_is_no_text(tmp_path: Path) -> None:
    path = tmp_path / "talk.yaml"
    path.write_text(written(tmp_path, "plain.yaml", YAML).read_text(), encoding="utf-8-sig")
    assert load(path).title == "Talk"


# --- references -------------------------------------------------------------------------------------------


def test_local_references_everywhere(tmp_path: Path) -> None:
    raw = version_2({"oneOf": [{"$ref": "#/components/messages/p~1i"}]})
    raw["channels"]["/talk"] = {"$ref": "#/components/channels/talk"}
    raw["components"] = {
        "channels": {
            "talk": version_2({"oneOf": [{"$ref": "#/components/messages/p~1i"}]})["channels"]["/talk"]
        },
        "messages": {"p/i": {"payload": {"$ref": "#/components/schemas/a%20b"}}},
        "schemas": {"a b": {"$ref": "#/components/schemas/ping"}, "ping": PING},
    }
    document = load(written(tmp_path, "talk.json", raw))
    assert _names(document) == ["p/i"]  # named after its key
    assert document.channels[0].messages("client")[0].pointer == "/components/messages/p~1i"
    assert valid(document, {"type": "ping"})


def test_relative_files_refer_to_each_other(tmp_path: Path) -> None:
    written(
        tmp_path / "parts",
        "messages.yaml",
        """
        ping:
          name: ping
          payload: {$ref: '../schemas/all.json#/definitions/ping'}
    """,
    )
    ping = {**PING, "properties": {**PING["properties"], "text": {"$ref": "#/definitions/text"}}}  # type: ignore[dict-item]
    written(tmp_path / "schemas", "all.json", {"definitions": {"ping": ping, "text": {"type": "string"}}})
    raw = version_2({"$ref": "./parts/messages.yaml#/ping"})
    document = load(written(tmp_path, "talk.json", raw))
    assert valid(document, {"type": "ping", "text": "hello"})
    assert not valid(document, {"type": "ping", "text": 5})
    assert len(document.texts) == 3
    assert document.channels[0].messages("client")[0].file.endswith("messages.yaml")


def test_circular_schemas_stay_circular(tmp_path: Path) -> None:
    node = {
        "type": "object",
        "required": ["type"],
        "properties": {
            "type": {"const": "node"},
            "children": {"type": "array", "items": {"$ref": "#/components/schemas/node"}},
            "next": {"$ref": "#/components/schemas/link"},
        },
    }
    link = {"anyOf": [{"type": "null"}, {"$ref": "#/components/schemas/node"}]}
    raw = version_2(message("node", {"$ref": "#/components/schemas/node"}))
    raw["components"] = {"schemas": {"node": node, "link": link}}
    document = load(written(tmp_path, "talk.json", raw))
    deep: dict[str, Any] = {"type": "node", "next": None}
    for _ in range(20):
        deep = {"type": "node", "children": [deep], "next": deep}
        assert valid(document, deep)
        if len(str(deep)) > 5000:
            break
    assert not valid(document, {"type": "node", "children": [{"type": "leaf"}]})


def test_files_may_refer_to_each_other_in_circles(tmp_path: Path) -> None:
    raw = version_2(message("ping", {"$ref": "a.json#/ping"}))
    properties = {"type": {"const": "ping"}, "more": {"$ref": "b.json#/more"}}
    written(tmp_path, "a.json", {"ping": {"type": "object", "properties": properties}})
    written(tmp_path, "b.json", {"more": {"type": "array", "items": {"$ref": "a.json#/ping"}}})
    document = load(written(tmp_path, "talk.json", raw))
    assert valid(document, {"type": "ping", "more": [{"type": "ping", "more": []}]})
    assert not valid(document, {"type": "ping", "more": [{"type": "ping", "more": [5]}]})


# --- messages ---------------------------------------------------------------------------------------------


def test_one_of_lists_messages(tmp_path: Path) -> None:
    listed = {"oneOf": [message("ping", PING), message("poke", {"type": "object"}), {"name": "bare"}]}
    document = load(written(tmp_path, "talk.json", version_2(listed)))
    assert _names(document) == ["ping", "poke", "bare"]


def test_one_of_messages_is_no_json_schema_one_of(tmp_path: Path) -> None:
    """Each event is looked up by its type: that another message would accept it too does not matter."""
    anything = {"type": "object", "properties": {"type": {"type": "string"}}, "additionalProperties": True}
    document = load(
        written(
            tmp_path, "talk.json", version_2({"oneOf": [message("ping", PING), message("any", anything)]})
        )
    )
    contract = contract_of(document)
    assert set(contract.client) == {"ping"}
    assert valid(document, {"type": "ping"})
    other = contract.schema("client", "something.else")
    assert other is contract.catch_all["client"]
    assert not contract.knows("client", "something.else")


def test_payloads_made_of_parts(tmp_path: Path) -> None:
    base = {"type": "object", "required": ["type"], "properties": {"type": {"type": "string"}}}
    payload = {"allOf": [base, PING, {"required": ["n"], "properties": {"n": {"type": "integer"}}}]}
    document = load(written(tmp_path, "talk.json", version_2(message("whatever", payload))))
    assert set(contract_of(document).client) == {"ping"}
    assert valid(document, {"type": "ping", "n": 1})
    assert not valid(document, {"type": "ping"})


def test_the_name_stands_in_for_an_open_type(tmp_path: Path) -> None:
    payload = {"type": "object", "properties": {"type": {"type": "string"}}}
    document = load(written(tmp_path, "talk.json", version_2(message("ping", payload))))
    contract = contract_of(document)
    assert set(contract.client) == {"ping"}
    assert not contract.client["ping"].is_valid({})  # the type is required all the same
    assert [w.problem for w in weaknesses(document)] == ["the payload of `ping` leaves `type` open"]


def test_one_message_may_claim_several_types(tmp_path: Path) -> None:
    payload = {"type": "object", "properties": {"type": {"enum": ["start", "stop"]}}}
    contract = contract_of(load(written(tmp_path, "talk.json", version_2(message("switch", payload)))))
    assert set(contract.client) == {"start", "stop"}
    assert contract.client["start"].message.name == "switch"


def test_traits_change_a_message_of_version_2(tmp_path: Path) -> None:
    traits = [{"$ref": "#/components/messageTraits/common"}, {"summary": "second", "x-a": None}]
    raw = version_2(
        message("ping", PING, summary="own", traits=traits, **{"x-a": 1, "x-b": {"p": 1, "q": 2}})
    )
    raw["components"] = {
        "messageTraits": {"common": {"title": "Common", "summary": "first", "x-b": {"q": 3}}}
    }
    [ping] = load(written(tmp_path, "talk.json", raw)).channels[0].messages("client")
    assert (ping.title, ping.summary) == ("Common", "second")
    assert ping.extensions == {"x-b": {"p": 1, "q": 3}}


def test_a_message_of_version_3_wins_over_its_traits(tmp_path: Path) -> None:
    traits = [{"title": "Common", "summary": "theirs"}]
    raw = version_3(message("ping", PING, summary="own", traits=traits))
    [ping] = load(written(tmp_path, "talk.json", raw)).channels[0].messages("client")
    assert (ping.title, ping.summary) == ("Common", "own")
