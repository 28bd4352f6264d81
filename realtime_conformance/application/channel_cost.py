"""What a run of another channel than realtime costs, at each depth, and why a budget was too small."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from packs.pack_run import PlayedTalk
from packs.scenario import PackScenario
from realtime_conformance.application.prices import Prices
from realtime_conformance.application.sufficient_budget import would_do
from reports.model import count as counted
from suites.depth import DEPTHS, Depth
from wire.budget import BUDGET_KINDS, Budget, Cost


def depth_given(given: Mapping[str, Any]) -> Depth:
    """Return how much is to be tried, as options say it."""
    return DEPTHS[given["depth"]].changed(seed=given["seed"], examples=given["max_examples"])


def cost_of_scenarios(scenarios: Sequence[PackScenario], depth: Depth) -> Cost:
    """Return what those of `scenarios` cost at most that are played at `depth`."""
    return sum((each.cost_at(depth) for each in scenarios if each.played_at(depth)), Cost())


def cost_in_words(cost: Cost, prices: Prices) -> str:
    """Return a cost as text: `3 sessions, 75 characters`, and money where the target has prices."""
    parts = [counted(cost.sessions, "session")]
    if cost.characters:
        parts.append(counted(cost.characters, "character"))
    if cost.audio_s:
        parts.append(f"{_tenths(cost.audio_s)} s of audio")
    return ", ".join(parts) + prices.in_words(cost)


def planned_scenarios(
    scenarios: Sequence[PackScenario], depth: Depth, budget: Budget, prices: Prices
) -> Iterator[str]:
    """Yield the lines that tell which of `scenarios` are played at `depth`, and what each depth costs."""
    rows = [(each.id, each.cost_at(depth)) for each in scenarios if each.played_at(depth)]
    whole = sum((cost for _, cost in rows), Cost())
    rows.append(("together, at most", whole))
    columns = {"sessions": _sessions, "characters": _characters, "audio s": _audio}
    shown = {head: of for head, of in columns.items() if of(whole) != "0"}
    width = max(len(name) for name, _ in rows)
    heads = [*shown, *(["money"] if prices else [])]
    yield "  ".join([" " * width, *(f"{head:>10}" for head in heads)])
    for name, cost in rows:
        amounts = [of(cost) for of in shown.values()] + ([f"{prices.of(cost):.2f}"] if prices else [])
        yield "  ".join([name.ljust(width), *(f"{amount:>10}" for amount in amounts)])
    for each in scenarios:
        if not each.played_at(depth):
            yield f"not played: {each.id}, which is from depth {each.least} on"
    for name, other in DEPTHS.items():
        same = other.changed(seed=depth.seed, examples=depth.examples if name == depth.name else None)
        yield f"--depth {name}: {cost_in_words(cost_of_scenarios(scenarios, same), prices)}"
    if any(whole.of(kind) > budget.limit(kind) for kind in BUDGET_KINDS):
        yield f"The budget ({budget}) is not enough; --budget {would_do(budget, whole)} is."


def unpaid(played: Sequence[PlayedTalk], depth: Depth, budget: Budget) -> list[str]:
    """Return a sentence on the scenarios that the budget did not allow, if there are any."""
    count = sum(each.over_budget for each in played)
    if not count:
        return []
    needed = sum((_needed(each, depth) for each in played), Cost())
    problem = f"the budget ({budget}) did not allow {count} of {counted(len(played), 'scenario')}"
    return [f"{problem}; --budget {would_do(budget, needed)} would do"]


def unplayed(played: Sequence[PlayedTalk], budget: Budget) -> str:
    """Return why most of the scenarios that were asked for were not played; empty where most were."""
    left = sum(each.over_budget for each in played)
    if left * 2 <= len(played):
        return ""
    return f"the budget ({budget}) did not allow {left} of {counted(len(played), 'scenario')}"


def _needed(played: PlayedTalk, depth: Depth) -> Cost:
    """Return what a scenario takes once more on the same server, at most where it was not played."""
    return played.scenario.cost_at(depth) if played.over_budget else played.used


def _sessions(cost: Cost) -> str:
    return str(cost.sessions)


def _characters(cost: Cost) -> str:
    return str(cost.characters)


def _audio(cost: Cost) -> str:
    return _tenths(cost.audio_s)


def _tenths(seconds: float) -> str:
    """Return seconds rounded up: who takes them for a budget gets everything."""
    return f"{math.ceil(round(seconds * 10, 3)) / 10:g}"
