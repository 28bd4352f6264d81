"""Whatever a server does, a run does not end in exit code 3: that is for mistakes of the suite."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from protocol.dialect import DialectName
from protocol.json_values import Json
from realtime_conformance.application.conformance_run import ConformanceRun
from realtime_conformance.application.embedded import embedded
from realtime_conformance.application.plan import Plan
from reference.alterations import Alteration, Memory
from reference.behaviour import Behaviour
from reference.edits import instead
from reference.server import ReferenceServer, ServerOptions
from reports.model import Exit, Report
from suites.depth import QUICK
from suites.scenario import catalogue

_CREDENTIAL = frozenset(("Y29uZm9ybWFuY2U6c3VpdGU=",))
_ODD: tuple[Any, ...] = (
    None,
    True,
    0,
    -1,
    2**70,
    1e308,
    "",
    "\x00",
    "\u202ex",
    [],
    [None],
    [[]],
    {},
    {"id": []},
    [{}],
)
_OFTEN = 0.15  # of the events are changed

Oddness = Callable[[random.Random, Any], Any]


def _places(value: Any, at: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    """Return the places in a JSON value, but for the event's own type."""
    inside = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    found = [at] if at and at != ("type",) else []
    for step, inner in inside:
        found += _places(inner, (*at, step))
    return found


def _put(value: Any, place: tuple[Any, ...], new: Any, *, without: bool) -> Any:
    step, *rest = place
    copy = dict(value) if isinstance(value, dict) else list(value)
    if rest:
        copy[step] = _put(value[step], tuple(rest), new, without=without)
    elif without:
        del copy[step]
    else:
        copy[step] = new
    return copy


def _odd_values(chance: random.Random, event: Any) -> Any:
    return _put(event, chance.choice(_places(event)), chance.choice(_ODD), without=False)


def _lost_fields(chance: random.Random, event: Any) -> Any:
    return _put(event, chance.choice(_places(event)), None, without=True)


def _odd_ids(chance: random.Random, event: Any) -> Any:
    """Give an id of the event another value: one of another kind, or one that is known elsewhere."""
    named = [place for place in _places(event) if str(place[-1]).endswith("id")]
    return _put(event, chance.choice(named), chance.choice((*_ODD, "item_1", "resp_1")), without=False)


def _served(folder: Path, dialect: DialectName, oddness: Oddness, seed: int, often: float = _OFTEN) -> Report:
    chance = random.Random(seed)

    def odd(event: Json, _memory: Memory) -> Json:
        changed: Json = oddness(chance, event) if chance.random() < often else event
        return changed

    async def play() -> ConformanceRun:
        behaviour = Behaviour(alteration=lambda _dialect: Alteration((instead("*", odd),)))
        async with ReferenceServer(ServerOptions(credentials=_CREDENTIAL), behaviour) as server:
            choice = embedded(server, dialect)
            waits = replace(choice.endpoint.timeouts, answer=0.2, response=0.5, silence=0.2)
            choice = replace(choice, endpoint=replace(choice.endpoint, timeouts=waits))
            run = ConformanceRun(Plan(catalogue(), folder, choice, depth=QUICK))
            await run.perform()
            return run

    return asyncio.run(play()).report()


@pytest.mark.parametrize("oddness", [_odd_values, _lost_fields, _odd_ids], ids=["values", "fields", "ids"])
@pytest.mark.parametrize("dialect", ["inworld", "openai"])
def test_odd_events_are_the_servers_fault(tmp_path: Path, dialect: DialectName, oddness: Oddness) -> None:
    report = _served(tmp_path, dialect, oddness, seed=1)
    assert [s.message for s in report.scenarios if s.outcome == "harness-error"] == []
    assert [r.tally.errors for r in report.requirements if r.tally.errors] == []
    assert report.exit is Exit.DOES_NOT_CONFORM
