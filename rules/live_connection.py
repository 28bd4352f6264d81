"""A connection that is judged while it goes on: entry by entry, as `rules.engine` judges a whole capture."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from rules.judgement import ConnectionJudgement
from rules.observer import Observer
from rules.prepared_rules import PreparedRules
from rules.records import ViolationTold
from rules.session_ends import Ahead
from rules.verdicts import Tally
from wire.trace import Entry


@dataclass(slots=True)
class Beginning:
    """A trace of a connection of which nothing has come yet: its `name` and `header`, and no entries."""

    name: str
    header: dict[str, Any]
    whole: bool = True

    def __iter__(self) -> Iterator[Entry]:
        return iter(())


class LiveConnection:
    """One connection whose entries are judged as they come; `whole` says whether its beginning is among them.

    Call `take` for each entry, in order, and `finish` once when nothing more comes.
    """

    def __init__(
        self,
        book: PreparedRules,
        name: str,
        header: Mapping[str, Any],
        observer: Observer | None = None,
        *,
        whole: bool = True,
    ) -> None:
        self._book, self._words, self._observer = book, book.dialect.words, observer
        self._judgement = ConnectionJudgement(book, Beginning(name, dict(header), whole), observer)
        self._ahead = Ahead()

    def take(self, entry: Entry) -> None:
        """Judge the next entry, as it was captured."""
        if self._words and entry.event is not None:
            entry = entry._replace(event=self._words.event(entry.event))
        if self._observer is not None:
            self._observer.on_entry(entry)
        for known, end in self._ahead.add(entry):
            self._judgement.take(known, end)

    def tell(self, found: ViolationTold) -> None:
        """Have `found` told of each violation once it is found."""
        words = self._words
        self._judgement.recorder.found = lambda id_, finding: found(id_, finding.spelled(words))

    def finish(self) -> dict[str, Tally]:
        """Return what was counted, by requirement: the same as `Rulebook.judge` counts in the trace."""
        for known, end in self._ahead.rest():
            self._judgement.take(known, end)
        return self._book.spelled(self._judgement.finish())
