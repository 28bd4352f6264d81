"""What is read of one direction of a WebSocket, and where the reading ends."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from websockets.extensions.permessage_deflate import PerMessageDeflate
from websockets.frames import Frame, Opcode

from proxy.decoder import LARGEST_MESSAGE, ClosingFrame, DirectionDecoder, UndecodableError, WholeMessage

_DEFLATE = "permessage-deflate"


def _frames(*frames: Frame, mask: bool = False) -> bytes:
    return b"".join(each.serialize(mask=mask) for each in frames)


@given(
    texts=st.lists(st.tuples(st.text(max_size=300), st.integers(1, 4)), max_size=6),
    pieces=st.lists(st.integers(1, 40), max_size=30),
    masked=st.booleans(),
    compressed=st.sampled_from(["", _DEFLATE, f"{_DEFLATE}; server_no_context_takeover"]),
)
def test_messages_are_read_however_they_are_cut(
    texts: list[tuple[str, int]], pieces: list[int], masked: bool, compressed: str
) -> None:
    """In fragments, in pieces of the network, compressed, with pings between them."""
    extension = PerMessageDeflate(False, "takeover" in compressed, 15, 15) if compressed else None
    data = b""
    for text, fragments in texts:
        raw = text.encode()
        size = max(1, -(-len(raw) // fragments))
        cut = [raw[i : i + size] for i in range(0, len(raw), size)] or [b""]
        for n, part in enumerate(cut):
            frame = Frame(Opcode.TEXT if n == 0 else Opcode.CONT, part, fin=n == len(cut) - 1)
            data += frame.serialize(mask=masked, extensions=[extension] if extension else [])
            data += Frame(Opcode.PING, b"p").serialize(mask=masked)
    decoder = DirectionDecoder(compressed, masked=masked)
    found = []
    for size in [*pieces, len(data)]:
        found += list(decoder.read(data[:size]))
        data = data[size:]
    assert [each.data.decode() for each in found if isinstance(each, WholeMessage)] == [t for t, _ in texts]
    assert decoder.unfinished == 0


def test_binary_is_told_from_text_and_fragments_are_counted() -> None:
    data = _frames(Frame(Opcode.BINARY, b"\0"), Frame(Opcode.TEXT, b"a", fin=False), Frame(Opcode.CONT, b"b"))
    assert list(DirectionDecoder("", masked=False).read(data)) == [
        WholeMessage(b"\0", False, 1),
        WholeMessage(b"ab", True, 2),
    ]


def test_nothing_is_read_behind_a_close_frame() -> None:
    decoder = DirectionDecoder("", masked=False)
    data = _frames(Frame(Opcode.CLOSE, b"\x03\xe8bye"), Frame(Opcode.TEXT, b"more"))
    assert list(decoder.read(data)) == [ClosingFrame(1000, "bye")]
    assert list(decoder.read(_frames(Frame(Opcode.TEXT, b"more")))) == []


def test_a_close_frame_without_a_code_has_1005() -> None:
    assert list(DirectionDecoder("", masked=False).read(b"\x88\x00")) == [ClosingFrame(1005, "")]


@pytest.mark.parametrize(
    ("data", "masked"),
    [
        (b"\xc1\x00", False),  # a bit that no extension uses
        (b"\x83\x00", False),  # an opcode that is none
        (b"\x80\x00", False),  # a continuation of nothing
        (b"\x81\x80\0\0\0\0", False),  # masked by a server
        (b"\x81\x01a", True),  # not masked by a client
        (b"\x88\x01a", False),  # half of a code
    ],
)
def test_what_breaks_the_rules_is_told_behind_what_was_right(data: bytes, masked: bool) -> None:
    good = _frames(Frame(Opcode.TEXT, b"good"), mask=masked)
    decoder = DirectionDecoder("", masked=masked)
    reading = decoder.read(good + data)
    assert next(reading) == WholeMessage(b"good", True, 1)
    with pytest.raises(UndecodableError) as caught:
        next(reading)
    assert caught.value.broken
    assert list(decoder.read(good)) == []


def test_a_message_too_large_to_read_breaks_no_rule() -> None:
    announced = b"\x82\x7f" + (LARGEST_MESSAGE + 1).to_bytes(8)
    with pytest.raises(UndecodableError) as caught:
        list(DirectionDecoder("", masked=False).read(announced))
    assert not caught.value.broken


def test_what_decompresses_to_more_than_is_read_is_not_held_in_memory() -> None:
    deflate = PerMessageDeflate(False, False, 15, 15)
    frame = Frame(Opcode.TEXT, bytes(LARGEST_MESSAGE + 1)).serialize(mask=False, extensions=[deflate])
    assert len(frame) < LARGEST_MESSAGE / 500
    with pytest.raises(UndecodableError, match="larger than 32 MB") as caught:
        list(DirectionDecoder(_DEFLATE, masked=False).read(frame))
    assert not caught.value.broken


@pytest.mark.parametrize("header", ["x-webkit-other", f"{_DEFLATE}; server_max_window_bits=99"])
def test_an_extension_that_is_not_known_is_not_read(header: str) -> None:
    with pytest.raises(UndecodableError) as caught:
        DirectionDecoder(header, masked=False)
    assert not caught.value.broken
