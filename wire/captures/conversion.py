"""Turns captures into traces of our own form: read once, entry by entry, a file for each session."""

from __future__ import annotations

import os
import re
import tempfile
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

from wire.captures.capture import Capture
from wire.captures.file_start import start_of
from wire.captures.foreign_files import what_is
from wire.captures.forms import MINIMAL_FORM, OWN_FORM, TRANSCRIPT_FORM, CaptureForm, form_of, understood
from wire.frames import dump
from wire.trace import TRACE_VERSION, Entry
from wire.trace_files import entry_of

MOST_SESSIONS = 10_000
"""Sessions in one file."""

_OPEN_AT_ONCE = 64  # files; the system has a limit
_NAME = re.compile(r"[\w.:-]{1,64}")
NO_TIMES = "has no times: what is about time is not observed"


@dataclass(frozen=True, slots=True)
class TraceOnDisk:
    """A trace that can be read again and again, where it lies, and how it is called.

    `file` is what people call the file that it came from, `path` where it is read: that file itself, where it
    is JSONL or a transcript. `lines_before` is for `wire.trace_files.TraceFile`.
    """

    path: Path
    name: str
    file: str
    lines_before: int | None = None


def traces_of(capture: Capture, name: str, folder: Callable[[], Path], *, plain: bool) -> list[TraceOnDisk]:
    """Return the traces in a capture, called `name` (and told apart if several); notes are left in it.

    What has to be read in another form than ours is written into `folder`, which is asked for only then.
    `plain` tells that the capture is a file that people have, and may be read where it lies. Raises
    `TraceError` for what is no capture, cannot be read, or has nothing in it.
    """
    if capture.path.is_fifo():
        remedy = "save it to a file, or hand it over as standard input, and name -"
        raise capture.wrong(0, "is a pipe, and read more than once", remedy)
    head = start_of(capture)
    if not head.text.strip():
        raise capture.wrong(0, "is empty", "name a file with at least one line")
    form = form_of(head, capture.sender_of)
    if form is None:
        raise capture.wrong(*_not_understood(capture, head.start))
    if capture.group_by and not form.groups:
        problem = f"is read as {form.title}, in which no field tells sessions apart"
        raise capture.wrong(0, problem, "leave --group-by out")
    if form is MINIMAL_FORM and not any("t" in each for each in head.objects):
        capture.notes.append(NO_TIMES)
    by_line = not head.array and head.start.lstrip()[:1] == b"{"
    if _read_where_it_lies(form, capture, by_line=by_line, plain=plain):
        return [TraceOnDisk(capture.path, name, capture.file)]
    lines = 0 if form.lines and not head.array else -1
    return _converted(capture, form, name, folder(), lines)


def _read_where_it_lies(form: CaptureForm, capture: Capture, *, by_line: bool, plain: bool) -> bool:
    if form is TRANSCRIPT_FORM:
        return plain
    whole = capture.complete and not capture.group_by
    return (
        by_line
        and (form is OWN_FORM or (form is MINIMAL_FORM and whole))
        and _first_line_is_a_value(capture.path)
    )


def _first_line_is_a_value(path: Path) -> bool:
    """Tell whether a file that begins with an object has it on one line."""
    with path.open("rb") as file:
        return next((line for line in file if line.strip()), b"").rstrip().endswith(b"}")


def _not_understood(capture: Capture, start: bytes) -> tuple[int, str, str]:
    problem, remedy = what_is(capture.path, start)
    return 0, problem, remedy or f"understood are {understood()} (docs/captures.md)"


def _converted(capture: Capture, form: CaptureForm, name: str, folder: Path, lines: int) -> list[TraceOnDisk]:
    spool = _Spool(capture, folder)
    timed = False
    try:
        for session, entry in form.read(capture):
            spool.add(session, entry)
            timed = timed or (entry.t is not None and entry.kind in ("text", "binary"))
        spool.end()
    except OSError as error:
        reason = error.strerror or type(error).__name__
        problem = f"cannot be read, or written in another form ({reason})"
        raise capture.wrong(0, problem, "check the path, and the room on the disk") from None
    finally:
        spool.close()
    if not spool.paths:
        raise capture.wrong(0, f"is read as {form.title}, and holds no frames", "name a file with some")
    if not timed and NO_TIMES not in capture.notes:
        capture.notes.append(NO_TIMES)
    names = _names(name, list(spool.paths), telling=bool(capture.group_by))
    return [
        TraceOnDisk(path, each, capture.file, lines)
        for each, path in zip(names, spool.paths.values(), strict=True)
    ]


def _names(name: str, sessions: list[str], *, telling: bool) -> list[str]:
    """Return what the traces of `sessions` are called: by their keys where these are short words."""
    if len(sessions) == 1:
        return [name]
    if telling and all(_NAME.fullmatch(each) for each in sessions):
        return [f"{name}-{each}" for each in sessions]
    return [f"{name}-{number}" for number in range(1, len(sessions) + 1)]


class _Spool:
    """Writes the entries of each session into a file of its own, few of which are open at once."""

    def __init__(self, capture: Capture, folder: Path) -> None:
        self.paths: dict[str, Path] = {}
        self._capture = capture
        self._folder = folder
        self._open: OrderedDict[str, IO[str]] = OrderedDict()
        self._counts: dict[str, int] = {}

    def add(self, session: str, entry: Entry) -> None:
        line = {name: value for name, value in entry._asdict().items() if value is not None}
        line.setdefault("t", None)
        if entry_of(line) is None:
            raise self._capture.wrong(entry.seq, "is not an entry", "look at the types of its values")
        self._write(session, line)
        self._counts[session] += 1

    def end(self) -> None:
        """Write the last line of each file, unless the capture was cut off."""
        if self._capture.complete:
            for session, count in self._counts.items():
                self._write(session, {"end": "captured", "entries": count})

    def close(self) -> None:
        while self._open:
            self._open.popitem()[1].close()

    def _write(self, session: str, line: dict[str, Any]) -> None:
        file = self._open.get(session) or self._opened(session)
        self._open.move_to_end(session)
        file.write(dump(line) + "\n")

    def _opened(self, session: str) -> IO[str]:
        if len(self._open) >= _OPEN_AT_ONCE:
            self._open.popitem(last=False)[1].close()
        new = session not in self.paths
        if new and len(self.paths) >= MOST_SESSIONS:
            problem = f"holds more than {MOST_SESSIONS} sessions"
            raise self._capture.wrong(0, problem, "name a file with fewer, or another field")
        if new:
            handle, path = tempfile.mkstemp(suffix=".jsonl", dir=self._folder)
            os.close(handle)
            self.paths[session], self._counts[session] = Path(path), 0
        self._open[session] = file = self.paths[session].open("a", encoding="utf-8", newline="\n")
        if new:
            file.write(dump({"trace": TRACE_VERSION, **self._header(session)}) + "\n")
        return file

    def _header(self, session: str) -> dict[str, Any]:
        return {"measured": False, **self._capture.headers.get(session, {})}
