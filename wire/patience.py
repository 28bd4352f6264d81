"""How long a run waits for what does not come, learned from silence alone.

A first wait of a kind is waited out in full, and then drawn out for as long again, so that what comes late is
told from what never comes. After two full waits for one thing, on two connections, that brought nothing, and
where it never came before, later waits for it are short. Whatever comes after a short wait shows that it was
too short: it is waited for in full from then on, and the scenario is played again.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field

FULL_WAITS = 2
"""After so many full waits for one thing in vain, on as many connections, the next ones are short."""

FLOOR_S = 0.25
"""No wait is shorter than this."""

TIMES_SLOWEST = 4.0
"""Nor shorter than this many times the longest wait for anything that did come."""

DRAWN_OUT_PER_KIND = 2
"""After so many waits for one thing that were drawn out in vain, the next one ends at its deadline."""

DRAWN_OUT = 12
"""After so many of all kinds, every wait does: a server that is silent must not cost twice the time."""

_UNANSWERED = 2  # of them, while the server has not answered anything at all
_GREETING = "session.created"


@dataclass(slots=True)
class Patience:
    """What a run knows of the waits behind it, by what was awaited.

    `drawn_out` counts those that went on past their deadlines in vain: what came late after all costs
    nothing, and waits that go on at the same moment are not counted against each other, for a server that
    stands still once does so for all sessions. Unless it is `learning`, every wait is full.
    """

    learning: bool = True
    drawn_out: Counter[str] = field(default_factory=Counter)
    _in_vain: dict[str, set[int]] = field(default_factory=dict)  # by kind: the connections
    _came: set[str] = field(default_factory=set)
    _slowest_s: float = 0.0

    def draws_out(self, awaited: str) -> bool:
        """Whether a wait for `awaited` may go on past its deadline."""
        most = DRAWN_OUT if self._answers else _UNANSWERED
        return self.drawn_out[awaited] < DRAWN_OUT_PER_KIND and self.drawn_out.total() < most

    @property
    def _answers(self) -> bool:
        """Whether the server has ever sent more than its greeting."""
        return any(_GREETING not in awaited for awaited in self._came)

    def drew_out(self, awaited: str) -> None:
        """Note that a wait for `awaited` went on past its deadline, and it did not come."""
        self.drawn_out[awaited] += 1

    def in_vain(self, awaited: str, connection: int) -> None:
        """Note a full wait for `awaited` on a connection that brought nothing."""
        self._in_vain.setdefault(awaited, set()).add(connection)

    def came(self, awaited: str, after_s: float) -> None:
        """Note that `awaited` came: whoever sends it once may send it again."""
        self._came.add(awaited)
        self._slowest_s = max(self._slowest_s, after_s)

    def full_waits(self, awaited: str) -> int:
        """Return on how many connections `awaited` was waited for in full and in vain."""
        return len(self._in_vain.get(awaited, ()))

    def short_s(self, awaited: str, full_s: float) -> float | None:
        """Return in how many seconds a wait for `awaited` may end, None where it has to be full."""
        if not self.learning or awaited in self._came or self.full_waits(awaited) < FULL_WAITS:
            return None
        short = max(FLOOR_S, TIMES_SLOWEST * self._slowest_s)
        return short if short < full_s else None
