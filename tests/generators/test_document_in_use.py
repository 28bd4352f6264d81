"""With `--asyncapi`, that document says what is sent; where it and the facts disagree, nothing is owed."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from protocol.dialect import DialectName
from protocol.json_values import Json
from realtime_conformance.application.conformance_run import ConformanceRun
from realtime_conformance.application.embedded import embedded
from realtime_conformance.application.judging import contract_for
from realtime_conformance.application.plan import Plan, spoken_events
from realtime_conformance.cli import run_command_line
from reference.alterations import Alteration, Close, Memory, Sent, SessionStep
from reference.behaviour import Behaviour
from reference.server import ReferenceServer, ServerOptions
from reports.model import Exit, Report
from rules.verdicts import Verdict
from suites.depth import QUICK, STANDARD
from suites.outcome import Outcome
from suites.scenario import catalogue
from tests.generators.conftest import THIRD_PARTY
from wire.trace import Entry
from wire.trace_files import TraceFile

DOCUMENT = Path(__file__).parent / "somebody_elses.yaml"
GENERATED = [
    s
    for s in catalogue()
    if s.id.startswith(("generated_events.", "generated_mutants.", "generated_others."))
]
LACKING = ("item_retrieve", "item_truncate", "buffer_commit", "output_audio_buffer_clear")
DIALECTS: tuple[DialectName, ...] = ("inworld", "openai")


def _run(
    folder: Path, document: Path, dialect: DialectName, *changes: Any, only: str = "", depth: Any = QUICK
) -> tuple[Report, dict[str, Outcome]]:
    contract = contract_for(dialect, document)

    async def perform() -> ConformanceRun:
        behaviour = Behaviour(alteration=lambda _dialect: Alteration(changes)) if changes else None
        async with ReferenceServer(ServerOptions(pace=0.0005), behaviour) as server:
            run = ConformanceRun(
                Plan(
                    [s for s in GENERATED if only in s.id],
                    folder,
                    embedded(server, dialect),
                    contract,
                    spoken_events(contract),
                    depth=depth,
                    probing=False,
                    whole=False,
                )
            )
            await run.perform()
        return run

    run = asyncio.run(perform())
    assert run.run is not None
    return run.report(), {o.scenario.id: o for o in run.run.outcomes}


def _sent(outcome: Outcome) -> Iterator[Entry]:
    for path in outcome.traces:
        yield from (e for e in TraceFile(path) if e.dir == "client" and e.event is not None)


def _wrong(report: Report) -> list[tuple[str, list[str]]]:
    bad = report.of(Verdict.FAIL, Verdict.WARN, Verdict.INCONCLUSIVE, Verdict.HARNESS_ERROR)
    return [(r.id, [*r.tally.undecided, *(f.message for f in r.tally.findings)]) for r in bad]


@pytest.mark.parametrize("dialect", DIALECTS)
@pytest.mark.parametrize("depth", [QUICK, STANDARD], ids=lambda depth: depth.name)
def test_a_server_that_obeys_conforms_whatever_the_document_says(
    tmp_path: Path, dialect: DialectName, depth: Any
) -> None:
    report, outcomes = _run(tmp_path, DOCUMENT, dialect, depth=depth)
    assert _wrong(report) == []
    assert report.exit is Exit.CONFORMS
    unsaid = {i for i, o in outcomes.items() if o.status == "not-offered"}
    assert {o.status for o in outcomes.values()} == {"passed", "not-offered"}
    deeper = {i for i, o in outcomes.items() if not o.scenario.played_at(depth)}
    assert unsaid - deeper == {i for i in outcomes if i.endswith(LACKING)} - deeper, (
        "of what the document has not, nothing is sent"
    )


@pytest.mark.parametrize("dialect", DIALECTS)
@pytest.mark.skipif(not THIRD_PARTY.exists(), reason="the third party's AsyncAPI document is not there")
def test_a_server_that_obeys_conforms_by_the_third_partys_document(
    tmp_path: Path, dialect: DialectName
) -> None:
    report, outcomes = _run(tmp_path, THIRD_PARTY, dialect, depth=STANDARD)
    assert _wrong(report) == []
    others = outcomes.pop("generated_others.further_client_events")
    assert (others.status, "beside those of the dialect" in others.message) == ("not-offered", True)
    assert {o.status for o in outcomes.values()} <= {"passed"}


def _paths(value: Any, path: str = "") -> Iterator[str]:
    for name, each in value.items() if isinstance(value, dict) else ():
        yield f"{path}.{name}".lstrip(".")
        yield from _paths(each, f"{path}.{name}")


def test_what_is_sent_is_what_the_document_says_and_generate_lists(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    _, outcomes = _run(tmp_path, DOCUMENT, "inworld", depth=STANDARD, only="generated_events.")
    paths = {
        path
        for entry in _sent(outcomes["generated_events.session_update"])
        if entry.type == "session.update"
        for path in _paths(entry.event)
    }
    assert {
        "session.temperature",
        "session.metadata",
        "session.audio.input.turn_detection.threshold",
    } <= paths
    assert not {"session.tracing", "session.providerData", "session.include"} & paths
    listed = ["generate", "--json", "--kind", "walk", "--asyncapi", str(DOCUMENT)]
    assert run_command_line(listed) == 0
    lines = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    for type_ in ("session.update", "input_audio_buffer.append", "response.cancel"):
        name = type_.replace(".", "_")
        wanted = [line["event"] for line in lines if line["type"] == type_]
        found = [
            {k: v for k, v in e.event.items() if k != "event_id"}
            for e in _sent(outcomes[f"generated_events.{name}"])
            if e.event is not None and e.type == type_
        ]
        if type_ == "response.cancel":  # of a response that there is
            assert all("response_id" in event for event in found)
        else:
            assert [event for event in wanted if event not in found] == []


class _Silent(SessionStep):
    """A server that knows an event of its own, and says nothing to it."""

    def incoming(self, event: Json) -> Json:
        return {} if event.get("type") == "client.wave" else event

    def outgoing(self, event: Json) -> list[Sent]:
        about = event.get("error", {}) if event["type"] == "error" else {}
        return (
            []
            if about.get("param") == "type" or about.get("code") == "missing_required_parameter"
            else [event]
        )


class _Leaving(SessionStep):
    """A server that ends the session when the client waves."""

    def __init__(self, memory: Memory) -> None:
        super().__init__(memory)
        self._waved = False

    def incoming(self, event: Json) -> Json:
        self._waved = self._waved or event.get("type") == "client.wave"
        return event

    def outgoing(self, event: Json) -> list[Sent]:
        return [Close(1000)] if self._waved else [event]


@pytest.mark.parametrize("dialect", DIALECTS)
def test_an_event_that_only_the_document_has_may_be_answered_or_not(
    tmp_path: Path, dialect: DialectName
) -> None:
    other = "generated_others.further_client_events"
    for number, changes in enumerate(((), (_Silent,))):
        report, outcomes = _run(tmp_path / str(number), DOCUMENT, dialect, *changes, only=other)
        assert outcomes[other].status == "passed", outcomes[other].message
        assert len(outcomes[other].traces) == 1
        said = [e.event for e in _sent(outcomes[other]) if e.event and e.type.startswith("client.")]
        assert {"type": "client.wave", "times": 5} in said
        assert {"type": "client.wave", "times": 0} in said
        assert {"type": "client.bye"} in said
        if not changes:
            assert _wrong(report) == []
        assert "errors/every-event-answered" not in dict(_wrong(report))


def test_a_session_may_end_over_an_event_that_only_the_document_has(tmp_path: Path) -> None:
    other = "generated_others.further_client_events"
    report, outcomes = _run(tmp_path, DOCUMENT, "openai", _Leaving, only=other)
    assert outcomes[other].status == "inconclusive"
    assert report.of(Verdict.FAIL, Verdict.WARN, Verdict.HARNESS_ERROR) == []
