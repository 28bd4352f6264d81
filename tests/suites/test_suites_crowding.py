"""A crowded or tired server is not a broken one; what it refused is counted, tried again, never hidden."""

from __future__ import annotations

import asyncio
import time
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pytest

import suites.crowding
from realtime_conformance.application.conformance_run import ConformanceRun
from realtime_conformance.application.embedded import embedded
from realtime_conformance.application.judging import contract_for, judge_traces
from realtime_conformance.application.plan import Plan
from reference.conditions import WAYS_TO_BE_FULL, Conditions
from reference.server import ReferenceServer, ServerOptions
from reports.html import html
from reports.markdown import markdown
from reports.model import Exit, Report
from suites.crowding import Crowd
from suites.depth import THOROUGH
from suites.running import Run
from suites.scenario import Scenario, catalogue
from tests.suites.test_suites_running import QUICK as QUICK_WAITS
from tests.suites.test_suites_running import _scenario
from tests.wire import hostile
from tests.wire.hostile import Peer, serving
from wire.endpoint import Endpoint
from wire.trace_files import TraceFile

_MODULES = (
    "test_bootstrap",
    "test_conversation_item_create",
    "test_conversation_item_delete",
    "test_handshake",
)
_SCENARIOS = [s for s in catalogue() if s.module in _MODULES]
_SPEAKING = [s for s in catalogue() if s.module in ("test_response_create", "test_response_cancel")]


@dataclass(frozen=True)
class Judged:
    """A run against the reference server: its report, and how often the server turned somebody away."""

    report: Report
    conformance: ConformanceRun
    turned_away: int

    @property
    def run(self) -> Run:
        assert self.conformance.run is not None
        return self.conformance.run

    def outcomes(self) -> set[str]:
        return {o.status for o in self.run.outcomes}


def _judged(
    folder: Path,
    conditions: Conditions,
    scenarios: list[Scenario] = _SCENARIOS,
    *,
    concurrency: int = 8,
    **options: Any,
) -> Judged:
    async def play() -> tuple[ConformanceRun, int]:
        credentials = frozenset(("Y29uZm9ybWFuY2U6c3VpdGU=",))
        made = ServerOptions(credentials=credentials, conditions=conditions, **options)
        async with ReferenceServer(made) as server:
            choice = replace(embedded(server, "openai"), concurrency=concurrency)
            conformance = ConformanceRun(
                Plan(scenarios, folder, choice, depth=THOROUGH, probing=False, whole=False)
            )
            await conformance.perform()
            return conformance, server.turned_away

    conformance, turned_away = asyncio.run(play())
    return Judged(conformance.report(), conformance, turned_away)


# --- no room ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("way", WAYS_TO_BE_FULL)
def test_a_server_with_little_room_conforms_and_the_report_says_how_often_it_refused(
    tmp_path: Path, way: Any
) -> None:
    made = _judged(tmp_path, Conditions(sessions=3, full=way, retry_after=0))
    report = made.report
    assert report.exit is Exit.CONFORMS
    assert made.outcomes() <= {"passed", "not-offered"}
    crowding = report.crowding
    assert crowding is not None
    assert sum(crowding.refused.values()) == made.turned_away > 0
    assert crowding.turned_away == 0
    assert crowding.at_once <= 3
    assert list(crowding.refused) == [_told(way)]
    for page in (markdown(report), html(report)):
        assert "for want of room" in page
        assert "concurrency" in page


def _told(way: str) -> str:
    kind, _, number = way.partition("-")
    return {"error": "error session_limit_reached", "http": f"HTTP {number}", "close": f"close {number}"}[
        kind
    ]


def test_traces_of_what_was_tried_again_are_marked_and_left_out_by_the_judge(tmp_path: Path) -> None:
    made = _judged(tmp_path, Conditions(sessions=2))
    files = sorted((tmp_path / "traces").glob("*.jsonl"))
    crowded = [p for p in files if TraceFile(p).header["attempt"] == "crowded"]
    assert len(crowded) == made.turned_away > 0
    assert all(TraceFile(p).header["name"] == p.stem for p in crowded)
    judgement = judge_traces(files, "openai", contract_for("openai"))
    assert judgement.crowded == len(crowded)
    assert sorted(judgement.by_trace) == sorted(p.stem for p in files if p not in crowded)
    violated = {id_ for id_, tally in judgement.total.items() if tally.violations}
    assert violated == {r.id for r in made.report.requirements if r.tally.violations}
    assert not {p.stem for p in crowded} & set(made.report.traces)


def test_a_place_that_is_freed_late_is_waited_for(tmp_path: Path) -> None:
    made = _judged(tmp_path, Conditions(sessions=1, slot_freed_after=0.2), _SCENARIOS[:8], concurrency=1)
    assert made.report.exit is Exit.CONFORMS
    assert made.outcomes() <= {"passed", "not-offered"}
    assert made.report.crowding is not None


@pytest.mark.parametrize("way", WAYS_TO_BE_FULL)
def test_a_refusal_while_no_other_session_is_open_is_judged(tmp_path: Path, way: Any) -> None:
    made = _judged(tmp_path, Conditions(sessions=0, full=way), _SCENARIOS[:3])
    assert made.report.crowding is None
    assert made.report.exit is not Exit.HARNESS_ERROR  # which it is, is for the rules to say
    assert made.turned_away > 0
    headers = [TraceFile(p).header["attempt"] for p in (tmp_path / "traces").glob("*.jsonl")]
    assert set(headers) == {"ordinary"}


def test_one_at_a_time_is_never_refused(tmp_path: Path) -> None:
    made = _judged(tmp_path, Conditions(sessions=2), concurrency=1)
    assert made.turned_away == 0
    assert made.report.crowding is None


def test_a_scenario_that_never_fits_is_inconclusive(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(suites.crowding, "_BACK_OFF_S", 0.01)
    monkeypatch.setattr(suites.crowding, "_LINGERING_S", 30.0)
    monkeypatch.setattr(suites.crowding, "_FIRST_LINGER_S", 0.0)
    monkeypatch.setattr(Crowd, "_until_free", lambda _: 0.01)
    calls = 0

    async def behaviour(peer: Peer) -> None:
        nonlocal calls
        calls += 1
        if calls == 1:
            await hostile.says_that_it_is_there(peer)
        else:
            await peer.answer(503, "no room")

    async def greeting(talk: Any) -> None:
        await talk.opened()

    async def play() -> Run:
        async with serving(behaviour) as url, asyncio.timeout(60):
            run = Run(Endpoint(url, "openai", timeouts=QUICK_WAITS), tmp_path, concurrency=1)
            run.crowd._linger_s = 0.0
            monkeypatch.setattr(run.crowd.__class__, "refuse", _refused_without_lingering)
            await run.play([_scenario(greeting, "one"), _scenario(greeting, "two")])
            return run

    run = asyncio.run(play())
    first, second = run.outcomes
    assert first.status == "passed"
    assert second.status == "inconclusive"
    assert "no room for the session (HTTP 503), 4 times" in second.message
    assert "--concurrency 1" in second.message
    assert calls == 1 + 4
    assert run.crowd.turned_away == 1
    assert run.crowd.refused == {"HTTP 503": 4}
    assert second.traces == ()


def _refused_without_lingering(crowd: Crowd, way: str, *, known: bool) -> None:
    del known
    crowd._pending -= 1
    crowd.refused[way] += 1


# --- whose turn it is -------------------------------------------------------------------------------------


def test_the_server_is_obeyed_when_it_says_when_to_come_again() -> None:
    async def wait(retry_after: float | None) -> float:
        crowd = Crowd()
        await crowd.turn()
        crowd.came_in()
        began = time.monotonic()
        waiting = asyncio.ensure_future(crowd.back_off(3, retry_after))
        await asyncio.sleep(0)
        crowd.left()
        await waiting
        return time.monotonic() - began

    assert asyncio.run(wait(0.3)) >= 0.3, "whatever else has happened meanwhile"
    assert asyncio.run(wait(None)) < 2.0, "a session was closed, so there is room again"


def test_nobody_is_obeyed_for_ever(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(suites.crowding, "MOST_BACK_OFF_S", 0.05)

    async def wait() -> None:
        async with asyncio.timeout(20):
            await Crowd().back_off(1, 1e9)

    asyncio.run(wait())


def test_what_the_server_bears_is_learned() -> None:
    async def learn() -> Crowd:
        crowd = Crowd()
        for _ in range(4):
            await crowd.turn()
        for _ in range(3):
            crowd.came_in()
        crowd.refuse("HTTP 429", known=False)
        assert crowd.limit == 3
        waiting = asyncio.ensure_future(crowd.turn())
        await asyncio.sleep(0)
        assert not waiting.done()
        crowd.left()
        async with asyncio.timeout(20):
            assert await waiting
        return crowd

    crowd = asyncio.run(learn())
    assert crowd.refused == {"HTTP 429": 1}
    assert crowd.others


# --- nothing left to spend --------------------------------------------------------------------------------


@pytest.mark.parametrize("quota", [0, 3])
def test_a_quota_that_ends_stops_the_run(tmp_path: Path, quota: int) -> None:
    made = _judged(tmp_path, Conditions(quota=quota), _SPEAKING)
    assert made.report.exit in (Exit.NOTHING_JUDGED, Exit.UNREACHABLE)
    assert "the quota of the account has ended (insufficient_quota" in made.report.sentence
    assert made.outcomes() <= {"passed", "inconclusive", "not-offered"}
    assert "inconclusive" in made.outcomes()
    assert made.run.meter.responses <= quota
    if not quota:
        assert made.run.meter.sessions == 1, "nobody is asked again"


# --- old, slow, and standing still ------------------------------------------------------------------------


@pytest.mark.parametrize("silent_age", [False, True])
def test_a_session_that_is_too_old_is_no_mistake_of_the_suite(tmp_path: Path, silent_age: bool) -> None:
    made = _judged(tmp_path, Conditions(silent_age=silent_age), _SPEAKING, lifetime=0.1, pace=0.02)
    assert made.report.exit is not Exit.HARNESS_ERROR
    assert "harness-error" not in made.outcomes()
    closes = [
        entry.detail
        for path in (tmp_path / "traces").glob("*.jsonl")
        for entry in TraceFile(path)
        if entry.kind == "close" and entry.dir == "server"
    ]
    assert {(detail or {})["code"] for detail in closes} == {1001}
    assert all((detail or {})["reason"] for detail in closes)


@pytest.mark.parametrize("after", [1, 40, 100])
def test_a_server_that_stands_still_once_conforms(tmp_path: Path, after: int) -> None:
    made = _judged(tmp_path, Conditions(standstill=5.5, standstill_after=after))
    assert made.report.exit is Exit.CONFORMS
    assert made.outcomes() <= {"passed", "not-offered"}
    deadlines = [
        entry.detail or {}
        for path in (tmp_path / "traces").glob("*.jsonl")
        for entry in TraceFile(path)
        if entry.kind == "deadline" and (entry.detail or {})["awaited"] != "nothing more"
    ]
    assert deadlines
    assert all(detail["listened_on_s"] > 0 for detail in deadlines), "none was listened past in vain"
    assert [r.id for r in made.report.failed] == [], "late is not never"


def test_events_that_come_late_at_random_stall_nobody(tmp_path: Path) -> None:
    made = _judged(tmp_path, Conditions(delay=0.5), _SCENARIOS[:12])
    assert made.outcomes() <= {"passed", "not-offered"}
