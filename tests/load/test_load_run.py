"""Load on the reference server: who obeys bears it, and what becomes wrong is found at the right step."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from pathlib import Path

import pytest

from load.breaking import courses_of
from load.judged_sessions import JudgedSessions
from load.load_counts import LoadCounts
from load.load_plan import LoadPlan, LoadStep
from load.load_run import LoadRun
from protocol.dialect import DialectName
from realtime_conformance.application.load_report import levels_of
from realtime_conformance.application.turn_observer import TurnObserver
from reference.altered_behaviour import differing
from reference.conditions import Conditions
from reference.faults import FAULTS
from reference.server import ReferenceServer, ServerOptions
from rules.rulebook import rulebook
from rules.verdicts import Level
from wire.budget import Budget
from wire.endpoint import Auth, Endpoint, Timeouts
from wire.meter import Meter

FAULT = "output-index-changes-midway"


def _played(
    tmp_path: Path,
    plan: LoadPlan,
    conditions: Conditions | None = None,
    *,
    fault: str = "",
    dialect: DialectName = "openai",
    budget: Budget | None = None,
    meanwhile: Callable[[LoadRun], None] = lambda _: None,
) -> LoadRun:
    options = ServerOptions(pace=0.0, conditions=conditions or Conditions())

    async def play() -> LoadRun:
        behaviour = differing([FAULTS[fault]]) if fault else None
        async with ReferenceServer(options, behaviour) as server:
            timeouts = Timeouts(answer=4.0, response=8.0, silence=4.0)
            scheme = Auth("basic" if dialect == "inworld" else "bearer", "example")
            endpoint = Endpoint(server.url(dialect), dialect, scheme, timeouts=timeouts)
            book = rulebook(dialect)
            run = LoadRun(plan, endpoint, tmp_path, book, TurnObserver, Meter(budget or Budget()))
            meanwhile(run)
            await run.play()
            return run

    return asyncio.run(play())


def _plan(*sessions: int, seconds: float = 1.0, **mix: float) -> LoadPlan:
    steps = tuple(LoadStep(sessions=each) for each in sessions)
    return LoadPlan(steps, seconds, mix or {"text": 1.0}, "full")  # type: ignore[arg-type]


@pytest.mark.parametrize("dialect", ["openai", "inworld"])
def test_a_server_that_obeys_bears_it(tmp_path: Path, dialect: DialectName) -> None:
    run = _played(tmp_path, _plan(1, 4, text=1, speech=1, tool=1), dialect=dialect)
    levels = levels_of(dialect, {})
    assert [c.id for c in courses_of(run.results, levels) if levels[c.id] is Level.MUST] == []
    for result in run.results:
        counts = result.counts
        assert counts.turns >= result.step.sessions
        assert not counts.stalled
        assert not counts.failed
        assert not counts.mistakes
        assert len([t for t in counts.tallies.values() if t.subjects]) > 40
        assert counts.times["turn"].number > 0
        assert counts.times["first audio"].number > 0
        assert counts.lag.number > 0
        assert result.whole
    assert run.results[1].most_open == 4
    assert run.meter.audio_s == pytest.approx(sum(r.counts.audio_s for r in run.results), abs=0.2)


def test_what_becomes_wrong_under_load_is_found_at_that_step(tmp_path: Path) -> None:
    run = _played(tmp_path, _plan(1, 2, 5, speech=1), Conditions(wrong_from=4), fault=FAULT)
    courses = courses_of(run.results, levels_of("openai", {}))
    [course] = [each for each in courses if each.breaks_at is not None]
    assert (course.id, course.breaks_at) == ("envelope/ids-keep-their-meaning", 2)
    [tally] = [run.results[2].counts.tallies[course.id]]
    assert tally.findings
    for finding in tally.findings:
        assert (tmp_path / f"{finding.trace}.jsonl").is_file(), "evidence is kept"


def test_traces_that_show_nothing_new_are_not_kept(tmp_path: Path) -> None:
    run = _played(tmp_path, _plan(3, seconds=2.0))
    assert run.results[0].counts.opened > 3
    assert len(list(tmp_path.glob("*.jsonl"))) == 2, "two show what a session looks like"


def test_who_is_refused_for_want_of_room_is_counted_and_not_failed(tmp_path: Path) -> None:
    run = _played(tmp_path, _plan(1, 4), Conditions(sessions=2, full="http-429"))
    first, second = (each.counts for each in run.results)
    assert not first.refused
    assert second.refused["HTTP 429"] >= 1
    assert not second.failed
    assert courses_of(run.results, {"handshake/opens": Level.MUST}) == []


@pytest.mark.parametrize("full", ["error", "close-1013"])
def test_so_is_who_is_told_so_afterwards(tmp_path: Path, full: str) -> None:
    run = _played(tmp_path, _plan(3), Conditions(sessions=1, full=full))  # type: ignore[arg-type]
    assert run.results[0].counts.refused.total() >= 1
    assert not run.results[0].counts.stalled


def test_sessions_may_come_at_a_rate(tmp_path: Path) -> None:
    plan = LoadPlan((LoadStep(rate=20.0),), 1.0, {"text": 1.0}, "full", seed=1)
    run = _played(tmp_path, plan)
    assert run.results[0].counts.opened > 5


def test_a_budget_ends_it(tmp_path: Path) -> None:
    run = _played(tmp_path, _plan(2, 4), budget=Budget(responses=5))
    assert "budget" in run.over
    assert run.meter.responses <= 5
    assert len(run.results) == 1
    assert not run.results[0].whole


def test_nobody_there_ends_it_soon(tmp_path: Path, refusing: str) -> None:
    endpoint = Endpoint(f"{refusing}/v1/realtime", "openai")
    run = LoadRun(_plan(10, 20, seconds=30), endpoint, tmp_path, rulebook("openai"), TurnObserver)
    asyncio.run(run.play())
    assert "connection refused" in run.over
    assert len(run.results) == 1
    assert run.results[0].counts.failed.total() >= 5
    assert not run.ever_opened


def test_a_mistake_of_ours_in_one_session_is_told_and_costs_the_others_nothing(tmp_path: Path) -> None:
    class Broken:
        def begin(self, *_: object) -> Broken:
            return self

        def take(self, _: object) -> None:
            raise KeyError("ours")

    counts = LoadCounts()
    sessions = JudgedSessions(Broken(), TurnObserver, lambda: counts)  # type: ignore[arg-type]
    path = tmp_path / "a.jsonl"
    sessions.begin(path, {})
    for seq in (1, 2):
        sessions.seen(path, {"seq": seq, "t": 0.0, "dir": "server", "kind": "text", "event": {}})
    sessions.finish(path)
    assert counts.mistakes == {"KeyError: 'ours'": 1}
