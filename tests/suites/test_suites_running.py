"""A run ends, whatever the server does; what it could not try is inconclusive, never passed."""

from __future__ import annotations

import asyncio
import contextlib
import gc
import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

from suites.crowding import RETRIES
from suites.outcome import Outcome
from suites.running import Run
from suites.scenario import Scenario, catalogue
from suites.scheduling import selected
from suites.talk import Talk, Undecided, Unmet
from tests.addresses import NOWHERE, refused
from tests.wire import hostile
from tests.wire.hostile import Behaviour, serving
from wire.endpoint import Endpoint, EndpointError, Timeouts

QUICK = Timeouts(connect=5.0, answer=0.1, response=0.2, silence=0.1, close=0.1)


def _scenario(act: Any, name: str = "act", **changes: Any) -> Scenario:
    """Return a scenario like the decorated functions of the suites."""
    from suites.scenario import scenario

    async def plain(talk: Talk) -> None:
        await act(talk)

    plain.__name__, plain.__module__ = name, "suites.test_made_up"
    return scenario("session/created/first", **changes)(plain)


async def _greeting(talk: Talk) -> None:
    await talk.opened()


def _play(folder: Path, behaviour: Behaviour | None, scenarios: Sequence[Scenario], **settings: Any) -> Run:
    """Play `scenarios` against a server that behaves so; None is a port where nobody listens."""

    async def play() -> Run:
        async with asyncio.timeout(30), contextlib.AsyncExitStack() as stack:
            if behaviour is None:
                url = stack.enter_context(refused())
            else:
                url = await stack.enter_async_context(serving(behaviour))
            run = Run(Endpoint(url, "openai", timeouts=QUICK), folder, **settings)
            await run.play(scenarios)
            return run

    return asyncio.run(play())


def _told(run: Run) -> list[tuple[str, str]]:
    return [(o.status, o.message) for o in run.outcomes]


# --- one scenario -----------------------------------------------------------------------------------------


def test_a_scenario_that_goes_as_far_as_it_wants(tmp_path: Path) -> None:
    run = _play(tmp_path, hostile.says_that_it_is_there, [_scenario(_greeting)])
    [outcome] = run.outcomes
    assert outcome.status == "passed"
    assert [p.name for p in outcome.traces] == ["made_up.act.jsonl"]
    assert all(p.exists() for p in outcome.traces)
    assert run.opened
    assert not run.given_up


@pytest.mark.parametrize(
    ("error", "status", "message"),
    [
        (Unmet("it was refused"), "stalled", "it was refused"),
        (Undecided("who knows"), "inconclusive", "who knows"),
        (EndpointError("no such file"), "inconclusive", "no such file"),
        (KeyError("a mistake of ours"), "harness-error", "KeyError: 'a mistake of ours'"),
        (AssertionError(), "harness-error", "AssertionError: "),
    ],
    ids=lambda value: type(value).__name__,
)
def test_how_a_scenario_may_end(tmp_path: Path, error: Exception, status: str, message: str) -> None:
    async def act(_: Talk) -> None:
        raise error

    run = _play(tmp_path, hostile.says_that_it_is_there, [_scenario(act), _scenario(_greeting, "after")])
    assert _told(run) == [(status, message), ("passed", "")]


def test_a_stall_is_told_and_costs_the_others_nothing(tmp_path: Path) -> None:
    async def act(talk: Talk) -> None:
        await talk.session.wait_for("never", within=0.05)

    run = _play(tmp_path, hostile.says_that_it_is_there, [_scenario(act), _scenario(_greeting, "after")])
    after, (status, message) = sorted(_told(run))
    assert status == "stalled"
    assert message.startswith("no never within")
    assert after == ("passed", "")


@pytest.mark.parametrize(
    ("settled", "after"),
    [
        ("another protocol", ("inconclusive", "another protocol")),
        ("", ("passed", "")),
        (None, ("passed", "")),
    ],
)
def test_a_run_that_its_first_turn_settles_ends_there(
    tmp_path: Path, settled: str | None, after: tuple[str, str]
) -> None:
    looked_at: list[str] = []

    def settles(path: Path) -> str | None:
        looked_at.append(path.name)
        return settled

    scenarios = [_scenario(_greeting), _scenario(_greeting, "then"), _scenario(_greeting, "last")]
    run = _play(tmp_path, hostile.says_that_it_is_there, scenarios, concurrency=1, settles=settles)
    assert _told(run) == [("passed", ""), after, after]
    assert run.settled == (settled or "")
    assert len(looked_at) == (3 if settled is None else 1), "until a turn was seen"


_ENDED = '{"type": "response.done", "event_id": "e2", "response": {"id": "r"}}'


@pytest.mark.parametrize(
    ("settled", "told"),
    [
        ("another dialect", [("inconclusive", "another dialect")] * 3),
        ("", [("stalled", "no never within")] * 2 + [("passed", "")]),
    ],
)
def test_a_turn_that_settles_the_run_ends_the_waits_of_all(
    tmp_path: Path, settled: str, told: list[tuple[str, str]]
) -> None:
    looked_at: list[Path] = []

    def settles(path: Path) -> str | None:
        looked_at.append(path)
        return settled if "response.done" in path.read_text(encoding="utf-8") else None

    async def waits(talk: Talk) -> None:
        await talk.session.wait_for("never", within=20 if settled else 0.1)

    async def hears_a_turn(talk: Talk) -> None:
        await talk.session.wait_for("response.done", within=20)
        if settled:
            await talk.session.wait_for("never", within=20)

    behaviour = hostile.text(json.dumps(hostile.CREATED), _ENDED)
    scenarios = [_scenario(waits, "one"), _scenario(waits, "two"), _scenario(hears_a_turn, "turn")]
    run = _play(tmp_path, behaviour, scenarios, settles=settles)
    assert sorted((status, message[:15]) for status, message in _told(run)) == sorted(told)
    assert run.settled == settled
    assert len(looked_at) == 1, "the first trace with a turn in it, while it is written"
    assert run.meter.seen is None


def test_a_run_whose_time_is_over_is_cut_off_and_says_so(tmp_path: Path) -> None:
    async def act(talk: Talk) -> None:
        await talk.session.wait_closed(within=60)

    scenarios = [_scenario(_greeting), _scenario(act, "long"), _scenario(act, "longer")]

    async def play() -> Run:
        async with serving(hostile.says_that_it_is_there) as url:
            run = Run(Endpoint(url, "openai"), tmp_path, concurrency=2)
            await run.play(scenarios, within=0.5)
            return run

    run = asyncio.run(play())
    assert run.cut_off
    told = {outcome.scenario.name: (outcome.status, outcome.message) for outcome in run.outcomes}
    assert len(told) == len(run.outcomes) == len(scenarios), "each once"
    assert all(told[name] == ("inconclusive", run.cut_off) for name in ("long", "longer"))


def test_a_scenario_that_would_take_for_ever_is_ended(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("suites.scheduling._SLACK_S", -4.9)

    async def act(talk: Talk) -> None:
        await talk.session.wait_closed(within=20)

    run = _play(tmp_path, hostile.says_that_it_is_there, [_scenario(act)])
    [(status, message)] = _told(run)
    assert status == "stalled"
    assert message.startswith("took longer than")


# --- what is not tried ------------------------------------------------------------------------------------


def test_another_dialect_and_what_is_not_offered_is_not_begun(tmp_path: Path) -> None:
    scenarios = [
        _scenario(_greeting, "one", where="labels_sessions"),
        _scenario(_greeting, "two", features=("mcp",)),
    ]
    run = _play(tmp_path, hostile.says_that_it_is_there, scenarios, offers={"mcp": False})
    assert _told(run) == [
        ("not-offered", "not part of the dialect openai"),
        ("not-offered", "the target does not offer mcp"),
    ]
    assert run.meter.sessions == 0


def test_scenarios_are_chosen_by_id_or_requirement() -> None:
    every = catalogue()
    assert selected(every, []) == every
    by_name = selected(every, ["session_update.one_field"])
    assert [s.id for s in by_name] == ["session_update.one_field"]
    by_requirement = selected(every, ["payload/session.updated"])
    assert by_requirement
    assert all("payload/session.updated" in s.provokes for s in by_requirement)
    assert selected(every, ["no such thing"]) == []


# --- servers that are not there ---------------------------------------------------------------------------

_MANY = [_scenario(_greeting, f"s{n}") for n in range(12)]


def test_nobody_is_asked_a_hundred_times(tmp_path: Path) -> None:
    run = _play(tmp_path, None, _MANY)
    assert not run.opened
    assert len(run.outcomes) == 12
    assert {o.status for o in run.outcomes} == {"inconclusive"}
    assert sum(bool(o.traces) for o in run.outcomes) == 1, "only one went ahead"
    assert "connection refused" in run.given_up


def test_one_refusal_is_enough(tmp_path: Path) -> None:
    run = _play(tmp_path, hostile.refuses(401), _MANY, probing=True)
    assert not run.opened
    assert "HTTP 401" in run.given_up
    assert sum(bool(o.traces) for o in run.outcomes) == 1


def test_a_mute_server_is_given_up(tmp_path: Path) -> None:
    run = _play(tmp_path, hostile.accepts_and_says_nothing, _MANY, concurrency=1)
    assert run.opened
    assert run.given_up == "the server accepts connections and says nothing"
    assert [o.status for o in run.outcomes] == ["stalled"] * 3 + ["inconclusive"] * 9


def test_a_server_that_ends_every_session_without_a_word_is_given_up_with_its_code(tmp_path: Path) -> None:
    async def ends(peer: hostile.Peer) -> None:
        await peer.accept()
        await peer.close(1011, "internal error")

    run = _play(tmp_path, ends, _MANY, concurrency=1)
    assert run.opened
    assert run.given_up == (
        "the server accepts connections and ends them before it says anything: "
        "close code 1011 (internal error)"
    )


def test_a_server_that_goes_away_is_given_up(tmp_path: Path) -> None:
    calls = 0

    async def behaviour(peer: hostile.Peer) -> None:
        nonlocal calls
        calls += 1
        if calls > 2:
            await peer.answer(503, "gone")
        else:
            await hostile.says_that_it_is_there(peer)

    run = _play(tmp_path, behaviour, _MANY, concurrency=1)
    assert [o.status for o in run.outcomes] == ["passed"] * 2 + ["inconclusive"] * 10
    # Places may be freed late, so the first refusal is no proof yet.
    assert calls == 2 + RETRIES + 5
    assert "HTTP 503" in run.given_up


def test_garbage_is_no_reason_to_give_up(tmp_path: Path) -> None:
    run = _play(tmp_path, hostile.text("{", "[]", "5"), _MANY[:4])
    assert [o.status for o in run.outcomes] == ["stalled"] * 4


async def _waits_in_vain(talk: Talk) -> None:
    await talk.session.wait_for("session.updated", within=20)


def test_a_server_that_floods_every_session_is_given_up(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("wire.incoming.MAX_FRAMES", 200)
    many = [_scenario(_waits_in_vain, f"s{n}") for n in range(12)]
    run = _play(tmp_path, hostile.floods, many, concurrency=1)
    assert run.given_up == "the server sends more than this suite listens to"
    assert [o.status for o in run.outcomes] == ["stalled"] * 3 + ["inconclusive"] * 9


@pytest.mark.parametrize("limit", ["_MOST_FRAMES", "_MOST_VOLUME"])
def test_a_run_listens_to_so_much_and_no_more(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, limit: str
) -> None:
    monkeypatch.setattr(f"suites.giving_up.{limit}", 15 if limit == "_MOST_FRAMES" else 400)
    behaviour = hostile.text(*['{"type":"session.created"}'] * 10)
    run = _play(tmp_path, behaviour, [_scenario(_all_ten, f"s{n}") for n in range(4)], concurrency=1)
    assert [o.status for o in run.outcomes] == ["passed"] * 2 + ["inconclusive"] * 2
    assert "more than this suite listens to" in run.given_up


async def _all_ten(talk: Talk) -> None:
    await talk.session.wait("ten", lambda _: len(talk.session.received) >= 10, after=0)


# --- the run as a whole -----------------------------------------------------------------------------------


def test_no_more_sessions_at_once_than_allowed(tmp_path: Path) -> None:
    running, most = 0, 0

    async def behaviour(peer: hostile.Peer) -> None:
        nonlocal running, most
        running += 1
        most = max(most, running)
        try:
            await hostile.says_that_it_is_there(peer)
        finally:
            running -= 1

    async def act(talk: Talk) -> None:
        await talk.opened()
        await talk.session.wait_closed(within=0.02)

    scenarios = [_scenario(act, f"s{n}") for n in range(9)]
    serial = [_scenario(act, f"alone{n}", serial=True) for n in range(2)]
    run = _play(tmp_path, behaviour, scenarios + serial, concurrency=3)
    assert 1 < most <= 4  # a server hears of a close a moment after the client has left
    assert [o.scenario.name for o in run.outcomes[-2:]] == ["alone0", "alone1"]


def test_an_interrupted_run_keeps_what_it_has(tmp_path: Path) -> None:
    async def for_ever(talk: Talk) -> None:
        await talk.opened()
        await talk.session.wait_closed(within=20)

    async def play() -> Run:
        async with serving(hostile.says_that_it_is_there) as url:
            run = Run(Endpoint(url, "openai", timeouts=QUICK), tmp_path)
            scenarios = [_scenario(_greeting, "first"), *(_scenario(for_ever, f"s{n}") for n in range(3))]
            heard = asyncio.Event()
            run.listener = _Listener(heard)
            task = asyncio.create_task(run.play(scenarios))
            async with asyncio.timeout(20):
                await heard.wait()
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)
            return run

    run = asyncio.run(play())
    assert _told(run)[0] == ("passed", "")
    assert {o.message for o in run.outcomes[1:]} <= {"interrupted"}


class _Listener:
    frames = None

    def __init__(self, heard: asyncio.Event) -> None:
        self.heard = heard

    def began(self, scenario: Scenario) -> None:
        pass

    def ended(self, _: Outcome) -> None:
        self.heard.set()


@pytest.mark.filterwarnings("error")
def test_a_wait_that_hesitates_while_the_run_is_being_stopped_begins_nothing(tmp_path: Path) -> None:
    run = Run(Endpoint(NOWHERE, "openai"), tmp_path)

    async def stopped() -> None:
        async with asyncio.TaskGroup() as run._tasks:
            pass
        run._play_apart(1, [_scenario(_greeting), _scenario(_greeting, "another")], parts=1)

    asyncio.run(stopped())
    gc.collect()  # a coroutine that nobody awaits would say so now
    assert run.outcomes == []
