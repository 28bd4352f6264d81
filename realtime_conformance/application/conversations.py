"""Gathers the conversations of a report for the page that shows them, and lays long audio beside it."""

from __future__ import annotations

import base64
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path

from realtime_conformance.application.report_folder import SOUNDS
from realtime_conformance.application.trace_statistics import opened
from reports.audio import SpeechListener, SpokenItem, peaks, wav
from reports.conversations import (
    AUDIO_BUDGET,
    CONVERSATIONS_BUDGET,
    Conversation,
    Conversations,
    Packer,
    Sound,
)
from reports.model import Report
from reports.viewer import most_interesting
from wire.trace import Trace
from wire.trace_files import TraceError, TraceFile

MOST_CONVERSATIONS = 1000
"""Conversations on one page."""

MOST_BYTES = 64_000_000
"""Bytes of trace files that are read for the page: many times what a run captures. A folder of recordings may
have any number of them, of which nobody looks at all."""

_SIDECAR = 50_000_000  # bytes of audio laid beside it
_NAME = 120  # characters of a trace's name in that of a file


class _Room:
    """What room is left, in bytes to be read, characters of conversations and bytes of audio."""

    def __init__(self, out: Path, clean: Callable[[str], str]) -> None:
        self.out = out
        self.clean = clean
        self.unread = MOST_BYTES
        self.packed = CONVERSATIONS_BUDGET
        self.audio = AUDIO_BUDGET
        self.beside = _SIDECAR
        self.files = 0

    def sound(self, trace: str, item: SpokenItem) -> Sound:
        """Return `item` embedded as long as there is room, else in a file; only named where there is none.

        Its audio is let go of: a report may have hours of it.
        """
        made = self._placed(trace, item)
        made = replace(made, seconds=item.seconds, peaks=peaks(item))
        item.data.clear()
        return made

    def _placed(self, trace: str, item: SpokenItem) -> Sound:
        item.transcript = self.clean(item.transcript)
        heard = item.data.decode("latin-1")
        if self.clean(heard) != heard:
            item.data.clear()
        size = len(item.data)
        if item.format is None or not size:
            return Sound(item)
        if size <= self.audio:
            self.audio -= size
            return Sound(item, data=base64.b64encode(wav(item)).decode())
        self.files += 1
        named = re.sub(r"[^\w.-]+", "-", trace)[:_NAME]
        name = f"{SOUNDS}/{named}-{item.seq}-{self.files}.wav"
        if size > self.beside or not _written(self.out / name, wav(item)):
            return Sound(item)
        self.beside -= size
        return Sound(item, file=name)


def with_conversations(
    report: Report,
    sources: Mapping[str, Callable[[], Sequence[Trace]]],
    out: Path,
    clean: Callable[[str], str] = str,
) -> Report:
    """Return `report`, which has its evidence, with its conversations; `sources` open them, by name.

    Those in which something was found come first. What cannot be read any more is left out, and what there is
    no room for is linked as a file. `clean` replaces secrets in what is put together of pieces, each of which
    is none.
    """
    files = report.evidence.files if report.evidence is not None else {}
    room, found = _Room(out, clean), Conversations()
    names = most_interesting(report)
    for name in names[:MOST_CONVERSATIONS]:
        try:
            for trace in opened(sources, name):
                found.shown.append(_conversation(trace, files.get(name, ""), room))
        except TraceError:
            found.left_out += 1
    found.left_out += len(names[MOST_CONVERSATIONS:])
    return replace(report, conversations=found)


def _conversation(trace: Trace, file: str, room: _Room) -> Conversation:
    size = _size(trace)
    if room.packed <= 0 or size > room.unread:
        return Conversation(trace.name, file)
    room.unread -= size
    packer, listener = Packer(room.packed), SpeechListener(room.audio + room.beside)
    for entry in trace:
        packer.add(entry)
        listener.add(entry)
        if packer.full:
            return Conversation(trace.name, file)  # the rest need not be read
    packed = packer.packed()
    room.packed -= len(packed)
    sounds = tuple(room.sound(trace.name, item) for item in listener.items) if packed else ()
    return Conversation(trace.name, file, packer.entries, packed, tuple(packer.deadlines), sounds)


def _size(trace: Trace) -> int:
    """Return the bytes of the file in which `trace` lies; of a HAR file, which is held in memory, nothing."""
    try:
        return trace.path.stat().st_size if isinstance(trace, TraceFile) else 0
    except OSError:
        return 0  # it is gone: reading it says so


def _written(path: Path, data: bytes) -> bool:
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)
    except OSError:
        return False  # the disk is full: the report says that it cannot be heard
    return True
