"""A server that keeps its own account of what clients make it spend."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from realtime_conformance.conformance import Plan, embedded
from reference.alterations import Alteration, Memory, Sent, Step
from reference.behaviour import Behaviour
from reference.server import Options, ReferenceServer
from suites.depth import QUICK, Depth
from suites.outcome import Outcome
from suites.scenario import Scenario
from wire.budget import Budget
from wire.endpoint import Dialect

PCM = 48_000
"""Bytes of a second of PCM16 at 24 kHz."""


@dataclass(slots=True)
class Account:
    """What all sessions together made the server do. `audio_s` is what it was sent."""

    sessions: int = 0
    responses: int = 0
    audio_s: float = 0.0
    sent_audio_s: float = 0.0
    rates: dict[str, int] = field(default_factory=dict)

    def alteration(self, _dialect: str) -> Alteration:
        self.sessions += 1
        return Alteration([lambda memory: _Counting(memory, self)])


class _Counting(Step):
    def __init__(self, memory: Memory, account: Account) -> None:
        super().__init__(memory)
        self._account = account
        self._rates = {"input": PCM, "output": PCM}

    def incoming(self, event: dict[str, Any]) -> dict[str, Any]:
        audio = event.get("audio")
        if event.get("type") == "input_audio_buffer.append" and isinstance(audio, str):
            self._account.audio_s += len(audio) * 3 / 4 / self._rates["input"]
        return event

    def outgoing(self, event: dict[str, Any]) -> list[Sent]:
        match event["type"]:
            case "response.created":
                self._account.responses += 1
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
    dialect: Dialect = "openai",
    depth: Depth = QUICK,
    probing: bool = True,
) -> tuple[Account, list[Outcome], Plan]:
    """Run `scenarios` within `budget`; return the server's account, the outcomes, and the plan."""
    account = Account()

    async def perform() -> Plan:
        async with ReferenceServer(Options(pace=0.0), Behaviour(alteration=account.alteration)) as server:
            choice = embedded(server, dialect)
            plan = Plan(scenarios, folder, choice, dialect, depth=depth, budget=budget, probing=probing)
            await plan.perform()
        return plan

    plan = asyncio.run(perform())
    assert plan.run is not None
    return account, plan.run.outcomes, plan
