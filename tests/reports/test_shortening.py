"""Events that are packed many at once say what each by itself would say, shortened."""

from __future__ import annotations

import base64
import json
import zlib
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from reports.conversations import Packer
from reports.shortening import WHOLE, plain_json, short, without_audio
from wire.trace import Entry

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


def _unpacked(events: list[tuple[str, dict[str, Any]]]) -> list[Any]:
    """Return the payloads as the page unpacks them, of `events` that have a type."""
    packer = Packer(1_000_000)
    for seq, (type_, event) in enumerate(events, 1):
        packer.add(Entry(seq, 0.5, "server", "text", {**event, "type": type_}))
    found = json.loads(zlib.decompress(base64.b64decode(packer.packed())))
    assert [row[0] for row in found["entries"]] == list(range(1, len(events) + 1))
    assert [found["types"][row[4]] for row in found["entries"]] == [type_ for type_, _ in events]
    return [row[5] for row in found["entries"]]


def _alone(type_: str, event: dict[str, Any]) -> Any:
    return json.loads(json.dumps(short({**event, "type": type_}, type_, WHOLE)))


@settings(max_examples=300, deadline=None)
@given(
    st.lists(
        st.tuples(st.sampled_from(_TYPES), st.dictionaries(_NAMES, _VALUES, max_size=5)),
        min_size=1,
        max_size=60,
    )
)
def test_whatever_events_hold(events: list[tuple[str, dict[str, Any]]]) -> None:
    assert _unpacked(events) == [_alone(type_, event) for type_, event in events]


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
    usual: tuple[str, dict[str, Any]] = ("response.done", {"event_id": "event_1"})
    assert _unpacked([usual, (type_, event), usual])[1] == _alone(type_, event)


def test_plain_events_are_told_as_they_are_and_at_once() -> None:
    rows = [[1, {"type": "x", "n": [1, 2.5, None]}], [2, {"type": "y"}]]
    assert plain_json(rows) == '[[1,{"type":"x","n":[1,2.5,null]}],[2,{"type":"y"}]]'
    heard = without_audio({"type": _TYPES[0], "delta": _LONG}, _TYPES[0])
    assert "characters of audio" in heard["delta"]
    assert plain_json([[1, heard]]) is not None
    assert plain_json([[1, {"item": {"audio": _LONG}}]]) is None
