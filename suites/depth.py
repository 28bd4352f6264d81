"""How much a run tries: three depths, and the seed of everything that is drawn."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Literal

DepthName = Literal["quick", "standard", "thorough"]


@dataclass(frozen=True, slots=True)
class Depth:
    """How deep generated scenarios go.

    `examples`: how many conversations are drawn, and half of how many events of a type. `mutants`: `few` is
    one of each kind for each client event, `all` is every one. `steps`: longest conversation of one example,
    in client events and more. `seed`: of everything drawn; two runs with the same depth and seed send the
    same. `shares`: whether small scenarios share sessions.
    """

    name: str
    examples: int
    mutants: Literal["few", "all"]
    steps: int
    seed: int = 0
    shares: bool = False

    def changed(self, *, seed: int | None = None, examples: int | None = None) -> Depth:
        """Return this depth with another seed or another number of examples, where one is given."""
        found = self if seed is None else replace(self, seed=seed)
        return found if examples is None else replace(found, examples=examples)


QUICK = Depth("quick", examples=5, mutants="few", steps=12, shares=True)
STANDARD = Depth("standard", examples=20, mutants="few", steps=20, shares=True)
THOROUGH = Depth("thorough", examples=400, mutants="all", steps=30)

DEPTHS: Mapping[str, Depth] = {each.name: each for each in (QUICK, STANDARD, THOROUGH)}
