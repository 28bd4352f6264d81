"""What a whole run finds in a server with one fault, for every fault: python benchmarks/live_faults.py.

For each fault of the reference server, all scenarios are played (`--depth`) against a server that has it, and
what was captured is judged. One defect is to be one finding: printed are median, 95th percentile and the
worst ten of how many requirements fail, and of how many fail or warn.

    python benchmarks/live_faults.py --out found.jsonl [--only 'response-*'] [--sample 40] [--depth standard]

`--out` keeps each run as a line of JSON. What is in that file already is not run again, so that the command
can be interrupted and resumed; begin a new file when the judge has changed.
"""

from __future__ import annotations

import argparse
import asyncio
import functools
import json
import multiprocessing
import os
import random
import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, dataclass
from fnmatch import fnmatchcase
from multiprocessing.connection import Connection, wait
from multiprocessing.process import BaseProcess
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from benchmarks.company import astray, declaring, unseen, variants
from protocol.dialect import DialectName
from realtime_conformance.application.conformance_run import ConformanceRun
from realtime_conformance.application.embedded import embedded
from realtime_conformance.application.plan import Plan
from reference.altered_behaviour import differing
from reference.differences import BOTH
from reference.faults import FAULTS
from reference.server import ReferenceServer, ServerOptions
from rules.requirements import registry
from rules.verdicts import Verdict
from suites.depth import DEPTHS, QUICK
from suites.scenario import catalogue

LIMIT_S = 180.0
"""Seconds of one run: servers that do not answer are waited for."""

_CREDENTIAL = "Y29uZm9ybWFuY2U6c3VpdGU="  # as `embedded` presents it
_WORST = 10


@dataclass(frozen=True, slots=True)
class Found:
    """What one run found in a server with one fault; `problem` says why there was no such run.

    `undecided` are the requirements that are inconclusive, `meant` those that name the fault as their killer.
    """

    fault: str
    dialect: DialectName
    fail: tuple[str, ...] = ()
    warn: tuple[str, ...] = ()
    undecided: tuple[str, ...] = ()
    meant: tuple[str, ...] = ()
    seconds: float = 0.0
    problem: str = ""
    depth: str = QUICK.name

    @classmethod
    def read(cls, line: str) -> Found:
        """Return what a line of JSON says."""
        told = json.loads(line)
        values: dict[str, Any] = {k: tuple(v) if isinstance(v, list) else v for k, v in told.items()}
        return cls(**values)

    @property
    def wrong(self) -> tuple[str, ...]:
        """What fails, then what warns."""
        return (*self.fail, *self.warn)

    @property
    def caught(self) -> bool:
        """True if a requirement fails or warns."""
        return not self.problem and bool(self.wrong)

    @property
    def missed(self) -> bool:
        """True if a requirement that the fault is known to kill neither fails nor warns."""
        return not self.problem and bool(self.meant) and not set(self.meant) & set(self.wrong)


async def played(fault: str, dialect: DialectName, folder: Path, depth: str = QUICK.name) -> Found:
    """Play everything against a server with `fault`; recordings go to `folder`."""
    began = time.monotonic()
    behaviour = differing([*variants(fault, dialect), FAULTS[fault]])  # the fault is in what the variant says
    async with ReferenceServer(ServerOptions(credentials=frozenset((_CREDENTIAL,))), behaviour) as server:
        target = declaring(embedded(server, dialect), fault)
        conformance = ConformanceRun(Plan(catalogue(), folder, target, depth=DEPTHS[depth]))
        await conformance.perform()
    results = conformance.report_of(
        [outcome for run in conformance.runs for outcome in run.outcomes]
    ).requirements

    def having(verdict: Verdict) -> tuple[str, ...]:
        return tuple(each.requirement.id for each in results if each.verdict is verdict)

    meant = tuple(e.id for e in registry().judged(dialect) if fault in e.killers)
    errors = having(Verdict.HARNESS_ERROR)
    return Found(
        fault,
        dialect,
        having(Verdict.FAIL),
        having(Verdict.WARN),
        having(Verdict.INCONCLUSIVE),
        meant,
        round(time.monotonic() - began, 2),
        f"harness error in {', '.join(errors)}" if errors else "",
        depth,
    )


def in_child(fault: str, dialect: DialectName, answer: Connection, depth: str = QUICK.name) -> None:
    """Play one case and send what was found to `answer`."""
    with tempfile.TemporaryDirectory() as folder:
        try:
            found = asyncio.run(played(fault, dialect, Path(folder), depth))
        except Exception as error:  # noqa: BLE001 - one bad run does not cost the others
            found = Found(fault, dialect, problem=f"{type(error).__name__}: {error}", depth=depth)
    answer.send(found)


def all_played(
    cases: Sequence[tuple[str, DialectName]],
    jobs: int,
    limit: float = LIMIT_S,
    play: Callable[[str, DialectName, Connection], None] = in_child,
) -> Iterator[Found]:
    """Yield what is found in each of `cases`, as they end; `jobs` processes at once, each bounded in time."""
    # Forked by a process that has imported everything, and has no threads of ours.
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(["benchmarks.live_faults"])
    left = list(reversed(cases))
    running: dict[Connection, tuple[BaseProcess, str, DialectName, float]] = {}
    try:
        while left or running:
            while left and len(running) < jobs:
                fault, dialect = left.pop()
                ours, theirs = context.Pipe(duplex=False)
                process: BaseProcess = context.Process(target=play, args=(fault, dialect, theirs))
                process.start()
                theirs.close()
                running[ours] = process, fault, dialect, time.monotonic() + limit
            next_deadline = min(deadline for *_, deadline in running.values())
            ready = wait(list(running), max(0.0, next_deadline - time.monotonic()))
            for answer in list(running):
                process, fault, dialect, deadline = running[answer]
                late = time.monotonic() >= deadline
                if answer not in ready and not late:
                    continue
                del running[answer]
                yield _answered(answer, process, Found(fault, dialect, problem=f"not done after {limit:g} s"))
    finally:
        for process, *_ in running.values():
            process.kill()
            process.join()


def _answered(answer: Connection, process: BaseProcess, late: Found) -> Found:
    found = late
    if answer.poll():
        try:
            found = answer.recv()
        except EOFError:
            process.join()
            found = Found(late.fault, late.dialect, problem=f"it ended with {process.exitcode}")
    else:
        process.kill()
    process.join()
    answer.close()
    return found


def percentile(numbers: Sequence[int], share: float) -> int:
    """Return the smallest of `numbers` that at least so many of them do not exceed."""
    ordered = sorted(numbers)
    return ordered[max(0, -int(-share * len(ordered) // 1) - 1)]


def summary(all_found: Sequence[Found]) -> list[str]:
    """Return the lines that tell how many requirements the faults violate."""
    done = [each for each in all_found if not each.problem]
    lines = [f"{len(done)} runs, {sum(each.seconds for each in done):,.0f} s of them in all"]
    narrow = [each for each in done if not FAULTS[each.fault].wide]
    if done:
        lines.append(f"{'requirements':44} {'median':>7} {'95 %':>5} {'most':>5}")
        lines += _figures("all faults", done)
    if narrow:
        lines += _figures("faults that break one promise", narrow)
    worst = sorted(done, key=lambda each: (-len(each.wrong), each.fault))[:_WORST]
    if worst:
        lines.append("the worst:")
    for each in worst:
        lines.append(f"  {len(each.wrong):3}  {each.fault} ({each.dialect})")
        lines += [f"         fail  {id_}" for id_ in each.fail]
        lines += [f"         warn  {id_}" for id_ in each.warn]
    known = unseen()
    expected = [each for each in done if each.missed and each.fault in known]
    if expected:
        lines.append(f"not found, and known not to be: {len(expected)}")
        lines += [f"  {each.fault} ({each.dialect}): {known[each.fault]}" for each in expected]
    missed = [each for each in done if each.missed and each.fault not in known]
    if missed:
        lines.append(f"not found, although a requirement names the fault as its killer: {len(missed)}")
        lines += [f"  {each.fault} ({each.dialect}): {', '.join(each.meant)}" for each in missed]
    broken = [each for each in all_found if each.problem]
    if broken:
        lines.append(f"no result: {len(broken)}")
        lines += [f"  {each.fault} ({each.dialect}): {each.problem}" for each in broken]
    return lines


def _figures(title: str, found: Sequence[Found]) -> Iterator[str]:
    for what, counts in (
        ("fail", [len(each.fail) for each in found]),
        ("fail or warn", [len(each.wrong) for each in found]),
    ):
        figures = f"{statistics.median(counts):7g} {percentile(counts, 0.95):5} {max(counts):5}"
        yield f"{f'{title}: {what}':44} {figures}"


def cases_of(only: str = "*", dialect: str = "first") -> list[tuple[str, DialectName]]:
    """Return the faults whose names match `only`, with the dialects to play them in.

    These are the `first` that has the fault, `each` that has it, or the one that is named.
    """
    found: list[tuple[str, DialectName]] = []
    for name, fault in sorted(FAULTS.items()):
        if fnmatchcase(name, only):
            mine = [each for each in BOTH if each in fault.dialects and dialect in ("first", "each", each)]
            found += [(name, each) for each in (mine[:1] if dialect == "first" else mine)]
    return found


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description=__doc__.split("\n", 1)[0] if __doc__ else None)
    parser.add_argument(
        "--only", default="*", metavar="PATTERN", help="of the names of faults, like 'item-*'"
    )
    parser.add_argument("--dialect", choices=["first", "each", *BOTH], default="first")
    parser.add_argument(
        "--sample", type=int, default=0, metavar="N", help="so many, drawn by --seed; 0 for all"
    )
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--depth", choices=list(DEPTHS), default=QUICK.name)
    parser.add_argument("--jobs", type=int, default=os.cpu_count() or 1, metavar="N", help="runs at once")
    parser.add_argument("--limit", type=float, default=LIMIT_S, metavar="S", help="seconds of one run")
    parser.add_argument("--out", type=Path, metavar="FILE", help="keep results there, and skip what it holds")
    given = parser.parse_args(arguments)
    cases = cases_of(given.only, given.dialect)
    if not cases:
        parser.error(
            f"no fault is called {given.only} in that dialect; realtime-conformance serve --list-faults"
        )
    if given.sample:
        cases = sorted(random.Random(given.seed).sample(cases, min(given.sample, len(cases))))
    known = {case: each for case, each in _kept(given.out).items() if each.depth == given.depth}
    found = [known[case] for case in cases if case in known]
    open_cases = [case for case in cases if case not in known]
    runs = all_played(open_cases, given.jobs, given.limit, functools.partial(in_child, depth=given.depth))
    found += _kept_in(given.out, runs, _progress(len(open_cases)))
    print("\n".join(summary(found)))
    print("\n".join(wrong := strays(found)))
    return 1 if wrong or any(each.problem for each in found) else 0


def strays(found: Sequence[Found]) -> list[str]:
    """Return a sentence for each fault that is found or not, otherwise than `unseen.yaml` has it."""
    return astray({each.fault: each.missed for each in found if each.meant and not each.problem}, unseen())


def _kept(file: Path | None) -> dict[tuple[str, DialectName], Found]:
    """Return what a file holds; runs that came to nothing are tried again."""
    if file is None or not file.exists():
        return {}
    lines = file.read_text(encoding="utf-8").splitlines()
    found = [Found.read(line) for line in lines if line.endswith("}")]
    return {(each.fault, each.dialect): each for each in found if not each.problem}


def _kept_in(file: Path | None, found: Iterator[Found], told: Callable[[Found], None]) -> Iterator[Found]:
    for each in found:
        told(each)
        if file is not None:
            with file.open("a", encoding="utf-8") as out:
                out.write(f"\n{json.dumps(asdict(each))}")  # the line before may have been cut off
        yield each


def _progress(count: int) -> Callable[[Found], None]:
    done = 0

    def told(each: Found) -> None:
        nonlocal done
        done += 1
        said = each.problem or f"{len(each.fail)} fail, {len(each.warn)} warn"
        print(f"{done}/{count} {each.fault} ({each.dialect}): {said}; {each.seconds:g} s", file=sys.stderr)

    return told


if __name__ == "__main__":
    sys.exit(main())
