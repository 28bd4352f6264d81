"""What a load run does: how many sessions at once, for how long, what is said in them, and how fast."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from wire.budget import Cost

TurnKind = Literal["text", "speech", "tool"]
"""A question in writing; a spoken one; one that makes the server call a function."""

TURN_KINDS: tuple[TurnKind, ...] = ("text", "speech", "tool")

PaceName = Literal["conversational", "full"]

CONVERSATIONAL_S = 20.0
"""Seconds from the beginning of one turn to that of the next, at conversational pace."""

SPEECH_S = 3.3
"""Seconds of a spoken turn: a question of a second and a half, and the silence that ends it."""

TURNS_A_SESSION = 6
"""After so many turns a caller hangs up and calls again."""

_ANSWER_S = 5.0  # seconds of audio that an answer is expected to have


class LoadPlanError(ValueError):
    """A plan that cannot be carried out; the message says what to write."""


@dataclass(frozen=True, slots=True)
class LoadStep:
    """A step of a load run: so many `sessions` at once, or so many new ones a second, by `rate`."""

    sessions: int = 0
    rate: float = 0.0

    @property
    def name(self) -> str:
        """What the step is called: `50`, `2.5/s`."""
        return f"{self.rate:g}/s" if self.rate else str(self.sessions)

    @property
    def said(self) -> str:
        """The step in words."""
        if self.rate:
            return f"{self.rate:g} new sessions a second"
        return "1 session" if self.sessions == 1 else f"{self.sessions} sessions"


@dataclass(frozen=True, slots=True)
class LoadPlan:
    """A load run: `steps`, one after the other, of `duration_s` seconds each.

    `mix` says how often each kind of turn comes, as weights; `seed` decides which comes when.
    """

    steps: tuple[LoadStep, ...]
    duration_s: float
    mix: Mapping[TurnKind, float] = field(default_factory=lambda: {"speech": 1.0})
    pace: PaceName = "conversational"
    seed: int = 0

    def cost(self, step: LoadStep) -> Cost:
        """Return what a step is likely to cost; at full pace, where nobody knows, of one turn a second."""
        every = CONVERSATIONAL_S if self.pace == "conversational" else 1.0
        total = sum(self.mix.values())
        calls = 1 + self.mix.get("tool", 0.0) / total
        spoken = self.mix.get("speech", 0.0) / total
        if step.rate:
            sessions = math.ceil(step.rate * self.duration_s)
            turns = sessions * TURNS_A_SESSION
        else:
            turns = step.sessions * math.ceil(self.duration_s / every)
            sessions = step.sessions * math.ceil(self.duration_s / (every * TURNS_A_SESSION))
        audio = turns * spoken * (SPEECH_S + _ANSWER_S)
        return Cost(sessions, math.ceil(turns * calls), round(audio, 1))

    @property
    def whole_cost(self) -> Cost:
        """What all steps are likely to cost."""
        total = Cost()
        for step in self.steps:
            total += self.cost(step)
        return total


def steps_of(sessions: str | None, rate: str | None) -> tuple[LoadStep, ...]:
    """Return the steps that `1,10,50` sessions or `0.5,2` new sessions a second mean.

    Raises `LoadPlanError` for what is no list of numbers, or of numbers that are not more than 0.
    """
    if sessions is not None and rate is not None:
        raise LoadPlanError("--sessions and --rate are two ways to say it; give one of them")
    if rate is not None:
        return tuple(LoadStep(rate=each) for each in _numbers("--rate", rate, "0.5,2,5"))
    found = _numbers("--sessions", sessions or "1,10,50", "1,10,50")
    if any(each != int(each) for each in found):
        raise LoadPlanError(f"--sessions {sessions}: sessions are whole; write them as 1,10,50")
    return tuple(LoadStep(sessions=int(each)) for each in found)


def _numbers(option: str, text: str, example: str) -> list[float]:
    found = []
    for part in text.split(","):
        try:
            number = float(part)
        except ValueError:
            number = math.nan
        if not 0 < number <= _MOST:
            what = f"{part.strip()!r} is no number between 0 and {_MOST:g}"
            raise LoadPlanError(f"{option} {text}: {what}; write it as {option} {example}")
        found.append(number)
    return found


_MOST = 10_000.0
