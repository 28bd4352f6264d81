"""Good traces of the suite's own scenarios: each is played once, on a session of its own."""

from __future__ import annotations

import asyncio
import contextlib
import tempfile
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path

from protocol.catalogue import dialect_of
from protocol.dialect import DialectName
from realtime_conformance.application.conformance_run import ConformanceRun
from realtime_conformance.application.embedded import Embedded, embedded
from realtime_conformance.application.plan import Plan
from realtime_conformance.application.targets import Choice
from reference.behaviour import Behaviour
from reference.handshake import Admission, Rejection, admit
from reference.server import ReferenceServer, ServerOptions
from suites.depth import STANDARD
from suites.scenario import catalogue
from wire.trace import RecordedTrace, in_root_words
from wire.trace_files import TraceFile

_CREDENTIAL = frozenset(("Y29uZm9ybWFuY2U6c3VpdGU=",))
_GENERATED = ("conversations.", "generated_")
_TRANSCRIBED = "conversation.item.input_audio_transcription.completed"


def of_scenarios(dialect: DialectName) -> dict[str, RecordedTrace]:
    """Return the traces of all scenarios that come out the same each time, by ``module.scenario``."""
    with tempfile.TemporaryDirectory() as folder:
        # On a session of its own, what a scenario shows is about nothing else.
        alone = replace(STANDARD, shares=False)
        run = ConformanceRun(
            Plan(target=_WithoutHabits(dialect), scenarios=catalogue(), out=Path(folder), depth=alone)
        )
        asyncio.run(run.perform())
        files = [TraceFile(path) for path in sorted((Path(folder) / "traces").glob("*.jsonl"))]
        words = dialect_of(dialect).words
        traces = {
            file.name: RecordedTrace(file.name, list(in_root_words(file, words)), file.header)
            for file in files
        }
        return {name: trace for name, trace in traces.items() if not _depends_on_time(trace)}


class _WithoutHabits(Embedded):
    """The reference server before a provider's habits, which follow its faults where a trace is replayed."""

    @contextlib.asynccontextmanager
    async def opened(self, seed: int) -> AsyncIterator[Choice]:
        options = ServerOptions(seed=seed, credentials=_CREDENTIAL)
        async with ReferenceServer(options, Behaviour(admit=_admit_without_habits)) as server:
            yield embedded(server, self.dialect)


def _admit_without_habits(
    target: str, headers: list[tuple[str, str]], credentials: frozenset[str] | None
) -> Admission | Rejection:
    verdict = admit(target, headers, credentials)
    if isinstance(verdict, Admission):
        return replace(verdict, dialect=replace(verdict.dialect, habits=()))
    return verdict


def _depends_on_time(trace: RecordedTrace) -> bool:
    """Tell whether a trace is another one each time: it was drawn, or the clock decides what comes first."""
    if trace.name.startswith(_GENERATED):
        return True
    if sum(entry.type == _TRANSCRIBED for entry in trace) > 1:
        return True
    cutting = ("response.cancel", "input_audio_buffer.speech_started")
    return any(entry.type in cutting for entry in trace) and any(e.type == "response.created" for e in trace)
