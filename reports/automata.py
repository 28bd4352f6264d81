"""The automata of rules about order, as people read them: the names of their states, their tables. Pure.

All is taken from `rules.order`: states are called what the combinators call them.
"""

from __future__ import annotations

import ast
import inspect
import textwrap
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from functools import cache

from rules import order
from rules.order import Automaton, Bound, Effect

_WIDTH = 100


@dataclass(frozen=True, slots=True)
class Step:
    """A line of a table: from one state to another, for events that play one of `roles`."""

    start: str
    roles: tuple[str, ...]
    end: str
    effect: Effect | None

    @property
    def violates(self) -> bool:
        """Whether the rule is violated by it."""
        return self.effect not in (None, Effect.EXAMINED)


@dataclass(frozen=True, slots=True)
class Combinator:
    """A kind of rule about order: with all that it can be asked for, in `automaton`."""

    name: str
    states: tuple[str, ...]
    automaton: Automaton
    doc: str

    @property
    def steps(self) -> list[Step]:
        """The lines of the table, those together that differ in nothing but the role."""
        return steps(self.automaton, self.states)

    @property
    def owing(self) -> list[str]:
        """The states in which something is still to come."""
        return [self.states[each] for each in sorted(self.automaton.owing)]


@cache
def combinators() -> tuple[Combinator, ...]:
    """Return all combinators, in the order in which they are written."""
    whole = order.followed_by_one("first", "then", before="before", unless="unless", or_earlier=True)
    return (
        _combinator(order.followed_by_one, whole),
        _combinator(order.preceded_by, order.preceded_by("then", "first")),
        _combinator(order.nothing_after, order.nothing_after("late", "end", until="until")),
        _combinator(order.ordered, order.ordered("first", "then")),
        _combinator(order.at_most_one, order.at_most_one("it", until="until")),
        _combinator(order.alternating, order.alternating("start", "stop", or_end="end")),
    )


def combinator_of(automaton: Automaton) -> Combinator:
    """Return the combinator that made `automaton`: the one whose table holds its own.

    Raises `LookupError` where it was made by none.
    """
    own = set(automaton.table.items())
    for each in combinators():
        if own <= set(each.automaton.table.items()):
            return each
    raise LookupError(f"no combinator has the table {dict(automaton.table)}")


def steps(automaton: Automaton, states: tuple[str, ...]) -> list[Step]:
    """Return the lines of the table of `automaton` for roles that some event type plays."""
    played = set(automaton.roles.values())
    found: dict[tuple[str, str, Effect | None], Step] = {}
    for (start, role), (end, effect) in automaton.table.items():
        if role not in played:
            continue
        key = states[start], states[end], effect
        before = found.get(key)
        found[key] = (
            replace(before, roles=(*before.roles, role))
            if before is not None
            else Step(states[start], (role,), states[end], effect)
        )
    return list(found.values())


def table(automaton: Automaton) -> list[str]:
    """Return `automaton` as lines of text: who plays which role, and what each step means."""
    made_by = combinator_of(automaton)
    lines = textwrap.wrap(f"{made_by.name}: {made_by.doc}", _WIDTH)
    for role in dict.fromkeys(automaton.roles.values()):
        playing = f"  {role}: {', '.join(automaton.playing(role))}"
        lines += textwrap.wrap(playing, _WIDTH, subsequent_indent=" " * 6, break_on_hyphens=False)
    known = steps(automaton, made_by.states)
    wide = max(len(each.start) for each in known)
    on = max(len(" or ".join(each.roles)) for each in known)
    for each in known:
        effect = f"   {each.effect}" if each.effect is not None else ""
        lines.append(f"  {each.start:<{wide}}  -- {' or '.join(each.roles):<{on}} -->  {each.end}{effect}")
    for state in sorted(automaton.owing):
        waited = "answer" if automaton.patience == "answer" else "silence"
        lines.append(
            f"  {made_by.states[state]:<{wide}}  -- after the {waited} timeout -->   {Effect.MISSING}"
        )
    return lines


def users(bound: Iterable[Bound]) -> dict[str, list[Bound]]:
    """Return the rules about order by the combinator that they use."""
    found: dict[str, list[Bound]] = {each.name: [] for each in combinators()}
    for each in bound:
        found[combinator_of(each.automaton).name].append(each)
    return found


def _combinator(function: Callable[..., Automaton], automaton: Automaton) -> Combinator:
    doc = (inspect.getdoc(function) or "").partition("\n")[0]
    return Combinator(function.__name__, _states(function), automaton, doc)


def _states(function: Callable[..., Automaton]) -> tuple[str, ...]:
    """Return the names that a combinator gives to 0, 1, 2, …: the targets of its `… = range(n)`."""
    for node in ast.walk(ast.parse(textwrap.dedent(inspect.getsource(function)))):
        if (
            isinstance(node, ast.Assign)
            and isinstance(node.targets[0], ast.Tuple)
            and ast.unparse(node.value).startswith("range(")
        ):
            return tuple(ast.unparse(each) for each in node.targets[0].elts)
    raise LookupError(f"{function.__name__} gives its states no names")
