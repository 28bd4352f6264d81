"""What a run says of the reference server with an absence: the whole suite, or the scenarios concerned."""

from __future__ import annotations

import asyncio
import tempfile
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from realtime_conformance.application.conformance_run import ConformanceRun
from realtime_conformance.application.embedded import embedded
from realtime_conformance.application.plan import Plan
from realtime_conformance.application.targets import Choice
from reference.altered_behaviour import differing
from reference.server import ReferenceServer, ServerOptions
from suites.depth import QUICK
from suites.features import missing, offered
from suites.scenario import Scenario, catalogue
from tests.absence.cells import Cell
from tests.absence.expected_outcomes import expected
from tests.absence.offline import changed
from tests.absence.outcomes import Outcome, outcome_of
from tests.rules.good import good

WHOLE = ("absent", "unanswered", "dies", "refused")
"""Kinds for which the whole suite is played."""

MOST = 8
"""Most scenarios that are played for a cell of any other kind."""

_BY_CLOCK = {
    "cancelled-response": "response_cancel.",
    "response.cancel": "response_cancel.",
    "barge-in": "turn_detection.",
}
"""What only scenarios show of which no recording is the same twice, with where these are."""
_IDLE = ("timeout_triggered", "idle-timeout")
_BY_VARIANT = ("mcp_", "mcp-", "backchannel", "back-channel")
"""What the reference server does as a variant alone; a fault of it changes what comes before that."""
_CREDENTIAL = frozenset(("Y29uZm9ybWFuY2U6c3VpdGU=",))
_ANSWER_S, _RESPONSE_S, _SILENCE_S = 2.0, 6.0, 2.0


def live(cell: Cell) -> Outcome | None:
    """Run against the reference server; None for a cell that no scenario shows."""
    if expected(cell).untried or any(each in cell.name for each in _BY_VARIANT):
        return None
    shown = concerned(cell)
    if not shown:
        return None
    whole = cell.kind in WHOLE
    return asyncio.run(_run(cell, catalogue() if whole else shown, whole=whole))


def concerned(cell: Cell) -> list[Scenario]:
    """Return scenarios whose good recordings the absence changes, evenly chosen."""
    subject = cell.name.split(":")[1]
    names = [name for name in sorted(good(cell.dialect)) if changed(cell, name) is not None]
    offers = offered(_features(cell))
    found = [
        s
        for s in catalogue()
        if s.part_of(cell.dialect)
        and not missing(s.features, offers)
        and (
            any(name == s.id or name.startswith(f"{s.id}.") for name in names)
            or s.id.startswith(_BY_CLOCK.get(subject, "\0"))
            or (_is_idle(cell) and "idle-timeout" in s.features)
        )
    ]
    step = max(1, len(found) // MOST)
    return found[::step][:MOST]


def _is_idle(cell: Cell) -> bool:
    return any(each in cell.name for each in _IDLE)


def _features(cell: Cell) -> dict[str, bool]:
    """Return what the target declares: an idle timeout takes seconds, and is asked for where it matters."""
    return {"idle-timeout": _is_idle(cell)}


async def _run(cell: Cell, scenarios: Sequence[Scenario], *, whole: bool) -> Outcome:
    with tempfile.TemporaryDirectory() as folder:
        async with ReferenceServer(
            ServerOptions(credentials=_CREDENTIAL), differing([cell.difference])
        ) as server:
            conformance = ConformanceRun(
                Plan(
                    scenarios,
                    Path(folder),
                    _target(embedded(server, cell.dialect), cell),
                    depth=QUICK,
                    probing=whole,
                    whole=whole,
                )
            )
            await conformance.perform()
            return outcome_of(
                conformance.report(),
                max(1, sum(len(o.traces) for run in conformance.runs for o in run.outcomes)),
            )


def _target(choice: Choice, cell: Cell) -> Choice:
    """Return a target for which nobody waits long: the reference server answers within milliseconds."""
    waits = replace(choice.endpoint.timeouts, answer=_ANSWER_S, response=_RESPONSE_S, silence=_SILENCE_S)
    endpoint = replace(choice.endpoint, timeouts=waits)
    return replace(choice, endpoint=endpoint, declared={**choice.declared, **_features(cell)})
