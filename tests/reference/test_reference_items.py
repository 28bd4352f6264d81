"""The conversation: creating, placing, retrieving, deleting and truncating items."""

from __future__ import annotations

import base64
from typing import Any

import pytest

from protocol.dialect import DialectName
from tests.reference.dialogue import WEATHER, Chat, done, every, kinds, only, refused, said, silence, tone
from tests.reference.ledger import Ledger

DIALECTS: list[DialectName] = ["openai", "inworld"]
TEXT = {"type": "input_text", "text": "hello"}
PNG = "data:image/png;base64,iVBORw0KGgo="


def create(chat: Chat, item: dict[str, Any], **members: Any) -> list[dict[str, Any]]:
    return chat.send("conversation.item.create", item=item, **members)


def previous(events: list[dict[str, Any]]) -> str | None:
    added, done_ = events
    assert added["previous_item_id"] == done_["previous_item_id"]
    place: str | None = added["previous_item_id"]
    return place


def message(role: str, *content: dict[str, Any], **members: Any) -> dict[str, Any]:
    return {"type": "message", "role": role, "content": list(content), **members}


@pytest.mark.parametrize("dialect", DIALECTS)
def test_an_item_is_added_and_done_at_once(dialect: DialectName) -> None:
    added, done_ = create(Chat(dialect), message("user", TEXT))
    assert list(added) == ["type", "event_id", "previous_item_id", "item"]
    assert (added["type"], done_["type"]) == ("conversation.item.added", "conversation.item.done")
    assert added["previous_item_id"] is None
    assert added["item"] == done_["item"]
    assert list(added["item"]) == ["id", "type", "status", "role", "content"]
    assert added["item"]["status"] == "completed"
    assert added["item"]["content"] == [TEXT]


@pytest.mark.parametrize(
    ("sent", "shown"),
    [
        (message("system", TEXT), {"role": "system", "content": [TEXT], "status": "completed"}),
        (
            message("assistant", {"type": "output_text", "text": "hi"}, status="incomplete"),
            {"role": "assistant", "content": [{"type": "output_text", "text": "hi"}], "status": "completed"},
        ),
        (
            message("user", TEXT, {"type": "input_image", "image_url": PNG, "detail": "low"}),
            {"content": [TEXT, {"type": "input_image", "image_url": PNG, "detail": "low"}]},
        ),
        (
            message("user", {"type": "input_audio", "audio": "AAAA", "transcript": "hm"}),
            {"content": [{"type": "input_audio", "transcript": "hm"}]},
        ),
        (
            message("user", {"type": "input_audio", "audio": "AAAA"}, object="realtime.item"),
            {"content": [{"type": "input_audio", "transcript": None}]},
        ),
        (
            {"type": "function_call", "name": "f", "arguments": "{}", "call_id": "call_1"},
            {"status": "completed", "name": "f", "call_id": "call_1", "arguments": "{}"},
        ),
    ],
)
@pytest.mark.parametrize("dialect", DIALECTS)
def test_every_kind_of_item(dialect: DialectName, sent: dict[str, Any], shown: dict[str, Any]) -> None:
    item = create(Chat(dialect), sent)[0]["item"]
    assert {key: item[key] for key in shown} == shown
    assert item["type"] == sent["type"]


def test_a_client_chooses_ids_or_the_server_does() -> None:
    chat = Chat()
    assert create(chat, message("user", TEXT, id="mine"))[0]["item"]["id"] == "mine"
    minted = create(chat, message("user", TEXT))[0]["item"]["id"]
    assert minted.startswith("item_")
    call = create(chat, {"type": "function_call", "name": "f", "arguments": "{}"})[0]["item"]
    assert call["call_id"].startswith("call_")


@pytest.mark.parametrize("dialect", DIALECTS)
def test_places(dialect: DialectName) -> None:
    chat = Chat(dialect)
    ledger = Ledger()
    assert previous(create(chat, message("user", TEXT, id="b"))) is None
    assert previous(create(chat, message("user", TEXT, id="c"))) == "b"
    assert previous(create(chat, message("user", TEXT, id="a"), previous_item_id="root")) is None
    assert previous(create(chat, message("user", TEXT, id="b2"), previous_item_id="b")) == "b"
    assert previous(create(chat, message("user", TEXT, id="d"), previous_item_id="")) == "c"
    assert previous(create(chat, message("user", TEXT, id="e"), previous_item_id=None)) == "d"
    error = refused(
        create(chat, message("user", TEXT, id="f"), previous_item_id="nowhere", event_id="x"),
        "invalid_value",
        "previous_item_id",
    )
    assert error["event_id"] == "x"
    assert previous(create(chat, message("user", TEXT, id="f"))) == "e"
    ledger.read(chat.events)
    assert ledger.order == ["a", "b", "b2", "c", "d", "e", "f"]


def test_the_order_of_the_conversation_is_the_order_of_the_context() -> None:
    chat = Chat()
    chat.user("two")
    chat.user("three, please list them")
    chat.user("one", previous_item_id="root")
    assert said(chat.respond(output_modalities=["text"])) == "You said: one; two; three, please list them."


def test_the_chain_heals_after_a_delete() -> None:
    chat = Chat()
    for item_id in "abc":
        create(chat, message("user", TEXT, id=item_id))
    [deleted] = chat.send("conversation.item.delete", item_id="c")
    assert deleted == {"type": "conversation.item.deleted", "event_id": deleted["event_id"], "item_id": "c"}
    assert previous(create(chat, message("user", TEXT, id="d"))) == "b"
    chat.send("conversation.item.delete", item_id="a")
    assert previous(create(chat, message("user", TEXT), previous_item_id="root")) is None
    again = chat.send("conversation.item.delete", item_id="a", event_id="again")
    assert refused(again, "item_delete_invalid_item_id")["event_id"] == "again"
    assert previous(create(chat, message("user", TEXT, id="a"))) == "d"


def test_retrieve_gives_the_whole_item_with_its_sound() -> None:
    chat = Chat()
    sound = base64.b64encode(tone(200)).decode()
    create(chat, message("user", {"type": "input_audio", "audio": sound}, id="u"))
    [retrieved] = chat.send("conversation.item.retrieve", item_id="u")
    assert retrieved["type"] == "conversation.item.retrieved"
    assert retrieved["item"]["content"] == [{"type": "input_audio", "audio": sound, "transcript": None}]

    item = done(chat.respond())["output"][0]
    part = chat.send("conversation.item.retrieve", item_id=item["id"])[0]["item"]["content"][0]
    streamed = b"".join(
        base64.b64decode(e["delta"]) for e in every(chat.events, "response.output_audio.delta")
    )
    assert base64.b64decode(part["audio"]) == streamed
    assert part["transcript"] == item["content"][0]["transcript"]


@pytest.mark.parametrize("dialect", DIALECTS)
@pytest.mark.parametrize(
    ("event_type", "members", "code"),
    [
        ("conversation.item.retrieve", {}, "item_retrieve_invalid_item_id"),
        ("conversation.item.delete", {}, "item_delete_invalid_item_id"),
        (
            "conversation.item.truncate",
            {"content_index": 0, "audio_end_ms": 0},
            "item_truncate_invalid_item_id",
        ),
    ],
)
def test_unknown_items(dialect: DialectName, event_type: str, members: dict[str, Any], code: str) -> None:
    chat = Chat(dialect)
    assert refused(chat.send(event_type, item_id="no", event_id="e", **members), code)["event_id"] == "e"


def test_truncate() -> None:
    chat = Chat()
    chat.user("hello")
    item = done(chat.respond())["output"][0]
    transcript = item["content"][0]["transcript"]
    length = 60 * len(transcript)
    place = {"item_id": item["id"], "content_index": 0}
    error = refused(
        chat.send("conversation.item.truncate", **place, audio_end_ms=length + 1),
        "invalid_value",
        "audio_end_ms",
    )
    assert f"{length}ms" in error["message"]
    [whole] = chat.send("conversation.item.truncate", **place, audio_end_ms=length)
    assert whole["audio_end_ms"] == length
    [cut] = chat.send("conversation.item.truncate", **place, audio_end_ms=200)
    assert list(cut) == ["type", "event_id", "item_id", "content_index", "audio_end_ms"]
    assert (cut["type"], cut["item_id"]) == ("conversation.item.truncated", item["id"])
    part = chat.send("conversation.item.retrieve", item_id=item["id"])[0]["item"]["content"][0]
    assert part["transcript"] == transcript[:3]
    assert len(base64.b64decode(part["audio"])) == 200 * 48
    refused(
        chat.send("conversation.item.truncate", **place, audio_end_ms=201), "invalid_value", "audio_end_ms"
    )
    chat.send("conversation.item.truncate", **place, audio_end_ms=0)
    assert chat.send("conversation.item.retrieve", item_id=item["id"])[0]["item"]["content"][0] == {
        "type": "output_audio",
        "audio": "",
        "transcript": "",
    }


def test_what_cannot_be_truncated() -> None:
    chat = Chat()
    user = chat.user("hello")["id"]
    text = done(chat.respond(output_modalities=["text"]))["output"][0]["id"]
    sound = done(chat.respond())["output"][0]["id"]

    def truncate(item_id: str, content_index: Any = 0, audio_end_ms: Any = 0) -> list[dict[str, Any]]:
        return chat.send(
            "conversation.item.truncate",
            item_id=item_id,
            content_index=content_index,
            audio_end_ms=audio_end_ms,
        )

    refused(truncate(user), "unsupported_content_type")
    refused(truncate(text), "unsupported_content_type")
    refused(truncate(sound, 1), "invalid_value", "content_index")
    refused(truncate(sound, -1), "invalid_value", "content_index")
    refused(truncate(sound, 0, -5), "invalid_value", "audio_end_ms")
    refused(truncate(sound, 0, "5"), "invalid_value", "audio_end_ms")
    refused(truncate(sound, 0, 5.5), "invalid_value", "audio_end_ms")


def test_an_item_can_be_truncated_while_it_is_spoken() -> None:
    chat = Chat()
    chat.user("hello")
    chat.send("response.create")
    started = chat.ticks(2)
    item_id = only(started, "response.output_item.added")["item"]["id"]
    place = {"item_id": item_id, "content_index": 0, "audio_end_ms": 0}
    chat.ticks(4)
    assert kinds(chat.send("conversation.item.truncate", **place)) == ["conversation.item.truncated"]
    rest = chat.finish()
    # What was said is told as it was said; what is remembered ends at the cut.
    assert only(rest, "response.output_audio_transcript.done")["transcript"] == said(rest) != ""
    part = chat.send("conversation.item.retrieve", item_id=item_id)[0]["item"]["content"][0]
    assert part["transcript"] == ""
    Ledger().read(chat.events)


def test_an_item_can_be_deleted_while_it_is_spoken() -> None:
    chat = Chat()
    user = chat.user("hello")["id"]
    chat.send("response.create")
    item_id = only(chat.ticks(3), "conversation.item.added")["item"]["id"]
    chat.send("conversation.item.delete", item_id=item_id)
    chat.send("conversation.item.delete", item_id=user)
    rest = chat.finish()
    assert only(rest, "conversation.item.done")["previous_item_id"] is None
    assert done(rest)["status"] == "completed"
    assert chat.user("again")["id"]
    Ledger().read(chat.events)


@pytest.mark.parametrize("dialect", DIALECTS)
def test_the_output_of_a_function(dialect: DialectName) -> None:
    chat = Chat(dialect)
    chat.user("How is the weather?")
    [call] = done(chat.respond(tools=[WEATHER]))["output"]
    output = {"type": "function_call_output", "call_id": call["call_id"], "output": "Foggy."}
    added, _ = create(chat, output)
    assert added["previous_item_id"] == call["id"]
    assert added["item"] == {"id": added["item"]["id"], **output}
    assert said(chat.respond(tools=[WEATHER])) == "The function says: Foggy."
    refused(create(chat, {**output, "call_id": "call_other"}), "invalid_tool_call_id")


def test_an_output_may_be_empty_and_may_come_before_the_response_is_done() -> None:
    chat = Chat()
    chat.user("weather")
    chat.updated(tools=[WEATHER])
    chat.send("response.create")
    call = only(chat.ticks(2), "conversation.item.added")["item"]
    events = create(chat, {"type": "function_call_output", "call_id": call["call_id"], "output": ""})
    assert previous(events) == call["id"]
    assert done(chat.finish())["status"] == "completed"


WRONG, MISSING = "invalid_value", "missing_required_parameter"
PART = "item.content[0]."


def image(url: str) -> dict[str, Any]:
    return message("user", {"type": "input_image", "image_url": url})


REFUSED_ITEMS: list[tuple[Any, str, str]] = [
    (None, WRONG, "item"),
    ({}, MISSING, "item.type"),
    ({"type": "poem"}, WRONG, "item.type"),
    ({"type": "item_reference", "id": "x"}, WRONG, "item.type"),
    ({"type": "message", "content": []}, MISSING, "item.role"),
    ({"type": "message", "role": "user"}, MISSING, "item.content"),
    (message("narrator", TEXT), WRONG, "item.role"),
    (message("user", {"type": "input_text"}), MISSING, PART + "text"),
    (message("user", TEXT, {"text": "x"}), MISSING, "item.content[1].type"),
    (message("user", {"type": "output_text", "text": "x"}), WRONG, PART + "type"),
    (message("system", {"type": "input_audio", "audio": ""}), WRONG, PART + "type"),
    (message("assistant", TEXT), WRONG, PART + "type"),
    (message("assistant", {"type": "output_audio", "transcript": "x"}), WRONG, PART + "type"),
    (message("user", {"type": "input_text", "text": 1}), WRONG, PART + "text"),
    (message("user", {"type": "input_audio", "audio": "*"}), WRONG, PART + "audio"),
    (message("user", {"type": "input_image"}), MISSING, PART + "image_url"),
    (image("https://x.invalid/a.png"), WRONG, PART + "image_url"),
    (image("data:image/png;base64,*"), WRONG, PART + "image_url"),
    (message("user", TEXT, id=""), WRONG, "item.id"),
    (message("user", TEXT, id=7), WRONG, "item.id"),
    (message("user", TEXT, status="cancelled"), WRONG, "item.status"),
    ({"type": "function_call", "name": "f"}, MISSING, "item.arguments"),
    ({"type": "function_call", "name": "f", "arguments": "", "call_id": "a b"}, WRONG, "item.call_id"),
    ({"type": "function_call_output", "output": "x"}, MISSING, "item.call_id"),
    ({"type": "function_call_output", "call_id": "c"}, MISSING, "item.output"),
    ({"type": "mcp_approval_response", "approval_request_id": "y", "approve": True}, WRONG, "item.type"),
    ({"type": "mcp_list_tools", "server_label": "s", "tools": []}, WRONG, "item.type"),
    ({"type": "mcp_call"}, WRONG, "item.type"),
    ({"type": "mcp_approval_request"}, WRONG, "item.type"),
]


@pytest.mark.parametrize("dialect", DIALECTS)
@pytest.mark.parametrize(("item", "code", "param"), REFUSED_ITEMS)
def test_refused_items(dialect: DialectName, item: Any, code: str, param: str) -> None:
    chat = Chat(dialect)
    assert refused(create(chat, item, event_id="e"), code, param)["event_id"] == "e"
    assert previous(create(chat, message("user", TEXT))) is None


def test_unknown_members_are_refused_or_ignored() -> None:
    refused(create(Chat(), message("user", TEXT, mood="good")), "unknown_parameter", "item.mood")
    refused(create(Chat(), message("user", {**TEXT, "x": 1})), "unknown_parameter", "item.content[0].x")
    item = create(Chat("inworld"), message("user", {**TEXT, "x": 1}, mood="good"))[0]["item"]
    assert item["content"] == [TEXT]
    assert "mood" not in item


def test_an_id_is_used_once() -> None:
    chat = Chat()
    create(chat, message("user", TEXT, id="same"))
    refused(create(chat, message("user", TEXT, id="same")), "invalid_value", "item.id")


def test_inworld_also_takes_the_older_names_of_parts_and_the_role_of_a_tool() -> None:
    chat = Chat("inworld")
    for item in (
        message("assistant", {"type": "text", "text": "hi"}),
        message("tool", {"type": "text", "text": "12 degrees"}),
    ):
        assert create(chat, item)[0]["item"]["content"] == item["content"]
        assert "error" in kinds(create(Chat(), item))


def test_sound_in_the_context_is_heard_in_the_formats_it_came_in() -> None:
    chat = Chat("inworld")
    chat.updated(audio={"input": {"format": "g711_ulaw", "turn_detection": None}})
    chat.append(bytes([0xFF]) * 8 * 300)
    chat.send("input_audio_buffer.commit")
    chat.updated(audio={"input": {"format": "pcm16"}})
    chat.append(silence(200))
    chat.send("input_audio_buffer.commit")
    chat.user("list")
    words = said(chat.respond())
    assert words == "You said: audio of 300 milliseconds; audio of 200 milliseconds; list."
