"""The differences of a server that are tried on other people's clients, and whether one has acted.

Only what an ordinary bug of a server produces: events missing, late, doubled, out of order or with wrong
values. Nothing is malformed below JSON, and nothing is a flood.
"""

from __future__ import annotations

import copy
from collections.abc import Callable
from dataclasses import replace
from typing import Any, TypeVar

from protocol.dialect import DialectName
from protocol.json_values import Json
from reference.absence import ABSENCE
from reference.alterations import Memory, Sent, SessionStep, StepFactory
from reference.differences import Difference
from reference.faults import FAULTS
from reference.variants import VARIANTS

_Said = TypeVar("_Said")

BELOW_JSON = {"compressed-unasked", "length-too-long", "masked-frames", "text-not-utf-8"}
"""Faults whose frames break RFC 6455: never tried on other people's software."""


def tried(dialect: DialectName) -> dict[str, Difference]:
    """Return what is tried on clients of a dialect, by name: legal variants first, then faults."""
    every = {**VARIANTS, **FAULTS, **ABSENCE}
    return {name: each for name, each in every.items() if dialect in each.dialects and name not in BELOW_JSON}


def watched(difference: Difference, acted: Callable[[], None]) -> Difference:
    """Return the same difference; ``acted`` is called when it changes anything."""
    changes = tuple(_watched_step(change, acted) for change in difference.changes)
    door = difference.door

    def watched_door(verdict: Any, target: str) -> Any:
        assert door is not None
        other = door(verdict, target)
        if other != verdict:
            acted()
        return other

    return replace(difference, changes=changes, door=None if door is None else watched_door)


def _watched_step(change: StepFactory, acted: Callable[[], None]) -> StepFactory:
    def begin(memory: Memory) -> SessionStep:
        return _Watched(memory, change(memory), acted)

    return begin


class _Watched(SessionStep):
    """A step that says when it changes something."""

    def __init__(self, memory: Memory, step: SessionStep, acted: Callable[[], None]) -> None:
        super().__init__(memory)
        self._step, self._acted = step, acted
        self.renames = step.renames

    def incoming(self, event: Json) -> Json | None:
        before = copy.deepcopy(event)
        return self._noted(self._step.incoming(event), before)

    def reaction(self, event: Json) -> list[Sent]:
        return self._noted(self._step.reaction(event), [])

    def outgoing(self, event: Json) -> list[Sent]:
        before = copy.deepcopy(event)
        return self._noted(self._step.outgoing(event), [before])

    def resumed(self) -> list[Sent]:
        return self._noted(self._step.resumed(), [])

    def _noted(self, said: _Said, before: object) -> _Said:
        if said != before:
            self._acted()
        return said
