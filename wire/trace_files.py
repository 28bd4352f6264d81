"""Reads traces from files: our own JSONL, and minimal JSONL written by others."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import Any, get_args

from wire.frames import DEEPEST_NESTING, dump, event_of, parse
from wire.trace import TRACE_VERSION, Direction, Entry, EntryKind, begins_with_connection

_OPENING = 50
_DIRECTIONS, _KINDS = get_args(Direction), get_args(EntryKind)
_HAPPENINGS = ("open", "close", "refusal")
_LATEST = 1e11  # seconds; later than any clock says
_NO_TIME = 1e21
_BUFFER = 2**18  # bytes read at once: lines with audio are as long as what Python reads by itself
LONGEST = 256 * 2**20
"""Bytes of the longest line that is read: many times what a frame can have."""

_LINE = 5  # levels that a line has around its event


def entry_of(line: Any) -> Entry | None:
    """Return the entry that a line of our own format holds, None where it holds none."""
    if not isinstance(line, dict):
        return None
    seq: Any = line.get("seq")
    t, event, detail = line.get("t"), line.get("event"), line.get("detail")
    usable = (
        isinstance(seq, int)
        and (t is None or t.__class__ is float or _is_number(t))  # mostly a float
        and line.get("dir") in _DIRECTIONS
        and line.get("kind") in _KINDS
        and (event is None or isinstance(event, dict))
        and (detail is None or _numbers(detail, "code", "silent_s", "since", "size", "status", "waited_s"))
    )
    return Entry(seq, t, line["dir"], line["kind"], event, detail) if usable else None


def _happening(number: int, line: Any) -> Entry | None:
    """Return what a line of the minimal form says besides an event: how a connection opened, or ended."""
    if not isinstance(line, dict) or "event" in line or line.get("kind") not in _HAPPENINGS:
        return None
    kind: EntryKind = line["kind"]
    usual: Direction = "server" if kind == "close" else "harness"
    direction, detail = line.get("dir", usual), line.get("detail")
    if direction not in _DIRECTIONS or not _numbers(detail, "code", "status"):
        return None
    return Entry(number, seconds_of(line.get("t")), direction, kind, None, detail)


def entry_of_minimal_line(number: int, line: Any) -> Entry | None:
    """Return the entry that a line of the minimal form holds, None where it holds none."""
    direction = line.get("dir") if isinstance(line, dict) else None
    happened = _happening(number, line)
    if happened is not None:
        return happened
    if direction not in ("client", "server") or "event" not in line:
        return None
    event, t = line["event"], seconds_of(line.get("t"))
    if isinstance(event, str):  # the text of the frame, as it came
        event = event_of(event) or event
    if isinstance(event, dict):
        return Entry(number, t, direction, "text", event)
    return Entry(number, t, direction, "text", None, {"raw": str(event)})


def _numbers(value: Any, *names: str) -> bool:
    """Tell whether `value` is absent, or a mapping in which each of `names` is a number where it is given."""
    if not isinstance(value, dict):
        return value is None
    return all(value.get(name) is None or _is_number(value[name]) for name in names)


def seconds_of(value: Any) -> float | None:
    """Return a time in seconds, also where it was written in milliseconds of a clock, or finer.

    No clock says 10¹¹ seconds: what is larger was in a smaller unit.
    """
    if not _is_number(value) or abs(value) > _NO_TIME:
        return None
    seconds = float(value)
    while seconds > _LATEST:
        seconds /= 1000
    return seconds


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


class TraceError(Exception):
    """A trace file cannot be read: names the file, the line, and what to do."""

    def __init__(self, file: str, line: int, problem: str, remedy: str) -> None:
        self.file, self.line, self.problem, self.remedy = file, line, problem, remedy
        place = f"line {line}: " if line else ""
        super().__init__(f"{file}: {place}{problem}; {remedy}")


def set_aside(path: Path, to: Path, **header: Any) -> None:
    """Move a finished trace of our own to `to`, with the fields of `header` in its header."""
    first, separator, rest = path.read_text(encoding="utf-8").partition("\n")
    marked = {**parse(first), "name": to.stem, **header}
    to.write_text(dump(marked) + separator + rest, encoding="utf-8", newline="\n")
    path.unlink()


def note_in_header(path: Path, **header: Any) -> None:
    """Write the fields of `header` into the header of a finished trace of our own; None removes a field."""
    beside = path.with_name(f".{path.name}.part")
    with path.open("rb") as file, beside.open("wb") as to:
        fields = {**parse(file.readline().decode("utf-8")), **header}
        kept = {name: value for name, value in fields.items() if value is not None}
        to.write(dump(kept).encode("utf-8") + b"\n")
        shutil.copyfileobj(file, to)
    beside.replace(path)


class TraceFile:
    """A trace on disk, read again, line by line, each time it is iterated over.

    Two forms of JSONL are understood: the suite's own, and one JSON object a line with `dir` (`client` or
    `server`), `event` (or the text that holds it), and optionally `t` in seconds; `kind` in place of `event`
    says that the connection opened, was refused, or closed, with a `detail` (`code`, `reason`, `status`).
    Where no line says so, it is not known. `complete` is known once
    iteration has ended: the footer was there, or the format has none.
    """

    def __init__(
        self, path: Path, name: str | None = None, *, file: str = "", lines_before: int | None = None
    ) -> None:
        """`file` is what people call it, where that is not its path.

        `lines_before` is how many lines stand before the first entry in the file that people see: one in our
        own form, none in the minimal one. Where -1 is given, that file has no lines to be named.
        """
        self.path = path
        self.file = file or str(path)
        self.name = name or path.stem
        self.header: dict[str, Any] = {}
        self.complete = True
        first = next(self._lines(), None)
        if first is None:
            raise self._wrong(0, "is empty", "name a file with at least one line")
        number, line = first
        self.own = isinstance(line, dict) and "trace" in line
        self.lines_before = int(self.own) if lines_before is None else lines_before
        if self.own:
            if line["trace"] != TRACE_VERSION:
                raise self._wrong(number, f"trace version {line['trace']} is not known", "update the suite")
            if not _numbers(line.get("patience"), "answer", "response"):
                raise self._wrong(number, "its `patience` is not in seconds", "record the trace again")
            self.header = line
            self.complete = False
        elif entry_of_minimal_line(number, line) is None:
            raise self._wrong(
                number, "is not a trace", 'each line is {"dir": "client"|"server", "event": {…}}'
            )

    @property
    def whole(self) -> bool:
        """Whether the capture began with the connection."""
        first: list[Entry] = []
        for entry in self:
            first.append(entry)
            if len(first) == _OPENING:
                break
        return begins_with_connection(first)

    def __iter__(self) -> Iterator[Entry]:
        lines = self._lines()
        if not self.own:
            yield from self._foreign(lines)
            return
        next(lines)
        for number, line in lines:
            if isinstance(line, dict) and "end" in line:
                self.complete = True
            elif (entry := entry_of(line)) is not None:
                yield entry
            else:
                raise self._wrong(number, "is not an entry", "record the trace again")

    def _foreign(self, lines: Iterator[tuple[int, Any]]) -> Iterator[Entry]:
        for number, line in lines:
            entry = entry_of_minimal_line(number, line)
            if entry is None:
                raise self._wrong(number, "is not an entry", 'write {"dir": "client"|"server", "event": {…}}')
            yield entry

    def _wrong(self, line: int, problem: str, remedy: str) -> TraceError:
        return TraceError(self.file, line, problem, remedy)

    def _lines(self) -> Iterator[tuple[int, Any]]:
        """Yield number and value of each line that is not blank; a cut-off last line is left out."""
        try:
            if self.path.is_fifo():
                raise self._wrong(0, "is a pipe, and read more than once", "save it to a file")
            with self.path.open("rb", buffering=_BUFFER) as file:
                pending: tuple[int, str] | None = None
                # A line is bounded: a device has no end, and perhaps no line feed.
                for number, line in enumerate(iter(partial(file.readline, LONGEST + 1), b""), 1):
                    if len(line) > LONGEST:
                        problem = f"is larger than {LONGEST // 2**20} MB"
                        raise self._wrong(number, problem, "name a JSONL file")
                    if pending is not None:
                        raise self._wrong(pending[0], f"is not JSON ({pending[1]})", "repair the line")
                    if line.isspace():
                        continue
                    try:
                        yield number, parse(line, DEEPEST_NESTING + _LINE)
                    except ValueError as error:
                        pending = number, str(error)
                if pending is not None and pending[0] == 1:
                    raise self._wrong(1, f"is not JSON ({pending[1]})", "name a JSONL file")
                if pending is not None:
                    self.complete = False
        except OSError as error:
            reason = error.strerror or type(error).__name__
            raise self._wrong(0, f"cannot be read ({reason})", "check the path") from None
