"""What the server spoke is put together as it came: by item, in its format, with its words."""

from __future__ import annotations

import base64
import io
import struct
import wave
from array import array
from typing import Any

import pytest

from reference.speech import AudioFormat, encode_audio
from reports.audio import SoundFormat, SpokenItem, peaks, spoken_items, wav
from wire.trace import Entry

DELTA = "response.output_audio.delta"


def _trace(*events: dict[str, Any]) -> list[Entry]:
    return [Entry(n, None, "server", "text", event) for n, event in enumerate(events, 1)]


def _delta(data: bytes | str, *, item: str = "item_1", part: int = 0, **fields: Any) -> dict[str, Any]:
    text = data if isinstance(data, str) else base64.b64encode(data).decode()
    return {
        "type": DELTA,
        "response_id": "r",
        "item_id": item,
        "content_index": part,
        "delta": text,
        **fields,
    }


def _session(type_: str, rate: int | None = None) -> dict[str, Any]:
    form = {"type": type_} if rate is None else {"type": type_, "rate": rate}
    return {"type": "session.updated", "session": {"audio": {"output": {"format": form}}}}


def test_each_item_and_part_is_put_together_in_the_order_in_which_it_began() -> None:
    found = spoken_items(
        _trace(
            _delta(b"ab", item="b"), _delta(b"xy", item="a"), _delta(b"cd", item="b"), _delta(b"!!", part=1)
        )
    )
    assert [(s.item, s.content_index, bytes(s.data), s.seq) for s in found] == [
        ("b", 0, b"abcd", 1),
        ("a", 0, b"xy", 2),
        ("item_1", 1, b"!!", 4),
    ]


@pytest.mark.parametrize(
    ("before", "format_"),
    [
        ({"type": "session.created", "session": {}}, SoundFormat("audio/pcm", 24_000)),
        (_session("audio/pcm", 16_000), SoundFormat("audio/pcm", 16_000)),
        (_session("audio/pcmu"), SoundFormat("audio/pcmu", 8000)),
        (_session("audio/pcma"), SoundFormat("audio/pcma", 8000)),
        (
            {"type": "session.created", "session": {"output_audio_format": "g711_ulaw"}},
            SoundFormat("audio/pcmu", 8000),
        ),
        ({"type": "session.created", "session": {"output_audio_format": "opus"}}, None),
        (_session("audio/pcm", 10**9), SoundFormat("audio/pcm", 24_000)),
        (
            {
                "type": "response.created",
                "response": {"id": "r", "audio": {"output": {"format": {"type": "audio/pcma"}}}},
            },
            SoundFormat("audio/pcma", 8000),
        ),
    ],
)
def test_the_format_is_that_of_the_response_or_else_of_the_session(
    before: dict[str, Any], format_: SoundFormat | None
) -> None:
    assert [s.format for s in spoken_items(_trace(before, _delta(b"ab")))] == [format_]


def test_what_is_no_base64_is_counted_and_costs_the_rest_nothing() -> None:
    item = spoken_items(_trace(_delta(b"ab"), _delta("not base64!"), _delta(b"cd")))[0]
    assert (bytes(item.data), item.broken) == (b"abcd", 1)


def test_words_that_came_whole_stand_beside_and_others_in_pieces() -> None:
    def said(type_: str, **fields: str) -> dict[str, Any]:
        return {
            "type": f"response.output_audio_transcript.{type_}",
            "item_id": "item_1",
            "content_index": 0,
            **fields,
        }

    pieces = (said("delta", delta="one "), _delta(b"ab"), said("delta", delta="two"))
    assert spoken_items(_trace(*pieces))[0].transcript == "in pieces: one  · two"
    assert spoken_items(_trace(*pieces, said("done", transcript="One two.")))[0].transcript == "One two."


@pytest.mark.parametrize(
    "event", [{"type": DELTA}, _delta(b"ab", item_id=7, content_index="x", response_id=[])]
)
def test_nothing_a_server_sends_ends_it(event: dict[str, Any]) -> None:
    spoken_items(_trace({"type": "session.created", "session": [1]}, {"type": "response.created"}, event))


def test_a_wav_file_is_read_by_others() -> None:
    data = struct.pack("<4h", 1, -2, 3, -4)
    item = SpokenItem(1, "i", "r", 0, SoundFormat("audio/pcm", 16_000), bytearray(data + b"x"))
    with wave.open(io.BytesIO(wav(item))) as file:
        assert file.getparams()[:4] == (1, 2, 16_000, 4)
        assert file.readframes(9) == data
    with pytest.raises(ValueError, match="format"):
        wav(SpokenItem(1, "i", "r", 0, None, bytearray(b"ab")))


@pytest.mark.parametrize("type_", ["audio/pcm", "audio/pcmu", "audio/pcma", "audio/float32"])
def test_a_waveform_is_as_loud_as_the_sound(type_: str) -> None:
    samples = array("h", [0] * 100 + [16_384, -16_384] * 50 + [32_767, -32_768] * 50)
    data = encode_audio(samples, AudioFormat(type_, 8000))
    item = SpokenItem(1, "i", "r", 0, SoundFormat(type_, 8000), bytearray(data))
    low, middle, high = peaks(item, 3)
    assert low <= 1
    assert middle == pytest.approx(50, abs=2)
    assert high == pytest.approx(100, abs=2)
