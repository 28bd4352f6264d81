"""Small scenarios share a session, and none of them pays for what another has met there."""

from __future__ import annotations

import asyncio
import itertools
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import pytest

from protocol.json_values import Json
from reference.alterations import Alteration, Close, Memory, Sent, SessionStep, StepFactory
from reference.behaviour import Behaviour
from reference.server import ReferenceServer, ServerOptions
from suites.depth import DEPTHS, QUICK, THOROUGH, Depth
from suites.outcome import Outcome
from suites.running import Run
from suites.scenario import Scenario, catalogue, scenario
from suites.scheduling import cost_of
from suites.talk import NotSaid, Talk, Unmet
from wire.endpoint import Auth, Endpoint, Timeouts

TIMEOUTS = Timeouts(answer=0.5, response=5.0, silence=0.5)


async def _says(talk: Talk) -> None:
    await talk.opened()
    await talk.say("Hello.")


async def _waits(talk: Talk) -> None:
    await talk.refused("input_audio_buffer.append", audio="")  # which nobody answers


async def _needs(_: Talk) -> None:
    raise Unmet("it was refused")


async def _lacks(_: Talk) -> None:
    raise NotSaid("nothing to say")


def _made(name: str, act: Callable[[Talk], Awaitable[None]], **settings: Any) -> Scenario:
    async def plain(talk: Talk) -> None:
        await act(talk)

    plain.__name__, plain.__module__ = name, "suites.test_made_up"
    return scenario("session/created/first", **{"shares": "together", **settings})(plain)


PILOT = _made("pilot", _says, shares="")


def _play(folder: Path, *members: Scenario, depth: Depth = QUICK, change: StepFactory | None = None) -> Run:
    async def play() -> Run:
        behaviour = Behaviour(alteration=lambda _: Alteration([change])) if change else None
        async with ReferenceServer(ServerOptions(pace=0.0), behaviour) as server:
            endpoint = Endpoint(server.url("openai"), "openai", auth=Auth("bearer", "a"), timeouts=TIMEOUTS)
            run = Run(endpoint, folder, depth=depth)
            await run.play([PILOT, *members])
            return run

    return asyncio.run(play())


def _outcomes(run: Run) -> dict[str, Outcome]:
    assert len({o.scenario.name for o in run.outcomes}) == len(run.outcomes), "each once"
    return {o.scenario.name: o for o in run.outcomes if o.scenario.name != "pilot"}


def test_they_share_a_session_and_its_trace(tmp_path: Path) -> None:
    run = _play(tmp_path, *(_made(name, _says) for name in "abc"))
    found = _outcomes(run)
    assert {o.status for o in found.values()} == {"passed"}
    assert {t.name for o in found.values() for t in o.traces} == {"made_up.together.jsonl"}
    assert [o.used.sessions for o in found.values()] == [1, 0, 0]
    assert run.meter.sessions == 2


def test_at_the_deepest_each_has_its_own(tmp_path: Path) -> None:
    run = _play(tmp_path, *(_made(name, _says) for name in "abc"), depth=THOROUGH)
    assert {len(o.traces) for o in _outcomes(run).values()} == {1}
    assert run.meter.sessions == 4


@pytest.mark.parametrize(("act", "status"), [(_waits, "passed"), (_needs, "stalled")])
def test_where_one_gets_no_further_the_others_have_sessions_of_their_own(
    tmp_path: Path, act: Callable[[Talk], Awaitable[None]], status: str
) -> None:
    acts = {"a": _says, "b": act, "c": _says, "d": _says}
    found = _outcomes(_play(tmp_path, *(_made(name, each) for name, each in acts.items())))
    assert {name: o.status for name, o in found.items()} == dict.fromkeys("acd", "passed") | {"b": status}
    assert {name: [t.name for t in o.traces] for name, o in found.items()} == {
        "a": ["made_up.together.jsonl"],
        "b": ["made_up.together.jsonl"],
        "c": ["made_up.c.jsonl"],
        "d": ["made_up.d.jsonl"],
    }


def test_one_that_has_nothing_to_say_disturbs_nobody(tmp_path: Path) -> None:
    found = _outcomes(_play(tmp_path, _made("a", _says), _made("b", _lacks), _made("c", _says)))
    assert [(o.status, o.message) for o in found.values()] == [
        ("passed", ""),
        ("not-offered", "nothing to say"),
        ("passed", ""),
    ]
    assert len({t for o in found.values() for t in o.traces}) == 1


def test_one_that_loses_the_connection_takes_nobody_along(tmp_path: Path) -> None:
    added = itertools.count(1)

    class Dying(SessionStep):
        def __init__(self, memory: Memory) -> None:
            super().__init__(memory)

        def outgoing(self, event: Json) -> list[Sent]:
            dies = event["type"] == "conversation.item.added" and next(added) == 3
            return [Close(1011)] if dies else [event]

    found = _outcomes(_play(tmp_path, *(_made(name, _says) for name in "abcd"), change=Dying))
    assert sorted(o.status for o in found.values()) == ["passed", "passed", "passed", "stalled"]
    assert found["c"].traces != found["d"].traces


@pytest.mark.parametrize("dialect", ["openai", "inworld"])
def test_only_those_of_one_kind_share(dialect: str) -> None:
    for each in catalogue():
        if each.shares:
            assert not each.serial, each.id
            assert not each.hasty, each.id
            assert not each.own_sessions or each.turns, f"{each.id} opens its sessions by itself"
        assert each.turns <= each.cost(THOROUGH).responses, each.id
        assert each.cost(DEPTHS[each.least]).sessions or not each.part_of(dialect), each.id


def test_what_is_not_of_a_depth_costs_nothing_there(tmp_path: Path) -> None:
    deep = _made("deep", _says, least="standard", responses=1, shares="")
    assert cost_of([deep], "openai", {}, QUICK, probing=False).most.sessions == 0
    found = _outcomes(_play(tmp_path, deep))
    assert (found["deep"].status, found["deep"].message) == ("not-offered", "played from depth standard on")
    assert found["deep"].traces == ()
