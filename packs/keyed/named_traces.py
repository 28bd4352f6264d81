"""Traces of a keyed channel as reports show them: each message under its name."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Any

from packs.keyed.messages import ReadMessage
from wire.trace import Entry, Trace


class NamedTrace:
    """A trace whose entries have the names of their messages for their `type`."""

    def __init__(self, trace: Trace, read: ReadMessage) -> None:
        self._trace, self._read = trace, read
        self.name: str = trace.name
        self.header: dict[str, Any] = trace.header

    @property
    def whole(self) -> bool:
        """Whether the capture began with the connection."""
        return self._trace.whole

    def __iter__(self) -> Iterator[Entry]:
        for entry in self._trace:
            message = self._read(entry) if entry.event is not None else None
            yield _Named(*entry).called(message.name) if message is not None else entry


class _Named(Entry):
    """An entry with a name of its own."""

    _name = ""

    def called(self, name: str) -> _Named:
        """Return this entry under that `name`."""
        self._name = name
        return self

    @property
    def type(self) -> str:
        """The name of the message."""
        return self._name


def naming(source: Callable[[], Sequence[Trace]], read: ReadMessage) -> Callable[[], Sequence[Trace]]:
    """Return what opens the traces that `source` opens, with their messages under their names."""
    return lambda: [NamedTrace(each, read) for each in source()]
