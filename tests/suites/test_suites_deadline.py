"""A run that is bounded in time ends in time, whatever a server does with connections that are to close."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from realtime_conformance.application.conformance_run import ConformanceRun
from realtime_conformance.application.plan import Plan
from realtime_conformance.application.targets import Choice
from reports.model import Exit
from suites.depth import QUICK
from suites.features import offered
from suites.scenario import catalogue
from tests.wire import hostile
from tests.wire.hostile import CLOSE, CREATED, TEXT, Behaviour, Peer, framed
from wire.endpoint import Endpoint

_DEADLINE_S = 2.5
_MORE_S = 2.0


async def _never_answers_a_close(peer: Peer) -> None:
    await peer.accept()
    await peer.event(CREATED)
    await peer.wait()
    await asyncio.get_running_loop().create_future()


async def _goes_on_sending(peer: Peer) -> None:
    await peer.accept()
    await peer.event(CREATED)
    while True:
        await peer.raw(framed(TEXT, b'{"type":"ping","event_id":"event_2"}'))
        await asyncio.sleep(0)


async def _floods_behind_its_greeting(peer: Peer) -> None:
    await peer.accept()
    await peer.event(CREATED)
    while True:
        await peer.raw(framed(TEXT, b'{"type":"flood","event_id":"' + b"x" * 4_000 + b'"}') * 50)


async def _closes_and_stays(peer: Peer) -> None:
    await peer.accept()
    await peer.event(CREATED)
    await peer.reader.read(65_536)
    await peer.frame(CLOSE, b"\x03\xe8")
    await asyncio.get_running_loop().create_future()


@pytest.mark.parametrize(
    "behaviour",
    [
        _never_answers_a_close,
        hostile.stops_reading,
        _goes_on_sending,
        _floods_behind_its_greeting,
        _closes_and_stays,
    ],
)
def test_a_run_ends_by_its_deadline(tmp_path: Path, behaviour: Behaviour) -> None:
    async def perform() -> ConformanceRun:
        async with hostile.serving(behaviour) as url:
            choice = Choice(Endpoint(url, "openai"), offered({}), concurrency=8)
            run = ConformanceRun(Plan(catalogue(), tmp_path, choice, depth=QUICK, deadline=_DEADLINE_S))
            await run.perform()
            return run

    run = asyncio.run(perform())
    assert run.duration_s <= _DEADLINE_S + _MORE_S
    report = run.report()
    assert report.exit in (Exit.DOES_NOT_CONFORM, Exit.NOTHING_JUDGED, Exit.UNREACHABLE)
    assert {s.id for s in report.scenarios} == {s.id for s in catalogue()}, "each is accounted for"
