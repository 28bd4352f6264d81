"""Scenarios of a pack: what is said to a server, so that there is something to be judged."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable, Sequence
from dataclasses import dataclass

from packs.keyed.talk import KeyedTalk
from suites.depth import DEPTHS, STANDARD, Depth, DepthName
from wire.budget import Cost

PackAct = Callable[[KeyedTalk], Awaitable[None]]


@dataclass(frozen=True, slots=True)
class Round:
    """One conversation of a scenario, over a connection of its own.

    `act` says what is said, and waits; it asserts nothing about the server. It sends so many `characters` to
    be spoken, or `audio_s` seconds to be heard.
    """

    act: PackAct
    characters: int = 0
    audio_s: float = 0.0

    @property
    def cost(self) -> Cost:
        """What it takes from a budget."""
        return Cost(sessions=1, audio_s=self.audio_s, characters=self.characters)


Rounds = Callable[[Depth], Sequence[Round]]
"""What makes the rounds of a scenario, by how much is to be tried: the same for one depth and seed."""


@dataclass(frozen=True, slots=True)
class PackScenario:
    """One conversation, or several of a kind, each over a connection of its own.

    `provokes` are the requirements for which it is there. It is played from the depth `least` on.
    """

    id: str
    summary: str
    provokes: tuple[str, ...]
    rounds: Rounds
    least: DepthName = "quick"

    def played_at(self, depth: Depth) -> bool:
        """Tell whether it is played at `depth`."""
        names = list(DEPTHS)
        return names.index(depth.name) >= names.index(self.least)

    def cost_at(self, depth: Depth) -> Cost:
        """Return what it takes from a budget at most."""
        return sum((each.cost for each in self.rounds(depth)), Cost())

    @property
    def cost(self) -> Cost:
        """What it takes where nobody names a depth."""
        return self.cost_at(STANDARD)

    @property
    def characters(self) -> int:
        """How many characters it sends to be spoken where nobody names a depth."""
        return self.cost.characters

    @property
    def audio_s(self) -> float:
        """How many seconds it sends to be heard where nobody names a depth."""
        return self.cost.audio_s


class Scenarios:
    """The scenarios of a pack, in the order in which they are written down."""

    def __init__(self, prefix: str) -> None:
        self._prefix = prefix
        self._all: list[PackScenario] = []

    def add(
        self, *provokes: str, characters: int = 0, audio_s: float = 0.0, least: DepthName = "quick"
    ) -> Callable[[PackAct], PackAct]:
        """Add the decorated coroutine; its docstring is the summary."""

        def register(act: PackAct) -> PackAct:
            only = (Round(act, characters, audio_s),)
            self._added(act, provokes, lambda _: only, least)
            return act

        return register

    def several(self, *provokes: str, least: DepthName = "quick") -> Callable[[Rounds], Rounds]:
        """Add what the decorated function makes by the depth: rounds. Its docstring is the summary."""

        def register(rounds: Rounds) -> Rounds:
            self._added(rounds, provokes, rounds, least)
            return rounds

        return register

    def made(
        self,
        name: str,
        summary: str,
        act: PackAct,
        provokes: Iterable[str],
        *,
        characters: int = 0,
        least: DepthName = "quick",
    ) -> None:
        """Add a scenario of which there are several of a kind."""
        only = (Round(act, characters),)
        added = PackScenario(f"{self._prefix}.{name}", summary, tuple(provokes), lambda _: only, least)
        self._all.append(added)

    def _added(
        self, told: Callable[..., object], provokes: tuple[str, ...], rounds: Rounds, least: DepthName
    ) -> None:
        name, summary = getattr(told, "__name__", ""), (told.__doc__ or "").strip()
        self._all.append(PackScenario(f"{self._prefix}.{name}", summary, provokes, rounds, least))

    @property
    def all(self) -> tuple[PackScenario, ...]:
        """All that were added."""
        return tuple(self._all)
