"""What a run may spend, and what something costs: sessions, responses, audio, characters, tokens."""

from __future__ import annotations

import math
import operator
from collections.abc import Callable, Mapping
from dataclasses import dataclass, fields, replace
from typing import Any, Literal

BudgetKind = Literal["sessions", "responses", "audio_s", "characters"]
"""What can be refused before it is spent. Tokens cannot: only the server knows, and only afterwards."""

BUDGET_KINDS: tuple[BudgetKind, ...] = ("sessions", "responses", "audio_s", "characters")

_WHOLE = ("sessions", "responses", "characters", "tokens")
_EPSILON = 1e-6
_NAMES = ("sessions", "responses", "audio_s", "characters", "tokens")


class BudgetError(ValueError):
    """A budget that cannot be understood; the message says what to write."""


@dataclass(frozen=True, slots=True)
class Cost:
    """An amount of each kind, at most.

    `audio_s` is seconds of audio in both directions, `characters` is text that is sent to be spoken.
    """

    sessions: int = 0
    responses: int = 0
    audio_s: float = 0.0
    characters: int = 0

    def __add__(self, other: Cost) -> Cost:
        return self._with(other, operator.add)

    def times(self, count: int) -> Cost:
        """Return the cost of `count` of them."""
        return self._with(Cost(count, count, count, count), operator.mul)

    def least(self, other: Cost) -> Cost:
        """Return the smaller amount of each kind."""
        return self._with(other, min)

    def greatest(self, other: Cost) -> Cost:
        """Return the greater amount of each kind."""
        return self._with(other, max)

    def within(self, other: Cost) -> bool:
        """Tell whether no amount is greater than that of `other`."""
        return all(self.of(kind) <= other.of(kind) + _EPSILON for kind in BUDGET_KINDS)

    def less(self, other: Cost) -> Cost:
        """Return what is left of each kind after `other` was spent."""
        return self._with(other, operator.sub)

    def _with(self, other: Cost, joined: Callable[[Any, Any], Any]) -> Cost:
        return Cost(*(joined(getattr(self, kind), getattr(other, kind)) for kind in BUDGET_KINDS))

    def of(self, kind: BudgetKind) -> float:
        """Return the amount of one kind."""
        return float(getattr(self, kind))

    def __str__(self) -> str:
        counted = f"{_counted(self.sessions, 'session')}, {_counted(self.responses, 'response')}"
        # Rounded up: who takes this for a budget gets everything.
        spoken = f", {_counted(self.characters, 'character')}" if self.characters else ""
        return f"{counted}, {math.ceil(round(self.audio_s * 10, 3)) / 10:g} s of audio{spoken}"


@dataclass(frozen=True, slots=True)
class Estimate:
    """What something costs where nothing goes wrong, and what it costs at most."""

    likely: Cost
    most: Cost


def thrown_away(likely: Cost, least: Cost) -> Cost:
    """Return what a run that likely costs that much may spend on what has to be played again.

    It is small, for that is rare: where it is used up, nothing is risked any more that could take more. It is
    enough for `least`, so that of few scenarios, too, one may be played again.
    """
    return Cost(likely.sessions // 4, likely.responses // 20, likely.audio_s / 10).greatest(least)


@dataclass(frozen=True, slots=True)
class Budget:
    """What may be spent at most; None is without limit."""

    sessions: int | None = None
    responses: int | None = None
    audio_s: float | None = None
    characters: int | None = None
    tokens: int | None = None

    def limit(self, kind: BudgetKind | Literal["tokens"]) -> float:
        """Return the limit of one kind, infinite where there is none."""
        value = getattr(self, kind)
        return math.inf if value is None else float(value)

    def __bool__(self) -> bool:
        return any(getattr(self, f.name) is not None for f in fields(self))

    def __str__(self) -> str:
        return ",".join(
            f"{name}={getattr(self, name):g}" for name in _NAMES if getattr(self, name) is not None
        )

    def exhausted(self, kind: BudgetKind | Literal["tokens"]) -> str:
        """Return what to say where a limit of this kind stands in the way."""
        words = {
            "sessions": "sessions",
            "responses": "responses",
            "audio_s": "seconds of audio",
            "characters": "characters",
            "tokens": "tokens",
        }
        return f"the budget of {self.limit(kind):g} {words[kind]} does not allow it"

    def merged(self, other: Budget) -> Budget:
        """Return this budget with the limits of `other` where it has any."""
        given = {name: getattr(other, name) for name in _NAMES if getattr(other, name) is not None}
        return replace(self, **given)


def parse_budget(text: str) -> Budget:
    """Return the budget that `text` (`responses=40,audio_s=60`) describes. Raises `BudgetError`."""
    values: dict[str, Any] = {}
    for part in text.split(","):
        name, separator, number = (each.strip() for each in part.partition("="))
        if name not in _NAMES or not separator:
            raise BudgetError(f"{part.strip()!r} is not one of {', '.join(f'{n}=N' for n in _NAMES)}")
        if name in values:
            raise BudgetError(f"{name} is given twice")
        values[name] = _number(name, number)
    return Budget(**values)


def budget_of(raw: Mapping[str, Any]) -> Budget:
    """Return the budget of a configuration that was checked before."""
    return Budget(**{name: raw[name] for name in _NAMES if name in raw})


def spent_in_words(spent: Mapping[str, float | int]) -> str:
    """Return what a meter has counted, as a line of text."""
    sessions, responses = int(spent.get("sessions", 0)), int(spent.get("responses", 0))
    cost = Cost(sessions, responses, float(spent.get("audio_s", 0.0)))
    money = f", {spent['money']:.2f} by the target's prices" if "money" in spent else ""
    return f"{cost}, {_counted(int(spent.get('tokens', 0)), 'token')}{money}"


def _number(name: str, text: str) -> float | int:
    try:
        value = float(text)
    except ValueError:
        value = math.nan
    if not math.isfinite(value) or value < 0 or (name in _WHOLE and value != int(value)):
        kind = "a whole number" if name in _WHOLE else "a number"
        raise BudgetError(f"{name}={text}: {kind} from 0 on is expected")
    return int(value) if name in _WHOLE else value


def _counted(number: int, noun: str) -> str:
    return f"{number} {noun}" + ("" if number == 1 else "s")
