"""A trace that is still being written, read as far as it goes."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import IO, Any

from wire.frames import parse
from wire.trace import Entry
from wire.trace_files import entry_of

_LINE_NESTS = 110  # levels of a line: those of an event, and what stands around it


class FollowedTrace:
    """A trace of our own in a file; `header` is known as soon as there is one. Close it in the end."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._file: IO[bytes] | None = None
        self._begun = b""  # a line that is not whole
        self.header: dict[str, Any] = {}
        self.ended = False

    def coming(self) -> Iterator[Entry]:
        """Yield the entries that were written since the last time. Raises `OSError`, `ValueError`."""
        if self._file is None:
            self._file = self._path.open("rb")
        for line in self._file:
            whole = self._begun + line
            if not whole.endswith(b"\n"):
                self._begun = whole
                return
            self._begun = b""
            found = parse(whole, _LINE_NESTS)
            if not self.header:
                self.header = found
            elif "end" in found:
                self.ended = True
            elif (entry := entry_of(found)) is not None:
                yield entry

    def close(self) -> None:
        """Close the file."""
        if self._file is not None:
            self._file.close()
