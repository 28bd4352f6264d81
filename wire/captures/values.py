"""JSON values of a file, one after the other: one a line, elements of an array, or simply in a row."""

from __future__ import annotations

import json
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import IO, Any, NamedTuple

from wire.captures.capture import Capture
from wire.frames import DEEPEST_NESTING, parse
from wire.trace_files import LONGEST

_AROUND = 6  # levels that a form has around an event
_CHUNK = 2**18  # characters
_NEAR = 16  # characters from the end, where what is missing may be in the next chunk
_MARK = b"\xef\xbb\xbf"
_BLANK = " \t\r\n\ufeff"
_DEEPEST = DEEPEST_NESTING + _AROUND
_DECODER = json.JSONDecoder()


class PlacedValue(NamedTuple):
    """A value, the line where it begins, and its number: the line, but the position in what has no lines."""

    number: int
    line: int
    value: Any


class _NotJson(Exception):
    """What is there is no JSON, and would be none whatever followed."""


def values_in(capture: Capture) -> Iterator[PlacedValue]:
    """Yield the JSON values in a capture. One that is cut off at the end is left out.

    Raises `TraceError` for what is no JSON, and what cannot be read.
    """
    try:
        if _has_lines(capture.path):
            yield from _lines(capture)
        else:
            yield from _Row(capture).values()
    except OSError as error:
        reason = error.strerror or type(error).__name__
        raise capture.wrong(0, f"cannot be read ({reason})", "check the path") from None


def _has_lines(path: Path) -> bool:
    """Tell whether the first line of a file that is not blank is a JSON object by itself."""
    with path.open("rb") as file:
        if file.read(_CHUNK).removeprefix(_MARK).lstrip()[:1] == b"[":
            return False  # without reading a line that may be the whole file
        file.seek(0)
        for line in iter(partial(file.readline, LONGEST + 1), b""):
            text = line.removeprefix(_MARK).strip()
            if text:
                return text.startswith(b"{") and text.endswith(b"}") and _object(text)
    return False


def _object(text: bytes) -> bool:
    try:
        return isinstance(parse(text, _DEEPEST), dict)
    except ValueError:
        return False


def _lines(capture: Capture) -> Iterator[PlacedValue]:
    pending: tuple[int, str] | None = None
    with capture.path.open("rb") as file:
        for number, line in enumerate(iter(partial(file.readline, LONGEST + 1), b""), 1):
            if pending is not None:
                raise capture.wrong(pending[0], f"is not JSON ({pending[1]})", "repair the line")
            if len(line) > LONGEST:
                raise capture.wrong(number, f"is larger than {LONGEST // 2**20} MB", "name another file")
            text = line.removeprefix(_MARK) if number == 1 else line
            if not text.strip():
                continue
            try:
                yield PlacedValue(number, number, parse(text, _DEEPEST))
            except ValueError as error:
                pending = number, str(error)
    capture.complete = capture.complete and pending is None


class _Row:
    """Reads values that are not one a line: elements of an array, or objects in a row."""

    def __init__(self, capture: Capture) -> None:
        self._capture = capture
        self._text = ""
        self._place = 0
        self._line = 1
        self._ended = False
        self._chunk = _CHUNK

    def values(self) -> Iterator[PlacedValue]:
        with self._capture.path.open(encoding="utf-8", errors="replace", newline="\n") as file:
            self._more(file)
            in_array = self._next(file) == "["
            if in_array:
                self._skip(self._place + 1)
            number = 0
            while (sign := self._next(file)) and not (in_array and sign == "]"):
                if number and in_array:
                    if sign != ",":
                        raise self._wrong("a comma is missing between two elements")
                    self._skip(self._place + 1)
                    if not self._next(file):
                        break
                number += 1
                line = self._line
                found = self._value(file)
                if found is None:
                    self._capture.complete = False
                    return
                yield PlacedValue(number, line, found[0])
            if in_array:
                self._end(file)

    def _end(self, file: IO[str]) -> None:
        if self._next(file) != "]":
            self._capture.complete = False
            return
        self._skip(self._place + 1)
        if self._next(file):
            raise self._wrong("something follows the end of the array")

    def _wrong(self, problem: str) -> Exception:
        return self._capture.wrong(self._line, f"is not JSON ({problem})", "repair it")

    def _skip(self, to: int) -> None:
        self._line += self._text.count("\n", self._place, to)
        self._place = to

    def _more(self, file: IO[str]) -> bool:
        """Read on; return whether there was more."""
        read = file.read(self._chunk)
        self._ended = not read
        self._text = self._text[self._place :] + read
        self._place = 0
        return bool(read)

    def _next(self, file: IO[str]) -> str:
        """Return the next character that is not blank; empty at the end."""
        while True:
            text, place = self._text, self._place
            while place < len(text) and text[place] in _BLANK:
                place += 1
            self._skip(place)
            if place < len(text):
                return text[place]
            if not self._more(file):
                return ""

    def _value(self, file: IO[str]) -> tuple[Any] | None:
        """Return the value that begins here; None where the file ends in it."""
        self._chunk = _CHUNK
        while True:
            try:
                end = self._end_of_value()
            except _NotJson as error:
                raise self._wrong(str(error)) from None
            if end is not None and (end < len(self._text) or self._ended):
                break
            if len(self._text) > LONGEST:
                raise self._wrong(f"one value is larger than {LONGEST // 2**20} MB")
            self._chunk = max(_CHUNK, len(self._text))  # so that nothing is looked at again too often
            if not self._more(file) and end is None:
                return None
        text = self._text[self._place : end]
        try:
            value = parse(text, _DEEPEST)
        except ValueError as error:
            raise self._wrong(str(error)) from None
        self._skip(end)
        return (value,)

    def _end_of_value(self) -> int | None:
        """Return where the value that begins here ends; None where more may be needed to know."""
        try:
            return _DECODER.raw_decode(self._text, self._place)[1]
        except json.JSONDecodeError as error:
            cut = error.msg.startswith("Unterminated") or error.pos >= len(self._text) - _NEAR
            if cut:
                return None
            raise _NotJson(error.msg) from None
        except RecursionError:
            raise _NotJson("it nests too deeply to be read") from None
