"""Mutation testing of the judge: python benchmarks/mutation.py [--sample N] [--jobs N] [MODULE ...].

cosmic-ray makes the mutants of `rules/`. Each is judged in a process of its own, by what the tests judge:
good traces, traces of servers with a fault or of another legal kind, and every trace that the tests in
`tests/rules` make by hand. A mutant that finds anything else in one of them fails the test it was taken from,
and is killed. Only traces that pass through the function that was changed are judged.

To see what new tests do about the survivors of an earlier run, `--again` takes its output, and `--by` names
the tests whose traces are judged, and no others:

    python benchmarks/mutation.py --again earlier.txt --by test_small_traces.py rules/areas/audio.py

Survivors are told one by one. Those in `mutation_explained.yaml` change nothing anybody could see, for the
reason that stands there; the exit code is 1 where there are others.
"""

from __future__ import annotations

import argparse
import os
import random
import sys
import time
from collections import Counter
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[1]
sys.path.insert(0, str(ROOT))

from benchmarks.mutants import Mutant, mutants_of, survives
from benchmarks.mutation_cases import prepared
from protocol.yaml_core import parse_yaml

EXPLAINED = Path(__file__).with_name("mutation_explained.yaml")


def main() -> int:
    """Run the mutants that are asked for and print what survived."""
    parser = argparse.ArgumentParser()
    parser.add_argument(
        "modules", nargs="*", help="paths like rules/order.py; all of rules/ if none is given"
    )
    parser.add_argument("--sample", type=int, default=0, help="so many mutants, drawn by --seed; 0 for all")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--jobs", type=int, default=os.cpu_count() or 1)
    parser.add_argument("--timeout", type=float, default=120.0, help="seconds for one mutant")
    parser.add_argument("--again", type=Path, metavar="FILE", help="only what survived according to FILE")
    parser.add_argument(
        "--by", action="append", metavar="NAME", help="only traces of this file of tests/rules"
    )
    options = parser.parse_args()
    paths = [ROOT / each for each in options.modules] or sorted((ROOT / "rules").rglob("*.py"))
    if options.again is not None:
        survived = options.again.read_text(encoding="utf-8")
        paths = [path for path in paths if f" {path.relative_to(ROOT)}:" in survived]
    mutants = [each for path in paths for each in mutants_of(path)]
    if options.again is not None:
        mutants = [each for each in mutants if each.told in survived]
    mutants = random.Random(options.seed).sample(mutants, min(options.sample or len(mutants), len(mutants)))
    cases = prepared(options.by)
    print(f"{len(mutants)} mutants, {len(cases.all)} traces", flush=True)
    began = time.monotonic()
    survivors = survives(mutants, cases, jobs=options.jobs, timeout=options.timeout)
    return _tell(mutants, survivors, time.monotonic() - began)


def _tell(mutants: list[Mutant], survivors: list[Mutant], seconds: float) -> int:
    explained = {(e["module"], e["was"], became) for e in _explained() for became in e["became"]}
    known = [each for each in survivors if each.key in explained]
    open_ = [each for each in survivors if each.key not in explained]
    for each in sorted(open_):
        print(f"open: {each}")
    by_module = Counter(each.module for each in open_)
    for module, count in by_module.most_common():
        print(f"{count:5} {module}")
    total, killed = len(mutants), len(mutants) - len(survivors)
    print(
        f"killed {killed} of {total} ({killed / max(1, total):.0%}), explained {len(known)},"
        f" open {len(open_)}; {seconds:.0f} s"
    )
    return 1 if open_ else 0


def _explained() -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = parse_yaml(EXPLAINED.read_text(encoding="utf-8")) or []
    return found


if __name__ == "__main__":
    sys.exit(main())
