"""Whole conversations, packed for the page that shows them: every frame, the deadlines, what was spoken.

Packed is JSON, deflated, in Base64: `{"entries": [[seq, t, side, kind, type, payload], …], "types": […]}`;
`side` is the first letter of the direction and `type` an index into `types`. Browsers unpack it themselves.
"""

from __future__ import annotations

import base64
import json
import zlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

from reports.audio import SpokenItem
from reports.escaping import visible
from reports.evidence import SeenEntry
from reports.shortening import WHOLE, plain_json, short, without_audio

CONVERSATIONS_BUDGET = 9_000_000
"""Characters of packed conversations on one page. What is beyond is linked as a file."""

AUDIO_BUDGET = 3_000_000
"""Bytes of audio on one page. What is beyond lies beside it, in the folder `audio`."""

_LEVEL = 4  # of deflating: a tenth larger than at 6, in half the time
_AT_ONCE = 24  # entries that are packed together
_TYPE = 240  # characters of a type
_DEADLINES = 200  # of one conversation


@dataclass(frozen=True, slots=True)
class Deadline:
    """A wait in vain, at entry `seq`."""

    seq: int
    text: str


@dataclass(frozen=True, slots=True)
class Sound:
    """What was spoken in one content part: a WAV file, as Base64 in `data`, or beside the page in `file`.

    It lasts so many `seconds`; `peaks` are its waveform. `item` no longer has its audio then.
    """

    item: SpokenItem
    data: str = ""
    file: str = ""
    seconds: float = 0.0
    peaks: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class Conversation:
    """A trace to be looked at. `packed` is empty where it is too large for the page; `file` has it all."""

    name: str
    file: str
    entries: int = 0
    packed: str = ""
    deadlines: tuple[Deadline, ...] = ()
    sounds: tuple[Sound, ...] = ()


@dataclass(slots=True)
class Conversations:
    """The conversations of a report, those with findings first, and how many there was no room for."""

    shown: list[Conversation] = field(default_factory=list)
    left_out: int = 0


class Packer:
    """Takes in the entries of one trace, and returns them packed, in bounded memory."""

    def __init__(self, room: int) -> None:
        self._room = room * 3 // 4  # in bytes, before they become Base64
        self._types: dict[str, int] = {}
        self._deflater = zlib.compressobj(_LEVEL)
        self._rows: list[list[Any]] = []  # not yet packed
        self._parts: list[bytes] = []
        self._size = 0
        self._separator = ""
        self.entries = 0
        self.deadlines: list[Deadline] = []
        self._put('{"entries":[')

    def add(self, entry: SeenEntry) -> None:
        """Take in the next entry."""
        self.entries += 1
        payload: Any = entry.event if entry.event is not None else entry.detail
        if entry.kind == "deadline" and len(self.deadlines) < _DEADLINES:
            detail = short(entry.detail or {})
            said = f"waited {detail.get('waited_s', '?')} s for {detail.get('awaited', 'an answer')}"
            self.deadlines.append(Deadline(entry.seq, said))
        if self.full:
            return
        type_ = entry.type
        number = self._types.get(type_)
        if number is None:
            number = self._types[type_] = len(self._types)
        event = without_audio(payload, type_) or None
        self._rows.append([entry.seq, entry.t, entry.dir[:1], entry.kind, number, event])
        if len(self._rows) == _AT_ONCE:
            self._pack()

    @property
    def full(self) -> bool:
        """Whether there is no room for what was taken in so far."""
        return self._size > self._room

    def packed(self) -> str:
        """Return what was taken in, once all was; empty where there is no room for it."""
        self._pack()
        types = [visible(type_)[:_TYPE] for type_ in self._types]
        self._put(f'],"types":{_json(types)}}}')
        self._keep(self._deflater.flush())
        return base64.b64encode(b"".join(self._parts)).decode() if not self.full else ""

    def _pack(self) -> None:
        names = list(self._types)
        for text in _plain_texts(self._rows, names):
            self._put(self._separator + text)
            self._separator = ","
        self._rows.clear()

    def _put(self, text: str) -> None:
        self._keep(self._deflater.compress(text.encode("utf-8", "replace")))

    def _keep(self, data: bytes) -> None:
        self._size += len(data)
        if data and self._size <= self._room:
            self._parts.append(data)


def _plain_texts(rows: list[list[Any]], types: Sequence[str]) -> Iterator[str]:
    """Yield `rows` as JSON: as many as can be at once, and by itself what has to be shortened."""
    text = plain_json(rows)
    if text is not None:
        if rows:
            yield text[1:-1]
    elif len(rows) > 1:
        middle = len(rows) // 2
        yield from _plain_texts(rows[:middle], types)
        yield from _plain_texts(rows[middle:], types)
    else:
        *about, number, event = rows[0]
        yield _json([*about, number, short(event, types[number], WHOLE)])


def _json(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))
