"""What a run says of the reference server with an absence: the whole suite, or the scenarios concerned."""

from __future__ import annotations

import asyncio
import tempfile
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from realtime_conformance.conformance import Plan, embedded
from realtime_conformance.targets import Choice
from reference.differing import differing
from reference.server import Options, ReferenceServer
from suites.depth import QUICK
from suites.scenario import Scenario, catalogue
from tests.absence.cells import Cell
from tests.absence.expectations import expected
from tests.absence.offline import changed
from tests.absence.outcomes import Outcome, outcome_of
from tests.rules.good import good

WHOLE = ("absent", "unanswered", "dies", "refused")
"""Kinds for which the whole suite is played."""

MOST = 8
"""Most scenarios that are played for a cell of any other kind."""

_BY_CLOCK = {"cancelled-response": "response_cancel.", "barge-in": "turn_detection."}
"""Flows that only scenarios show of which no recording is the same twice, with where these are."""
_CREDENTIAL = frozenset(("Y29uZm9ybWFuY2U6c3VpdGU=",))
_ANSWER_S, _RESPONSE_S, _SILENCE_S = 1.0, 3.0, 1.0


def live(cell: Cell) -> Outcome | None:
    """Run against the reference server; None for a cell that no scenario shows."""
    if expected(cell).untried:
        return None
    whole = cell.kind in WHOLE
    scenarios = catalogue() if whole else concerned(cell)
    return asyncio.run(_run(cell, scenarios, whole=whole)) if scenarios else None


def concerned(cell: Cell) -> list[Scenario]:
    """Return scenarios whose good recordings the absence changes, evenly chosen."""
    names = [name for name in sorted(good(cell.dialect)) if changed(cell, name) is not None]
    flow = cell.name.split(":")[1]
    meant = [s for s in catalogue() if cell.dialect in s.dialects and not s.serial]
    found = [
        s
        for s in meant
        if any(name == s.id or name.startswith(f"{s.id}.") for name in names)
        or (flow in _BY_CLOCK and s.id.startswith(_BY_CLOCK[flow]))
    ]
    step = max(1, len(found) // MOST)
    return found[::step][:MOST]


async def _run(cell: Cell, scenarios: Sequence[Scenario], *, whole: bool) -> Outcome:
    with tempfile.TemporaryDirectory() as folder:
        async with ReferenceServer(Options(credentials=_CREDENTIAL), differing([cell.difference])) as server:
            plan = Plan(
                scenarios,
                Path(folder),
                _hasty(embedded(server, cell.dialect)),
                cell.dialect,
                depth=QUICK,
                probing=whole,
                whole=whole,
            )
            await plan.perform()
            return outcome_of(
                plan.report(), max(1, sum(len(o.traces) for run in plan.runs for o in run.outcomes))
            )


def _hasty(choice: Choice) -> Choice:
    """Return a target for which nobody waits long: the reference server answers within milliseconds."""
    waits = replace(choice.endpoint.timeouts, answer=_ANSWER_S, response=_RESPONSE_S, silence=_SILENCE_S)
    return replace(choice, endpoint=replace(choice.endpoint, timeouts=waits))
