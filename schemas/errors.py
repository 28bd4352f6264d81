"""The one exception this room raises for bad input."""

from __future__ import annotations

from urllib.parse import unquote, urlsplit


def readable(uri: str) -> str:
    """Return a `file:` URI as the path a user would type, anything else unchanged."""
    parts = urlsplit(uri)
    return unquote(parts.path) if parts.scheme == "file" else uri


class DocumentError(Exception):
    """A document cannot be used: names the file, the place in it, and what to do about it.

    `pointer` is a JSON pointer (RFC 6901), or `line N, column M` where the text does not parse.
    """

    def __init__(self, file: str, pointer: str, problem: str, remedy: str) -> None:
        self.file = readable(file)
        self.pointer = pointer or "/"
        self.problem = problem
        self.remedy = remedy
        super().__init__(f"{self.file}: {self.pointer}: {problem}; {remedy}")
