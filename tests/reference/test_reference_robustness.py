"""Everything a client can get wrong with one frame: one ``error``, and the session goes on."""

from __future__ import annotations

import copy
import json
import logging
import random
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from protocol.dialect import DialectName
from reference.behaviour import Behaviour
from reference.client_events import client_events
from reference.errors import Code
from reference.model import ScriptedModel
from tests.reference.dialogue import WEATHER, Chat, done, kinds, refused, silence, tone
from tests.reference.ledger import Ledger

DIALECTS: list[DialectName] = ["openai", "inworld"]
NESTED = '{"type":"session.update","event_id":"deep","session":{"type":"realtime","tracing":{"metadata":%s}}}'


def alive(chat: Chat) -> None:
    """Assert that a session still works."""
    chat.user("still there?")
    assert done(chat.respond(output_modalities=["text"]))["status"] == "completed"


@pytest.mark.parametrize("dialect", DIALECTS)
@pytest.mark.parametrize(
    "frame",
    [
        "",
        " ",
        "hello",
        "{",
        "{'type': 'x'}",
        '{"type": "response.create"',
        '{"type": "response.create",}',
        "[]",
        "null",
        "5",
        '"response.create"',
        '[{"type": "response.create"}]',
        b'{"type": "response.create"}',
        b"",
        b"\xff\x00",
        '{"type": "response.create", "x": NaN}',
        '{"x": Infinity}',
        '{"x": -Infinity}',
        '{"x": 1e999}',
        "[" * 100_000,
        '{"a":' * 100_000,
        '{"x": ' + "9" * 5000 + "}",
    ],
)
def test_what_is_not_an_event(dialect: DialectName, frame: str | bytes) -> None:
    chat = Chat(dialect)
    error = refused(chat.raw(frame), "invalid_event")
    assert error["event_id"] is None
    assert error["type"] == "invalid_request_error"
    alive(chat)


@pytest.mark.parametrize("dialect", DIALECTS)
def test_absurd_nesting(dialect: DialectName) -> None:
    chat = Chat(dialect)
    for depth in (150, 500, 900):
        error = refused(chat.raw(NESTED % ('{"a":' * depth + "1" + "}" * depth)), "invalid_event")
        assert error["event_id"] == "deep"
    refused(chat.raw(NESTED % ("[" * 150 + "]" * 150)), "invalid_event")
    assert kinds(chat.raw(NESTED % ('{"a":' * 50 + "1" + "}" * 50))) == ["session.updated"]
    alive(chat)


@pytest.mark.parametrize("dialect", DIALECTS)
def test_lone_surrogates(dialect: DialectName) -> None:
    chat = Chat(dialect)
    create = '{"type":"conversation.item.create","event_id":%s,"item":%s}'
    item = '{"type":"message","role":"user","content":[{"type":"input_text","text":%s}]}'
    error = refused(chat.raw(create % ('"e"', item % r'"\ud800"')), "invalid_event")
    assert error["event_id"] == "e"
    error = refused(chat.raw(create % (r'"\udfff"', item % '"fine"')), "invalid_event")
    assert error["event_id"] is None
    refused(chat.raw(r'{"type":"\ud83d","\ud83d":1}'), "invalid_event")
    assert kinds(chat.raw(create % ('"e"', item % r'"\ud83d\ude00 \u0000"'))) == [
        "conversation.item.added",
        "conversation.item.done",
    ]
    alive(chat)


@pytest.mark.parametrize("dialect", DIALECTS)
def test_the_type(dialect: DialectName) -> None:
    chat = Chat(dialect)
    error = refused(chat.raw('{"event_id": "e"}'), "invalid_event")
    assert error["event_id"] == "e"
    names: list[Any] = ["", "nonsense", "session.created", "transcription_session.update", "x" * 5000, "\x00"]
    for name in [*names, 5, None, ["response.create"], {}, True]:
        error = refused(chat.raw(json.dumps({"type": name, "event_id": "e"})), "invalid_value", "type")
        assert error["event_id"] == "e"
        assert len(error["message"]) < 1000
    alive(chat)


@pytest.mark.parametrize("dialect", DIALECTS)
def test_the_event_id(dialect: DialectName) -> None:
    chat = Chat(dialect)
    wrong: list[Any] = [5, None, {}, [], True]
    for event_id in wrong:
        error = refused(chat.send("response.create", event_id=event_id), "invalid_value", "event_id")
        assert error["event_id"] is None
    error = refused(chat.send("response.create", event_id="x" * 513), "string_above_max_length", "event_id")
    assert error["event_id"] == "x" * 513
    assert kinds(chat.send("input_audio_buffer.clear", event_id="x" * 512)) == ["input_audio_buffer.cleared"]
    assert kinds(chat.send("input_audio_buffer.clear", event_id="")) == ["input_audio_buffer.cleared"]
    alive(chat)


def test_a_success_never_carries_the_id_of_the_client() -> None:
    chat = Chat()
    chat.send("session.update", event_id="mine", session={"type": "realtime"})
    chat.send("input_audio_buffer.clear", event_id="mine")
    chat.user("hello", event_id="mine")
    chat.send("response.create", event_id="mine")
    chat.finish()
    assert "mine" not in json.dumps(chat.events)


@pytest.mark.parametrize("dialect", DIALECTS)
def test_numbers_beyond_all_bounds(dialect: DialectName) -> None:
    chat = Chat(dialect)
    done(chat.respond())
    item_id = chat.events[-2 if dialect == "openai" else -1]["response"]["output"][0]["id"]
    for number in (10**400, -(10**400), 1e308, -1e308):
        place = {"item_id": item_id, "content_index": 0}
        refused(
            chat.send("conversation.item.truncate", **place, audio_end_ms=number),
            "invalid_value",
            "audio_end_ms",
        )
        place = {"item_id": item_id, "audio_end_ms": 0}
        refused(
            chat.send("conversation.item.truncate", **place, content_index=number),
            "invalid_value",
            "content_index",
        )
        refused(chat.update(max_output_tokens=number), "invalid_value", "session.max_output_tokens")
        refused(
            chat.update(audio={"output": {"speed": number}}), "invalid_value", "session.audio.output.speed"
        )
        chat.update(audio={"input": {"turn_detection": {"type": "server_vad", "prefix_padding_ms": number}}})
        chat.append(tone(200) + silence(800))
        chat.finish()
    assert "server_error" not in json.dumps(chat.events)


@pytest.mark.parametrize("name", sorted(client_events("openai")))
def test_unknown_members_of_every_event(name: str) -> None:
    valid: dict[str, dict[str, Any]] = {
        "session.update": {"session": {"type": "realtime"}},
        "conversation.item.create": {"item": {"type": "message", "role": "user", "content": []}},
        "conversation.item.truncate": {"item_id": "x", "content_index": 0, "audio_end_ms": 0},
        "conversation.item.delete": {"item_id": "x"},
        "conversation.item.retrieve": {"item_id": "x"},
        "input_audio_buffer.append": {"audio": ""},
    }
    members = valid.get(name, {})
    refused(Chat().send(name, **members, surplus=1), "unknown_parameter", "surplus")
    assert "surplus" not in json.dumps(Chat("inworld").send(name, **members, surplus=1))


@pytest.mark.parametrize("dialect", DIALECTS)
def test_every_absent_and_every_mistyped_member(dialect: DialectName) -> None:
    chat = Chat(dialect)
    events: dict[str, dict[str, Any]] = {
        "conversation.item.truncate": {"item_id": "x", "content_index": 0, "audio_end_ms": 0},
        "conversation.item.delete": {"item_id": "x"},
        "conversation.item.retrieve": {"item_id": "x"},
        "input_audio_buffer.append": {"audio": ""},
    }
    for name, members in events.items():
        for member in members:
            rest = {key: value for key, value in members.items() if key != member}
            refused(chat.send(name, **rest), "missing_required_parameter", member)
            refused(chat.send(name, **{**rest, member: {}}), "invalid_value", member)
    refused(chat.send("response.cancel", response_id=5), "invalid_value", "response_id")
    item = {"type": "message", "role": "user", "content": []}
    answer = chat.send("conversation.item.create", item=item, previous_item_id=5)
    refused(answer, "invalid_value", "previous_item_id")
    alive(chat)


def test_every_code_of_the_catalogue_is_tested_somewhere() -> None:
    """The codes a session can send; those of the handshake are in its own tests."""
    tested = {
        "invalid_value",
        "invalid_event",
        "missing_required_parameter",
        "unknown_parameter",
        "string_above_max_length",
        "cannot_update_voice",
        "input_audio_buffer_commit_empty",
        "conversation_already_has_active_response",
        "response_cancel_not_active",
        "item_delete_invalid_item_id",
        "item_retrieve_invalid_item_id",
        "item_truncate_invalid_item_id",
        "unsupported_content_type",
        "invalid_tool_call_id",
        "session_expired",
        "beta_api_shape_disabled",
    }
    at_the_door = {"invalid_api_key", "not_found", "rate_limit_exceeded", "session_limit_reached"}
    assert {str(code) for code in Code} == tested | at_the_door


def test_a_fault_of_ours_is_told_and_survived(caplog: pytest.LogCaptureFixture) -> None:
    class Broken(ScriptedModel):
        def pieces(self, text: str) -> list[str]:
            raise RuntimeError(text)

    caplog.set_level(logging.CRITICAL)
    chat = Chat(behaviour=Behaviour(model=Broken))

    def break_down(_event: dict[str, Any]) -> None:
        raise ZeroDivisionError

    chat.session._handlers["input_audio_buffer.clear"] = break_down
    error = refused(chat.send("input_audio_buffer.clear", event_id="e"))
    assert (error["type"], error["code"], error["event_id"]) == ("server_error", None, "e")
    assert done(chat.respond())["status"] == "failed"
    Ledger().read(chat.events)


# Any dialogue at all.

ITEM_IDS = st.sampled_from(["a", "b", "c", "root", "", "nowhere", None])
TEXTS = st.sampled_from(["hello", "count", "what is the weather", "list", "instructions"])
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=8,
)


def _message(text: str, item_id: str | None) -> dict[str, Any]:
    item = {"type": "message", "role": "user", "content": [{"type": "input_text", "text": text}]}
    return item | ({"id": item_id} if item_id else {})


STEPS = st.one_of(
    st.builds(
        lambda text, item_id, place: (
            "conversation.item.create",
            {"item": _message(text, item_id), "previous_item_id": place},
        ),
        TEXTS,
        st.sampled_from(["a", "b", "c", None, None]),
        ITEM_IDS,
    ),
    st.builds(lambda i: ("conversation.item.delete", {"item_id": i}), ITEM_IDS),
    st.builds(lambda i: ("conversation.item.retrieve", {"item_id": i}), ITEM_IDS),
    st.builds(
        lambda i, ms: ("conversation.item.truncate", {"item_id": i, "content_index": 0, "audio_end_ms": ms}),
        ITEM_IDS,
        st.integers(0, 900),
    ),
    st.builds(
        lambda modality, band, tools, limit: (
            "response.create",
            {
                "response": {
                    "output_modalities": [modality],
                    "conversation": band,
                    "tools": tools,
                    "max_output_tokens": limit,
                }
            },
        ),
        st.sampled_from(["text", "audio"]),
        st.sampled_from(["auto", "auto", "none"]),
        st.sampled_from([[], [WEATHER]]),
        st.sampled_from(["inf", "inf", 1, 9]),
    ),
    st.just(("response.cancel", {})),
    st.builds(lambda size: ("tone", size), st.integers(0, 400)),
    st.builds(lambda size: ("silence", size), st.integers(0, 700)),
    st.just(("input_audio_buffer.commit", {})),
    st.just(("input_audio_buffer.clear", {})),
    st.builds(
        lambda turn_detection: (
            "session.update",
            {"session": {"type": "realtime", "audio": {"input": {"turn_detection": turn_detection}}}},
        ),
        st.sampled_from([None, {"type": "server_vad", "silence_duration_ms": 100}, {"type": "semantic_vad"}]),
    ),
    st.builds(lambda count: ("tick", count), st.integers(1, 12)),
)


@settings(max_examples=150, deadline=None)
@given(st.lists(STEPS, max_size=25), st.sampled_from(DIALECTS))
def test_any_dialogue_keeps_the_books(steps: list[tuple[str, Any]], dialect: DialectName) -> None:
    chat = Chat(dialect)
    for name, what in steps:
        if name == "tick":
            chat.ticks(what)
        elif name in {"tone", "silence"}:
            chat.append(tone(what) if name == "tone" else silence(what))
        else:
            answer = chat.send(name, event_id="e", **what)
            assert answer
            if "error" in kinds(answer):
                assert refused(answer)["event_id"] == "e"
    chat.finish()
    ledger = Ledger()
    ledger.read(chat.events)
    ledger.close()
    assert "server_error" not in json.dumps(chat.events)


@settings(max_examples=300, deadline=None)
@given(st.sampled_from(sorted(client_events("openai"))), JSON, st.integers(), st.sampled_from(DIALECTS))
def test_any_junk_in_any_place_gets_one_answer(name: str, junk: Any, seed: int, dialect: DialectName) -> None:
    chance = random.Random(seed)
    valid: dict[str, Any] = {
        "type": name,
        "event_id": "e",
        "session": {
            "type": "realtime",
            "tools": [WEATHER],
            "audio": {"input": {"turn_detection": {"type": "server_vad"}, "format": {"type": "audio/pcm"}}},
        },
        "item": _message("hello", "a"),
        "audio": "AAAA",
        "item_id": "a",
        "content_index": 0,
        "audio_end_ms": 0,
        "response": {"tools": [WEATHER], "input": [_message("weather", None)], "metadata": {"a": "b"}},
        "response_id": "x",
        "previous_item_id": "root",
    }
    used = {"type", "event_id", *_members_of(name)}
    event = copy.deepcopy({key: value for key, value in valid.items() if key in used})
    _plant(event, junk, chance)
    chat = Chat(dialect)
    chat.raw(json.dumps(event))
    chat.finish()
    assert sum(kind == "error" for kind in kinds(chat.events)) <= 1
    assert "server_error" not in json.dumps(chat.events)
    Ledger().read(chat.events)
    assert kinds(chat.send("input_audio_buffer.clear")) == ["input_audio_buffer.cleared"]


def _members_of(name: str) -> set[str]:
    shape: Any = client_events("openai")[name]
    return {*shape.required, *shape.optional}


def _plant(node: Any, junk: Any, chance: random.Random) -> None:
    """Put junk in the place of something, somewhere in an event."""
    keys = list(node) if isinstance(node, dict) else list(range(len(node)))
    key = chance.choice(keys)
    if isinstance(node[key], dict | list) and node[key] and chance.random() < 0.8:
        _plant(node[key], junk, chance)
    else:
        node[key] = junk
