"""How a file begins, by which its form is known."""

from __future__ import annotations

import contextlib
import dataclasses
import itertools
from dataclasses import dataclass
from typing import Any

from wire.captures.capture import Capture
from wire.captures.values import values_in
from wire.trace_files import TraceError

START = 65_536
"""Bytes that are looked at."""

_VALUES = 20  # JSON values that are looked at


@dataclass(frozen=True, slots=True)
class FileStart:
    """The first bytes of a file, the text that they are, and the JSON objects with which it begins.

    `array` tells whether these are the elements of an array.
    """

    start: bytes
    text: str
    objects: tuple[dict[str, Any], ...]
    array: bool

    @property
    def lines(self) -> list[str]:
        """The lines of the text that are not blank; the last one may be cut off."""
        return [line for line in self.text.split("\n") if line.strip()]


def start_of(capture: Capture) -> FileStart:
    """Return how a capture begins. Raises `TraceError` where it cannot be read."""
    try:
        with capture.path.open("rb") as file:
            start = file.read(START)
    except OSError as error:
        reason = error.strerror or type(error).__name__
        raise capture.wrong(0, f"cannot be read ({reason})", "check the path") from None
    text = start.decode("utf-8", "replace").removeprefix("\ufeff")
    bare = text.lstrip()
    # A HAR file is one value, however long it is: no need to read it twice.
    known = bare[:1] in ("{", "[") and not is_har_text(bare)
    return FileStart(start, text, _objects(capture) if known else (), bare.startswith("["))


def is_har_text(text: str) -> bool:
    """Tell whether JSON that begins with `text` is a HAR file, by its first member."""
    return "".join(text[:200].split()).startswith('{"log":{')


def _objects(capture: Capture) -> tuple[dict[str, Any], ...]:
    found: list[Any] = []
    with contextlib.suppress(TraceError):  # who reads the file says so
        found.extend(
            each.value for each in itertools.islice(values_in(dataclasses.replace(capture)), _VALUES)
        )
    return tuple(each for each in found if isinstance(each, dict))
