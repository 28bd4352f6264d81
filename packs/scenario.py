"""Scenarios of a pack: what is said to a server, so that there is something to be judged."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable
from dataclasses import dataclass

from packs.keyed.talk import KeyedTalk
from wire.budget import Cost

PackAct = Callable[[KeyedTalk], Awaitable[None]]


@dataclass(frozen=True, slots=True)
class PackScenario:
    """One conversation over one connection.

    `act` says what is said, and waits; it asserts nothing about the server. `provokes` are the requirements
    for which it is there. It sends so many `characters` to be spoken, or `audio_s` seconds to be heard.
    """

    id: str
    summary: str
    act: PackAct
    provokes: tuple[str, ...]
    characters: int = 0
    audio_s: float = 0.0

    @property
    def cost(self) -> Cost:
        """What it takes from a budget."""
        return Cost(sessions=1, audio_s=self.audio_s)


class Scenarios:
    """The scenarios of a pack, in the order in which they are written down."""

    def __init__(self, prefix: str) -> None:
        self._prefix = prefix
        self._all: list[PackScenario] = []

    def add(self, *provokes: str, characters: int = 0, audio_s: float = 0.0) -> Callable[[PackAct], PackAct]:
        """Add the decorated coroutine; its docstring is the summary."""

        def register(act: PackAct) -> PackAct:
            name = f"{self._prefix}.{getattr(act, '__name__', '')}"
            summary = (act.__doc__ or "").strip()
            self._all.append(PackScenario(name, summary, act, provokes, characters, audio_s))
            return act

        return register

    def made(
        self, name: str, summary: str, act: PackAct, provokes: Iterable[str], characters: int = 0
    ) -> None:
        """Add a scenario of which there are several of a kind."""
        self._all.append(PackScenario(f"{self._prefix}.{name}", summary, act, tuple(provokes), characters))

    @property
    def all(self) -> tuple[PackScenario, ...]:
        """All that were added."""
        return tuple(self._all)
