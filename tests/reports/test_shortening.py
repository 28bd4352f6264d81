"""The short way to shorten an event says what the long one says."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from reports.shortening import WHOLE, short, short_json

_TYPES = ("response.output_audio.delta", "input_audio_buffer.append", "response.done")
_LONG = "UklGRg" * 60
_NAMES = st.sampled_from(["delta", "audio", "type", "item"]) | st.text(max_size=5)
_TEXTS = st.text(max_size=20) | st.sampled_from([_LONG, "\u202e", "a\x7f", "\ud800", "\\", '"'])
_VALUES = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.integers(2**52, 2**70)
    | st.floats(allow_nan=False, allow_infinity=False)
    | _TEXTS,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(_NAMES, inner, max_size=4),
    max_leaves=8,
)


def _alike(event: Any, type_: str) -> bool:
    return bool(json.loads(short_json(event, type_)) == json.loads(json.dumps(short(event, type_, WHOLE))))


@settings(max_examples=300, deadline=None)
@given(st.dictionaries(_NAMES, _VALUES, max_size=5), st.sampled_from(_TYPES))
def test_whatever_an_event_holds(event: dict[str, Any], type_: str) -> None:
    assert _alike(event, type_)


@pytest.mark.parametrize("type_", _TYPES)
@pytest.mark.parametrize(
    "event",
    [
        {"audio": _LONG},
        {"delta": _LONG},
        {"item": {"audio": _LONG}},
        {"item": {"delta": _LONG}},
        {"audio": [_LONG]},
        {"delta": {"delta": _LONG}},
        {"delta": _LONG, "audio": _LONG, "item": {"audio": _LONG}},
        {"n": 2**53, "deep": json.loads("[" * 40 + "]" * 40)},
        {"many": [1] * 401},
        {"text": "a" * 9000},
        {"text": "turned \u202e round"},
        {"text": "\ud800"},
        {"text": "line\nfeed", "bell": "\x07", "gone": "\x7f"},
        {},
    ],
)
def test_what_has_to_be_shortened_or_shown(event: dict[str, Any], type_: str) -> None:
    assert _alike(event, type_)


def test_a_plain_event_is_told_as_it_is() -> None:
    assert short_json({"type": "x", "n": [1, 2.5, None]}, "x") == '{"type":"x","n":[1,2.5,null]}'
