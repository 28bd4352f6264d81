"""Which budget would have done, where one was too small."""

from __future__ import annotations

import math
from collections.abc import Sequence

from suites.depth import Depth
from suites.outcome import Outcome
from wire.budget import Budget, Cost


def enough(outcomes: Sequence[Outcome], probes: Cost, depth: Depth) -> Cost:
    """Return what pays for all of `outcomes`, played once more on the same server, and for `probes`.

    What was played costs what it has cost, or what is set aside for it; what was not, what it costs at most.
    """
    return sum((_needed(each, depth) for each in outcomes if each.status != "not-offered"), probes)


def would_do(budget: Budget, needed: Cost, tokens: int = 0) -> str:
    """Return `budget` with enough of each kind that it limits, as `--budget` takes it."""
    limited = {
        "sessions": needed.sessions,
        "responses": needed.responses,
        "audio_s": math.ceil(round(needed.audio_s, 3)),
        "characters": needed.characters,
        "tokens": tokens,
    }
    return ",".join(
        f"{name}={max(amount, math.ceil(getattr(budget, name)))}"
        for name, amount in limited.items()
        if getattr(budget, name) is not None
    )


def _needed(outcome: Outcome, depth: Depth) -> Cost:
    if outcome.over_budget or outcome.status == "inconclusive":
        return outcome.scenario.cost(depth)
    return outcome.used.greatest(outcome.scenario.likely(depth))
