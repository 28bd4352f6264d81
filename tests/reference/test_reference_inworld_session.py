"""Inworld's session: what it has besides, and what becomes of it in updates."""

from __future__ import annotations

from typing import Any

import pytest

from tests.reference.dialogue import Chat, refused


def test_inworld_changes_model_voice_and_more_at_any_time() -> None:
    chat = Chat("inworld")
    chat.respond()
    session = chat.updated(
        model="openai/gpt-4.1-mini",
        temperature=0.2,
        output_modalities=["audio", "text"],
        audio={"output": {"voice": "Sarah", "model": "inworld-tts-2"}},
    )
    assert session["model"] == "openai/gpt-4.1-mini"
    assert session["temperature"] == 0.2
    assert session["output_modalities"] == ["audio", "text"]
    assert session["audio"]["output"] == {
        "format": {"type": "audio/pcm", "rate": 24000},
        "voice": "Sarah",
        "speed": 1.0,
        "model": "inworld-tts-2",
    }


def test_inworld_ignores_what_it_does_not_know() -> None:
    chat = Chat("inworld")
    session = chat.updated(
        provider_data={"a": 1},
        voice="x",
        audio={"input": {"vad": 1}},
        providerData={"stt": {"novelty": 1, "prompt": "p"}, "other": {}},
    )
    assert list(session) == list(chat.created)
    assert session["audio"] == chat.created["audio"]
    assert session["providerData"] == {"stt": {"prompt": "p"}}


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("pcm16", {"type": "audio/pcm", "rate": 24000}),
        ("float32", {"type": "audio/float32", "rate": 24000}),
        ("g711_ulaw", {"type": "audio/pcmu", "rate": 8000}),
        ("g711_alaw", {"type": "audio/pcma", "rate": 8000}),
        ({"type": "audio/pcm", "rate": 44100}, {"type": "audio/pcm", "rate": 44100}),
        ({"type": "audio/pcm"}, {"type": "audio/pcm", "rate": 24000}),
    ],
)
def test_inworld_takes_names_of_formats_and_shows_objects(name: Any, shown: dict[str, Any]) -> None:
    session = Chat("inworld").updated(audio={"input": {"format": name}, "output": {"format": name}})
    assert session["audio"]["input"]["format"] == shown
    assert session["audio"]["output"]["format"] == shown


@pytest.mark.parametrize(
    ("patch", "param"),
    [
        ({"audio": {"input": {"transcription": {"model": "x"}}}}, "session.audio.input.transcription.model"),
        ({"audio": {"output": {"model": "x"}}}, "session.audio.output.model"),
        ({"audio": {"output": {"voice": ""}}}, "session.audio.output.voice"),
        ({"audio": {"input": {"format": "mp3"}}}, "session.audio.input.format"),
        ({"audio": {"input": {"format": {"type": "pcm16"}}}}, "session.audio.input.format.type"),
        (
            {"audio": {"input": {"format": {"type": "audio/pcm", "rate": 11025}}}},
            "session.audio.input.format.rate",
        ),
        ({"temperature": 3}, "session.temperature"),
        ({"providerData": {"tts": {"delivery_mode": "LOUD"}}}, "session.providerData.tts.delivery_mode"),
        ({"providerData": {"memory": {"enabled": "yes"}}}, "session.providerData.memory.enabled"),
        ({"providerData": {"metadata": {"a": 1}}}, "session.providerData.metadata.a"),
    ],
)
def test_inworld_refuses_bad_values_as_a_whole(patch: dict[str, Any], param: str) -> None:
    chat = Chat("inworld")
    refused(chat.update(instructions="Not applied.", **patch), "invalid_value", param)
    assert chat.updated()["instructions"] == chat.created["instructions"]


def test_provider_data_is_merged_branch_by_branch() -> None:
    chat = Chat("inworld")
    chat.updated(providerData={"stt": {"prompt": "a", "voice_profile": True}, "user_id": "u"})
    session = chat.updated(
        providerData={
            "stt": {"prompt": "b"},
            "backchannel": {"enabled": True, "max_per_turn": 2},
            "responsiveness": {"enabled": False},
            "memory": {"enabled": True, "state": {"version": 3, "facts": []}},
            "caching": {"ttl": "5m"},
            "text_generation_config": {"topP": 0.9},
            "auto_tool_response": False,
        }
    )
    assert session["providerData"] == {
        "stt": {"prompt": "b", "voice_profile": True},
        "user_id": "u",
        "backchannel": {"enabled": True, "max_per_turn": 2},
        "responsiveness": {"enabled": False},
        "memory": {"enabled": True, "state": {"version": 3, "facts": []}},
        "caching": {"ttl": "5m"},
        "text_generation_config": {"topP": 0.9},
        "auto_tool_response": False,
    }


def test_locked_provider_data_counts_in_the_first_update_only() -> None:
    chat = Chat("inworld")
    refused(chat.update(providerData={"tts": {"conversational": 1}}))
    tts = {"conversational": True, "user_turn_mode": "both", "language": "en-US"}
    assert chat.updated(providerData={"tts": tts})["providerData"]["tts"] == tts
    change = {"conversational": False, "user_turn_mode": "none", "language": "de-DE"}
    session = chat.updated(providerData={"tts": change})
    assert session["providerData"]["tts"] == {**tts, "language": "de-DE"}
