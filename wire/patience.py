"""How long a run waits for what does not come, learned from silence alone.

A first wait of a kind is waited out in full, and then drawn out, so that what comes late is told from what
never comes. After two full waits of a kind, on two connections, that brought nothing, and where it never came
before, later waits of that kind are short. A kind is what is awaited, or more narrowly what it is awaited
about: that an error came for one client event says nothing about the next that none comes for.

Where a server has never answered anything, many full waits for several things have shown that it answers
nothing: then waits for what was never awaited are short, too. Whatever comes after a short wait shows that it
was too short: it is waited for in full from then on, and the scenario is played again.
"""

from __future__ import annotations

import bisect
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

FULL_WAITS = 2
"""After so many full waits of a kind in vain, on as many connections, the next ones are short."""

SILENT_WAITS = 8
"""After so many full waits of whatever kind, on as many connections, and where nothing was ever answered, the
waits of all kinds are short."""

SILENT_KINDS = 2
"""They have to be of so many kinds at least."""

FLOOR_S = 0.25
"""No wait is shorter than this."""

TIMES_SLOWEST = 2.0
"""Nor shorter than this many times the longest wait for what did come, but for the one in fifty that took
longest: a moment in which a machine has too much to do says nothing of the server."""

_OUTLIERS = 50

HESITATION = {False: 0.4, True: 0.2}
"""A wait that takes longer than this part of a full one, of what is streamed and of the rest, may well be in
vain: nobody is kept waiting behind it."""

DRAWN_OUT_PER_KIND = 1
"""After so many waits for one thing that were drawn out in vain, the next one ends at its deadline."""

DRAWN_OUT = 12
"""After so many of all kinds, every wait does: a server that is silent must not cost twice the time."""

GREETING = "session.created"
"""What a server begins a session with, before it is asked for anything."""

_UNANSWERED = 2  # of them, while the server has not answered anything at all


def _greets(kind: str) -> bool:
    return GREETING in kind


def _kinds(awaited: str, about: str) -> Iterator[str]:
    """Yield of what kinds a wait is, the narrower one first; an error about something is of no other kind."""
    if about:
        yield f"{awaited} about {about}"
    if not about or awaited != "error":
        yield awaited


@dataclass(slots=True)
class Patience:
    """What a run knows of the waits behind it, by what was `awaited`, and `about` what.

    `drawn_out` counts those that went on past their deadlines in vain: what came late after all costs
    nothing, and waits that go on at the same moment are not counted against each other, for a server that
    stands still once does so for all sessions. Unless it is `learning`, every wait is full.
    """

    learning: bool = True
    drawn_out: Counter[str] = field(default_factory=Counter)
    alarms: set[Callable[[], None]] = field(default_factory=set)  # of who waits, called for each wait in vain
    _in_vain: dict[str, set[int]] = field(default_factory=dict)  # by kind: the connections
    _came: set[str] = field(default_factory=set)
    _took_s: dict[bool, list[float]] = field(default_factory=dict)  # streamed, and the rest; in order

    def draws_out(self, awaited: str) -> bool:
        """Whether a wait for `awaited` may go on past its deadline."""
        most = DRAWN_OUT if self._answers else _UNANSWERED
        if self.drawn_out[awaited] >= DRAWN_OUT_PER_KIND or self.drawn_out.total() >= most:
            return False
        return not self.silent

    @property
    def _answers(self) -> bool:
        """Whether the server has ever sent more than its greeting."""
        return any(not _greets(kind) for kind in self._came)

    @property
    def silent(self) -> bool:
        """Whether the server has shown that it answers nothing, whatever it is asked for."""
        if not self.learning or self._answers or not self.drawn_out:
            return False
        kinds = [kind for kind in self._in_vain if not _greets(kind)]
        return len(kinds) >= SILENT_KINDS and self.all_waits >= SILENT_WAITS

    @property
    def all_waits(self) -> int:
        """On how many connections an answer, whichever it be, was waited for in full and in vain."""
        return len(set().union(*(on for kind, on in self._in_vain.items() if not _greets(kind))))

    def drew_out(self, awaited: str) -> None:
        """Note that a wait for `awaited` went on past its deadline, and it did not come."""
        self.drawn_out[awaited] += 1
        self._tell()

    def _tell(self) -> None:
        for alarm in list(self.alarms):
            alarm()

    def in_vain(self, awaited: str, connection: int, *, about: str = "") -> None:
        """Note a full wait for `awaited` on a connection that brought nothing."""
        for kind in _kinds(awaited, about):
            self._in_vain.setdefault(kind, set()).add(connection)
        self._tell()

    def came(self, awaited: str, after_s: float, *, about: str = "", streaming: bool = False) -> None:
        """Note that `awaited` came: whoever sends it once may send it again.

        `after_s` is how long it was waited for, of what is `streaming` how long nothing came at all.
        """
        self._came.update(_kinds(awaited, about))
        bisect.insort(self._took_s.setdefault(streaming, []), after_s)

    def _slowest_s(self, *, streaming: bool) -> float:
        """Return how long the longest wait for what came took, but for outliers."""
        took = self._took_s.get(streaming, [])
        return took[-1 - len(took) // _OUTLIERS] if took else 0.0

    def full_waits(self, awaited: str, *, about: str = "") -> int:
        """Return on how many connections `awaited` was waited for in full and in vain, and never came.

        Of a server that answers nothing, each wait for an answer has shown it of all of them.
        """
        kinds = [kind for kind in _kinds(awaited, about) if kind not in self._came]
        found = max((len(self._in_vain.get(kind, ())) for kind in kinds), default=0)
        return max(found, self.all_waits) if self.silent and not _greets(awaited) else found

    def hesitation_s(self, full_s: float, *, streaming: bool) -> float:
        """Return after how many seconds a wait, `full_s` at most, is taken to be one that may be in vain."""
        return max(HESITATION[streaming] * full_s, TIMES_SLOWEST * self._slowest_s(streaming=streaming))

    def short_s(
        self, awaited: str, full_s: float, *, about: str = "", streaming: bool = False
    ) -> float | None:
        """Return in how many seconds a wait for `awaited` may end, None where it has to be full."""
        if not self.learning or self.full_waits(awaited, about=about) < FULL_WAITS:
            return None
        short = max(FLOOR_S, TIMES_SLOWEST * self._slowest_s(streaming=streaming))
        return short if short < full_s else None
