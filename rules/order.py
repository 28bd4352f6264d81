"""Order, in small automata.

A requirement about order talks of the events of *one* response, *one* item, *one* stream: the rule is bound
to a kind of subject, and every subject of that kind has its own state. Events of other subjects cannot
disturb it, however they interleave.

Each combinator below is a table: state × role → state and effect; docs/automata.md shows them as pictures,
drawn from these tables. `Joint` runs all tables of one kind of subject together: it determinises their
product as it goes, so that a step costs one dictionary look-up however many rules there are, and a delta in
the middle of a stream costs no more than that.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from rules.reading_view import ReadingView  # which knows exchanges, and these know subjects

PatienceName = Literal["answer", "response"]
"""How long a missing event is waited for: `answer` or `silence` of the endpoint's timeouts."""


class Effect(StrEnum):
    """What a step means for the rule: the subject was examined, or how it was violated."""

    EXAMINED = "examined"
    REPEATED = "repeated"
    UNANNOUNCED = "unannounced"
    LATE = "late"
    MISSING = "missing"
    EARLY = "early"


Transitions = Mapping[tuple[int, str], tuple[int, Effect | None]]


@dataclass(frozen=True, slots=True)
class Automaton:
    """One rule about order.

    `roles` maps event types to the roles they play in `table`; a pair that is not in the table changes
    nothing. In an `owing` state something is still to come, for which `patience` applies; `told` is the
    state after its absence was reported. `words` says what was expected, by effect; `{role}` in it stands
    for the event types that play that role.
    """

    roles: Mapping[str, str]
    table: Transitions
    words: Mapping[Effect, str]
    owing: frozenset[int] = frozenset()
    told: int = 0
    patience: PatienceName = "response"

    def step(self, state: int, type_: str) -> tuple[int, Effect | None]:
        """Return the state after an event of `type_`, and what that means."""
        role = self.roles.get(type_)
        return (state, None) if role is None else self.table.get((state, role), (state, None))

    def awaited(self) -> list[str]:
        """Return the event types that would meet the obligation."""
        return self.playing("then")

    def playing(self, role: str) -> list[str]:
        """Return the event types that play `role`."""
        return [t for t, each in self.roles.items() if each == role]


def _roles(**types: str | Iterable[str]) -> dict[str, str]:
    return {t: role for role, ts in types.items() for t in ((ts,) if isinstance(ts, str) else ts)}


def followed_by_one(
    first: str | Iterable[str],
    then: str | Iterable[str],
    *,
    before: str | Iterable[str] = (),
    unless: str | Iterable[str] = (),
    or_more: bool = False,
    or_earlier: bool = False,
    by_deadline: bool = True,
    patience: PatienceName = "response",
) -> Automaton:
    """Each `first` is followed by exactly one `then`, before any of `before`; `unless` ends the duty.

    With `or_more`, a second `then` is no concern of this rule; with `or_earlier`, one that came before any
    `first` is the one that may come. Without `by_deadline`, only `before` shows that `then` is missing: while
    what it belongs to is open, so may it be.
    """
    idle, owed, met, told = range(4)
    table: dict[tuple[int, str], tuple[int, Effect | None]] = {
        (idle, "first"): (owed, None),
        (owed, "then"): (met, Effect.EXAMINED),
        (owed, "before"): (told, Effect.MISSING),
        (owed, "unless"): (told, None),
    }
    if not or_more:
        table[met, "then"] = (told, Effect.REPEATED)
    if or_earlier:
        table[idle, "then"] = (met, None)
    return Automaton(
        roles=_roles(before=before, unless=unless, first=first, then=then),
        table=table,
        words={
            Effect.MISSING: "{then} after {first}",
            Effect.REPEATED: "exactly one {then}",
        },
        owing=frozenset((owed,)) if by_deadline else frozenset(),
        told=told,
        patience=patience,
    )


def preceded_by(then: str | Iterable[str], first: str | Iterable[str]) -> Automaton:
    """Nothing of `then` comes before the subject's `first`."""
    unknown, announced, examined, told = range(4)
    return Automaton(
        roles=_roles(then=then, first=first),
        table={
            (unknown, "first"): (announced, None),
            (unknown, "then"): (told, Effect.UNANNOUNCED),
            (announced, "then"): (examined, Effect.EXAMINED),
        },
        words={Effect.UNANNOUNCED: "{first} first"},
    )


def nothing_after(
    late: str | Iterable[str], end: str | Iterable[str], *, until: str | Iterable[str] = ()
) -> Automaton:
    """After `end`, nothing of `late` comes for the subject; from one of `until` on, another rule watches."""
    running, ended, told = range(3)
    return Automaton(
        roles=_roles(until=until, late=late, end=end),
        table={
            (running, "end"): (ended, Effect.EXAMINED),
            (ended, "late"): (told, Effect.LATE),
            (running, "until"): (told, None),
            (ended, "until"): (told, None),
        },
        words={Effect.LATE: "nothing of this kind after {end}"},
    )


def ordered(first: str | Iterable[str], then: str | Iterable[str]) -> Automaton:
    """Where both come, `first` comes before `then`; either may be absent."""
    nothing, had_first, had_then, told = range(4)
    return Automaton(
        roles=_roles(then=then, first=first),
        table={
            (nothing, "first"): (had_first, None),
            (nothing, "then"): (had_then, None),
            (had_first, "then"): (told, Effect.EXAMINED),
            (had_then, "first"): (told, Effect.EARLY),
        },
        words={Effect.EARLY: "{first} before {then}"},
    )


def at_most_one(types: str | Iterable[str], *, until: str | Iterable[str] = ()) -> Automaton:
    """No more than one of `types` comes for the subject; from one of `until` on, another rule watches."""
    none, one, told = range(3)
    return Automaton(
        roles=_roles(until=until, it=types),
        table={
            (none, "it"): (one, Effect.EXAMINED),
            (one, "it"): (told, Effect.REPEATED),
            (one, "until"): (told, None),
        },
        words={Effect.REPEATED: "exactly one {it}"},
    )


def alternating(start: str, stop: str, *, or_end: str | Iterable[str] = ()) -> Automaton:
    """`start` and `stop` alternate, beginning with `start`; after one of `or_end`, `stop` may come or not."""
    off, on, loose = range(3)
    return Automaton(
        roles=_roles(end=or_end, start=start, stop=stop),
        table={
            (off, "start"): (on, None),
            (on, "stop"): (off, Effect.EXAMINED),
            (on, "end"): (loose, None),
            (loose, "stop"): (off, None),
            (loose, "start"): (on, None),
            (on, "start"): (on, Effect.REPEATED),
            (off, "stop"): (off, Effect.UNANNOUNCED),
        },
        words={
            Effect.REPEATED: "{stop} before the next {start}",
            Effect.UNANNOUNCED: "{start} first",
        },
    )


@dataclass(frozen=True, slots=True)
class Bound:
    """An automaton as the rule of a requirement, for subjects of one kind (`response`, `item`, …).

    With `where`, it is the rule in dialects that have this switch on (`not …`: off). Where `undecided_if`
    returns a reason, what would be a violation is undecided: every one, or those with the effect
    `undecided_only`. Rules about an end say nothing of items of MCP servers, unless they are `of_mcp`.
    """

    requirement: str
    kind: str
    automaton: Automaton
    where: str = ""
    undecided_if: Callable[[ReadingView], str] | None = None
    undecided_only: Effect | None = None
    of_mcp: bool = False


class JointState:
    """A state of all automata of one kind of subject. `moves` holds the steps that mean nothing else."""

    __slots__ = ("effects", "moves", "parts")

    def __init__(self, parts: tuple[int, ...]) -> None:
        self.parts = parts
        self.moves: dict[str, JointState] = {}
        self.effects: dict[str, tuple[JointState, tuple[tuple[Bound, Effect], ...]]] = {}


class Joint:
    """All rules about order for one kind of subject, run as one automaton that is built as it is needed."""

    def __init__(self, rules: Iterable[Bound]) -> None:
        self.rules = tuple(rules)
        self._states: dict[tuple[int, ...], JointState] = {}
        self.start = self._state((0,) * len(self.rules))
        self.alphabet = frozenset(t for rule in self.rules for t in rule.automaton.roles)

    def _state(self, parts: tuple[int, ...]) -> JointState:
        if parts not in self._states:
            self._states[parts] = JointState(parts)
        return self._states[parts]

    def step(self, state: JointState, type_: str) -> tuple[JointState, tuple[tuple[Bound, Effect], ...]]:
        """Return the state after an event of `type_`, and what that means for which rules."""
        known = state.effects.get(type_)
        if known is not None:
            return known
        after: list[int] = []
        effects: list[tuple[Bound, Effect]] = []
        for part, rule in zip(state.parts, self.rules, strict=True):
            next_part, effect = rule.automaton.step(part, type_)
            after.append(next_part)
            if effect is not None:
                effects.append((rule, effect))
        result = self._state(tuple(after)), tuple(effects)
        state.effects[type_] = result
        if not effects:
            state.moves[type_] = result[0]
        return result

    def told(self, state: JointState, rule: Bound) -> JointState:
        """Return `state` with what `rule` waits for reported as missing, so that it is reported once."""
        parts = list(state.parts)
        parts[self.rules.index(rule)] = rule.automaton.told
        return self._state(tuple(parts))

    def owing(self, state: JointState) -> list[Bound]:
        """Return the rules that in `state` still wait for something."""
        return [
            rule for part, rule in zip(state.parts, self.rules, strict=True) if part in rule.automaton.owing
        ]
