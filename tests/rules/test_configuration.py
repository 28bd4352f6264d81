"""Session configurations compared, and audio formats: what an update set, and what may be shown for it."""

from __future__ import annotations

from typing import Any

import pytest

from protocol.catalogue import dialect_of
from rules.configuration import at, certain, changed, fields_set, shows, unshown, untouched
from rules.formats import bytes_per_ms, sample_bytes

SESSION: dict[str, Any] = {
    "id": "sess_1",
    "instructions": "Be brief.",
    "tools": [{"name": "f"}],
    "prompt": {"id": "p"},
    "audio": {
        "input": {"turn_detection": {"type": "server_vad", "threshold": 0.5}, "format": None},
        "output": {"voice": "alice"},
    },
    "metadata": {},
    "tracing": {"workflow_name": "old"},
}
VAD = ("audio", "input", "turn_detection")


def test_leaves_are_what_can_be_set_by_itself() -> None:
    assert dict(fields_set(SESSION)) == {
        ("id",): "sess_1",
        ("instructions",): "Be brief.",
        ("tools",): [{"name": "f"}],
        ("prompt",): {"id": "p"},  # a whole value, however it is made
        (*VAD, "type"): "server_vad",
        (*VAD, "threshold"): 0.5,
        ("audio", "input", "format"): None,
        ("audio", "output", "voice"): "alice",
        ("metadata",): {},
        ("tracing",): {"workflow_name": "old"},
    }
    assert not list(fields_set("text"))


@pytest.mark.parametrize(
    ("path", "found"),
    [
        ((), (True, {"a": {"b": None}})),
        (("a",), (True, {"b": None})),
        (("a", "b"), (True, None)),
        (("a", "b", "c"), (False, None)),
        (("b",), (False, None)),
    ],
)
def test_a_field_is_there_or_it_is_not(path: tuple[str, ...], found: tuple[bool, Any]) -> None:
    assert at({"a": {"b": None}}, path) == found


@pytest.mark.parametrize(
    ("sent", "shown", "may"),
    [
        ("one", "one", True),
        ("one", "two", False),
        (1, 1.0, True),
        (0.8, 0.8000000001, True),
        (0.8, 0.81, False),
        (0.8, 0.79, False),
        (True, 1, False),
        (0, False, False),
        (True, True, True),
        (None, None, True),
        (None, "one", False),
        ({"a": 1}, {"a": 1, "b": 2}, True),  # completed with defaults
        ({"a": 1, "b": 2}, {"a": 1}, False),
        ({"a": 1}, {"a": 2, "b": 1}, False),
        ([1, 2], [1, 2], True),
        ([1, 2], [2, 1], False),
        ([1], [1, 2], False),
        ([{"a": 1}], [{"a": 1, "b": 2}], True),
        ([1], 1, False),
        ([1], [], False),
        (
            {"type": "mcp", "server_label": "a", "authorization": "x"},
            {"type": "mcp", "server_label": "a"},
            True,
        ),
        ({"type": "mcp", "server_label": "a"}, {"type": "mcp", "server_label": "b"}, False),
        (0, 0.000001, False),  # no rounding is as large
        ("pcm16", {"type": "audio/pcm", "rate": 24000}, True),
        ("pcm16", {"type": "audio/pcmu"}, False),
        ("pcm16", "pcm16", True),
        ("other", {"type": "other"}, False),
    ],
)
def test_what_may_be_shown_for_what_was_sent(sent: Any, shown: Any, may: bool) -> None:
    assert shows(sent, shown) is may


@pytest.mark.parametrize(
    ("patch", "missing"),
    [
        ({"instructions": "Be brief."}, []),
        ({"instructions": "Be long."}, [("instructions",)]),
        ({"instructions": ""}, []),  # shows as the server's own
        ({"id": "mine"}, []),  # the server's alone
        ({"speed": 1.5}, [("speed",)]),
        ({"speed": None}, []),  # off, shown or not
        ({"audio": {"output": {"voice": None}}}, [("audio", "output", "voice")]),
        (
            {"audio": {"output": {"voice": "bob", "speed": 1}}},
            [("audio", "output", "voice"), ("audio", "output", "speed")],
        ),
        ({"instructions": "", "speed": 1.5}, [("speed",)]),
        ({"prompt": {"id": "p", "variables": {"name": "Ada"}}}, []),  # in which form is not known
        ({"prompt": {"id": "q"}}, [("prompt",)]),
        ({"tracing": {"workflow_name": "new"}}, [("tracing",)]),
    ],
)
def test_what_an_update_set_is_shown(patch: dict[str, Any], missing: list[tuple[str, ...]]) -> None:
    assert unshown(patch, SESSION, known={*SESSION, "speed"}) == missing


def test_only_known_fields_have_to_be_shown() -> None:
    patch = {"instructions": "Be long.", "speed": 2}
    assert unshown(patch, SESSION, known={"speed"}) == [("speed",)]
    assert unshown(patch, SESSION, known=set()) == []


@pytest.mark.parametrize(
    ("path", "openai", "inworld"),
    [
        ("instructions", True, True),
        ("audio", True, True),
        ("audio.input", True, True),
        ("audio.input.format", True, True),
        ("audio.input.turn_detection.type", True, True),
        ("audio.input.turn_detection.idle_timeout_ms", True, False),
        ("audio.output.speed", True, True),
        ("audio.output.loudness", True, False),
    ],
)
def test_what_has_to_be_shown(path: str, openai: bool, inworld: bool) -> None:
    steps = tuple(path.split("."))
    assert tuple(certain(dialect_of(d).switches, steps) for d in ("openai", "inworld")) == (openai, inworld)


def test_what_is_off_may_be_shown_or_not() -> None:
    assert changed({"prompt": None, "speed": 1}, {}) == [("speed",)]
    assert changed({"prompt": None}, {"prompt": None}) == []
    assert changed({"prompt": None}, {"prompt": {"id": "p"}}) == [("prompt",)]


def test_what_changed_is_what_is_different_or_gone() -> None:
    after = {**SESSION, "id": "sess_2", "instructions": "Be long.", "tools": []}
    del after["prompt"]
    assert changed(SESSION, after) == [("instructions",), ("tools",), ("prompt",)]
    assert changed({}, SESSION) == []


@pytest.mark.parametrize(
    ("patch", "left"),
    [
        ({}, [(*VAD, "threshold"), ("tools",)]),
        ({"tools": []}, [(*VAD, "threshold")]),
        ({"audio": {"input": {"turn_detection": None}}}, [("tools",)]),  # contains it
        ({"audio": {"input": {"turn_detection": {"threshold": 0.1}}}}, [("tools",)]),
        ({"audio": {"input": {"turn_detection": {"type": "x"}}}}, [(*VAD, "threshold"), ("tools",)]),
    ],
)
def test_what_an_update_did_not_touch(patch: dict[str, Any], left: list[tuple[str, ...]]) -> None:
    assert untouched([(*VAD, "threshold"), ("tools",)], patch) == left


def test_a_part_of_a_whole_value_is_touched_with_it() -> None:
    assert untouched([("tools", "name")], {"tools": []}) == []
    assert untouched([("tools",)], {"tools": {"name": "x"}}) == []


@pytest.mark.parametrize(
    ("format_", "sample", "a_millisecond"),
    [
        (None, 2, 48),
        ({}, 2, 48),
        ({"type": "audio/pcm", "rate": 24000}, 2, 48),
        ({"type": "audio/pcm", "rate": 16000}, 2, 32),
        ({"type": "audio/pcm", "rate": 44100}, 2, 88.2),
        ({"type": "audio/pcmu"}, 1, 8),
        ({"type": "audio/pcma"}, 1, 8),
        ({"type": "audio/pcmu", "rate": 16000}, 1, 16),
        ({"type": "audio/float32"}, 4, 96),
        ({"type": "audio/other"}, 2, 48),
        ("pcm16", 2, 48),
        ("g711_ulaw", 1, 8),
        ("g711_alaw", 1, 8),
        ("float32", 4, 96),
        ("other", 2, 48),
        ({"type": "audio/pcm", "rate": 0}, 2, 48),
        ({"type": "audio/pcm", "rate": "fast"}, 2, 48),
    ],
)
def test_how_long_audio_is(format_: Any, sample: int, a_millisecond: float) -> None:
    assert sample_bytes(format_) == sample
    assert bytes_per_ms(format_) == a_millisecond
