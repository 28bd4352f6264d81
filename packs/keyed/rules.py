"""Rules of a keyed channel: functions under their requirement, and what they may say of a message."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from packs.keyed.messages import KeyedMessage, Side
from packs.keyed.obligations import Obligation, Obligations
from rules.records import Record, ViolationRecorder
from rules.verdicts import Finding

_State = TypeVar("_State")

ANY = "*"
"""In place of a name: all messages of that side, those too that cannot be told apart."""


MISUSE = "misuse"
"""In place of a name: messages of the client that the suite has sent with a fault. Other rules, but those for
any message, do not see them: nothing is owed for them as for valid ones."""


@dataclass(frozen=True, slots=True)
class KeyedRule:
    """A rule function with its requirement."""

    requirement: str
    function: Callable[[Any], None]


class KeyedCase(Generic[_State]):
    """A message before a rule: what came, what was known before it (`at`), and what may be said of it."""

    __slots__ = ("_obligations", "_recorder", "_requirement", "_trace", "at", "message")

    def __init__(
        self,
        message: KeyedMessage,
        at: _State,
        recorder: ViolationRecorder,
        obligations: Obligations,
        trace: str,
    ) -> None:
        self.message, self.at = message, at
        self._recorder, self._obligations, self._trace = recorder, obligations, trace
        self._requirement = ""

    def of(self, requirement: str) -> KeyedCase[_State]:
        """Return this case as the rules of `requirement` see it."""
        self._requirement = requirement
        return self

    def holds(self) -> None:
        """Say that the requirement was examined here, and holds."""
        note_held(self._recorder, self._requirement, self._trace, self.message.seq)

    def violated(
        self,
        kind: str,
        expected: str,
        actual: str,
        message: str,
        path: str = "",
        *,
        because: Iterable[int] = (),
        about: str = "",
    ) -> None:
        """Say that the requirement is violated by this message, at `path` of it.

        `about` is the id of a context that the message does not name itself.
        """
        finding = Finding(
            self._trace,
            (self.message.seq,),
            self.message.name,
            path,
            expected,
            actual,
            message,
            tuple(because),
            f"{self._requirement}#{kind}",
        )
        context = about or self.message.context
        subject = (f"context {context}",) if context else ()
        self._recorder.violated(self._requirement, Record((finding,), self.message.seq, 0, subject))

    def undecided(self, reason: str) -> None:
        """Say that there is something to be judged here that cannot be decided."""
        self._recorder.tally(self._requirement).undecided[reason] += 1

    def observed(self, way: str) -> None:
        """Say which of several legal ways the server took."""
        self._recorder.tally(self._requirement).observed[way] += 1

    def owes(self, key: str, expected: str, message: str, kind: str = "missing") -> None:
        """Say that the server owes something for this message, about `key`."""
        owed = Obligation(
            self._requirement,
            key,
            self.message.seq,
            self.message.t,
            kind,
            expected,
            message,
            f"context {key}",
        )
        self._obligations.owe(owed)

    def paid(self, key: str) -> bool:
        """Say that this message is what was owed about `key`; False where nothing was."""
        owed = self._obligations.pay(self._requirement, key)
        if owed is not None:
            self.holds()
        return owed is not None

    def missed(self, key: str, actual: str) -> None:
        """Say that what is owed about `key` can come no more, since this message came."""
        while (owed := self._obligations.pay(self._requirement, key)) is not None:
            self.violated(owed.kind, owed.expected, actual, owed.message, because=(owed.seq,))

    def forgive(self, key: str, *requirements: str) -> None:
        """Let go what is owed about `key`, by `requirements` or by all."""
        self._obligations.forgive(key, *requirements)


class KeyedRules:
    """The rules of a channel, by side and name of the messages that they look at."""

    def __init__(self) -> None:
        self._by_message: dict[tuple[Side, str], list[KeyedRule]] = defaultdict(list)
        self.all: list[KeyedRule] = []

    def on(
        self, requirement: str, side: Side, *names: str
    ) -> Callable[[Callable[[Any], None]], Callable[[Any], None]]:
        """Register the decorated function for messages of `side` that are called one of `names`."""

        def register(function: Callable[[Any], None]) -> Callable[[Any], None]:
            rule = KeyedRule(requirement, function)
            self.all.append(rule)
            for name in names:
                self._by_message[side, name].append(rule)
            return function

        return register

    def functions(self, requirement: str) -> list[Callable[..., Any]]:
        """Return the rule functions of `requirement`, as they were registered."""
        return [each.function for each in self.all if each.requirement == requirement]

    def of(self, message: KeyedMessage) -> Iterable[KeyedRule]:
        """Return the rules that look at `message`."""
        name = MISUSE if message.is_misuse else message.name
        yield from self._by_message.get((message.side, name), ())
        yield from self._by_message.get((message.side, ANY), ())


def note_held(recorder: ViolationRecorder, requirement: str, trace: str, seq: int) -> None:
    """Count in `recorder` that `requirement` held at entry `seq`."""
    tally = recorder.tally(requirement)
    tally.subjects += 1
    if tally.first is None:
        tally.first = (trace, seq)
