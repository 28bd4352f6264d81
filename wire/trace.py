"""Traces: every frame of one connection in both directions, in the order seen.

On disk a trace is JSONL: a header line, a line an entry, a footer line. A file without its footer was cut
off, and is judged for what it holds. `measured` says that whoever wrote it left nothing out: all frames are
there, and the server's audio in its full length.

    {"trace": 1, "name": "...", "started": "...", "measured": true, "dialect": "openai"}
    {"seq": 1, "t": 0.0, "dir": "harness", "kind": "open", "detail": {...}}
    {"seq": 2, "t": 0.012, "dir": "server", "kind": "text", "event": {"type": "session.created", ...}}
    {"end": "closed", "entries": 2}
"""

from __future__ import annotations

import contextlib
import datetime as dt
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, Any, Literal, NamedTuple, Protocol

from protocol.event_types import Event
from protocol.words import Words
from wire.frames import dump, event_of
from wire.redaction import Redactor

TRACE_VERSION = 1
_RAW_SHOWN = 65_536  # characters kept of a frame that is not an event
_AUDIO_KEPT = 262_144  # characters kept of the audio a client sends

Direction = Literal["client", "server", "harness"]
"""Who caused an entry: one of the two peers, or the suite itself."""

EntryKind = Literal["open", "refusal", "text", "binary", "close", "deadline", "limit"]
"""What an entry is.

`open` and `refusal` end the handshake; `text` and `binary` are frames; `close` is the end of the connection;
`deadline` says that the suite waited in vain; `limit` that it stopped listening to a flood.
"""


class Entry(NamedTuple):
    """One line of a trace.

    `seq` counts from 1. `t` is in seconds since the trace began, None where nobody measured. `event` is the
    JSON object of a text frame; for everything else `detail` holds what is known: `raw` text of a frame that
    is not an event, `code` and `reason` of a close, `status` of a refusal, the `subprotocol` selected of what
    was `offered`, `awaited`, `since` (a `seq`), `waited_s` and `silent_s` of a deadline, and `listened_on_s`:
    for how long at most the suite listened on after it, until what was awaited came after all; where it did
    not, another deadline says so. Where the server broke the framing of RFC 6455, the suite
    closes, and its close has `protocol_error`, what was violated, and `by`, who did it; `unfinished_bytes`,
    here and at a deadline, is how much of a frame had come that never came to its end.
    """

    seq: int
    t: float | None
    dir: Direction
    kind: EntryKind
    event: Event | None = None
    detail: dict[str, Any] | None = None

    @property
    def type(self) -> str:
        """The event's `type`, or the empty string."""
        value = self.event.get("type") if self.event is not None else None
        return value if isinstance(value, str) else ""


class Trace(Protocol):
    """What a judge reads: entries in order, and what is known of the capture as a whole.

    `whole` tells whether the capture began with the connection, so that what is missing before the first
    entry was never sent.
    """

    name: str
    header: dict[str, Any]

    @property
    def whole(self) -> bool: ...

    def __iter__(self) -> Iterator[Entry]: ...


@dataclass(slots=True)
class RecordedTrace:
    """A trace held in memory: tests, and conversations that were never on a wire."""

    name: str
    entries: list[Entry]
    header: dict[str, Any] = field(default_factory=dict)

    @property
    def whole(self) -> bool:
        """Whether the capture began with the connection, by its first entries."""
        return begins_with_connection(self.entries[:_OPENING])

    def __iter__(self) -> Iterator[Entry]:
        return iter(self.entries)


_OPENING = 50


def begins_with_connection(first: list[Entry]) -> bool:
    """Tell whether `first`, the first entries of a trace, show the beginning of a connection."""
    for entry in first:
        if entry.kind in ("open", "refusal"):
            return True
        if entry.dir == "server" and entry.kind == "text":
            return entry.type in ("session.created", "transcription_session.created")
    return False


class InRootWords:
    """A trace whose events are already in the words of the root."""

    name: str
    header: dict[str, Any]

    def __init__(self, trace: Trace, words: Words) -> None:
        self._trace = trace
        self._words = words
        self.name, self.header = trace.name, trace.header

    @property
    def whole(self) -> bool:
        """Whether the capture began with the connection."""
        return self._trace.whole

    def __iter__(self) -> Iterator[Entry]:
        translate = self._words.event
        for entry in self._trace:
            yield entry if entry.event is None else entry._replace(event=translate(entry.event))


def in_root_words(trace: Trace, words: Words) -> Trace:
    """Return `trace`, captured from a server that uses `words`, in the words of the root."""
    return InRootWords(trace, words) if words and not isinstance(trace, InRootWords) else trace


Seen = Callable[[Path, Mapping[str, Any]], None]
"""Is told the file of a trace and one of its entries, redacted, as a line of the file has it."""


class Recorder:
    """Writes one trace, entry by entry, redacted as it is captured; closing it writes the footer."""

    def __init__(
        self,
        path: Path,
        redactor: Redactor,
        seen: Seen | None = None,
        *,
        at_once: bool = True,
        **header: Any,
    ) -> None:
        """`seen` is told of each entry, too. Each is on disk `at_once`, or once the trace is closed."""
        path.parent.mkdir(parents=True, exist_ok=True)
        self.path = path
        self.redactor = redactor
        self._seen = seen
        self._file: IO[str] | None = path.open(
            "w", encoding="utf-8", newline="\n", buffering=1 if at_once else -1
        )
        self._began = time.monotonic()
        self._count = 0
        started = dt.datetime.now(dt.UTC).isoformat(timespec="milliseconds")
        known = {"trace": TRACE_VERSION, "name": path.stem, "started": started, "measured": True}
        self._write({**known, **redactor.value(header)})

    @property
    def count(self) -> int:
        """The `seq` of the newest entry."""
        return self._count

    def add(
        self, direction: Direction, kind: EntryKind, *, text: str | None = None, **detail: Any
    ) -> tuple[int, Event | None]:
        """Append an entry; `text` is a text frame's content. Returns its `seq` and the event, redacted."""
        self._count += 1
        line: dict[str, Any] = {
            "seq": self._count,
            "t": round(time.monotonic() - self._began, 6),
            "dir": direction,
            "kind": kind,
        }
        event = None
        if text is not None:
            event = event_of(text)
            if event is None:
                clean = self.redactor.text(text)
                detail["raw"] = clean[:_RAW_SHOWN]
                if len(clean) > _RAW_SHOWN:
                    detail["characters"] = len(clean)
            else:
                # Value by value: a secret that happens to look like JSON must not break the event.
                event = self.redactor.value(event) if self.redactor.touches(text) else event
                line["event"] = _without_long_audio(event) if direction == "client" else event
        if detail:
            line["detail"] = self.redactor.value(detail)
        self._write(line)
        if self._seen is not None:
            self._seen(self.path, line)
        return self._count, event

    def close(self, end: str) -> None:
        """Write the footer; `end` says in a word why the capture ended. Later calls do nothing."""
        if self._file is not None:
            self._write({"end": end, "entries": self._count})
            self._file.close()
            self._file = None

    def abandon(self) -> None:
        """Close the file without a footer, which tells that the capture goes no further; never raises."""
        file, self._file = self._file, None
        if file is not None:
            with contextlib.suppress(OSError):
                file.close()

    def _write(self, line: dict[str, Any]) -> None:
        if self._file is not None:
            self._file.write(dump(line) + "\n")


def _without_long_audio(event: Event) -> Event:
    audio = event.get("audio")
    if not isinstance(audio, str) or len(audio) <= _AUDIO_KEPT:
        return event
    # Whole groups of four stay Base64; the judge counts what was sent by `audio_characters`.
    return {**event, "audio": audio[:_AUDIO_KEPT], "audio_characters": len(audio)}
