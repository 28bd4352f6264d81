"""A server that keeps its own account of what clients make it spend."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from protocol.dialect import DialectName
from realtime_conformance.application.conformance_run import ConformanceRun
from realtime_conformance.application.embedded import embedded
from realtime_conformance.application.plan import Plan
from reference.alterations import Alteration, Memory, Sent, SessionStep
from reference.altered_behaviour import differing
from reference.conditions import Conditions
from reference.differences import Difference
from reference.server import ReferenceServer, ServerOptions
from suites.depth import QUICK, Depth
from suites.outcome import Outcome
from suites.scenario import Scenario
from wire.budget import Budget

PCM = 48_000
"""Bytes of a second of PCM16 at 24 kHz."""


@dataclass(slots=True)
class Account:
    """What all sessions together made the server do. `audio_s` is what it was sent.

    `asked` are the responses that it was asked for, whatever it made of that, and those that it owed to
    turns of its own.
    """

    sessions: int = 0
    responses: int = 0
    asked: int = 0
    differences: Sequence[Difference] = ()
    audio_s: float = 0.0
    sent_audio_s: float = 0.0
    rates: dict[str, int] = field(default_factory=dict)

    def alteration(self, family: tuple[DialectName, ...]) -> Alteration:
        self.sessions += 1
        meant = [each for each in self.differences if set(family) & set(each.dialects)]
        changes = [change for each in meant for change in each.changes]
        return Alteration([*changes, lambda memory: _Counting(memory, self)])  # the last sees what is said


class _Counting(SessionStep):
    def __init__(self, memory: Memory, account: Account) -> None:
        super().__init__(memory)
        self._account = account
        self._rates = {"input": PCM, "output": PCM}
        self._requests = 0
        self._made: set[Any] = set()  # ids of responses

    def incoming(self, event: dict[str, Any]) -> dict[str, Any]:
        if event.get("type") == "response.create":
            self._account.asked += 1
            self._requests += 1
        audio = event.get("audio")
        if event.get("type") == "input_audio_buffer.append" and isinstance(audio, str):
            self._account.audio_s += len(audio) * 3 / 4 / self._rates["input"]
        return event

    def outgoing(self, event: dict[str, Any]) -> list[Sent]:
        match event["type"]:
            case "response.created":
                self._account.responses += 1
                self._made.add(event["response"].get("id"))
                self._account.asked += len(self._made) > self._requests  # it answers a turn
            case "response.output_audio.delta":
                self._account.sent_audio_s += len(event["delta"]) * 3 / 4 / self._rates["output"]
            case "session.updated":
                for direction in self._rates:
                    format_ = event["session"]["audio"][direction]["format"]["type"]
                    self._rates[direction] = PCM if format_ == "audio/pcm" else 8_000
        return [event]


def spend(
    scenarios: list[Scenario],
    budget: Budget,
    folder: Path,
    *,
    dialect: DialectName = "openai",
    depth: Depth = QUICK,
    probing: bool = True,
    differences: Sequence[Difference] = (),
    conditions: Conditions | None = None,
    patience_s: float | None = None,
    pace_s: float = 0.0,
) -> tuple[Account, list[Outcome], ConformanceRun]:
    """Run `scenarios` within `budget`; return the server's account, the outcomes, and the plan.

    The server has `differences`, works under `conditions`, and needs `pace_s` for each delta; it is waited
    for with `patience_s`.
    """
    account = Account(differences=differences)

    async def perform() -> ConformanceRun:
        behaviour = replace(differing(differences), alteration=account.alteration)
        options = ServerOptions(pace=pace_s, conditions=conditions or Conditions())
        async with ReferenceServer(options, behaviour) as server:
            choice = embedded(server, dialect)
            if patience_s is not None:
                waits = replace(choice.endpoint.timeouts, answer=patience_s, silence=patience_s)
                choice = replace(choice, endpoint=replace(choice.endpoint, timeouts=waits))
            run = ConformanceRun(Plan(scenarios, folder, choice, depth=depth, budget=budget, probing=probing))
            await run.perform()
        return run

    run = asyncio.run(perform())
    assert run.run is not None
    return account, run.run.outcomes, run
