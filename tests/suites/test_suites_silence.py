"""A server that answers nothing is told soon, as a patient run would tell it; what was not played is said."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from realtime_conformance.application.conformance_run import ConformanceRun
from realtime_conformance.application.plan import Plan
from realtime_conformance.application.targets import Choice
from reports.model import Exit, Report
from rules.verdicts import Verdict
from suites.depth import QUICK
from suites.features import offered
from suites.scenario import Scenario, catalogue
from tests.wire import hostile
from tests.wire.hostile import CREATED, Behaviour, Peer
from wire.endpoint import Endpoint, Timeouts

_TIMEOUTS = Timeouts(answer=1.0, silence=1.0, close=0.1)


def _report(
    folder: Path,
    behaviour: Behaviour,
    *,
    patient: bool = False,
    wanted: Callable[[Scenario], bool] | None = None,
) -> Report:
    async def perform() -> Report:
        async with hostile.serving(behaviour) as url:
            endpoint = replace(Endpoint(url, "openai"), timeouts=_TIMEOUTS)
            choice = Choice(endpoint, offered({}), concurrency=16)
            scenarios = [s for s in catalogue() if wanted is None or wanted(s)]
            run = ConformanceRun(
                Plan(scenarios, folder, choice, depth=QUICK, patient=patient, whole=wanted is None)
            )
            await run.perform()
            return run.report()

    return asyncio.run(perform())


def test_a_server_that_answers_nothing_is_told_as_with_all_patience(tmp_path: Path) -> None:
    learned = _report(tmp_path / "learned", hostile.says_that_it_is_there)
    patient = _report(
        tmp_path / "patient", hostile.says_that_it_is_there, patient=True, wanted=lambda s: s.costs is None
    )
    assert learned.exit is patient.exit is Exit.DOES_NOT_CONFORM
    assert _wrong(learned) == _wrong(patient)
    assert any("the server answers nothing" in note for note in learned.notes)
    put_off = [s for s in learned.scenarios if "the server answers nothing" in s.message]
    assert {s.outcome for s in put_off} == {"inconclusive"}, "some were put off"
    assert learned.timing is not None
    assert learned.timing.silence_s > 0


def _wrong(report: Report) -> set[str]:
    return {r.id for r in report.of(Verdict.FAIL, Verdict.WARN)}


def test_who_answers_after_all_has_everything_played(tmp_path: Path) -> None:
    """The server says nothing for a while, and then refuses whatever it is asked for."""
    asked = 0

    async def late(peer: Peer) -> None:
        nonlocal asked
        await peer.accept()
        await peer.event(CREATED)
        asked += 1
        number = asked
        while await peer.reader.read(65_536):
            if number > 60:
                await peer.event({"type": "error", "event_id": "event_9", "error": {"type": "server_error"}})

    report = _report(tmp_path, late)
    assert not [s.id for s in report.scenarios if "the server answers nothing" in s.message]
    assert "session/update/acknowledged" in _wrong(report)
    aside = [path.name for path in (tmp_path / "traces").glob("*.hurried-*.jsonl")]
    assert aside, "what was judged by short waits is played again, and the first play kept aside"
