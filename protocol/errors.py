"""The one exception this room raises for bad input."""

from __future__ import annotations

from urllib.parse import unquote, urlsplit


def readable(uri: str) -> str:
    """Return a `file:` URI as the path a user would type, anything else unchanged."""
    parts = urlsplit(uri)
    return unquote(parts.path) if parts.scheme == "file" else uri


class DocumentError(Exception):
    """A document cannot be used: names the file, the place in it, and what to do about it.

    `pointer` is a JSON pointer (RFC 6901), or `line N, column M` where the text does not parse; None where
    there is no text, for the file cannot be read.
    """

    def __init__(self, file: str, pointer: str | None, problem: str, remedy: str) -> None:
        self.file = readable(file)
        self.pointer = pointer or "/"
        self.problem = problem
        self.remedy = remedy
        place = "" if pointer is None else f"{self.pointer}: "
        super().__init__(f"{self.file}: {place}{problem}; {remedy}")
