"""What things cost in money, by the prices of a target."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from wire.budget import Cost


@dataclass(frozen=True, slots=True)
class Prices:
    """Prices in one currency, whichever that is. What has none costs nothing by itself."""

    response: float = 0.0
    audio_minute: float = 0.0
    million_tokens: float = 0.0
    million_characters: float = 0.0

    def __bool__(self) -> bool:
        return any((self.response, self.audio_minute, self.million_tokens, self.million_characters))

    def of(self, cost: Cost) -> float:
        """Return what `cost` comes to, without tokens: nobody knows these beforehand."""
        spoken = cost.characters / 1e6 * self.million_characters
        return cost.responses * self.response + cost.audio_s / 60 * self.audio_minute + spoken

    def of_spent(self, spent: Mapping[str, float | int]) -> float:
        """Return what comes of what a meter has counted."""
        counted = Cost(
            responses=int(spent.get("responses", 0)),
            audio_s=float(spent.get("audio_s", 0.0)),
            characters=int(spent.get("characters", 0)),
        )
        return self.of(counted) + spent.get("tokens", 0) / 1e6 * self.million_tokens

    def in_words(self, cost: Cost) -> str:
        """Return what `cost` comes to as text; empty where there are no prices."""
        if not self:
            return ""
        more = " and tokens" if self.million_tokens else ""
        return f", {self.of(cost):.2f} by the target's prices{more}"


def prices_of(raw: Mapping[str, Any]) -> Prices:
    """Return the prices of a configuration that was checked before."""
    return Prices(**raw)
