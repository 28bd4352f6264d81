"""Values drawn from a Hypothesis strategy outside of a test: a fixed number, the same for the same seed."""

from __future__ import annotations

from typing import Any

from generators.field_meanings import Strategy
from generators.late_hypothesis import load_hypothesis
from generators.seeded import by_seed_alone


def drawn(strategy: Strategy, count: int, seed: int = 0) -> list[Any]:
    """Return up to `count` values of `strategy`; fewer where it has no more. Costs no database."""
    load_hypothesis()
    import hypothesis  # noqa: PLC0415
    from hypothesis import HealthCheck, Phase  # noqa: PLC0415

    found: list[Any] = []

    @hypothesis.seed(seed)
    @hypothesis.settings(
        max_examples=max(count, 1),
        database=None,
        deadline=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @hypothesis.given(strategy)
    def collect(value: Any) -> None:
        found.append(value)

    with by_seed_alone():
        collect()
    return found[:count]
