"""What a server owes and has not sent: kept until it comes, or until it is known that it never came.

Nothing is missing before somebody has waited for it: a deadline in the trace, time that has gone by in
silence, or the server's own end of the connection. Late is not never.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import chain

PATIENCE_S = 10.0
"""Silence after which what is owed is missing, in a capture in which nobody says for how long he waited."""

_MOST = 10_000  # obligations of one connection


@dataclass(slots=True)
class Obligation:
    """What is owed for the entry `seq`, about `key`: the id of a context, or of a turn.

    `since` is when something last came about it. `expected` and `message` are the finding's, should it stay
    away; `subject` is what it is about.
    """

    requirement: str
    key: str
    seq: int
    since: float | None
    kind: str
    expected: str
    message: str
    subject: str = ""


@dataclass(frozen=True, slots=True)
class Unpaid:
    """An obligation that was never met: `seq` is the entry that shows it, 0 where it is `undecided`."""

    obligation: Obligation
    seq: int = 0
    came: str = ""
    undecided: str = ""


class Obligations:
    """What is owed in one connection, by what it is about: much may be owed at once, and little about one."""

    def __init__(self) -> None:
        self._owed: dict[str, dict[str, deque[Obligation]]] = {}  # by key, then by requirement
        self._count = 0
        self._last = 0
        self._clock: float | None = None
        self._deadline: tuple[int, float] | None = None  # the last that passed in vain
        self._end: tuple[int, str] | None = None

    def owe(self, obligation: Obligation) -> None:
        """Take note of what is owed from now on."""
        if self._count < _MOST:
            self._count += 1
            about = self._owed.setdefault(obligation.key, {})
            about.setdefault(obligation.requirement, deque()).append(obligation)

    def pay(self, requirement: str, key: str) -> Obligation | None:
        """Return the oldest obligation of that kind, which is met now; None where there is none."""
        owed = self._owed.get(key, {}).get(requirement)
        if not owed:
            return None
        self._count -= 1
        return owed.popleft()

    def forgive(self, key: str, *requirements: str) -> None:
        """Let go what is owed about `key`, of `requirements`; all, where none is named."""
        about = self._owed.get(key, {})
        for requirement in requirements or tuple(about):
            self._count -= len(about.pop(requirement, ()))

    def heard(self, key: str, t: float | None) -> None:
        """Note that something came about `key`: the server is still at it."""
        for owed in self._owed.get(key, {}).values():
            for each in owed:
                each.since = t

    def passed(self, seq: int, t: float | None) -> None:
        """Note that the trace has come to entry `seq`, at `t` seconds."""
        self._last, self._clock = seq, t if t is not None else self._clock

    def deadline(self, seq: int, waited_s: float) -> None:
        """Note that somebody has waited in vain for so many seconds."""
        self._deadline = seq, waited_s

    def ended(self, seq: int, how: str) -> None:
        """Note that the server has ended the connection, and `how`."""
        self._end = self._end or (seq, how)

    def unpaid(self) -> Iterator[Unpaid]:
        """Yield what was never met, once the trace is at its end."""
        for about in self._owed.values():
            for each in chain.from_iterable(about.values()):
                yield self._judged(each)

    def _judged(self, owed: Obligation) -> Unpaid:
        if self._end is not None:
            seq, how = self._end
            return Unpaid(owed, seq, how)
        if self._deadline is not None and self._deadline[0] > owed.seq:
            seq, seconds = self._deadline
            return Unpaid(owed, seq, f"nothing within {seconds:g} s")
        if self._clock is not None and owed.since is not None and self._clock - owed.since >= PATIENCE_S:
            return Unpaid(owed, self._last, f"nothing within {self._clock - owed.since:.1f} s")
        return Unpaid(owed, undecided="the capture ended first")
