"""How often a session listens on after a deadline, so that what comes late is told from what never comes."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field

PER_KIND = 2
"""After so many waits for one thing that were drawn out in vain, the next one ends at its deadline."""

IN_ALL = 12
"""After so many of all kinds, every wait does: a server that is silent must not cost twice the time."""


@dataclass(slots=True)
class Overtime:
    """The waits of a run that went on past their deadlines in vain, by what was awaited.

    What came late after all costs nothing. Waits that go on at the same moment are not counted against each
    other: a server that stands still once does so for all sessions.
    """

    vain: Counter[str] = field(default_factory=Counter)

    def allows(self, awaited: str) -> bool:
        """Whether a wait for `awaited` may go on past its deadline."""
        return self.vain[awaited] < PER_KIND and self.vain.total() < IN_ALL

    def in_vain(self, awaited: str) -> None:
        """Note that a wait for `awaited` went on, and it did not come."""
        self.vain[awaited] += 1
