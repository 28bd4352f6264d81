"""What each depth adds: requirements, faults caught, cost: python benchmarks/depths.py.

    python benchmarks/depths.py --cost [--depth quick]
    python benchmarks/depths.py --faults --jobs 6 [--take FILE]

`--cost` plays all scenarios against the reference server, at each depth in each dialect, and notes what was
spent and which requirements were decided. `--faults` plays all of them against a server with each fault (see
`live_faults.py`, whose files `--take` takes over): quickly first, then at each further depth what the one
before it has not caught. What is found is kept in `depths.yaml` beside this file as it is found, and is not
played again: remove an entry to have it measured anew. `docs/depths.md` is made of it: python -m tests.accept
pages.
"""

from __future__ import annotations

import argparse
import asyncio
import functools
import os
import sys
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path

import yaml

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from benchmarks.live_faults import Found, all_played, cases_of, in_child
from protocol.dialect import DialectName
from realtime_conformance.application.conformance_run import ConformanceRun
from realtime_conformance.application.embedded import embedded
from realtime_conformance.application.plan import Plan
from reference.differences import BOTH
from reference.server import ReferenceServer, ServerOptions
from rules.verdicts import Verdict
from suites.depth import DEPTHS
from suites.scenario import catalogue
from wire.budget import Cost

FILE = Path(__file__).with_name("depths.yaml")
_DECIDED = (Verdict.PASS, Verdict.FAIL, Verdict.WARN)
_LIMIT_S = 900.0
_PATIENCE_S = 60.0  # it answers everything; that a machine is busy is no silence
_PACE_S = 0.01  # between two deltas: no answer is over before something is said meanwhile


@dataclass(frozen=True, slots=True)
class Measured:
    """What all scenarios of a depth have cost on the reference server, and what was decided there."""

    spent: Cost
    decided: frozenset[str]


@dataclass(slots=True)
class Depths:
    """What is known of all depths.

    `measured` is by depth and dialect. `caught` says for each fault, as `NAME (DIALECT)`, which is the
    shallowest depth that catches it; those that a depth has missed, and that were played at no further one
    yet, are in `missed` with that depth.
    """

    measured: dict[str, dict[DialectName, Measured]] = field(default_factory=dict)
    caught: dict[str, str] = field(default_factory=dict)
    missed: dict[str, str] = field(default_factory=dict)

    def added(self, depth: str, dialect: DialectName) -> list[str]:
        """Return the requirements that `depth` decides in `dialect`, and no shallower one does."""
        names = list(DEPTHS)
        before = (self.measured.get(each, {}).get(dialect) for each in names[: names.index(depth)])
        known = {id_ for each in before if each is not None for id_ in each.decided}
        return sorted(self.measured[depth][dialect].decided - known)

    def first_caught(self, depth: str) -> list[str]:
        """Return the faults that are caught from `depth` on."""
        return sorted(name for name, first in self.caught.items() if first == depth)

    def note(self, found: Found) -> None:
        """Take over what was found in a server with one fault."""
        name = fault_key(found.fault, found.dialect)
        if found.caught:
            self.missed.pop(name, None)
            self.caught[name] = found.depth
        elif not found.problem:
            self.missed[name] = found.depth


def fault_key(fault: str, dialect: DialectName) -> str:
    """Return what a fault in a dialect is called in the file."""
    return f"{fault} ({dialect})"


def measured(depth: str, dialect: DialectName) -> Measured:
    """Play all scenarios against the reference server."""

    async def perform(folder: Path) -> ConformanceRun:
        async with ReferenceServer(ServerOptions(pace=_PACE_S)) as server:
            choice = embedded(server, dialect)
            waits = replace(choice.endpoint.timeouts, answer=_PATIENCE_S, silence=_PATIENCE_S)
            choice = replace(choice, endpoint=replace(choice.endpoint, timeouts=waits))
            run = ConformanceRun(Plan(catalogue(), folder, choice, depth=DEPTHS[depth]))
            await run.perform()
        return run

    with tempfile.TemporaryDirectory() as folder:
        run = asyncio.run(perform(Path(folder)))
        if run.run is None:
            raise RuntimeError("the run did not begin")
        meter, report = run.run.meter, run.report()
    decided = (each.requirement.id for each in report.requirements if each.verdict in _DECIDED)
    return Measured(Cost(meter.sessions, meter.responses, round(meter.audio_s, 1)), frozenset(decided))


# --- the file ---------------------------------------------------------------------------------------------


def read(file: Path = FILE) -> Depths:
    """Return what the file holds, nothing where there is none."""
    if not file.exists():
        return Depths()
    told = yaml.safe_load(file.read_text(encoding="utf-8"))
    depths = Depths()
    for depth, by_dialect in (told.get("measured") or {}).items():
        found = depths.measured.setdefault(depth, {})
        for dialect, values in by_dialect.items():
            before = [each[dialect].decided for each in depths.measured.values() if dialect in each]
            decided = frozenset(values["also_decided"]).union(*before)
            found[dialect] = Measured(Cost(**values["spent"]), decided)
    for depth, names in (told.get("caught") or {}).items():
        depths.caught |= dict.fromkeys(names, depth)
    for depth, names in (told.get("missed") or {}).items():
        depths.missed |= dict.fromkeys(names, depth)
    return depths


def written(depths: Depths) -> str:
    """Return what is to stand in the file."""
    measures = {
        depth: {
            dialect: {"spent": asdict(each.spent), "also_decided": depths.added(depth, dialect)}
            for dialect, each in sorted(depths.measured[depth].items())
        }
        for depth in DEPTHS
        if depth in depths.measured
    }
    told = {
        "measured": measures,
        "caught": _by_depth(depths.caught),
        "missed": _by_depth(depths.missed),
    }
    text = yaml.safe_dump(told, sort_keys=False, width=110, allow_unicode=True)
    return f"# Written by `python benchmarks/depths.py`.\n{text}"


def _by_depth(depths: Mapping[str, str]) -> dict[str, list[str]]:
    found = {depth: sorted(name for name, each in depths.items() if each == depth) for depth in DEPTHS}
    return {depth: names for depth, names in found.items() if names}


# --- measuring --------------------------------------------------------------------------------------------


def _measure(depths: Depths, names: Sequence[str]) -> None:
    for depth in names:
        for dialect in BOTH:
            if dialect in depths.measured.get(depth, {}):
                continue
            depths.measured.setdefault(depth, {})[dialect] = measured(depth, dialect)
            FILE.write_text(written(depths), encoding="utf-8")
            print(f"{depth}, {dialect}: {depths.measured[depth][dialect].spent}", file=sys.stderr)


def _catch(depths: Depths, names: Sequence[str], jobs: int) -> None:
    left = [case for case in cases_of() if fault_key(*case) not in depths.caught]
    for depth in names:
        tried = list(DEPTHS)[list(DEPTHS).index(depth) :]
        cases = [case for case in left if depths.missed.get(fault_key(*case)) not in tried]
        runs = all_played(cases, jobs, _LIMIT_S, functools.partial(in_child, depth=depth))
        for number, found in enumerate(runs, 1):
            depths.note(found)
            FILE.write_text(written(depths), encoding="utf-8")
            said = found.problem or ("caught" if found.caught else "missed")
            print(f"{depth} {number}/{len(cases)} {found.fault}: {said}", file=sys.stderr)
        left = [case for case in left if fault_key(*case) not in depths.caught]


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description=__doc__.split("\n", 1)[0] if __doc__ else None)
    parser.add_argument("--cost", action="store_true", help="what is spent and decided")
    parser.add_argument("--faults", action="store_true", help="which faults are caught")
    parser.add_argument("--depth", choices=list(DEPTHS), help="only that one")
    parser.add_argument("--jobs", type=int, default=os.cpu_count() or 1, metavar="N", help="runs at once")
    parser.add_argument("--take", type=Path, action="append", default=[], metavar="FILE", help="found before")
    given = parser.parse_args(arguments)
    depths = read()
    for file in given.take:
        for line in file.read_text(encoding="utf-8").splitlines():
            if line.endswith("}"):
                depths.note(Found.read(line))
        FILE.write_text(written(depths), encoding="utf-8")
    names = [given.depth] if given.depth else list(DEPTHS)
    if given.cost:
        _measure(depths, names)
    if given.faults:
        _catch(depths, names, given.jobs)
    return 0


if __name__ == "__main__":
    sys.exit(main())
