"""What breaks whom: variants and faults of a server, tried on other people's clients (`tox -e impact`).

    python -m tests.interop.impact [--client NAME] [--only PATTERN] [--again] [--jobs N] [--at-most SECONDS]

Each client holds its conversation with the reference server untouched, then with each difference (as `serve
--fault NAME` or `--variant NAME` has it). The cells are written to `reference/impact/CLIENT.json` while they
come; what is there already and steady is not played again, so the command can be stopped and resumed. Legal
variants come first, for all clients. What is not unaffected is played a second time. A client that cannot be
installed, or that the untouched server does not satisfy, is named, gets no cells, and ends nothing else.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from fnmatch import fnmatchcase
from pathlib import Path

from realtime_conformance import __version__
from reference.absence import ABSENCE
from reference.altered_behaviour import differing
from reference.differences import Difference
from reference.faults import FAULTS
from reference.impact_records import ImpactCell, read_impact_record
from reference.server import ReferenceServer, ServerOptions
from reference.variants import VARIANTS
from tests.interop.conclusions import TURNS, Concluded
from tests.interop.impact_cells import confirmed, impact
from tests.interop.impact_differences import tried, watched
from tests.interop.realtime_clients import CLIENTS, NoConclusion, RealtimeClient, conclude

FOLDER = Path(__file__).resolve().parents[2] / "reference" / "impact"
_OPTIONS = ServerOptions(seed=0, pace=0.01)
_WRITE_EVERY = 20


@dataclass(slots=True)
class Impact:
    """All cells of one client, as they stand in a file."""

    client: RealtimeClient
    seconds: float
    versions: dict[str, str] = field(default_factory=dict)
    cells: dict[str, ImpactCell] = field(default_factory=dict)

    def as_json(self) -> str:
        """Return the file's text: what is unaffected by names alone, everything in the order of names."""
        by_outcome: dict[str, dict[str, list[str]]] = {}
        for name, each in sorted(self.cells.items()):
            by_outcome.setdefault(each.outcome, {})[name] = list(each.what)
        cells = {each: found if any(found.values()) else list(found) for each, found in by_outcome.items()}
        about = {
            "client": self.client.name,
            "version": self.client.version,
            "dialect": self.client.dialect,
            "versions": self.versions,
            "suite": __version__,
            "date": datetime.now(UTC).date().isoformat(),
            "seed": _OPTIONS.seed,
            "seconds": self.seconds,
        }
        return json.dumps({**about, "cells": cells}, indent=1, ensure_ascii=False) + "\n"


def read_cells(file: Path) -> dict[str, ImpactCell]:
    """Return the cells that stand in a file; none if there is no such file."""
    return dict(read_impact_record(file).cells) if file.exists() else {}


async def hold_with(
    client: RealtimeClient, difference: Difference | None, seconds: float
) -> tuple[Concluded | NoConclusion, bool]:
    """Return what a client concludes with a server that differs so, and whether the difference has acted."""
    acted = False

    def note() -> None:
        nonlocal acted
        acted = True

    behaviour = None if difference is None else differing([watched(difference, note)])
    with tempfile.TemporaryDirectory() as folder:
        async with ReferenceServer(_OPTIONS, behaviour) as server:
            told = await conclude(client, server, Path(folder), seconds)
    return told, acted


async def cell_of(
    client: RealtimeClient, before: Concluded, difference: Difference, seconds: float
) -> ImpactCell:
    """Return the cell of one difference; what is not unaffected has to be so twice."""
    told, acted = await hold_with(client, difference, seconds)
    first = impact(before, told, acted=acted)
    if first.outcome in ("unaffected", "not exercised"):
        return first
    told, acted = await hold_with(client, difference, seconds)
    return confirmed(first, impact(before, told, acted=acted))


async def fill(
    client: RealtimeClient, file: Path, names: Collection[str], *, seconds: float, jobs: int, until: float
) -> str:
    """Play what a file lacks of some differences, for at most so long, and return a sentence about it.

    ``until`` is a time of the monotonic clock; no cell is begun after it.
    """
    before, _ = await hold_with(client, None, seconds)
    if isinstance(before, NoConclusion):
        return f"{client.title}: {before.reason}"
    if not before.turns.keys() >= {*TURNS} or not all(turn.ended for turn in before.turns.values()):
        return f"{client.title}: the untouched server does not satisfy it"
    every = tried(client.dialect)
    known = {name: each for name, each in read_cells(file).items() if each.outcome != "unsteady"}
    found = Impact(client, seconds, before.versions, {name: known[name] for name in every if name in known})
    missing = [name for name in every if name in names and name not in known]
    waiting = iter(missing)

    async def work() -> None:
        for name in waiting:
            if time.monotonic() > until:
                return
            found.cells[name] = await cell_of(client, before, every[name], seconds)
            if len(found.cells) % _WRITE_EVERY == 0:
                _write(file, found)

    async with asyncio.TaskGroup() as workers:
        for _ in range(jobs):
            workers.create_task(work())
    _write(file, found)
    return _sentence(found, len(every))


def _write(file: Path, found: Impact) -> None:
    """Put the file there whole, so that who is stopped leaves no half of it."""
    file.parent.mkdir(parents=True, exist_ok=True)
    unfinished = file.with_suffix(".part")
    unfinished.write_text(found.as_json(), encoding="utf-8")
    unfinished.replace(file)


def _sentence(found: Impact, every: int) -> str:
    counted = Counter(each.outcome for each in found.cells.values())
    outcomes = ", ".join(f"{count} {outcome}" for outcome, count in counted.most_common())
    return f"{found.client.title}: {len(found.cells)} of {every} cells: {outcomes}"


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--client", action="append", choices=CLIENTS, help="only this one; repeatable")
    parser.add_argument("--only", default="*", metavar="PATTERN", help="only differences with such names")
    parser.add_argument("--again", action="store_true", help="forget the cells that there are")
    parser.add_argument("--jobs", type=int, default=4, metavar="N", help="conversations at once")
    parser.add_argument("--seconds", type=float, default=4, metavar="S", help="the bound of each turn")
    parser.add_argument(
        "--at-most", type=float, default=3600, metavar="S", help="begin no cell after so long"
    )
    given = parser.parse_args(arguments)
    until = time.monotonic() + given.at_most
    clients = given.client or [*CLIENTS]
    if given.again:
        for name in clients:
            (FOLDER / f"{name}.json").unlink(missing_ok=True)
    bounds = {"seconds": given.seconds, "jobs": given.jobs, "until": until}
    for among in (VARIANTS, FAULTS.keys() | ABSENCE.keys()):
        wanted = {name for name in among if fnmatchcase(name, given.only)}
        for name in clients if wanted else ():
            file = FOLDER / f"{name}.json"
            print(asyncio.run(fill(CLIENTS[name], file, wanted, **bounds)), flush=True)  # noqa: T201
    return 0


if __name__ == "__main__":
    sys.exit(main())
