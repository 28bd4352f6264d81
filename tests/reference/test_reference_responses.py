"""Responses: their life, their overrides, their end."""

from __future__ import annotations

import base64
import json
from typing import Any

import pytest

from protocol.dialect import DialectName
from tests.reference.dialogue import (
    OPENING,
    Chat,
    done,
    every,
    every_but,
    kinds,
    only,
    refused,
    said,
    squeezed,
)
from tests.reference.ledger import Ledger

DIALECTS: list[DialectName] = ["openai", "inworld"]
CLOSING = [
    "response.content_part.done",
    "conversation.item.done",
    "response.output_item.done",
    "response.done",
]


@pytest.mark.parametrize("dialect", DIALECTS)
def test_a_text_response(dialect: DialectName) -> None:
    chat = Chat(dialect)
    user = chat.user("hello")
    events = chat.respond(output_modalities=["text"])
    limits = ["rate_limits.updated"] if dialect == "openai" else []
    assert squeezed(events) == [
        *OPENING,
        "response.content_part.added",
        "response.output_text.delta",
        "response.output_text.done",
        *CLOSING,
        *limits,
    ]
    assert only(events, "conversation.item.added")["previous_item_id"] == user["id"]
    assert only(events, "response.content_part.added")["part"] == {"type": "text", "text": ""}
    text = said(events)
    assert only(events, "response.content_part.done")["part"] == {"type": "text", "text": text}
    assert len(every(events, "response.output_text.delta")) == len(text.split())
    item = only(events, "conversation.item.done")["item"]
    assert item == only(events, "response.output_item.done")["item"] == done(events)["output"][0]
    assert list(item) == ["id", "type", "status", "role", "content"]
    Ledger().read(chat.events)


@pytest.mark.parametrize("dialect", DIALECTS)
def test_a_spoken_response(dialect: DialectName) -> None:
    chat = Chat(dialect)
    chat.user("hello")
    events = chat.respond()
    assert kinds(events)[:4] == [*OPENING, "response.content_part.added"]
    assert only(events, "response.content_part.added")["part"] == {"type": "audio", "transcript": ""}
    end = ["response.output_audio.done", "response.output_audio_transcript.done", *CLOSING]
    assert squeezed(every_but(events, "rate_limits.updated"))[-6:] == end
    sound = [base64.b64decode(e["delta"]) for e in every(events, "response.output_audio.delta")]
    assert all(len(delta) % 2 == 0 for delta in sound)
    assert sum(map(len, sound)) == len(said(events)) * 60 * 48
    assert "response.output_text.delta" not in kinds(events)
    assert list(only(events, "response.output_audio.done")) == [
        "type",
        "event_id",
        "response_id",
        "item_id",
        "output_index",
        "content_index",
    ]


def test_the_response_object_member_for_member() -> None:
    chat = Chat()
    events = chat.respond()
    created, finished = only(events, "response.created")["response"], done(events)
    keys = [
        "object",
        "id",
        "status",
        "status_details",
        "output",
        "conversation_id",
        "output_modalities",
        "max_output_tokens",
        "audio",
        "usage",
        "metadata",
    ]
    assert list(created) == list(finished) == keys
    assert created["status"] == "in_progress"
    assert [created[key] for key in ("status_details", "output", "usage", "metadata")] == [
        None,
        [],
        None,
        None,
    ]
    assert created["audio"] == {"output": {"format": {"type": "audio/pcm", "rate": 24000}, "voice": "alloy"}}
    assert created["max_output_tokens"] == "inf"
    assert created["conversation_id"] == done(chat.respond())["conversation_id"]
    assert (finished["status"], finished["status_details"]) == ("completed", None)
    assert list(finished["usage"]) == [
        "total_tokens",
        "input_tokens",
        "output_tokens",
        "input_token_details",
        "output_token_details",
    ]


def test_deltas_are_padded_by_one_dialect_only() -> None:
    for dialect in DIALECTS:
        chat = Chat(dialect)
        deltas = every(chat.respond(), "response.output_audio_transcript.delta")
        assert all(("obfuscation" in event) == (dialect == "openai") for event in deltas)
    assert all("obfuscation" not in e for e in every(Chat().respond(), "response.output_audio.delta"))


def test_rate_limits_follow_at_once() -> None:
    events = Chat().respond()
    assert kinds(events)[-2:] == ["response.done", "rate_limits.updated"]
    [entry] = events[-1]["rate_limits"]
    assert entry["name"] == "tokens"
    assert 0 <= entry["remaining"] <= entry["limit"]


@pytest.mark.parametrize("dialect", DIALECTS)
def test_overrides(dialect: DialectName) -> None:
    chat = Chat(dialect)
    chat.user("Tell me your instructions")
    events = chat.respond(
        instructions="Hum.",
        output_modalities=["audio"],
        max_output_tokens=4000,
        metadata={"topic": "x"},
        audio={"output": {"voice": "cedar", "format": {"type": "audio/pcmu"}}},
        conversation="auto",
        prompt=None,
    )
    response = done(events)
    assert said(events) == "My instructions are: Hum."
    assert response["metadata"] == {"topic": "x"}
    assert response["max_output_tokens"] == 4000
    assert response["audio"]["output"]["voice"] == "cedar"
    assert response["audio"]["output"]["format"]["type"] == "audio/pcmu"
    sound = [base64.b64decode(e["delta"]) for e in every(events, "response.output_audio.delta")]
    assert sum(map(len, sound)) == len(said(events)) * 60 * 8
    after = done(chat.respond())
    assert after["metadata"] is None
    assert after["audio"]["output"]["voice"] == chat.created["audio"]["output"]["voice"]


def test_null_means_as_in_the_session() -> None:
    chat = Chat()
    chat.user("instructions")
    chat.updated(instructions="Hum.")
    assert said(chat.respond(instructions=None, metadata=None, tools=None)) == "My instructions are: Hum."


def test_inworld_has_a_flat_voice_and_ignores_what_it_does_not_know() -> None:
    response = done(Chat("inworld").respond(voice="Sarah", modalities=["text"]))
    assert response["audio"]["output"]["voice"] == "Sarah"
    assert response["output_modalities"] == ["audio"]


def test_both_modalities_are_speech_with_its_transcript() -> None:
    chat = Chat("inworld")
    chat.updated(output_modalities=["audio", "text"])
    events = chat.respond()
    assert done(events)["output_modalities"] == ["audio", "text"]
    assert done(events)["output"][0]["content"][0]["type"] == "output_audio"
    Ledger().read(chat.events)


@pytest.mark.parametrize(
    ("name", "bytes_a_second"),
    [("pcm16", 48000), ("float32", 96000), ("g711_ulaw", 8000), ("g711_alaw", 8000)],
)
def test_every_format_can_be_spoken(name: str, bytes_a_second: int) -> None:
    chat = Chat("inworld")
    chat.updated(audio={"output": {"format": name}})
    events = chat.respond()
    sound = [base64.b64decode(e["delta"]) for e in every(events, "response.output_audio.delta")]
    assert sum(map(len, sound)) == len(said(events)) * 60 * bytes_a_second // 1000


def test_speed() -> None:
    lengths = []
    for speed in (0.5, 1.0):
        chat = Chat()
        chat.updated(audio={"output": {"speed": speed}})
        events = chat.respond()
        lengths.append(sum(len(e["delta"]) for e in every(events, "response.output_audio.delta")))
    assert lengths[0] == 2 * lengths[1]


def test_one_response_at_a_time() -> None:
    chat = Chat()
    [created] = chat.send("response.create")
    answer = chat.send("response.create", event_id="second")
    error = refused(answer, "conversation_already_has_active_response")
    assert error["event_id"] == "second"
    assert created["response"]["id"] in error["message"]
    assert done(chat.finish())["id"] == created["response"]["id"]
    assert done(chat.respond())["status"] == "completed"


def test_out_of_band_responses_run_beside_the_default_one() -> None:
    chat = Chat()
    chat.user("count")
    [default] = chat.send("response.create")
    bands = [
        chat.send("response.create", response={"conversation": "none", "metadata": {"n": str(n)}})[0]
        for n in range(2)
    ]
    assert [band["response"]["conversation_id"] for band in bands] == [None, None]
    assert default["response"]["conversation_id"]
    events = chat.finish()
    assert len(every(events, "response.done")) == 3
    assert len(every(events, "conversation.item.added")) == len(every(events, "conversation.item.done")) == 1
    ids = [e["response_id"] for e in every(events, "response.output_audio_transcript.delta")]
    assert ids[:3] == [r["response"]["id"] for r in [default, *bands]]
    assert chat.user("next")["id"]
    Ledger().read(chat.events)
    outside = {item["id"] for e in every(events, "response.done") for item in e["response"]["output"]}
    named = {e["previous_item_id"] for e in chat.events if "previous_item_id" in e}
    assert len(outside & named) == 1


def test_input_replaces_the_context() -> None:
    chat = Chat()
    user = chat.user("secret word, list it")
    ask = {"type": "message", "role": "user", "content": [{"type": "input_text", "text": "please list"}]}

    def answer(items: list[Any], **response: Any) -> str:
        return said(chat.respond(input=items, output_modalities=["text"], **response))

    assert answer([ask], conversation="none") == "You said: please list."
    reference = {"type": "item_reference", "id": user["id"]}
    assert answer([reference, ask]) == "You said: secret word, list it; please list."
    assert "secret" not in answer([], conversation="none")
    last = every(chat.events, "conversation.item.done")[-1]
    assert last["previous_item_id"] == user["id"]


def test_an_unknown_reference_is_refused() -> None:
    chat = Chat()
    answer = chat.send("response.create", response={"input": [{"type": "item_reference", "id": "no"}]})
    refused(answer, "invalid_value", "response.input[0].id")
    assert done(chat.respond())["status"] == "completed"


REFUSED_RESPONSES: list[tuple[Any, str, str]] = [
    ([], "invalid_value", "response"),
    ({"output_modalities": ["text", "audio"]}, "invalid_value", "response.output_modalities"),
    ({"instructions": 1}, "invalid_value", "response.instructions"),
    ({"conversation": "other"}, "invalid_value", "response.conversation"),
    ({"metadata": {"k": 1}}, "invalid_value", "response.metadata.k"),
    ({"metadata": {"k": "v" * 513}}, "string_above_max_length", "response.metadata.k"),
    ({"metadata": {"k" * 65: "v"}}, "string_above_max_length", "response.metadata." + "k" * 64 + "..."),
    ({"metadata": {str(n): "" for n in range(17)}}, "invalid_value", "response.metadata"),
    ({"max_output_tokens": 5000}, "invalid_value", "response.max_output_tokens"),
    ({"tool_choice": "some"}, "invalid_value", "response.tool_choice"),
    ({"voice": "alloy"}, "unknown_parameter", "response.voice"),
    ({"modalities": ["text"]}, "unknown_parameter", "response.modalities"),
    ({"input": [{"type": "message"}]}, "missing_required_parameter", "response.input[0].role"),
    ({"input": "all"}, "invalid_value", "response.input"),
    ({"audio": {"input": {}}}, "unknown_parameter", "response.audio.input"),
]


@pytest.mark.parametrize(("response", "code", "param"), REFUSED_RESPONSES)
def test_refused_responses(response: Any, code: str, param: str) -> None:
    chat = Chat()
    refused(chat.send("response.create", response=response), code, param)
    assert chat.finish() == []
    assert done(chat.respond())["status"] == "completed"


def test_answers_to_a_burst_come_in_its_order() -> None:
    chat = Chat()
    chat.host.events.clear()
    for text in ("one", "two", "three"):
        item = {"type": "message", "role": "user", "content": [{"type": "input_text", "text": text}]}
        chat.session.receive(json.dumps({"type": "conversation.item.create", "item": item}))
    chat.session.receive('{"type": "response.create"}')
    chat.session.receive('{"type": "input_audio_buffer.clear"}')
    chat.session.receive('{"type": "nonsense"}')
    assert kinds(chat.host.events) == [
        *["conversation.item.added", "conversation.item.done"] * 3,
        "response.created",
        "input_audio_buffer.cleared",
        "error",
    ]
