"""The pack of the abacus."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from packs.keyed.keyed_pack import KeyedChannel
from packs.keyed.messages import KeyedMessage
from tests.packs.abacus import rules

if TYPE_CHECKING:
    from packs.scenario import PackScenario


class AnswerTimes:
    """How long a sum takes."""

    def __init__(self) -> None:
        self._asked: dict[str, float] = {}

    def begin(self) -> None:
        """Get ready for the next trace."""
        self._asked.clear()

    def times(self, message: KeyedMessage) -> list[tuple[str, float]]:
        """Return the time that ends with a sum."""
        if message.name == "add":
            self._asked[message.context or ""] = message.t or 0.0
        if message.name != "sum" or (asked := self._asked.pop(message.context or "", None)) is None:
            return []
        return [("turn", (message.t or 0.0) - asked)]


def _scenarios() -> tuple[PackScenario, ...]:
    from tests.packs.abacus.scenarios import SCENARIOS

    return SCENARIOS.all


ABACUS_CHANNEL = KeyedChannel(
    name="abacus",
    title="adding numbers",
    folder=Path(__file__).parent,
    rules=rules.ABACUS_RULES,
    reading=rules.Asked,
    client=frozenset(("add", "quit")),
    server=frozenset(("sum",)),
    stopwatch=AnswerTimes,
    core=(("abacus/sum/comes",),),
    load_scenarios=_scenarios,
)
