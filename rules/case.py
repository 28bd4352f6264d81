"""What a rule is given, and how it reports: the case.

A rule looks at one event (or one settled exchange) with everything known before it, and says for each
subject it examines whether the requirement holds.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

from rules.exchanges import Exchange
from rules.linking import Link
from rules.reading import Reading
from rules.verdicts import Finding, Tally
from schemas.explain import shown
from wire.frames import Event
from wire.trace import Entry


class Case:
    """One event for the rules to judge. `link` holds the subjects it is about, `reading` what came before.

    For rules about client events (`on="@session.update"`), `exchange` is the settled exchange and `entry`
    what settled it: the answer, the error, or the deadline.
    """

    __slots__ = (
        "_requirement",
        "_tallies",
        "dialect",
        "entry",
        "event",
        "exchange",
        "header",
        "judged",
        "link",
        "reading",
        "trace",
    )

    def __init__(
        self, trace: str, header: Event, reading: Reading, dialect: str, tallies: dict[str, Tally]
    ) -> None:
        self.trace = trace
        self.header = header
        self.reading = reading
        self.dialect = dialect
        self.entry: Entry = Entry(0, None, "harness", "open")
        self.event: Event = {}
        self.link = Link()
        self.exchange: Exchange | None = None
        self.judged: frozenset[str] = frozenset()
        self._tallies = tallies
        self._requirement = ""

    def about(self, requirement: str) -> Case:
        """Return this case with reports going to `requirement`."""
        self._requirement = requirement
        return self

    @property
    def tally(self) -> Tally:
        """What was counted so far for the requirement at hand."""
        found = self._tallies.get(self._requirement)
        if found is None:
            found = self._tallies[self._requirement] = Tally()
        return found

    def judges(self, requirement: str) -> bool:
        """Tell whether a requirement is judged at all in this dialect."""
        return requirement in self.judged

    def holds(self) -> None:
        """Report one subject for which the requirement holds."""
        self.tally.subjects += 1

    def check(
        self,
        ok: bool,
        message: str,
        *,
        expected: Any = "",
        actual: Any = "",
        path: str = "",
        because: Iterable[int] = (),
    ) -> bool:
        """Report one subject: the requirement holds if `ok`, else it is violated as described."""
        if ok:
            self.tally.subjects += 1
        else:
            self.violated(message, expected=expected, actual=actual, path=path, because=because)
        return ok

    def violated(
        self,
        message: str,
        *,
        expected: Any = "",
        actual: Any = "",
        path: str = "",
        because: Iterable[int] = (),
        kind: str = "",
        at: Entry | None = None,
    ) -> Finding:
        """Report one subject for which the requirement does not hold, by entry `at` if not by this one."""
        tally = self.tally
        tally.subjects += 1
        tally.violations += 1
        entry = at or self.entry
        finding = Finding(
            trace=self.trace,
            seqs=(entry.seq,),
            type=entry.type or entry.kind,
            path=path,
            expected=expected if isinstance(expected, str) else shown(expected),
            actual=actual if isinstance(actual, str) else shown(actual),
            message=message,
            because=tuple(s for s in because if s),
            kind=kind,
        )
        tally.note(finding)
        return finding

    def undecided(self, reason: str) -> None:
        """Report a case that cannot be decided, for `reason`."""
        self.tally.undecided[reason] += 1

    def observed(self, way: str) -> None:
        """Report which of several legal ways the server took."""
        self.tally.observed[way] += 1


Rule = Callable[[Case], None]


@dataclass(frozen=True, slots=True)
class Registered:
    """A rule function with its requirement and the event types (or `@` moments) it is called for."""

    requirement: str
    on: tuple[str, ...]
    function: Rule
    malformed: bool = False  # also called for events that do not satisfy their schema


RULES: list[Registered] = []


def rule(requirement: str, *on: str, malformed: bool = False) -> Callable[[Rule], Rule]:
    """Register the decorated function as the rule of `requirement`, called for the events of types `on`.

    Moments have names that begin with `@`: `@<client event type>` when such an exchange is settled,
    `@stream` when a stream begins, `@close` when the connection ends, `@end` when the capture does.
    """

    def register(function: Rule) -> Rule:
        RULES.append(Registered(requirement, on, function, malformed))
        return function

    return register
