"""Nobody is said to conform where what a verdict rests on was not decided, whatever else held."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import pytest

from protocol.dialect import DialectName
from protocol.json_values import Json
from realtime_conformance.application.conformance_run import ConformanceRun
from realtime_conformance.application.embedded import embedded
from realtime_conformance.application.plan import Plan
from reference.alterations import Alteration, Memory, StepFactory
from reference.behaviour import Behaviour
from reference.edits import drop, instead
from reference.server import ReferenceServer, ServerOptions
from reports.model import Exit, Report
from suites.depth import QUICK
from suites.scenario import catalogue

_CREDENTIAL = frozenset(("Y29uZm9ybWFuY2U6c3VpdGU=",))
_MODULES = ("test_bootstrap", "test_conversation_item_create", "test_response_streaming")
_FAILURE: Json = {"type": "failed", "error": {"type": "server_error", "code": None}}
_STREAMED = (
    "response.output_item.* response.content_part.* response.output_text.* response.output_audio.* "
    "response.output_audio_transcript.* response.function_call_arguments.*"
)


def _failed(event: Json, _memory: Memory) -> Json:
    ended = {**event["response"], "status": "failed", "status_details": _FAILURE, "output": [], "usage": None}
    return {**event, "response": ended}


def _is_generated(event: Json, memory: Memory) -> bool:
    return bool(memory.asked) and memory.asked[-1]["type"] == "response.create"


EVERY_RESPONSE_FAILS = (
    drop(_STREAMED),
    drop("conversation.item.added conversation.item.done", _is_generated),
    instead("response.done", _failed),
)


def _judged(
    folder: Path, dialect: DialectName, changes: Sequence[StepFactory] = (), absent: Sequence[str] = ()
) -> Report:
    """Run what touches the core of a server that only writes, and more."""

    async def play() -> ConformanceRun:
        behaviour = Behaviour(alteration=lambda _dialect: Alteration(tuple(changes)))
        async with ReferenceServer(ServerOptions(credentials=_CREDENTIAL), behaviour) as server:
            choice = embedded(server, dialect)
            waits = replace(choice.endpoint.timeouts, answer=1.0, response=3.0, silence=1.0)
            choice = replace(
                choice,
                declared={**choice.declared, **dict.fromkeys(absent, False)},
                endpoint=replace(choice.endpoint, timeouts=waits),
            )
            scenarios = [s for s in catalogue() if s.module in _MODULES]
            run = ConformanceRun(Plan(scenarios, folder, choice, depth=QUICK))
            await run.perform()
            return run

    return asyncio.run(play()).report()


@pytest.mark.parametrize("dialect", ["inworld", "openai"])
def test_a_server_of_which_every_response_fails_is_not_judged(tmp_path: Path, dialect: DialectName) -> None:
    report = _judged(tmp_path, dialect, EVERY_RESPONSE_FAILS)
    assert [r.id for r in report.failed] == []
    assert report.exit is Exit.NOTHING_JUDGED
    assert report.sentence.startswith("No verdict: response/item/done-exactly-once was not decided")


def test_a_server_that_only_writes_and_calls_nothing_conforms(tmp_path: Path) -> None:
    absent = ("audio-input", "audio-output", "server-vad", "semantic-vad", "manual-commit", "function-calls")
    report = _judged(tmp_path, "openai", absent=absent)
    assert report.exit is Exit.CONFORMS, report.sentence
    assert f"{report.decided} of {len(report.requirements)} decided" in report.sentence
