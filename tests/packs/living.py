"""Runs of a pack's scenarios against the reference server's service of that channel, judged."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable
from pathlib import Path

from packs.pack import Pack
from packs.pack_run import PackRun, PlayedTalk
from packs.scenario import PackScenario
from reference.altered_behaviour import differing
from reference.differences import Difference
from reference.server import ReferenceServer, ServerOptions
from rules.requirements import Requirement
from rules.verdicts import Level, Tally, Verdict, verdict_of
from suites.depth import STANDARD, Depth
from wire.endpoint import Auth, Endpoint, Timeouts
from wire.meter import Meter
from wire.trace_files import TraceFile

QUICK = Timeouts(connect=2.0, answer=0.6, response=4.0, silence=0.8, close=0.3)
"""The reference server answers within milliseconds."""


def play(
    pack: Pack,
    folder: Path,
    differences: Iterable[Difference] = (),
    only: Iterable[str] = (),
    depth: Depth = STANDARD,
) -> list[PlayedTalk]:
    """Play the scenarios of `pack`, or `only` those with such ids, against a server that differs so."""
    wanted = set(only)
    scenarios = [
        each for each in pack.scenarios if each.id in (wanted or {each.id}) and each.played_at(depth)
    ]
    return asyncio.run(_play(pack, folder, tuple(differences), scenarios, depth))


async def _play(
    pack: Pack,
    folder: Path,
    differences: tuple[Difference, ...],
    scenarios: list[PackScenario],
    depth: Depth,
) -> list[PlayedTalk]:
    options = ServerOptions(credentials=frozenset(("a2V5",)))
    async with ReferenceServer(options, differing(list(differences))) as server:
        url = server.channel_url(pack.name)
        endpoint = Endpoint(url, "inworld", Auth("basic", "a2V5"), timeouts=QUICK, adds_query=False)
        run = PackRun(pack, endpoint, folder, Meter(), concurrency=8, depth=depth)
        await run.play(scenarios)
        return run.played


def judged(pack: Pack, played: Iterable[PlayedTalk]) -> dict[str, Verdict]:
    """Return the verdict on each requirement, over all traces."""
    judge, total = pack.judge("inworld"), dict[str, Tally]()
    for each in played:
        for path in each.traces:
            for id_, tally in judge.judge(TraceFile(path)).items():
                total.setdefault(id_, Tally()).add(tally)
    entries: list[Requirement] = pack.registry().judged("inworld")
    return {
        e.id: verdict_of(total.get(e.id, Tally()), Level(e.level["inworld"]), offered=True) for e in entries
    }
