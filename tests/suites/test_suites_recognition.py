"""Scenarios go on with what they recognise: a wrong name of an event is for the rules about it."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from protocol.dialect import DialectName
from realtime_conformance.application.conformance_run import ConformanceRun
from realtime_conformance.application.embedded import embedded
from realtime_conformance.application.plan import Plan
from reference.altered_behaviour import differing
from reference.faults import FAULTS
from reference.server import ReferenceServer, ServerOptions
from suites.depth import QUICK
from suites.scenario import catalogue
from suites.talk import answers

_DRAWN = "test_conversations"  # ends by design where something is wrong


@pytest.mark.parametrize("dialect", ["openai", "inworld"])
def test_items_announced_by_the_retired_event_stall_nobody(dialect: DialectName, tmp_path: Path) -> None:
    scenarios = [s for s in catalogue() if s.module != _DRAWN]

    async def play() -> ConformanceRun:
        options = ServerOptions(credentials=frozenset(("Y29uZm9ybWFuY2U6c3VpdGU=",)))
        async with ReferenceServer(options, differing([FAULTS["announced-by-created"]])) as server:
            run = ConformanceRun(
                Plan(scenarios, tmp_path, embedded(server, dialect), depth=QUICK, probing=False)
            )
            await run.perform()
            return run

    run = asyncio.run(play())
    assert run.run is not None
    assert [(o.scenario.id, o.message) for o in run.run.outcomes if o.status == "stalled"] == []


def test_what_answers_a_client_event() -> None:
    assert answers("conversation.item.create") == ("conversation.item.added", "conversation.item.created")
    assert answers("session.update") == ("session.updated",)
    assert answers("response.cancel") == ()
