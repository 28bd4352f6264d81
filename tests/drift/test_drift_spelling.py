"""A document is written in the root's words, and compared in the dialect's."""

from __future__ import annotations

from typing import Any

from drift.documents import documented
from drift.flat import Place, flatten
from drift.spelling import spelled
from protocol.words import LEFT_OUT, Words

TEXT = {"type": "string"}


def _object(**members: Any) -> dict[str, Any]:
    return {"type": "object", "properties": members, "required": sorted(members)}


def _spelled(words: Words, **members: Any) -> dict[str, Place]:
    return spelled(flatten(_object(**members), {}), words)


def test_places_move_with_what_is_below_and_leave_nothing_behind() -> None:
    words = Words(
        places={
            "session.audio.input.turns": "session.turns",
            "session.output_modalities": "session.modalities",
        }
    )
    turns = {
        "oneOf": [_object(type={"const": "vad"}, ms={"type": "integer"}), _object(type={"const": "off"})]
    }
    session = _object(
        output_modalities={"type": "array", "items": TEXT}, audio=_object(input=_object(turns=turns)), id=TEXT
    )
    assert set(_spelled(words, session=session)) == {
        "session",
        "session.id",
        "session.modalities",
        "session.modalities[]",
        "session.turns",
        "session.turns<vad>.type",
        "session.turns<vad>.ms",
        "session.turns<off>.type",
    }


def test_what_stays_below_a_place_that_others_leave_is_kept() -> None:
    words = Words(places={"session.audio.voice": "session.voice"})
    session = _object(audio=_object(voice=TEXT, model=TEXT))
    assert set(_spelled(words, session=session)) == {
        "session",
        "session.audio",
        "session.audio.model",
        "session.voice",
    }


def test_the_type_of_an_event_is_the_dialects() -> None:
    words = Words(events={"text.delta": "old.delta"})
    assert _spelled(words, type={"const": "text.delta"})["type"].values == frozenset({"old.delta"})


def test_alternatives_are_told_apart_by_the_dialects_values() -> None:
    words = Words(values={"item.content.*.type": (("output_text", "text"),)})
    parts = {"oneOf": [_object(type={"const": kind}, text=TEXT) for kind in ("output_text", "input_text")]}
    places = _spelled(words, item=_object(content={"type": "array", "items": parts}))
    assert {path for path in places if path.endswith(".text")} == {
        "item.content[]<text>.text",
        "item.content[]<input_text>.text",
    }
    assert places["item.content[]<text>.type"].values == frozenset({"text"})
    flat = {"type": "object", "properties": {"type": {"enum": ["output_text", "audio"]}}}
    places = _spelled(words, item=_object(content={"type": "array", "items": flat}))
    assert places["item.content[].type"].values == frozenset({"text", "audio"})


def test_an_object_that_has_a_name_here_is_that_name() -> None:
    words = Words(values={"format": (({"type": "audio/pcm"}, "pcm16"), ({"type": "audio/pcmu"}, "ulaw"))})
    pcm = _object(type={"enum": ["audio/pcm", "audio/pcmu"]})
    closed = _spelled(words, format={"oneOf": [pcm, {"enum": ["pcm8"]}]})
    assert closed == {
        "format": Place(frozenset({"string"}), frozenset({"pcm16", "ulaw", "pcm8"}), required=True)
    }
    assert _spelled(words, format=pcm)["format"].values == frozenset({"pcm16", "ulaw"})
    assert _spelled(words, format={"oneOf": [pcm, TEXT]})["format"].values is None


def test_a_field_that_the_dialect_leaves_out_is_gone() -> None:
    words = Words(values={"session.type": (("realtime", LEFT_OUT),)})
    assert set(_spelled(words, session=_object(type={"const": "realtime"}, id=TEXT))) == {
        "session",
        "session.id",
    }
    assert "session.type" in _spelled(words, session=_object(type=TEXT))


def test_a_name_may_be_an_object_here() -> None:
    words = Words(values={"voice": (("alloy", {"name": "alloy"}),)})
    assert _spelled(words, voice=TEXT)["voice"].kinds == frozenset({"object", "string"})


def test_documents_are_read_in_the_words_of_their_dialect() -> None:
    server = documented("azure-voice-live")["server"]
    assert server["response.audio.delta"]["type"].values == frozenset({"response.audio.delta"})
    assert "conversation.item.created" in server
    assert "conversation.item.added" not in server  # a stranger here, though the root has it
    client = documented("azure-voice-live")["client"]["session.update"]
    assert client["session.output_audio_format"].values == frozenset(
        {"pcm16", "pcm16_8000hz", "pcm16_16000hz", "g711_ulaw", "g711_alaw"}
    )
    assert "session.turn_detection<azure_semantic_vad>.languages[]" in client
    assert not [path for path in client if path.startswith("session.audio")]
