"""``session.created``, ``session.update`` and the other things that concern a session as a whole."""

from __future__ import annotations

from typing import Any

import pytest

from protocol.dialect import DialectName
from reference.profiles import DEFAULT_INSTRUCTIONS
from tests.reference.dialogue import WEATHER, Chat, done, kinds, only, refused, said

LIVE_KEYS = [
    "type",
    "object",
    "id",
    "model",
    "output_modalities",
    "instructions",
    "tools",
    "tool_choice",
    "max_output_tokens",
    "tracing",
    "truncation",
    "prompt",
    "expires_at",
    "audio",
    "include",
]
DIALECTS: list[DialectName] = ["openai", "inworld"]


def test_the_first_event_shows_the_session_member_for_member_as_live_services_do() -> None:
    chat = Chat()
    assert kinds(chat.events) == ["session.created"]
    assert list(chat.created) == LIVE_KEYS
    assert chat.created["type"] == "realtime"
    assert chat.created["object"] == "realtime.session"
    assert chat.created["model"] == "gpt-realtime"
    assert chat.created["audio"] == {
        "input": {
            "format": {"type": "audio/pcm", "rate": 24000},
            "transcription": None,
            "noise_reduction": None,
            "turn_detection": {
                "type": "server_vad",
                "threshold": 0.5,
                "prefix_padding_ms": 300,
                "silence_duration_ms": 500,
                "idle_timeout_ms": None,
                "create_response": True,
                "interrupt_response": True,
            },
        },
        "output": {"format": {"type": "audio/pcm", "rate": 24000}, "voice": "alloy", "speed": 1.0},
    }
    assert chat.created["expires_at"] == int(chat.host.time) + 3600


def test_inworld_adds_its_own_members() -> None:
    chat = Chat("inworld")
    assert list(chat.created) == [*LIVE_KEYS, "temperature", "providerData"]
    assert chat.created["audio"]["output"]["model"].startswith("inworld-tts-")
    assert chat.created["audio"]["input"]["turn_detection"] == {
        "type": "semantic_vad",
        "eagerness": "auto",
        "create_response": True,
        "interrupt_response": True,
    }


@pytest.mark.parametrize("dialect", DIALECTS)
def test_an_update_is_answered_by_the_whole_session(dialect: DialectName) -> None:
    chat = Chat(dialect)
    session = chat.updated(instructions="Sing.", output_modalities=["text"], tools=[WEATHER])
    assert list(session) == list(chat.created)
    assert session["id"] == chat.created["id"]
    assert (session["instructions"], session["tools"]) == ("Sing.", [WEATHER])
    assert chat.updated(max_output_tokens=7) == {**session, "max_output_tokens": 7}


@pytest.mark.parametrize(
    "patch",
    [
        {"instructions": "Be kind."},
        {"output_modalities": ["text"]},
        {"tools": [WEATHER, {"type": "function", "name": "f"}]},
        {"tool_choice": "required"},
        {"tool_choice": {"type": "function", "name": "get_weather"}},
        {"tool_choice": {"type": "mcp", "server_label": "s"}},
        {"max_output_tokens": 4096},
        {"max_output_tokens": "inf"},
        {"tracing": "auto"},
        {"tracing": {"workflow_name": "w", "group_id": "g", "metadata": {"a": 1}}},
        {"truncation": "disabled"},
        {"truncation": {"type": "retention_ratio", "retention_ratio": 0.5}},
        {
            "truncation": {
                "type": "retention_ratio",
                "retention_ratio": 1,
                "token_limits": {"post_instructions": 0},
            }
        },
        {"prompt": {"id": "p", "version": "2", "variables": {"a": "b"}}},
        {"prompt": None},
        {"include": ["item.input_audio_transcription.logprobs"]},
        {"include": None},
        {"parallel_tool_calls": False},
        {"reasoning": {"effort": "low"}},
        {"audio": {"input": {"format": {"type": "audio/pcm", "rate": 24000}}}},
        {
            "audio": {
                "input": {"format": {"type": "audio/pcmu"}},
                "output": {"format": {"type": "audio/pcma"}},
            }
        },
        {"audio": {"input": {"noise_reduction": {"type": "near_field"}}}},
        {"audio": {"input": {"transcription": {"model": "inworld/inworld-stt-1", "language": "en"}}}},
        {"audio": {"output": {"voice": "marin", "speed": 1.5}}},
        {"audio": {"input": {"turn_detection": {"type": "server_vad", "idle_timeout_ms": 5000}}}},
        {"audio": {"input": {"turn_detection": {"type": "semantic_vad", "eagerness": "low"}}}},
    ],
)
@pytest.mark.parametrize("dialect", DIALECTS)
def test_everything_that_was_set_is_shown(dialect: DialectName, patch: dict[str, Any]) -> None:
    session = Chat(dialect).updated(**patch)
    _assert_within(patch, session)


def _assert_within(patch: Any, session: Any) -> None:
    if isinstance(patch, dict):
        for key, value in patch.items():
            _assert_within(value, session[key])
    else:
        assert session == patch


def test_clearing() -> None:
    chat = Chat()
    chat.updated(
        instructions="Sing.",
        tools=[WEATHER],
        audio={"input": {"transcription": {"model": "m"}, "noise_reduction": {"type": "far_field"}}},
    )
    off = {"transcription": None, "noise_reduction": None, "turn_detection": None}
    session = chat.updated(instructions="", tools=[], audio={"input": off})
    assert session["instructions"] == DEFAULT_INSTRUCTIONS
    assert session["tools"] == []
    assert {key: session["audio"]["input"][key] for key in off} == off
    assert session["audio"]["input"]["format"] == {"type": "audio/pcm", "rate": 24000}


@pytest.mark.parametrize("dialect", DIALECTS)
def test_nested_objects_are_merged_and_completed(dialect: DialectName) -> None:
    chat = Chat(dialect)

    def turn_detection(**patch: Any) -> dict[str, Any]:
        session = chat.updated(audio={"input": {"turn_detection": patch}})
        return dict(session["audio"]["input"]["turn_detection"])

    first = turn_detection(type="server_vad", threshold=0.8)
    assert first["silence_duration_ms"] == 500
    assert turn_detection(type="server_vad", create_response=False) == {**first, "create_response": False}
    assert "threshold" not in turn_detection(type="semantic_vad")
    assert turn_detection(type="server_vad")["threshold"] == 0.5

    model = {"model": "soniox/stt-rt-v4"}
    one = chat.updated(audio={"input": {"transcription": {**model, "language": "de"}}})
    assert one["audio"]["input"]["transcription"] == {**model, "language": "de", "prompt": None}
    two = chat.updated(audio={"input": {"transcription": {"prompt": "names"}}})
    assert two["audio"]["input"]["transcription"] == {**model, "language": "de", "prompt": "names"}
    three = chat.updated(audio={"output": {"speed": 0.5}})
    assert three["audio"]["output"]["voice"] == chat.created["audio"]["output"]["voice"]


def test_turn_detection_without_a_type() -> None:
    patch = {"input": {"turn_detection": {"create_response": False}}}
    refused(
        Chat().update(audio=patch), "missing_required_parameter", "session.audio.input.turn_detection.type"
    )
    turn_detection = Chat("inworld").updated(audio=patch)["audio"]["input"]["turn_detection"]
    assert turn_detection == {
        "type": "semantic_vad",
        "eagerness": "auto",
        "create_response": False,
        "interrupt_response": True,
    }


WRONG, MISSING = "invalid_value", "missing_required_parameter"
TURNS = "session.audio.input.turn_detection."
VAD, SEMANTIC = {"type": "server_vad"}, {"type": "semantic_vad"}
RATIO = {"type": "retention_ratio"}


def hearing(**audio_input: Any) -> dict[str, Any]:
    return {"audio": {"input": audio_input}}


REFUSED_UPDATES: list[tuple[dict[str, Any], str, str]] = [
    ({"output_modalities": ["text", "audio"]}, "invalid_value", "session.output_modalities"),
    ({"output_modalities": []}, "invalid_value", "session.output_modalities"),
    ({"output_modalities": ["video"]}, "invalid_value", "session.output_modalities[0]"),
    ({"instructions": 5}, "invalid_value", "session.instructions"),
    ({"instructions": None}, "invalid_value", "session.instructions"),
    ({"tools": {}}, "invalid_value", "session.tools"),
    ({"tools": [{"type": "function"}]}, "missing_required_parameter", "session.tools[0].name"),
    ({"tools": [{"name": "f"}]}, "missing_required_parameter", "session.tools[0].type"),
    ({"tools": [WEATHER, {"type": "magic"}]}, "invalid_value", "session.tools[1].type"),
    (
        {"tools": [{"type": "function", "name": "f", "description": "x" * 1025}]},
        "string_above_max_length",
        "session.tools[0].description",
    ),
    ({"tool_choice": "maybe"}, "invalid_value", "session.tool_choice"),
    ({"tool_choice": {"type": "function"}}, "missing_required_parameter", "session.tool_choice.name"),
    ({"max_output_tokens": 0}, "invalid_value", "session.max_output_tokens"),
    ({"max_output_tokens": 4097}, "invalid_value", "session.max_output_tokens"),
    ({"max_output_tokens": 1.5}, "invalid_value", "session.max_output_tokens"),
    ({"max_output_tokens": "lots"}, "invalid_value", "session.max_output_tokens"),
    ({"max_output_tokens": True}, "invalid_value", "session.max_output_tokens"),
    ({"model": "another"}, "invalid_value", "session.model"),
    ({"voice": "alloy"}, "unknown_parameter", "session.voice"),
    ({"modalities": ["text"]}, "unknown_parameter", "session.modalities"),
    ({"temperature": 0.8}, "unknown_parameter", "session.temperature"),
    ({"providerData": {}}, "unknown_parameter", "session.providerData"),
    ({"id": "sess_1"}, "unknown_parameter", "session.id"),
    ({"type": "transcription"}, "invalid_value", "session.type"),
    ({"truncation": {"type": "retention_ratio"}}, MISSING, "session.truncation.retention_ratio"),
    ({"truncation": {**RATIO, "retention_ratio": 2}}, WRONG, "session.truncation.retention_ratio"),
    ({"include": ["everything"]}, WRONG, "session.include[0]"),
    ({"prompt": {}}, MISSING, "session.prompt.id"),
    (hearing(format="pcm16"), WRONG, "session.audio.input.format"),
    (hearing(format={"type": "audio/ogg"}), WRONG, "session.audio.input.format.type"),
    (hearing(format={"type": "audio/pcm", "rate": 16000}), WRONG, "session.audio.input.format.rate"),
    (hearing(noise_reduction={"type": "loud"}), WRONG, "session.audio.input.noise_reduction.type"),
    (hearing(turn_detection={"type": "none"}), WRONG, TURNS + "type"),
    (hearing(turn_detection={**VAD, "threshold": 1.1}), WRONG, TURNS + "threshold"),
    (hearing(turn_detection={**VAD, "prefix_padding_ms": -1}), WRONG, TURNS + "prefix_padding_ms"),
    (hearing(turn_detection={**VAD, "idle_timeout_ms": 4999}), WRONG, TURNS + "idle_timeout_ms"),
    (hearing(turn_detection={**SEMANTIC, "threshold": 0.5}), "unknown_parameter", TURNS + "threshold"),
    (hearing(turn_detection={**SEMANTIC, "eagerness": "wild"}), WRONG, TURNS + "eagerness"),
    ({"audio": {"output": {"speed": 1.6}}}, WRONG, "session.audio.output.speed"),
    ({"audio": {"output": {"speed": "fast"}}}, WRONG, "session.audio.output.speed"),
    ({"audio": {"output": {"voice": {}}}}, MISSING, "session.audio.output.voice.id"),
    ({"audio": None}, WRONG, "session.audio"),
]


@pytest.mark.parametrize(("patch", "code", "param"), REFUSED_UPDATES)
def test_a_refused_update_changes_nothing(patch: dict[str, Any], code: str, param: str) -> None:
    chat = Chat()
    good = {"tracing": "auto", "include": None, "tool_choice": "none", "truncation": "disabled"}
    answer = chat.send("session.update", event_id="mine", session={"type": "realtime", **good, **patch})
    error = refused(answer, code, param)
    assert error["event_id"] == "mine"
    assert chat.updated() == chat.created


def test_the_session_type_is_required_by_one_dialect_only() -> None:
    chat = Chat()
    refused(chat.send("session.update", session={}), "missing_required_parameter", "session.type")
    beta = {"modalities": ["text"], "voice": "alloy"}
    refused(chat.send("session.update", session=beta), "missing_required_parameter", "session.type")
    assert kinds(Chat("inworld").send("session.update", session={})) == ["session.updated"]


def test_a_session_update_without_a_session() -> None:
    for dialect in DIALECTS:
        chat = Chat(dialect)
        refused(chat.send("session.update"), "missing_required_parameter", "session")
        refused(chat.send("session.update", session=[]), "invalid_value", "session")


def test_the_same_model_may_be_named_again() -> None:
    assert Chat().updated(model="gpt-realtime")["model"] == "gpt-realtime"


def test_the_voice_is_locked_once_it_was_heard() -> None:
    chat = Chat()
    assert chat.updated(audio={"output": {"voice": "cedar"}})["audio"]["output"]["voice"] == "cedar"
    chat.respond(output_modalities=["text"])
    chat.updated(audio={"output": {"voice": "marin"}})
    chat.respond()
    refused(chat.update(instructions="x", audio={"output": {"voice": "cedar"}}), "cannot_update_voice")
    session = chat.updated(audio={"output": {"voice": "marin"}})
    assert session["instructions"] == DEFAULT_INSTRUCTIONS


def test_tracing_is_fixed_once_it_is_on() -> None:
    chat = Chat()
    chat.updated(tracing="auto")
    chat.updated(tracing="auto")
    refused(chat.update(tracing={"group_id": "g"}), "invalid_value", "session.tracing")
    refused(chat.update(tracing=None), "invalid_value", "session.tracing")


def test_the_expiry_is_refreshed_by_one_dialect_only() -> None:
    for dialect, refreshed in (("openai", 0), ("inworld", 100)):
        chat = Chat(dialect)
        chat.host.wait(100)
        assert chat.updated()["expires_at"] == chat.created["expires_at"] + refreshed


def test_a_session_ends_at_its_longest_duration() -> None:
    chat = Chat(lifetime=60)
    chat.host.wait(59)
    assert not chat.news()
    chat.host.wait(2)
    refused(chat.news(), "session_expired")
    assert chat.host.closed is not None
    assert chat.raw("{}") == []


def test_the_retired_beta_protocol_is_refused() -> None:
    chat = Chat()
    chat.session.refuse_beta()
    refused(chat.news(), "beta_api_shape_disabled")
    assert chat.host.closed == (4000, "invalid_request_error.beta_api_shape_disabled")


def test_an_update_is_in_force_for_the_next_response_and_not_for_the_running_one() -> None:
    chat = Chat()
    chat.user("What are your instructions?")
    chat.send("response.create")
    chat.updated(instructions="Later.", output_modalities=["text"], max_output_tokens=100)
    running = chat.finish()
    assert done(running)["output_modalities"] == ["audio"]
    assert "Later" not in said(running)
    assert done(running)["max_output_tokens"] == "inf"
    after = chat.respond()
    assert said(after) == "My instructions are: Later."
    assert done(after)["output_modalities"] == ["text"]
    assert done(after)["max_output_tokens"] == 100


def test_mcp_servers_cannot_be_reached_and_the_session_says_so_once() -> None:
    chat = Chat()
    chat.user("hello")
    mcp = {
        "type": "mcp",
        "server_label": "files",
        "server_url": "https://mcp.invalid",
        "require_approval": "never",
    }
    events = chat.update(tools=[mcp])
    assert kinds(events) == [
        "session.updated",
        "conversation.item.added",
        "mcp_list_tools.in_progress",
        "mcp_list_tools.failed",
        "conversation.item.done",
    ]
    item = only(events, "conversation.item.added")["item"]
    assert item == {"id": item["id"], "type": "mcp_list_tools", "server_label": "files", "tools": []}
    assert events[2]["item_id"] == events[3]["item_id"] == item["id"]
    assert kinds(chat.update(tools=[mcp])) == ["session.updated"]
    # The assistant still answers, with words.
    assert said(chat.respond(tool_choice={"type": "mcp", "server_label": "files"}))


def test_clearing_the_output_buffer() -> None:
    refused(Chat().send("output_audio_buffer.clear"), "invalid_value", "type")
    [cleared] = Chat("inworld").send("output_audio_buffer.clear")
    assert list(cleared) == ["type", "event_id"]
    assert cleared["type"] == "output_audio_buffer.cleared"
