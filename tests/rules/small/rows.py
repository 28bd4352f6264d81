"""A row of the tables of small traces: what was said, and what the judge makes of one requirement in it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from reference.dialects import DialectName
from rules.verdicts import Tally
from tests.rules.judging import binding, book
from tests.rules.said import Said, trace, word
from tests.rules.telling import told_by
from wire.trace import RecordedTrace


@dataclass(frozen=True)
class Row:
    """What was `said`, and what comes of `requirement`: see `said.word`.

    `also` are other requirements that are violated, `told` is part of what the finding says. Where the trace
    is not `whole`, it begins in the middle of a conversation; where it is not `measured`, its times mean
    nothing, and where it is not `timed`, it has none. `header` is what else the trace says of itself.
    """

    requirement: str
    said: Sequence[Said]
    outcome: str
    dialect: DialectName = "openai"
    whole: bool = True
    measured: bool = True
    timed: bool = True
    also: tuple[str, ...] = ()
    told: dict[str, Any] = field(default_factory=dict)
    header: dict[str, Any] = field(default_factory=dict)

    @property
    def trace(self) -> RecordedTrace:
        shown = {"whole": self.whole, "measured": self.measured, "timed": self.timed}
        return trace(*self.said, **shown, **self.header)

    def seen(self, tallies: dict[str, Tally], trace_: RecordedTrace) -> tuple[str, set[str], dict[str, Any]]:
        """Return the outcome, what else is violated, and what is told, as they are."""
        tally = tallies.get(self.requirement, Tally())
        others = {id_ for id_ in binding(self.dialect) if id_ in tallies and tallies[id_].violations}
        said = told_by(trace_, tally.findings[0]) if tally.findings else {}
        return word(tally), others - {self.requirement}, {name: said.get(name) for name in self.told}

    def judged(self) -> tuple[str, set[str], dict[str, Any]]:
        """Return the same, judged anew."""
        return self.seen(book(self.dialect).judge(self.trace), self.trace)


Rows = dict[str, Row]
