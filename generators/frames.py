"""Broken frames: what may arrive where an event is expected, below JSON and below text.

They are harmless where a server is lenient: what can still be read of them clears an empty buffer.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from generators.mutants import Expects

Form = Literal["text", "binary", "bytes in a text frame"]

CLEAR = '{"type":"input_audio_buffer.clear","event_id":"%s"}'
FRAGMENTED = "evt_in_fragments"
_MEGABYTE = 1_000_000


@dataclass(frozen=True, slots=True)
class Frame:
    """One frame that is no proper event.

    `what` says in words what is wrong with it. `expects`: a refusal where it is no JSON object, nothing in
    particular where readers of JSON or WebSocket stacks may differ. A frame of several `fragments` is proper.
    `written` is its payload, with `room` times the letter A in place of an ellipsis: `large` ones are sent at
    the deepest depth only, and made when they are.
    """

    name: str
    what: str
    written: str | bytes
    form: Form = "text"
    expects: Expects = "refusal"
    fragments: int = 1
    room: int = 0

    @property
    def large(self) -> bool:
        """Whether it is larger than many servers can take."""
        return self.room > 0

    @property
    def payload(self) -> str | bytes:
        """What is sent."""
        if isinstance(self.written, bytes) or not self.room:
            return self.written
        return self.written.replace("…", "A" * self.room)

    @property
    def size(self) -> int:
        """Its length in bytes."""
        payload = self.payload
        return len(payload.encode() if isinstance(payload, str) else payload)


def _nested(levels: int) -> str:
    return '{"type":"conformance.deep","x":' + "[" * levels + "]" * levels + "}"


FRAMES: tuple[Frame, ...] = (
    Frame("empty", "a frame without content", ""),
    Frame("blank", "one space", " "),
    Frame("not-json", "words", "this is not JSON"),
    Frame("cut-off", "an event without its end", '{"type":"input_audio_buffer.clear"'),
    Frame("single-quotes", "an event in single quotes", "{'type':'input_audio_buffer.clear'}"),
    Frame("trailing-comma", "an event with a comma too many", '{"type":"input_audio_buffer.clear",}'),
    Frame("scalar-null", "null", "null"),
    Frame("scalar-number", "a number", "42"),
    Frame("scalar-string", "a string", '"input_audio_buffer.clear"'),
    Frame("array", "an array of one event", f"[{CLEAR % 'evt_array'}]"),
    Frame("two-objects", "two events in one frame", CLEAR % "evt_first" + CLEAR % "evt_second"),
    Frame(
        "duplicate-keys",
        "two types, the second of them good",
        '{"type":"conformance.first","event_id":"evt_twice","type":"input_audio_buffer.clear"}',
        expects="either",
    ),
    Frame("nan", "NaN, which is not JSON", '{"type":"input_audio_buffer.clear","x":NaN}', expects="either"),
    Frame(
        "huge-number",
        "a number beyond all bounds",
        '{"type":"input_audio_buffer.clear","x":1e999}',
        expects="either",
    ),
    Frame("deep", "100 levels of arrays in an unknown event", _nested(98), expects="either"),
    Frame("deeper", "10,000 levels of arrays", "[" * 10_000 + "]" * 10_000),
    Frame("spaces", "1 MB of spaces", " " * _MEGABYTE),
    Frame(
        "padded", "an event behind 1 MB of spaces", " " * _MEGABYTE + CLEAR % "evt_padded", expects="either"
    ),
    Frame("bom", "an event behind a byte order mark", "\ufeff" + CLEAR % "evt_bom", expects="either"),
    Frame(
        "lone-surrogate",
        "half of a surrogate pair, escaped",
        '{"type":"input_audio_buffer.clear","x":"\\ud800"}',
        expects="either",
    ),
    Frame(
        "control-character", "a bare line feed in a string", '{"type":"input_audio_buffer.clear","x":"a\nb"}'
    ),
    Frame("binary", "320 zero bytes in a binary frame", bytes(320), "binary"),
    Frame("binary-event", "an event in a binary frame", (CLEAR % "evt_binary").encode(), "binary", "either"),
    Frame("fragmented", "an event in three fragments", CLEAR % FRAGMENTED, expects="tolerance", fragments=3),
    Frame(
        "invalid-utf-8",
        "a text frame that is not UTF-8",
        b'{"type":"\xff\xfe"}',
        "bytes in a text frame",
        "either",
    ),
    Frame(
        "large-append",
        "16 MB of audio in one event",
        '{"type":"input_audio_buffer.append","event_id":"evt_large","audio":"…"}',
        expects="either",
        room=16 * _MEGABYTE,
    ),
)
"""All of them, the harmless ones first: the last two may end the connection for good reason."""
