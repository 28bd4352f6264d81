"""Reads a text file that somebody named: whole, within bounds, or not at all."""

from __future__ import annotations

from pathlib import Path

from protocol.errors import DocumentError

LARGEST = 128 * 2**20
"""Bytes of the largest file that is read whole."""

_SAVE = "save it as UTF-8"


def read_text(path: Path, remedy: str = "check the path") -> str:
    """Return the text in the file at `path`, its line ends as they are, without a byte order mark.

    Raises `DocumentError`; `remedy` is what to do about a file that cannot be read.
    """
    try:
        with path.open("rb") as file:
            content = file.read(LARGEST + 1)  # a device has no end
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or type(error).__name__
        raise DocumentError(str(path), None, f"cannot be read ({reason})", remedy) from None
    if len(content) > LARGEST:
        problem = f"is larger than {LARGEST // 2**20} MB"
        raise DocumentError(str(path), "", problem, "name the right file, or make it smaller")
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise DocumentError(str(path), f"byte {error.start}", "is not UTF-8 text", _SAVE) from None
