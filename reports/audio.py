"""What the server spoke, put together from the events of a trace: audio by item, with its words. Pure."""

from __future__ import annotations

import binascii
import struct
import sys
from array import array
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

from reports.escaping import visible

_ITEMS = 200  # of one conversation
_RESPONSES = 5000  # of one conversation, whose formats are kept
_LONGEST = 20_000_000  # bytes of one item
_MOST = 60_000_000  # bytes of all items of one conversation
_WORDS = 20_000  # characters of a transcript
_PIECES = 2000  # of a transcript
_LOOKED_AT = 32  # samples of one column of a waveform, at least
_COLUMNS = 120  # of a waveform
_PCM = 1
_ENCODINGS = {"audio/pcm": (_PCM, 2), "audio/float32": (3, 4), "audio/pcma": (6, 1), "audio/pcmu": (7, 1)}
"""By format: its number in a WAV file, and the bytes of a sample."""

_DELTAS = ("response.output_audio.delta", "response.audio.delta")
_TRANSCRIPTS = ("response.output_audio_transcript.delta", "response.audio_transcript.delta")
_TRANSCRIBED = ("response.output_audio_transcript.done", "response.audio_transcript.done")


class HeardEntry(Protocol):
    """An entry of a trace, as far as audio is concerned."""

    @property
    def seq(self) -> int: ...
    @property
    def dir(self) -> str: ...
    @property
    def type(self) -> str: ...
    @property
    def event(self) -> dict[str, Any] | None: ...


@dataclass(frozen=True, slots=True)
class SoundFormat:
    """How sound is encoded, at `rate` samples a second in one channel.

    `type` is `audio/pcm` (16 bits, little endian), `audio/pcmu`, `audio/pcma` or `audio/float32`.
    """

    type: str
    rate: int

    @property
    def sample_bytes(self) -> int:
        """Bytes of a sample."""
        return _ENCODINGS[self.type][1]


_USUAL = SoundFormat("audio/pcm", 24_000)
_FORMATS = {
    "pcm16": _USUAL,
    "audio/pcm": _USUAL,
    "audio/float32": SoundFormat("audio/float32", 24_000),
    "g711_ulaw": SoundFormat("audio/pcmu", 8000),
    "audio/pcmu": SoundFormat("audio/pcmu", 8000),
    "g711_alaw": SoundFormat("audio/pcma", 8000),
    "audio/pcma": SoundFormat("audio/pcma", 8000),
}


@dataclass(slots=True)
class SpokenItem:
    """The audio of one content part of an item: from its first delta, entry `seq`, to its last.

    `broken` counts deltas that are no Base64: these cannot be heard. `format` is None where the session names
    one that nobody here can play.
    """

    seq: int
    item: str
    response: str
    content_index: int
    format: SoundFormat | None
    data: bytearray = field(default_factory=bytearray)
    transcript: str = ""
    broken: int = 0

    @property
    def seconds(self) -> float:
        """How long it lasts."""
        form = self.format
        return len(self.data) / (form.rate * form.sample_bytes) if form is not None else 0.0


class SpeechListener:
    """Takes in the entries of one trace, and returns what the server spoke in it."""

    def __init__(self, most: int = _MOST) -> None:
        """Of more than `most` bytes of audio, the rest is not kept: nobody has room for it."""
        self._most = min(most, _MOST)
        self._items: dict[tuple[str, int], SpokenItem] = {}
        self._words: dict[tuple[str, int], str] = {}  # they may come before the sound does
        self._pieces: dict[tuple[str, int], list[str]] = {}
        self._session: SoundFormat | None = _USUAL
        self._by_response: dict[str, SoundFormat | None] = {}
        self._size = 0

    def add(self, entry: HeardEntry) -> None:
        """Take in the next entry."""
        event, type_ = entry.event, entry.type
        if entry.dir != "server" or event is None:
            return
        if type_ in ("session.created", "session.updated"):
            self._session = _named(event.get("session"), self._session)
        elif type_ == "response.created":
            response = event.get("response")
            id_ = response.get("id") if isinstance(response, dict) else None
            if isinstance(id_, str) and len(self._by_response) < _RESPONSES:
                self._by_response[id_] = _named(response, self._session)
        elif type_ in _DELTAS:
            self._hear(entry.seq, event)
        elif type_ in _TRANSCRIPTS or type_ in _TRANSCRIBED:
            self._write(event, whole=type_ in _TRANSCRIBED)

    @property
    def items(self) -> tuple[SpokenItem, ...]:
        """What was spoken, in the order in which it began."""
        for place, item in self._items.items():
            item.transcript = visible(self._words.get(place, ""))
            if not item.transcript and place in self._pieces:
                # Not put together: what no event holds, nobody has looked through for secrets.
                item.transcript = visible("in pieces: " + " · ".join(self._pieces[place]))[:_WORDS]
        return tuple(self._items.values())

    def _hear(self, seq: int, event: Mapping[str, Any]) -> None:
        place = _place(event)
        if place not in self._items:
            if len(self._items) >= _ITEMS:
                return
            id_ = _text(event, "response_id")
            form = self._by_response.get(id_, self._session)
            self._items[place] = SpokenItem(seq, visible(place[0]), visible(id_), place[1], form)
        item, text = self._items[place], _text(event, "delta")
        size = len(text) // 4 * 3
        if len(item.data) + size > _LONGEST or self._size + size > self._most:
            return
        try:
            data = binascii.a2b_base64(text, strict_mode=True)
        except binascii.Error:
            item.broken += 1
            return
        item.data += data
        self._size += len(data)

    def _write(self, event: Mapping[str, Any], *, whole: bool) -> None:
        place = _place(event)
        if whole and (place in self._words or len(self._words) < _ITEMS):
            self._words[place] = _text(event, "transcript")[:_WORDS]
        elif not whole and (place in self._pieces or len(self._pieces) < _ITEMS):
            pieces = self._pieces.setdefault(place, [])
            if len(pieces) < _PIECES:
                pieces.append(_text(event, "delta"))


def spoken_items(trace: Iterable[HeardEntry]) -> tuple[SpokenItem, ...]:
    """Return the audio that the server sent in `trace`, in the order in which it began."""
    listener = SpeechListener()
    for entry in trace:
        listener.add(entry)
    return listener.items


def _named(holder: Any, usual: SoundFormat | None) -> SoundFormat | None:
    """Return the format of output that a session or response names; `usual` where it names none."""
    if not isinstance(holder, dict):
        return usual
    audio = holder.get("audio")
    output = audio.get("output") if isinstance(audio, dict) else None
    named = output.get("format") if isinstance(output, dict) else holder.get("output_audio_format")
    if isinstance(named, str):
        return _FORMATS.get(named)
    if not isinstance(named, dict):
        return usual
    known = _FORMATS.get(str(named.get("type")))
    rate = named.get("rate")
    if known is not None and type(rate) is int and 3000 <= rate <= 768_000:  # what can be played
        return SoundFormat(known.type, rate)
    return known


def _text(event: Mapping[str, Any], name: str) -> str:
    value = event.get(name)
    return value if isinstance(value, str) else ""


def _place(event: Mapping[str, Any]) -> tuple[str, int]:
    index = event.get("content_index")
    return _text(event, "item_id"), index if type(index) is int else 0


def wav(item: SpokenItem) -> bytes:
    """Return `item` as a WAV file, in the encoding in which it came. Raises `ValueError` without a format."""
    form = item.format
    if form is None:
        raise ValueError("its format is not known")
    tag, size = _ENCODINGS[form.type]
    data = bytes(item.data[: len(item.data) // size * size])
    padding = b"\0" * (len(data) % 2)
    about = struct.pack("<HHIIHH", tag, 1, form.rate, form.rate * size, size, 8 * size)
    if tag != _PCM:
        about += struct.pack("<H", 0)
    parts = b"fmt " + struct.pack("<I", len(about)) + about
    if tag != _PCM:
        parts += b"fact" + struct.pack("<II", 4, len(data) // size)
    parts += b"data" + struct.pack("<I", len(data)) + data + padding
    return b"RIFF" + struct.pack("<I", 4 + len(parts)) + b"WAVE" + parts


def peaks(item: SpokenItem, columns: int = _COLUMNS) -> tuple[int, ...]:
    """Return how loud `item` is, in percent of the loudest there can be, in so many pieces of like length."""
    if item.format is None or not item.data:
        return ()
    samples = _loudness(item, item.format)
    step = max(1, -(-len(samples) // columns))
    every = max(1, step // _LOOKED_AT)  # of a long piece, enough of its samples show how loud it is
    pieces = (samples[at : at + step : every] for at in range(0, len(samples), step))
    return tuple(min(100, round(max(0, *(max(p), -min(p))) * 100 / 32_768)) for p in pieces)


def _loudness(item: SpokenItem, form: SoundFormat) -> Sequence[float]:
    """Return the samples of `item`, from -32768 to 32767; of G.711 their sizes only."""
    if form.type in _LAWS:
        return [_LAWS[form.type][code] for code in item.data]
    size = form.sample_bytes
    samples: array[Any] = array("h" if size == 2 else "f", bytes(item.data[: len(item.data) // size * size]))
    if sys.byteorder == "big":
        samples.byteswap()
    if size == 2:
        return samples
    return [sample * 32_768 if -1 <= sample <= 1 else 0.0 for sample in samples]  # NaN is neither


def _ulaw_size(code: int) -> int:
    """Return how large the sample is that a code of mu-law stands for (ITU-T G.711)."""
    code = ~code & 0x7F
    return (((code & 0x0F) << 3) + 0x84 << (code >> 4)) - 0x84


def _alaw_size(code: int) -> int:
    """Return how large the sample is that a code of A-law stands for (ITU-T G.711)."""
    code = (code ^ 0x55) & 0x7F
    segment, step = code >> 4, (code & 0x0F) << 4
    return step + 8 if segment == 0 else step + 0x108 << (segment - 1)


_LAWS = {
    "audio/pcmu": tuple(map(_ulaw_size, range(256))),
    "audio/pcma": tuple(map(_alaw_size, range(256))),
}
