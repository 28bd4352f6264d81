"""A scenario provokes what it says it provokes, shown by what happens when it is really played."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, replace
from pathlib import Path

import pytest

from protocol.catalogue import having
from protocol.dialect import DialectName
from realtime_conformance.application.conformance_run import ConformanceRun
from realtime_conformance.application.embedded import Embedded, embedded
from realtime_conformance.application.plan import Plan
from reference.altered_behaviour import differing
from reference.server import ReferenceServer
from reference.variants import VARIANTS
from rules.requirements import registry
from rules.rulebook import rulebook
from rules.verdicts import Tally
from suites.features import ALL, ON_REQUEST, missing, offered
from suites.outcome import Outcome
from suites.scenario import Scenario, catalogue
from wire.trace_files import TraceFile

DIALECTS: tuple[DialectName, ...] = ("inworld", "openai")
ROOT = Path(__file__).resolve().parents[2]

CLIENT_EVENTS = (
    "session.update",
    "input_audio_buffer.append",
    "input_audio_buffer.commit",
    "input_audio_buffer.clear",
    "conversation.item.create",
    "conversation.item.retrieve",
    "conversation.item.delete",
    "conversation.item.truncate",
    "response.create",
    "response.cancel",
    "output_audio_buffer.clear",
)


RANDOM = {"test_conversations"}
ON_REQUEST_ONLY = [s for s in catalogue() if missing(s.features, {**offered({}), "authentication": True})]
"""What only a target with unusual features is asked; the embedded server of the other tests declares none."""


@dataclass(frozen=True)
class Played:
    """A whole run against the embedded reference server, judged scenario by scenario."""

    outcomes: dict[str, Outcome]
    tallies: dict[str, dict[str, Tally]]


@pytest.fixture(scope="module")
def played(tmp_path_factory: pytest.TempPathFactory) -> dict[DialectName, Played]:
    async def both() -> dict[DialectName, ConformanceRun]:
        plans = {
            d: ConformanceRun(Plan(catalogue(), tmp_path_factory.mktemp(d), Embedded(d))) for d in DIALECTS
        }
        await asyncio.gather(*(run.perform() for run in plans.values()))
        return plans

    return {dialect: _judged(dialect, run) for dialect, run in asyncio.run(both()).items()}


@pytest.fixture(scope="module")
def played_on_request(tmp_path_factory: pytest.TempPathFactory) -> dict[DialectName, Played]:
    """Play what only a target with unusual features is asked, against a server that has them all."""

    async def play(dialect: DialectName) -> ConformanceRun:
        behaviour = differing([VARIANTS["backchannel-audio"], VARIANTS["provider-data-shown"]])
        async with ReferenceServer(behaviour=behaviour) as server:
            choice = replace(embedded(server, dialect), declared=dict.fromkeys(ON_REQUEST, True))
            patient = replace(choice.endpoint.timeouts, silence=15.0)  # longer than an idle timeout
            choice = replace(choice, endpoint=replace(choice.endpoint, timeouts=patient))
            folder = tmp_path_factory.mktemp(f"{dialect}-on-request")
            run = ConformanceRun(Plan(ON_REQUEST_ONLY, folder, target=choice, probing=False))
            await run.perform()
            return run

    async def both() -> list[ConformanceRun]:
        return await asyncio.gather(*(play(dialect) for dialect in DIALECTS))

    return {d: _judged(d, run) for d, run in zip(DIALECTS, asyncio.run(both()), strict=True)}


def _judged(dialect: DialectName, run: ConformanceRun) -> Played:
    book = rulebook(dialect)
    assert run.run is not None
    tallies: dict[str, dict[str, Tally]] = {}
    for outcome in run.run.outcomes:
        total = tallies.setdefault(outcome.scenario.id, {})
        for path in outcome.traces:
            for id_, tally in book.judge(TraceFile(path)).items():
                total.setdefault(id_, Tally()).add(tally)
    return Played({o.scenario.id: o for o in run.run.outcomes}, tallies)


# --- the catalogue ----------------------------------------------------------------------------------------


@pytest.mark.parametrize("scenario", catalogue(), ids=lambda s: s.id)
def test_a_scenario_says_what_it_is_and_provokes(scenario: Scenario) -> None:
    known = {entry.id for entry in registry()}
    assert scenario.summary.endswith("."), "the first line of its docstring is its summary"
    assert scenario.provokes
    assert set(scenario.provokes) <= known
    assert len(set(scenario.provokes)) == len(scenario.provokes)
    assert set(scenario.features) <= set(ALL)
    for id_ in scenario.provokes:
        assert any(id_ in {e.id for e in registry().judged(d)} for d in having(scenario.where)), id_


def test_ids_are_unique() -> None:
    ids = [s.id for s in catalogue()]
    assert len(set(ids)) == len(ids)


@pytest.mark.parametrize("theme", [*CLIENT_EVENTS, "handshake", "bootstrap", "response_streaming"])
def test_each_client_event_and_theme_has_a_module(theme: str) -> None:
    module = f"test_{theme.replace('.', '_')}"
    assert [s for s in catalogue() if s.module == module]


def test_every_module_holds_only_scenarios() -> None:
    for path in sorted((ROOT / "suites").glob("test_*.py")):
        assert [s for s in catalogue() if s.module == path.stem], path.name


# --- played -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("dialect", DIALECTS)
def test_every_scenario_that_applies_goes_as_far_as_it_wants(
    played: dict[DialectName, Played], dialect: DialectName
) -> None:
    outcomes = played[dialect].outcomes
    assert set(outcomes) == {s.id for s in catalogue()}
    odd = {i: (o.status, o.message) for i, o in outcomes.items() if o.status not in ("passed", "not-offered")}
    assert odd == {}


def test_every_scenario_on_request_goes_as_far_as_it_wants(
    played_on_request: dict[DialectName, Played],
) -> None:
    for dialect, played in played_on_request.items():
        meant = {s.id for s in ON_REQUEST_ONLY if s.part_of(dialect)}
        passed = {id_ for id_, outcome in played.outcomes.items() if outcome.status == "passed"}
        assert meant <= passed, dialect


@pytest.mark.parametrize("scenario", ON_REQUEST_ONLY, ids=lambda s: s.id)
def test_what_a_scenario_on_request_provokes_is_examined_in_its_traces(
    played_on_request: dict[DialectName, Played], scenario: Scenario
) -> None:
    assert any(played.outcomes[scenario.id].traces for played in played_on_request.values())
    assert _unexamined(played_on_request, scenario) == []


def _unexamined(played: dict[DialectName, Played], scenario: Scenario) -> list[str]:
    """Return what `scenario` says it provokes, and nothing in its traces examines."""
    found = []
    for id_ in scenario.provokes:
        level = registry().by_id[id_].level
        where = [
            d
            for d in having(scenario.where)
            if d in level and d in played and played[d].outcomes[scenario.id].traces
        ]
        tallies = [played[d].tallies[scenario.id].get(id_, Tally()) for d in where]
        # Of what a server may do either way, it is only noted which way it took.
        if where and not any(t.subjects or t.observed for t in tallies):
            found.append(id_)
    return found


@pytest.mark.parametrize("scenario", [s for s in catalogue() if s.module not in RANDOM], ids=lambda s: s.id)
def test_what_a_scenario_provokes_is_examined_in_its_traces(
    played: dict[DialectName, Played], scenario: Scenario
) -> None:
    assert _unexamined(played, scenario) == []


@pytest.mark.parametrize("module", sorted(RANDOM))
def test_what_is_drawn_at_random_reaches_most_of_it(played: dict[DialectName, Played], module: str) -> None:
    scenarios = [s for s in catalogue() if s.module == module]
    provoked = {id_ for s in scenarios for id_ in s.provokes}
    missed = {id_ for s in scenarios for id_ in _unexamined(played, s)}
    assert len(missed) < len(provoked) / 2, f"not reached: {', '.join(sorted(missed))}"
