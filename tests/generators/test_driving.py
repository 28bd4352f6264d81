"""What is generated is sent on few sessions, survives their deaths, and is the same every time."""

from __future__ import annotations

import asyncio
import itertools
import json
from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from generators.frames import FRAMES
from generators.mutants import few
from protocol.dialect import DialectName
from protocol.json_values import Json
from reference.alterations import Alteration, Close, Memory, Sent, SessionStep
from reference.behaviour import Behaviour
from reference.edits import drop, put
from reference.faults import FAULTS
from reference.server import ReferenceServer, ServerOptions
from rules.requirements import registry
from rules.rulebook import rulebook
from rules.verdicts import Level, Tally
from suites.depth import QUICK, STANDARD, THOROUGH, Depth
from suites.generated import events_of
from suites.outcome import Outcome
from suites.running import Run
from suites.scenario import Scenario, catalogue
from wire.endpoint import Auth, Endpoint, Timeouts
from wire.trace import Entry
from wire.trace_files import TraceFile

DIALECTS: tuple[DialectName, ...] = ("openai", "inworld")
GENERATED = [s for s in catalogue() if s.id.startswith("generated_")]
MUTANTS = [s for s in GENERATED if s.id.startswith("generated_mutants.")]
FRAMED = [s for s in GENERATED if s.id.startswith("generated_frames.")]
TIMEOUTS = Timeouts(answer=4.0, response=20.0, silence=4.0)


def _played(
    folder: Path,
    scenarios: Sequence[Scenario],
    dialect: DialectName = "openai",
    *changes: Any,
    depth: Depth = QUICK,
) -> dict[str, Outcome]:
    async def play() -> list[Outcome]:
        behaviour = Behaviour(alteration=lambda _dialect: Alteration(changes)) if changes else None
        async with ReferenceServer(ServerOptions(pace=0.0005), behaviour) as server:
            endpoint = Endpoint(server.url(dialect), dialect, auth=Auth("bearer", "a-key"), timeouts=TIMEOUTS)
            return await Run(endpoint, folder, concurrency=4, depth=depth).play(scenarios)

    return {outcome.scenario.id: outcome for outcome in asyncio.run(play())}


def _violated(outcomes: dict[str, Outcome], dialect: DialectName = "openai") -> dict[str, int]:
    book, found = rulebook(dialect), dict[str, Tally]()
    for outcome in outcomes.values():
        for path in outcome.traces:
            for id_, tally in book.judge(TraceFile(path)).items():
                assert not tally.errors, (id_, tally.errors)
                found.setdefault(id_, Tally()).add(tally)
    binding = {e.id for e in registry().judged(dialect) if e.level[dialect] is not Level.MAY}
    return {id_: tally.violations for id_, tally in found.items() if tally.violations and id_ in binding}


def _sent(outcome: Outcome) -> list[Entry]:
    return [e for path in outcome.traces for e in TraceFile(path) if e.dir == "client" and e.kind != "close"]


def _labels(outcome: Outcome) -> list[dict[str, Any]]:
    return [e.detail["stimulus"] for e in _sent(outcome) if e.detail and "stimulus" in e.detail]


@pytest.mark.parametrize("dialect", DIALECTS)
def test_one_session_each_and_nothing_is_wrong(tmp_path: Path, dialect: DialectName) -> None:
    outcomes = _played(tmp_path, GENERATED, dialect, depth=replace(STANDARD, shares=False))
    others = outcomes.pop("generated_others.further_client_events")
    assert others.status == "not-offered", "our own documents have none"
    assert outcomes.pop("generated_frames.large_frames").message == "played from depth thorough on"
    assert {o.status for o in outcomes.values()} == {"passed"}, {i: o.message for i, o in outcomes.items()}
    mortal = {"generated_frames.invalid_utf_8"}
    assert {len(o.traces) for i, o in outcomes.items() if i not in mortal} <= {0, 1}
    assert _violated(outcomes, dialect) == {}


@pytest.mark.parametrize("dialect", DIALECTS)
def test_it_says_the_same_every_time(tmp_path: Path, dialect: DialectName) -> None:
    fixed = [
        s
        for s in GENERATED
        if not s.id.endswith(("response_cancel", "delete", "truncate", "response_create"))
    ]
    first, second = (_played(tmp_path / name, fixed, dialect) for name in ("first", "second"))
    for id_, outcome in first.items():
        texts = [[json.dumps(e.event) for e in _sent(o)] for o in (outcome, second[id_])]
        assert texts[0] == texts[1], id_


@pytest.mark.parametrize("dialect", DIALECTS)
def test_every_mutant_is_sent_with_its_label(tmp_path: Path, dialect: DialectName) -> None:
    alone = _played(tmp_path, MUTANTS, dialect, depth=replace(STANDARD, shares=False))
    for id_, outcome in alone.items():
        type_ = next(t for t in events_of(dialect).types if t.replace(".", "_") == id_.split(".")[1])
        wanted = [m.label for m in few(events_of(dialect).mutants(type_))]
        got = [{k: v for k, v in label.items() if k != "expects"} for label in _labels(outcome)]
        assert [label for label in got if label not in wanted] == []
        assert len(got) >= len(wanted) - 2  # one that makes another kind of session is left out
        assert [e.type for e in _sent(outcome)][-1] == "response.create", "a full turn ends it"


def test_every_frame_is_sent_with_its_label(tmp_path: Path) -> None:
    outcomes = _played(tmp_path, FRAMED)
    sent = Counter(label["frame"] for outcome in outcomes.values() for label in _labels(outcome))
    assert sent == Counter(frame.name for frame in FRAMES if not frame.large)
    fragmented = [e for o in outcomes.values() for e in _sent(o) if (e.detail or {}).get("fragments")]
    assert [(e.detail or {})["fragments"] for e in fragmented] == [3]


class _DiesOnce:
    """A server whose first session ends in the middle of the misuse."""

    def __init__(self) -> None:
        self._errors = itertools.count(1)

    def __call__(self, memory: Memory) -> SessionStep:
        errors = self._errors

        class Dying(SessionStep):
            def outgoing(self, event: Json) -> list[Sent]:
                dies = event["type"] == "error" and next(errors) == 4
                return [event, Close(1011, "internal error")] if dies else [event]

        return Dying(memory)


def test_after_a_death_the_rest_goes_to_a_new_session(tmp_path: Path) -> None:
    scenario = next(s for s in MUTANTS if s.id.endswith("session_update"))
    outcomes = _played(tmp_path, [scenario], "openai", _DiesOnce())
    outcome = outcomes[scenario.id]
    assert outcome.status == "passed", outcome.message
    assert len(outcome.traces) == 2
    unbroken = _played(tmp_path / "unbroken", [scenario])[scenario.id]
    assert _labels(outcome) == _labels(unbroken), "none is lost and none sent twice"
    assert "errors/session-survives" in _violated(outcomes)


def test_a_response_without_an_object_is_no_mistake_of_ours(tmp_path: Path) -> None:
    chosen = [
        s
        for s in GENERATED
        if s.id in ("generated_events.response_create", "generated_events.response_cancel")
    ]
    changed = put("response.created", "response", 7)
    outcomes = _played(tmp_path, chosen, "openai", changed, depth=STANDARD)
    assert {o.status for o in outcomes.values()} == {"stalled"}, {i: o.message for i, o in outcomes.items()}
    assert "payload/response.created" in _violated(outcomes)


def test_it_gives_up_on_a_server_that_dies_of_everything(tmp_path: Path) -> None:
    class Dying(SessionStep):
        def outgoing(self, event: Json) -> list[Sent]:
            return [event, Close(1011)] if event["type"] == "error" else [event]

    scenario = next(s for s in MUTANTS if s.id.endswith("session_update"))
    outcome = _played(tmp_path, [scenario], "openai", Dying)[scenario.id]
    assert outcome.status == "stalled"
    assert "ended 4 sessions" in outcome.message


def test_a_server_that_ignores_misuse_is_blamed_for_nothing_else(tmp_path: Path) -> None:
    chosen = [s for s in MUTANTS if s.id.endswith(("session_update", "item_create", "buffer_clear"))]
    violated = _violated(_played(tmp_path, chosen, "openai", drop("error")))
    assert violated.pop("errors/invalid-event-refused") > 20
    # What the facts refuse one by one, and what gets no answer at all.
    assert set(violated) <= {
        "errors/unknown-type-refused",
        "errors/not-an-event-refused",
        "errors/every-event-answered",
        "items/previous/unknown-refused",
        "items/create/unknown-call-refused",
    }


@pytest.mark.parametrize(
    ("fault", "requirement"),
    [
        ("param-points-elsewhere", "errors/param-points-at-fault"),
        ("turns-fail-after-misuse", "robustness/turn-after-misuse"),
        ("fragments-ignored", "robustness/fragments-joined"),
    ],
)
@pytest.mark.parametrize("dialect", DIALECTS)
def test_a_fault_is_found_and_is_one_finding(
    tmp_path: Path, dialect: DialectName, fault: str, requirement: str
) -> None:
    chosen = [s for s in GENERATED if s.id.endswith(("broken_frames", "mutants.session_update"))]
    violated = _violated(_played(tmp_path, chosen, dialect, *FAULTS[fault].changes), dialect)
    assert set(violated) == {requirement}


def test_costs_cover_what_is_spent(tmp_path: Path) -> None:
    for outcome in _played(tmp_path, GENERATED).values():
        cost, used = outcome.scenario.cost(QUICK), outcome.used
        assert used.sessions <= cost.sessions, outcome.scenario.id
        assert used.responses <= cost.responses, outcome.scenario.id
        assert used.audio_s <= cost.audio_s + 1e-6, outcome.scenario.id


def test_mutants_need_no_response_but_for_the_first_and_the_last_turn() -> None:
    for scenario in MUTANTS:
        if scenario.id.endswith("response_create"):
            continue
        assert scenario.cost(STANDARD).responses == scenario.cost(THOROUGH).responses == 2


@pytest.mark.parametrize("dialect", DIALECTS)
def test_those_that_share_a_session_ask_for_one_turn_before_all_misuse_and_one_after_it(
    tmp_path: Path, dialect: DialectName
) -> None:
    outcomes = _played(tmp_path, MUTANTS, dialect)
    [trace] = {path for outcome in outcomes.values() for path in outcome.traces}
    unlabelled = [
        e
        for e in TraceFile(trace)
        if e.dir == "client" and e.type == "response.create" and "stimulus" not in (e.detail or {})
    ]
    assert len(unlabelled) == 2


def test_one_that_loses_the_session_leaves_the_others_a_new_one(tmp_path: Path) -> None:
    chosen = [s for s in MUTANTS if s.id.endswith(("session_update", "item_create", "buffer_clear"))]
    outcomes = _played(tmp_path, chosen, "openai", _DiesOnce())
    assert {o.status for o in outcomes.values()} == {"passed"}
    assert {id_: len(o.traces) for id_, o in outcomes.items()} == {
        "generated_mutants.session_update": 1,
        "generated_mutants.input_audio_buffer_clear": 2,
        "generated_mutants.conversation_item_create": 1,
        "generated_mutants.output_audio_buffer_clear": 1,
    }
    unbroken = _played(tmp_path / "unbroken", chosen)
    labels = [
        {json.dumps(each) for o in played.values() for each in _labels(o)} for played in (outcomes, unbroken)
    ]
    assert labels[0] == labels[1], "none is lost"
    assert sum(o.used.responses for o in outcomes.values()) == 2
