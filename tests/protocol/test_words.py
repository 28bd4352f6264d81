"""Words of a dialect: translated there and back, nothing is lost, and strangers stay strangers."""

from __future__ import annotations

from typing import Any

import pytest

from protocol.words import Words

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
