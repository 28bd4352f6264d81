"""Conversations with a server that obeys: repeatable, bounded, and they leave nothing behind."""

from __future__ import annotations

import asyncio
import json
import threading
from pathlib import Path

import pytest

from protocol.dialect import DialectName
from protocol.event_types import Event
from realtime_conformance.application.conformance_run import ConformanceRun
from realtime_conformance.application.embedded import embedded
from realtime_conformance.application.judging import contract_for, oracle
from realtime_conformance.application.plan import Plan
from reference.edits import has, put
from reference.server import ReferenceServer, ServerOptions
from reports.results_json import as_dict
from suites.conversations.content import Content, ExpectedItem, disagreement
from suites.conversations.table import STATES, TRANSITIONS, Coverage
from suites.depth import DEPTHS, QUICK, STANDARD, THOROUGH, Depth
from suites.scenario import catalogue
from suites.scheduling import selected
from tests.suites.conversations.holding import client_events, hold
from wire.budget import Budget

SHORT = Depth("short", examples=6, mutants="few", steps=8)


# --- what is said -----------------------------------------------------------------------------------------


def _said(folder: Path) -> list[list[str]]:
    """Return what clients said, conversation by conversation; what the server made up is left out."""
    traces = sorted((folder / "traces").glob("*.jsonl"), key=lambda p: (len(p.stem), p.stem))
    return [[json.dumps(_plain(e), sort_keys=True) for e in client_events(t)] for t in traces]


def _plain(event: Event) -> Event:
    made_up = ("item_id", "previous_item_id", "response_id")
    kept = ("root", "item_that_never_was", "resp_that_never_was")
    return {
        k: v for k, v in event.items() if k not in made_up or v in kept or str(v).startswith("item_note_")
    }


@pytest.mark.parametrize("name", ["conversations.written", "conversations.spoken"])
def test_the_same_seed_says_the_same(tmp_path: Path, name: str) -> None:
    depth = SHORT.changed(seed=7)
    for folder in ("one", "two"):
        assert not hold(tmp_path / folder, name=name, depth=depth).failing
    assert _said(tmp_path / "one") == _said(tmp_path / "two")


def test_the_same_seed_says_the_same_however_fast_the_answers_come(tmp_path: Path) -> None:
    """How far a response came before it was cancelled must not decide what is said next."""
    depth = Depth("long", examples=12, mutants="few", steps=25)
    for folder, pace in (("fast", 0.0002), ("slow", 0.01)):
        assert not hold(tmp_path / folder, name="conversations.spoken", depth=depth, pace=pace).failing
    assert _said(tmp_path / "fast") == _said(tmp_path / "slow")


def test_another_seed_says_something_else(tmp_path: Path) -> None:
    hold(tmp_path / "one", depth=SHORT)
    hold(tmp_path / "two", depth=SHORT.changed(seed=1))
    assert _said(tmp_path / "one") != _said(tmp_path / "two")


def test_the_number_of_examples_is_the_users(tmp_path: Path) -> None:
    for name, examples in (("conversations.written", 2), ("conversations.typed", 1)):
        held = hold(tmp_path / name, name=name, depth=SHORT.changed(examples=3))
        assert held.run.run is not None
        assert held.run.run.meter.sessions == 1 + examples  # one without a word


def test_depths_go_deeper() -> None:
    assert [*DEPTHS] == ["quick", "standard", "thorough"]
    assert QUICK.examples < STANDARD.examples < THOROUGH.examples
    assert QUICK.steps < STANDARD.steps < THOROUGH.steps
    changed = STANDARD.changed(seed=3, examples=5)
    assert changed == Depth("standard", 5, STANDARD.mutants, STANDARD.steps, 3, STANDARD.shares)


# --- a server that obeys ----------------------------------------------------------------------------------


@pytest.mark.parametrize("dialect", ["openai", "inworld"])
@pytest.mark.parametrize("depth", [QUICK, STANDARD], ids=lambda d: d.name)
def test_nothing_is_wrong_with_a_server_that_obeys(
    tmp_path: Path, dialect: DialectName, depth: Depth
) -> None:
    held = hold(tmp_path, name="conversations.", dialect=dialect, depth=depth)
    assert not held.failing
    assert {o.status for o in held.outcomes if o.scenario.played_at(depth)} == {"passed"}
    coverage = as_dict(held.report)["coverage"]
    assert coverage["states"]["visited"] >= (7 if depth is QUICK else 9)
    assert coverage["transitions"]["visited"] >= (25 if depth is QUICK else 50)
    assert not list((tmp_path / "replays").glob("*"))


def test_what_the_client_may_not_say_is_not_tried_where_it_is_not_offered(tmp_path: Path) -> None:
    async def perform() -> ConformanceRun:
        async with ReferenceServer(ServerOptions(pace=0.0)) as server:
            choice = embedded(server, "openai")
            declared = {**choice.declared, "retrieve": False, "manual-commit": False, "truncation": False}
            choice = type(choice)(choice.endpoint, declared, 8, choice.names)
            run = ConformanceRun(
                Plan(selected(catalogue(), ["conversations."]), tmp_path, choice, depth=SHORT, probing=False)
            )
            await run.perform()
        return run

    run = asyncio.run(perform())
    assert run.run is not None
    assert {o.scenario.name: o.status for o in run.run.outcomes} == {
        "written": "passed",
        "typed": "passed",
        "spoken": "not-offered",
    }
    said = {e["type"] for t in (tmp_path / "traces").glob("*.jsonl") for e in client_events(t)}
    assert "conversation.item.create" in said
    assert not {t for t in said if t == "conversation.item.retrieve" or t.endswith(("append", "commit"))}


# --- bounds -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("budget", [Budget(sessions=5), Budget(responses=2), Budget(sessions=0)], ids=str)
def test_a_small_budget_ends_it_before_it_begins(tmp_path: Path, budget: Budget) -> None:
    held = hold(tmp_path, depth=SHORT, budget=budget)
    (outcome,) = held.outcomes
    assert outcome.status == "inconclusive"
    assert outcome.over_budget
    assert held.run.run is not None
    assert held.run.run.meter.sessions == 0


def test_making_it_shorter_costs_no_more_than_was_set_aside(tmp_path: Path) -> None:
    wrong = put("conversation.item.deleted", "item_id", "item_of_another")
    held = hold(tmp_path, wrong, depth=QUICK)
    assert held.failing
    (outcome,) = held.outcomes
    declared = outcome.scenario.cost(QUICK)
    assert outcome.used.sessions <= declared.sessions
    assert outcome.used.responses <= declared.responses
    assert outcome.used.audio_s <= declared.audio_s
    # Attempts leave no trace behind.
    kept = list((tmp_path / "traces").glob("*.jsonl"))
    assert sorted(kept) == sorted(outcome.traces)
    assert len(kept) < outcome.used.sessions


def test_what_is_wrong_with_every_session_does_not_hide_the_rest(tmp_path: Path) -> None:
    everywhere = put("session.created", "session.model", 42)
    deeper = put("conversation.item.deleted", "item_id", "item_of_another")
    held = hold(tmp_path, everywhere, deeper, depth=QUICK)
    assert "payload/session.created" in held.failing
    assert any(id_.startswith("items/delete/") for id_ in held.failing)


# --- interruption and leaks -------------------------------------------------------------------------------


def test_an_interruption_ends_it_and_keeps_what_there_is(tmp_path: Path) -> None:
    async def perform() -> tuple[ConformanceRun, int]:
        async with ReferenceServer(ServerOptions(pace=0.01)) as server:
            run = ConformanceRun(
                Plan(
                    selected(catalogue(), ["conversations."]),
                    tmp_path,
                    embedded(server, "openai"),
                    depth=THOROUGH,
                    probing=False,
                )
            )
            task = asyncio.create_task(run.perform())
            while run.run is None or run.run.meter.sessions < 6:  # noqa: ASYNC110 - bounded by the test
                await asyncio.sleep(0.01)
            task.cancel()
            async with asyncio.timeout(20):
                await task
            return run, len(asyncio.all_tasks())

    before = threading.active_count()
    run, _ = asyncio.run(perform())
    assert threading.active_count() == before
    assert run.interrupted
    report = run.report()
    assert report.traces
    assert all(s.message == "interrupted" for s in report.scenarios)
    assert int(report.exit) == 2


def test_no_task_and_no_thread_is_left(tmp_path: Path) -> None:
    async def perform() -> set[str]:
        before = asyncio.all_tasks()
        async with ReferenceServer(ServerOptions(pace=0.0)) as server:
            run = ConformanceRun(
                Plan(
                    selected(catalogue(), ["conversations."]),
                    tmp_path,
                    embedded(server, "openai"),
                    depth=SHORT,
                    probing=False,
                )
            )
            await run.perform()
        return {t.get_name() for t in asyncio.all_tasks() - before}

    before = set(threading.enumerate())
    assert asyncio.run(perform()) == set()
    assert set(threading.enumerate()) == before


# --- the model, the table, the oracle ---------------------------------------------------------------------


def test_the_model_knows_what_must_be_there() -> None:
    sent = {"type": "message", "role": "user", "content": [{"type": "input_text", "text": "Hello."}]}
    item = ExpectedItem("item_1", sent=sent)
    assert not disagreement(item, {**sent, "id": "item_1", "status": "completed"})
    assert "role" in disagreement(item, {**sent, "id": "item_1", "role": "system"})
    assert "item_2" in disagreement(item, {**sent, "id": "item_2"})
    assert "says" in disagreement(item, {**sent, "id": "item_1", "content": []})
    assert "NoneType" in disagreement(item, None)
    said = ExpectedItem("item_3", words="Certainly.")
    answer = {"id": "item_3", "content": [{"type": "output_text", "text": "Certainly."}]}
    assert not disagreement(said, answer)
    assert disagreement(said, {"id": "item_3", "content": []})


def test_the_model_forgets_what_was_deleted() -> None:
    content = Content()
    assert (content.conversation, content.buffer, content.settings) == ("empty", "empty", "automatic")
    content.add(ExpectedItem("a"))
    content.add(ExpectedItem("b", spoken=True))
    assert content.nth(3) is content.items["b"]
    assert content.nth(5, spoken=False) is content.items["a"]
    content.delete("b")
    content.delete("b")
    assert (content.gone, content.nth(0, spoken=True)) == (["b"], None)
    content.buffer_ms = 40
    assert content.buffer == "short"
    content.buffer_ms = 100
    assert content.buffer == "enough"


def test_the_table_is_about_known_states() -> None:
    assert len(set(TRANSITIONS)) == len(TRANSITIONS)
    for row in TRANSITIONS:
        assert row.state in STATES[row.machine]
        assert row.outcome in ("done", "refused")


def test_coverage_tells_the_expected_from_the_unforeseen() -> None:
    coverage = Coverage()
    coverage.visit("buffer", "empty", "clear", done=True)
    coverage.visit("buffer", "empty", "commit", done=True)
    told = coverage.as_dict()
    assert told["states"] == {"visited": 1, "of": 9}
    assert [state for state, visited in told["by_state"].items() if visited] == ["buffer empty"]
    assert told["transitions"] == {"visited": 1, "of": len(TRANSITIONS)}
    assert told["unforeseen"] == ["buffer empty: commit done"]
    assert len(told["missed"]) == len(TRANSITIONS) - 1


def test_the_oracle_names_the_entry_and_heeds_what_is_offered(tmp_path: Path) -> None:
    wrong = put("conversation.item.retrieved", "item.content", [], has("item.type", "message"))
    held = hold(tmp_path, wrong, depth=QUICK)
    assert "items/retrieve/full-item" in held.failing
    result = next(r for r in held.report.requirements if r.id == "items/retrieve/full-item")
    finding = result.findings[0]
    trace = tmp_path / "traces" / f"{finding.trace}.jsonl"
    offered = oracle("openai", contract_for("openai"), dict)
    assert offered(trace)["items/retrieve/full-item"] == finding.seqs[0]
    withheld = oracle("openai", contract_for("openai"), lambda: {"retrieve": False})
    assert "items/retrieve/full-item" not in withheld(trace)
