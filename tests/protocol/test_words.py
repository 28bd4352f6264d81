"""Words of a dialect: translated there and back, nothing is lost, and strangers stay strangers."""

from __future__ import annotations

from typing import Any

import pytest

from protocol.words import Words
from wire.frames import spelled
from wire.trace import Entry, RecordedTrace, in_root_words

FLAT = Words(
    {"response.done": "response.finished", "session.updated": "session.changed"},
    {
        "session.audio.output.voice": "session.voice",
        "session.audio.input.format": "session.input_audio_format",
        "session.output_modalities": "session.modalities",
    },
)


@pytest.mark.parametrize(
    ("root", "wire"),
    [
        (
            {"type": "response.done", "response": {"id": "r"}},
            {"type": "response.finished", "response": {"id": "r"}},
        ),
        (
            {"type": "session.update", "session": {"audio": {"output": {"voice": "a", "speed": 1}}}},
            {"type": "session.update", "session": {"audio": {"output": {"speed": 1}}, "voice": "a"}},
        ),
        (
            {"type": "session.updated", "session": {"audio": {"output": {"voice": "a"}}}},
            {"type": "session.changed", "session": {"voice": "a"}},
        ),
        (
            {"type": "session.update", "session": {"audio": {"input": {"format": {"type": "audio/pcm"}}}}},
            {"type": "session.update", "session": {"input_audio_format": {"type": "audio/pcm"}}},
        ),
        (
            {"type": "error", "error": {"param": "session.audio.input.format.rate"}},
            {"type": "error", "error": {"param": "session.input_audio_format.rate"}},
        ),
        ({"type": "session.update", "session": 7}, {"type": "session.update", "session": 7}),
        ({"type": 7}, {"type": 7}),
        ({}, {}),
    ],
)
def test_it_is_its_own_reverse(root: dict[str, Any], wire: dict[str, Any]) -> None:
    assert FLAT.event(root) == wire
    assert FLAT.event(wire) == root


def test_what_is_spelled_as_the_root_spells_it_is_a_stranger() -> None:
    assert FLAT.event({"type": "response.done"})["type"] == "response.finished"
    nested = {"type": "session.update", "session": {"audio": {"output": {"voice": "a"}}}}
    assert FLAT.event(nested)["session"] == {"voice": "a"}


def test_both_spellings_at_once_are_exchanged() -> None:
    both = {"type": "session.update", "session": {"voice": "a", "audio": {"output": {"voice": "b"}}}}
    assert FLAT.event(both)["session"] == {"voice": "b", "audio": {"output": {"voice": "a"}}}


def test_what_is_translated_is_not_changed_itself() -> None:
    event = {"type": "session.update", "session": {"audio": {"output": {"voice": "a"}}}}
    FLAT.event(event)
    assert event == {"type": "session.update", "session": {"audio": {"output": {"voice": "a"}}}}


def test_without_words_nothing_is_copied() -> None:
    event = {"type": "response.done"}
    assert Words().event(event) is event
    assert not Words()


@pytest.mark.parametrize(
    ("root", "dialects"),
    [
        ("response.done is missing", "response.finished is missing"),
        ("session.updated, response.done", "session.changed, response.finished"),
        ("session.audio.output.voice is 7", "session.voice is 7"),
        ("response.done.more is another name", "response.done.more is another name"),
        ("a response.done. Then", "a response.finished. Then"),
        ("a voice", "a voice"),
    ],
)
def test_sentences_get_its_names(root: str, dialects: str) -> None:
    assert FLAT.text(root) == dialects
    assert Words().text(root) == root


def test_a_child_adds_to_the_words_of_its_parent() -> None:
    child = FLAT.merged(Words({"error": "problem"}, {"session.output_modalities": "session.modes"}))
    assert child.type("response.done") == "response.finished"
    assert child.type("error") == "problem"
    assert child.place("session.output_modalities") == "session.modes"
    assert child.place("session.audio.output.voice.name") == "session.voice.name"
    assert child.place("session.tools") == "session.tools"


def test_a_trace_is_read_in_the_words_of_the_root() -> None:
    heard = Entry(2, 0.1, "server", "text", {"type": "response.finished"})
    recorded = RecordedTrace("it", [Entry(1, 0.0, "harness", "open"), heard], {"dialect": "flat"})
    read = in_root_words(recorded, FLAT)
    assert [entry.type for entry in read] == ["", "response.done"]
    assert (read.name, read.header, read.whole) == ("it", {"dialect": "flat"}, True)
    assert in_root_words(read, FLAT) is read, "it is not translated twice"
    assert in_root_words(recorded, Words()) is recorded


def test_a_frame_is_sent_as_it_was_written_where_nothing_differs() -> None:
    odd = '{"type":  "response.create"}'
    assert spelled(odd, {"type": "response.create"}, FLAT) == odd
    assert (
        spelled('{"type":  "response.done"}', {"type": "response.done"}, FLAT)
        == '{"type":"response.finished"}'
    )
