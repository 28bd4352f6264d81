"""Standard output and error of the command: what cannot be shown any more must not end a run."""

from __future__ import annotations

import errno
import io
import sys
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from _typeshed import ReadableBuffer


class Lenient(io.FileIO):
    """A file that takes everything, also when it can write no more; `problem` says why that was.

    A reader that has left, as in `… | head`, is no problem.
    """

    problem = ""

    def write(self, data: ReadableBuffer, /) -> int | None:  # type: ignore[override]
        try:
            return super().write(data)
        except OSError as error:
            if error.errno != errno.EPIPE:
                self.problem = error.strerror or type(error).__name__
            return memoryview(data).nbytes


def lenient(stream: io.TextIOWrapper) -> tuple[io.TextIOWrapper, Lenient | None]:
    """Return `stream` as one that never fails, and the file below it.

    Windows' consoles are left as they are: they are no files.
    """
    stream.reconfigure(errors="replace")
    if sys.platform == "win32" and stream.isatty():
        return stream, None
    stream.flush()
    file = Lenient(stream.fileno(), "w", closefd=False)
    buffered = stream.line_buffering or stream is sys.stderr
    text = io.TextIOWrapper(
        io.BufferedWriter(file), stream.encoding, errors="replace", line_buffering=buffered
    )
    return text, file
