"""Several runs of the same scenarios as one report: what fails always, never, sometimes. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from reports.model import Report, ScenarioResult

WORST = ("harness-error", "stalled", "inconclusive", "not-offered", "passed")
"""Outcomes of a scenario, the one that says most first: of several runs, that one is told."""


def repeated(total: Report, runs: Sequence[Report]) -> Report:
    """Return `total`, the report on the traces of all `runs`, with the verdict of each run.

    A requirement that was violated in one run has failed: the total counts every violation there was.
    """
    verdicts = [{r.id: r.verdict for r in run.requirements} for run in runs]
    requirements = tuple(replace(r, runs=tuple(v[r.id] for v in verdicts)) for r in total.requirements)
    return replace(total, requirements=requirements, scenarios=_merged(total.scenarios), repeats=len(runs))


def _merged(scenarios: Sequence[ScenarioResult]) -> tuple[ScenarioResult, ...]:
    """Return one result for each scenario: its worst, with the traces and the time of all."""
    found: dict[str, list[ScenarioResult]] = {}
    for each in scenarios:
        found.setdefault(each.id, []).append(each)
    return tuple(
        replace(
            min(results, key=lambda r: WORST.index(r.outcome)),
            duration_s=sum(r.duration_s for r in results),
            traces=tuple(t for r in results for t in r.traces),
        )
        for results in found.values()
    )
