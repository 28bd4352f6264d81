"""Several connections in one capture: a client that connects anew goes on writing to the same file.

What we record ourselves, and what browsers export, holds one connection each.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import chain
from typing import Any

from rules.subjects import dict_of, text_of
from wire.trace import Entry, Trace


class Connection:
    """One of the connections of a trace; `following` is the next one, once this one was read to its end."""

    def __init__(
        self, trace: Trace, entries: Iterator[Entry], first: Iterable[Entry], *, whole: bool
    ) -> None:
        self.name = trace.name
        self.header: dict[str, Any] = trace.header
        self.whole = whole
        self.following: Connection | None = None
        self._trace = trace
        self._entries = entries
        self._first = first
        self._session = ""

    def __iter__(self) -> Iterator[Entry]:
        heard = begun = False
        for entry in chain(self._first, self._entries):
            if entry.kind == "open" and begun:
                self.following = Connection(self._trace, self._entries, (entry,), whole=True)
                return
            begun = True
            if entry.dir == "server" and entry.kind == "text":
                if entry.type == "session.created":
                    session = text_of(dict_of(entry.event, "session"), "id")
                    other = session != self._session if self._session else not self.whole
                    if heard and session and other:
                        self.following = Connection(self._trace, self._entries, (entry,), whole=True)
                        return
                    self._session = session
                heard = True
            yield entry


def connections(trace: Trace) -> Iterator[Trace]:
    """Yield the connections in `trace`, each to be read to its end before the next."""
    if trace.header.get("measured", "trace" in trace.header):
        yield trace
        return
    part: Connection | None = Connection(trace, iter(trace), (), whole=trace.whole)
    while part is not None:
        yield part
        part = part.following
