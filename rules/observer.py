"""Somebody who looks on while a rulebook judges, and judges nothing.

What is counted beside verdicts, such as statistics, is counted by an observer: nobody but `rules` puts
functions into the tables of a rulebook.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Protocol

from protocol.words import Words
from rules.case import ExchangeCase
from rules.records import ViolationTold
from rules.verdicts import Tally
from wire.trace import Entry, InRootWords, Trace


class Observer(Protocol):
    """What `Rulebook.judge` tells whoever looks on. Nothing that an observer does changes a verdict."""

    def on_entry(self, entry: Entry) -> None:
        """Look at an entry of the trace, in the words of the root, before it is judged."""

    def on_exchange(self, case: ExchangeCase) -> None:
        """Look at a client event whose outcome was just decided.

        One that is owed nothing is accepted as it is sent: `case.entry` is then the client event itself.
        """


class Live(Protocol):
    """A connection that is judged while it goes on."""

    def take(self, entry: Entry) -> None:
        """Judge the next entry, as it was captured."""

    def tell(self, found: ViolationTold) -> None:
        """Have `found` told of each violation once it is found."""

    def finish(self) -> dict[str, Tally]:
        """Return what was counted, by requirement, once nothing more comes. Call it once."""


class ObservedTrace(InRootWords):
    """A trace, already in the words of the root, that tells somebody of each entry as it is read."""

    def __init__(self, trace: Trace, on_entry: Callable[[Entry], None]) -> None:
        super().__init__(trace, Words())
        self._on_entry = on_entry

    def __iter__(self) -> Iterator[Entry]:
        on_entry = self._on_entry
        for entry in self._trace:
            on_entry(entry)
            yield entry
