"""What a run would play and what that costs, without sending anything."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence

from realtime_conformance.application.plan import Plan
from realtime_conformance.application.sufficient_budget import would_do
from suites.features import missing
from suites.probing import probes_cost
from suites.scenario import Scenario
from suites.scheduling import features_needed
from wire.budget import BUDGET_KINDS, Cost

_COLUMNS = ("sessions", "responses", "audio s")


def planned(plan: Plan) -> Iterator[str]:
    """Yield the lines that tell what `plan` plays, at what cost, and what it does not play and why."""
    played = [s for s in plan.scenarios if not not_played(plan, s)]
    rows = [(s.id, s.cost(plan.depth).times(plan.repeats)) for s in played]
    wanted = features_needed(plan.scenarios, plan.dialect) if plan.probing else set()
    probes = probes_cost(plan.dialect, wanted).most
    if probes.sessions:
        rows.append(("probes of what is offered", probes))
    rows.append(("what has to be played again", plan.allowance))
    estimate, prices = plan.estimate, plan.prices
    saved = sum(cost.responses for _, cost in rows) - estimate.most.responses
    rows += [("together, at most", estimate.most), ("likely, where nothing goes wrong", estimate.likely)]
    width = max(len(name) for name, _ in rows)
    heads = [*_COLUMNS, *(["money"] if prices else [])]
    yield "  ".join([" " * width, *(f"{head:>9}" for head in heads)])
    for name, cost in rows:
        amounts = [str(cost.sessions), str(cost.responses), _rounded_up(cost)]
        amounts += [f"{prices.of(cost):.2f}"] if prices else []
        yield "  ".join([name.ljust(width), *(f"{amount:>9}" for amount in amounts)])
    if saved > 0:
        yield f"  {saved} responses less than all of these: those that share a session share some turns"
    if prices.million_tokens:
        yield "  money is without tokens: what these come to is known afterwards only"
    yield from _left_out(plan)
    if probes.sessions:
        yield "What probes find not to be offered is not played, either."
    yield from _affordable(plan)


def not_played(plan: Plan, scenario: Scenario) -> str:
    """Return why `scenario` is not played, empty where it is, as far as that is known beforehand."""
    if not scenario.part_of(plan.dialect):
        return f"not part of the dialect {plan.dialect}"
    if not scenario.played_at(plan.depth):
        return f"played from depth {scenario.least} on"
    absent = missing(scenario.features, plan.offers)
    return f"the target does not offer {', '.join(absent)}" if absent else ""


def _rounded_up(cost: Cost) -> str:
    return f"{math.ceil(round(cost.audio_s * 10, 3)) / 10:g}"


def _left_out(plan: Plan) -> Iterator[str]:
    reasons = [(scenario, not_played(plan, scenario)) for scenario in plan.scenarios]
    left_out: Sequence[tuple[Scenario, str]] = [(s, why) for s, why in reasons if why]
    if left_out:
        yield f"not played: {len(left_out)}"
    for scenario, why in left_out:
        yield f"  {scenario.id}: {why}"


def _affordable(plan: Plan) -> Iterator[str]:
    budget, likely = plan.budget, plan.estimate.likely
    if any(likely.of(kind) > budget.limit(kind) for kind in BUDGET_KINDS):
        yield f"The budget ({budget}) is not likely to be enough; --budget {would_do(budget, likely)} is."
