"""How often a session listens on after a deadline, so that what comes late is told from what never comes."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field

PER_KIND = 2
"""Waits for one thing that are drawn out in vain; the next one for it ends at its deadline."""

IN_ALL = 12
"""Waits of a run that are drawn out in vain: a server that is silent must not cost twice the time."""


@dataclass(slots=True)
class Overtime:
    """The waits of a run that went on past their deadlines. What came late after all costs nothing."""

    vain: Counter[str] = field(default_factory=Counter)

    def begin(self, awaited: str) -> bool:
        """Tell whether a wait for `awaited` may go on past its deadline; it counts as vain until `came`."""
        if self.vain[awaited] >= PER_KIND or self.vain.total() >= IN_ALL:
            return False
        self.vain[awaited] += 1
        return True

    def came(self, awaited: str) -> None:
        """Note that what a wait went on for came."""
        self.vain[awaited] -= 1
