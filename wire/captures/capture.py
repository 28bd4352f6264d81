"""What readers of captures have in common: the file that is read, and how frames become entries of traces."""

from __future__ import annotations

import base64
import datetime as dt
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from protocol.event_types import Event
from wire.frames import dump, event_of
from wire.redaction import Redactor
from wire.trace import Direction, Entry
from wire.trace_files import TraceError, seconds_of

SenderOf = Callable[[Event], Direction | None]
"""Tells who sends an event, by what the documents of all channels say; None where none of them knows it."""

TEXT_OPCODE, BINARY_OPCODE = 1, 2
CONTROL_OPCODES = (8, 9, 10)
"""Opcodes of close, ping and pong, which are no events; browsers leave them out."""

_RAW_KEPT = 65_536  # characters kept of a frame that is not an event
_SHOWN = 3  # of what a note names


@dataclass(slots=True)
class Capture:
    """A file with conversations in it, while it is read.

    `path` is where it lies and `file` what people call it. `sender_of` tells whose an event is, `group_by`
    which field of each line tells sessions apart (empty: they are one). A reader sets `complete` to false
    where the file ends too early, adds what should be said of the file to `notes`, and puts into `headers`
    what is known of a session, by its key, before its first entry.
    """

    path: Path
    file: str
    sender_of: SenderOf
    group_by: str = ""
    complete: bool = True
    notes: list[str] = field(default_factory=list)
    headers: dict[str, dict[str, Any]] = field(default_factory=dict)

    def wrong(self, line: int, problem: str, remedy: str) -> TraceError:
        """Return what says that the file cannot be read; `line` 0 is no line."""
        return TraceError(self.file, line, problem, remedy)


Placed = tuple[str, Entry]
"""An entry with the key of its session. Its `seq` is the line of the file where that has lines."""

Reader = Callable[[Capture], Iterator[Placed]]
"""What reads a capture, entry by entry. Raises `TraceError`."""


def frame_entry(seq: int, t: float | None, side: Direction, text: str, redactor: Redactor) -> Entry:
    """Return the entry of a text frame, without the secrets that `redactor` knows."""
    event = event_of(text)
    if event is None:
        return Entry(seq, t, side, "text", None, {"raw": redactor.text(text)[:_RAW_KEPT]})
    if not redactor.forms:
        return Entry(seq, t, side, "text", event)
    # PlacedValue by value: escapes are undone, and a secret that looks like JSON does not break the event.
    return Entry(seq, t, side, "text", event_of(dump(redactor.value(event))))


def binary_entry(seq: int, t: float | None, side: Direction, size: int) -> Entry:
    """Return the entry of a binary frame of so many bytes."""
    return Entry(seq, t, side, "binary", None, {"size": size})


def base64_size(text: str) -> int:
    """Return how many bytes `text` stands for: of Base64, else of the text itself."""
    try:
        return len(base64.b64decode(text, validate=True))
    except ValueError:
        return len(text.encode("utf-8", "replace"))


def moment(value: Any) -> float | None:
    """Return a time in seconds: a number, whose size tells its unit, or a date with a time (ISO 8601)."""
    if isinstance(value, str):
        try:
            return dt.datetime.fromisoformat(value).timestamp()
        except (ValueError, OverflowError):
            return None
    return seconds_of(value)


class Clock:
    """Turns times of any beginning into seconds since the first of each session."""

    def __init__(self) -> None:
        self._began: dict[str, float] = {}

    def since(self, session: str, value: Any) -> float | None:
        """Return the seconds since the first moment of `session`; None where `value` is no time."""
        at = moment(value)
        return None if at is None else round(at - self._began.setdefault(session, at), 6)


def named_few(names: list[str]) -> str:
    """Return the first of `names`, and how many more there are."""
    more = f" and {len(names) - _SHOWN} more" if len(names) > _SHOWN else ""
    return ", ".join(names[:_SHOWN]) + more
