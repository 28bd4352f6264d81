"""Why scenarios stalled: the requirements that say so. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from reports.model import ScenarioResult
from rules.verdicts import Level, Tally


def explain_stalls(
    scenarios: Sequence[ScenarioResult],
    by_trace: Mapping[str, Mapping[str, Tally]],
    levels: Mapping[str, Level],
) -> tuple[ScenarioResult, ...]:
    """Name for each stalled scenario the requirement that says why.

    A stall that no requirement explains makes its scenario inconclusive: the message says what it waited for.
    """
    return tuple(_explained(s, by_trace, levels) if s.outcome == "stalled" else s for s in scenarios)


def _explained(
    scenario: ScenarioResult, by_trace: Mapping[str, Mapping[str, Tally]], levels: Mapping[str, Level]
) -> ScenarioResult:
    # What the scenario is about says most, then what came last before it stalled.
    ranked: list[tuple[bool, int, int, str]] = []
    for trace in scenario.traces:
        for id_, tally in by_trace.get(trace, {}).items():
            if tally.violations and id_ in levels:
                cause = max((s for f in tally.findings for s in f.because or f.seqs), default=0)
                ranked.append((id_ not in scenario.provokes, -cause, list(Level).index(levels[id_]), id_))
            elif tally.undecided and id_ in levels:
                ranked.append((True, 1, len(Level), id_))
    if ranked:
        return replace(scenario, explained_by=min(ranked)[-1])
    return replace(scenario, outcome="inconclusive", message=f"{scenario.message}; no requirement says why")
