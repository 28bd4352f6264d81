"""From the one key that a message carries to a type, and back (CN-07, CN-09, CN-11, CN-12, CN-14)."""

from __future__ import annotations

import json
from typing import Any

import pytest

from reference.channels.messages import enveloped, in_camel_case, in_snake_case, read_message, respelled
from reference.channels.status import GrpcCode, StatusError
from tests.reference.channels.channel_dialogue import ChannelChat, create, kinds_of, told

TYPES = ("create", "sendText", "flushContext")


@pytest.mark.parametrize("key", ["contextId", "create", "wordStartTimeSeconds", "inworldSttV1Config"])
def test_spellings_lead_back(key: str) -> None:
    assert in_camel_case(in_snake_case(key)) == key
    assert in_camel_case(key) == key


def test_all_keys_are_respelled() -> None:
    assert respelled({"a_b": [{"c_d": "e_f"}]}) == {"aB": [{"cD": "e_f"}]}
    assert respelled({"aB": [{"cD": "eF"}]}, "snake_case") == {"a_b": [{"c_d": "eF"}]}


@pytest.mark.parametrize(
    "frame",
    [
        {"contextId": "x", "sendText": {"text": "t", "flushContext": {}}},
        {"context_id": "x", "send_text": {"text": "t", "flush_context": {}}},
        {"contextId": "x", "send_text": {"text": "t", "flushContext": {}}},
        {"context_id": "x", "sendText": {"text": "t", "flush_context": {}}, "create": None, "other": 1},
    ],
)
def test_any_spelling_is_read(frame: dict[str, Any]) -> None:
    read = read_message(frame, TYPES)
    assert read == {"type": "sendText", "contextId": "x", "body": {"text": "t", "flushContext": {}}}


@pytest.mark.parametrize(
    ("frame", "context_id"),
    [
        ({}, None),
        ({"contextId": "x"}, "x"),
        ({"contextId": "x", "nothing": {}}, "x"),
        ({"contextId": "x", "create": {}, "sendText": {}}, "x"),
        ({"contextId": "x", "create": "yes"}, "x"),
        ({"contextId": 5, "create": {}}, None),
    ],
)
def test_what_is_no_message_is_refused(frame: dict[str, Any], context_id: str | None) -> None:
    with pytest.raises(StatusError) as refused:
        read_message(frame, TYPES)
    assert refused.value.code is GrpcCode.INVALID_ARGUMENT
    assert refused.value.context_id == context_id


def test_envelopes() -> None:
    chunk = {
        "type": "audioChunk",
        "contextId": "x",
        "event_id": "no",
        "body": {"a": 1},
        "status": {"code": 0},
    }
    assert enveloped(chunk) == {"result": {"contextId": "x", "audioChunk": {"a": 1}, "status": {"code": 0}}}
    assert enveloped({"type": "speechStopped", "body": {}}) == {"result": {"speechStopped": {}}}
    assert enveloped({"type": "frame", "body": {"done": True}}) == {"done": True}
    status = {"code": 3, "message": "No.", "details": []}
    alone = StatusError(GrpcCode.INVALID_ARGUMENT, "No.", alone=True)
    assert enveloped(alone.message()) == {"result": {"status": status}}
    assert enveloped(StatusError(GrpcCode.INVALID_ARGUMENT, "No.").message()) == {"error": status}
    of_context = StatusError(GrpcCode.INVALID_ARGUMENT, "No.", "x").message()
    assert enveloped(of_context) == {"result": {"contextId": "x", "status": status}}


@pytest.mark.parametrize("channel", ["tts", "stt"])
@pytest.mark.parametrize(
    "frame", ["no json", b"\x00", "[]", "{}", '{"create": 1, "audioChunk": 1}', "[" * 9999]
)
def test_a_frame_that_is_no_message_is_refused_and_the_connection_lives(
    channel: str, frame: str | bytes
) -> None:
    chat = ChannelChat(channel)
    chat.session.receive(frame)
    [refusal] = told(chat.finish(), "error")
    assert refusal["code"] == GrpcCode.INVALID_ARGUMENT
    assert refusal["message"]
    assert chat.host.closed is None
    chat.say(create(), {"transcribeConfig": {"modelId": "inworld/inworld-stt-1"}}, {"closeStream": {}})
    assert {"tts": "contextCreated", "stt": "usage"}[channel] in kinds_of(chat.finish())


def test_an_accident_costs_nobody_the_connection(monkeypatch: pytest.MonkeyPatch) -> None:
    chat = ChannelChat("tts")
    monkeypatch.setattr("reference.tts.service.created_settings", lambda *_: 1 / 0)
    chat.say(create())
    assert told(chat.finish(), "error")[0]["code"] == GrpcCode.INTERNAL
    assert chat.host.closed is None


def test_nothing_set_is_null() -> None:
    chat = ChannelChat("tts")
    chat.say(create(timestampType="WORD"), {"contextId": "a", "sendText": {"text": "Hello there."}})
    chat.say({"contextId": "a", "closeContext": {}}, {"contextId": "b", "closeContext": {}})
    assert "null" not in json.dumps(chat.finish())
