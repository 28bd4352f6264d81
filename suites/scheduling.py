"""Which scenarios are played, in what order, and what that costs."""

from __future__ import annotations

import asyncio
import itertools
from collections.abc import Awaitable, Callable, Collection, Mapping, Sequence

from protocol.dialect import DialectName
from suites.depth import Depth
from suites.features import missing
from suites.probing import probes_cost
from suites.scenario import Scenario
from suites.selecting import matchers
from suites.sharing import cost_of_all, parties
from wire.budget import Cost, Estimate
from wire.endpoint import Timeouts
from wire.patience import DRAWN_OUT_PER_KIND

_SLACK_S = 5.0
_AHEAD = 1  # scenario of each module that begins before the longest


def time_limit(scenario: Scenario, waits: Timeouts, depth: Depth) -> float:
    """Return for how many seconds one scenario may go on."""
    cost = scenario.cost(depth)
    limit = waits.connect + _SLACK_S + 6 * waits.answer + (cost.responses + 1) * waits.response
    limit += max(0, cost.sessions - 1) * (waits.connect + waits.answer)
    return limit + DRAWN_OUT_PER_KIND * max(waits.answer, waits.silence)  # of waits that are drawn out


def fits(scenario: Scenario, dialect: DialectName, offers: Mapping[str, bool]) -> bool:
    """Tell whether a scenario is part of a dialect and needs nothing that is not offered."""
    return scenario.part_of(dialect) and not missing(scenario.features, offers)


def why_not_played(scenario: Scenario, dialect: DialectName, offers: Mapping[str, bool], depth: Depth) -> str:
    """Return why a run has nothing to play of a scenario; empty where it plays it."""
    if not scenario.part_of(dialect):
        return f"not part of the dialect {dialect}"
    if absent := missing(scenario.features, offers):
        return f"the target does not offer {', '.join(absent)}"
    return "" if scenario.played_at(depth) else f"played from depth {scenario.least} on"


def features_needed(scenarios: Sequence[Scenario], dialect: DialectName) -> set[str]:
    """Return the features on which it depends what is played, and what is judged of it."""
    played = [s for s in scenarios if s.part_of(dialect)]
    return {feature for s in played for feature in (*s.features, *s.regards)}


def cost_of(
    scenarios: Sequence[Scenario],
    dialect: DialectName,
    offers: Mapping[str, bool],
    depth: Depth,
    *,
    probing: bool,
) -> Estimate:
    """Return what playing `scenarios` costs, probes included."""
    groups = parties([s for s in scenarios if fits(s, dialect, offers)], depth)
    played = [cost_of_all(group, depth) for group in groups]
    if probing:
        played.append(probes_cost(dialect, features_needed(scenarios, dialect)))
    return Estimate(sum((e.likely for e in played), Cost()), sum((e.most for e in played), Cost()))


def in_turns(scenarios: Sequence[Scenario]) -> list[Scenario]:
    """Return `scenarios` so that one of each module begins, then the longest, and then each module in turn.

    So every kind of silence is met early and side by side, and nothing long is left for the end. Of the first
    ones those begin whose modules ask for responses: nothing takes longer, or is waited for longer.
    """
    modules: dict[str, list[Scenario]] = {}
    # Who shares waits for whatever those before it wait for.
    long = sorted((s for s in scenarios if s.costs is not None), key=lambda each: not each.shares)
    for each in scenarios:
        if each.costs is None:
            modules.setdefault(each.module, []).append(each)
    for module in modules.values():
        module.sort(key=lambda each: not each.shares)
    slow_first = sorted(modules.values(), key=lambda module: not any(s.responses for s in module))
    turns = itertools.zip_longest(*slow_first)
    waves = [[each for each in turn if each is not None] for turn in turns]
    return list(itertools.chain(*waves[:_AHEAD], long, *waves[_AHEAD:]))


async def behind(
    first: Collection[asyncio.Task[None]], play: Callable[[], Awaitable[None]], many: int
) -> None:
    """Play once the `first` are back, if there are so `many` of them: then it is known what comes in vain."""
    if len(first) == many:
        await asyncio.wait(first)
    await play()


def selected(scenarios: Sequence[Scenario], patterns: Sequence[str]) -> list[Scenario]:
    """Return the scenarios whose id and requirements match one of `patterns`; all without any.

    Raises `SelectionError`.
    """
    if not patterns:
        return list(scenarios)
    match = matchers(patterns)
    return [s for s in scenarios if match((s.id, *s.provokes))]
