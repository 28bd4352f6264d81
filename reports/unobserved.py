"""Why a requirement was not observed: nobody owes it, it need not come, it could not be played. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum

from reports.model import Report, ScenarioResult, count
from reports.requirement_results import RequirementResult
from rules.verdicts import Level, Verdict


class Unseen(StrEnum):
    """Why nothing was seen of a requirement.

    `may`: it is a MAY, which nobody owes. `need_not_come`: what provokes it was played, and what it is about
    did not come, nor had to. `not_played`: no scenario that provokes it could be played to its end.
    `not_tried`: nothing of what was played or recorded is meant to provoke it.
    """

    MAY = "of level MAY"
    NEED_NOT_COME = "that need not come"
    NOT_PLAYED = "that could not be played"
    NOT_TRIED = "that nothing tried"


@dataclass(frozen=True, slots=True)
class WhyUnseen:
    """Why a requirement was not observed, and the sentence for it."""

    kind: Unseen
    sentence: str


def why_unseen(report: Report, result: RequirementResult) -> WhyUnseen | None:
    """Return why `result` was not observed; None where it was."""
    return _why(result, _by_id(report.scenarios)) if result.verdict is Verdict.NOT_OBSERVED else None


def unseen(report: Report) -> dict[Unseen, int]:
    """Return how many requirements were not observed, by why; those kinds only that there are."""
    scenarios = _by_id(report.scenarios)
    found = [_why(r, scenarios).kind for r in report.requirements if r.verdict is Verdict.NOT_OBSERVED]
    return {kind: found.count(kind) for kind in Unseen if kind in found}


def _by_id(scenarios: Iterable[ScenarioResult]) -> dict[str, ScenarioResult]:
    return {s.id: s for s in scenarios}


def _why(result: RequirementResult, scenarios: Mapping[str, ScenarioResult]) -> WhyUnseen:
    if result.level is Level.MAY:
        return WhyUnseen(Unseen.MAY, "It is a MAY: a server need not do it, and none was seen to.")
    provoking = [scenarios[id_] for id_ in result.provoked_by if id_ in scenarios]
    if not provoking:
        return WhyUnseen(Unseen.NOT_TRIED, "Nothing of what was played or recorded is meant to provoke it.")
    played = [s for s in provoking if s.outcome == "passed"]
    if played:
        return WhyUnseen(
            Unseen.NEED_NOT_COME,
            f"{count(len(played), 'scenario')} that may provoke it went to the end, and what it is about did "
            "not come, nor had to.",
        )
    first = provoking[0]
    why = f": {first.message}" if first.message else ""
    others = f", and {len(provoking) - 1} more" if len(provoking) > 1 else ""
    return WhyUnseen(
        Unseen.NOT_PLAYED,
        f"What provokes it could not be played: {first.id} was {first.outcome}{why}{others}.",
    )
