"""Mutation testing of the judge: python benchmarks/mutation.py [--sample N] [--seed N] [MODULE ...].

cosmic-ray makes the mutants of `rules/`. Each is judged in a process of its own, by traces that the parent
prepared once: the good ones, and those of servers with a fault, with what the unchanged judge finds in
them. A mutant that finds anything else is killed. The last lines tell the score and name the survivors.
"""

from __future__ import annotations

import argparse
import importlib
import importlib.abc
import importlib.util
import multiprocessing
import os
import random
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[1]
sys.path.insert(0, str(ROOT))

from cosmic_ray.ast import ast_nodes, get_ast
from cosmic_ray.mutating import mutate_code
from cosmic_ray.plugins import get_operator, operator_names

from reference.faults import FAULTS
from tests.rules.judging import changed, traces, violated
from tests.rules.scripts import DIALECTS

_LEFT_OUT = (
    "Variable",
    "NumberReplacer",
    "Eq_Is",
    "NotEq_IsNot",
    "ReplaceBinaryOperator_BitOr_",
    "RemoveDecorator",
    "ExceptionReplacer",
)
"""Operators whose mutants are annotations, limits of what is kept, unregistered rules, or no change."""

Case = tuple[str, Any, frozenset[str]]


def main() -> None:
    """Run the mutants that are asked for and print what survived."""
    parser = argparse.ArgumentParser()
    parser.add_argument(
        "modules", nargs="*", help="paths like rules/order.py; all of rules/ if none is given"
    )
    parser.add_argument("--sample", type=int, default=0, help="so many mutants, drawn by --seed; 0 for all")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--timeout", type=float, default=120.0, help="seconds for one mutant")
    options = parser.parse_args()
    paths = [ROOT / each for each in options.modules] or sorted((ROOT / "rules").rglob("*.py"))
    mutants = [each for path in paths for each in _mutants(path)]
    if options.sample and options.sample < len(mutants):
        mutants = random.Random(options.seed).sample(mutants, options.sample)
    cases = _cases()
    print(f"{len(mutants)} mutants, {len(cases)} traces", flush=True)
    survivors = []
    for number, (path, operator, occurrence) in enumerate(mutants, 1):
        code = mutate_code(path.read_text(encoding="utf-8"), get_operator(operator)(), occurrence)
        if code is None or code == path.read_text(encoding="utf-8"):
            continue
        if _survives(path, code, cases, options.timeout):
            survivors.append(_shown(path, code, operator))
            print(f"{number}: survived: {survivors[-1]}", flush=True)
    killed = len(mutants) - len(survivors)
    print(f"killed {killed} of {len(mutants)} ({killed / max(1, len(mutants)):.0%})")


def _mutants(path: Path) -> Iterator[tuple[Path, str, int]]:
    nodes = list(ast_nodes(get_ast(path.read_text(encoding="utf-8"))))
    for name in operator_names():
        if any(word in name for word in _LEFT_OUT):
            continue
        operator = get_operator(name)()
        count = sum(1 for node in nodes for _ in operator.mutation_positions(node))
        for occurrence in range(count):
            yield path, name, occurrence


def _cases() -> list[Case]:
    """Return dialect, trace and what is violated in it: some traces of each fault, and the good ones."""
    found: list[Case] = []
    for dialect in DIALECTS:
        several = list(traces(dialect))
        for fault in FAULTS.values():
            if dialect in fault.dialects and not fault.wide:
                several += changed(dialect, fault, 2)
        found += [(dialect, t, frozenset(id_ for id_, _ in violated(dialect, t))) for t in several]
    return found


def _survives(path: Path, code: str, cases: Sequence[Case], timeout: float) -> bool:
    context = multiprocessing.get_context("fork")
    process = context.Process(target=_judge, args=(path, code, cases))
    process.start()
    process.join(timeout)
    if process.is_alive():
        process.kill()
        process.join()
        return False  # a judge that does not come to an end is found out
    return process.exitcode == 0


def _judge(path: Path, code: str, cases: Sequence[Case]) -> None:
    """Judge all cases with one module of the rules replaced; leave with 1 at the first difference."""
    sink = os.open(os.devnull, os.O_WRONLY)
    os.dup2(sink, 2)
    name = ".".join(path.relative_to(ROOT).with_suffix("").parts)
    for loaded in [each for each in sys.modules if each.split(".")[0] == "rules"]:
        del sys.modules[loaded]
    sys.meta_path.insert(0, _Finder(name, path, code))
    try:
        registry = importlib.import_module("rules.requirements").registry
        rulebook = importlib.import_module("rules.rulebook").rulebook
        books = {dialect: rulebook(dialect) for dialect in ("openai", "inworld")}
        levels = {entry.id: entry.level for entry in registry()}
        for dialect, trace, expected in cases:
            tallies = books[dialect].judge(trace)
            binding = {id_ for id_, level in levels.items() if level.get(dialect) in ("MUST", "SHOULD")}
            found = {id_ for id_, tally in tallies.items() if tally.violations and id_ in binding}
            if found != expected or any(tally.errors for tally in tallies.values()):
                os._exit(1)
    except BaseException:  # noqa: BLE001 - a mutant that does not even run is killed
        os._exit(1)
    os._exit(0)


class _Finder(importlib.abc.MetaPathFinder, importlib.abc.Loader):
    """Loads one module from code that is given."""

    def __init__(self, name: str, path: Path, code: str) -> None:
        self._name, self._path, self._code = name, path, code

    def find_spec(self, fullname: str, _path: Any = None, _target: Any = None) -> Any:
        if fullname != self._name:
            return None
        return importlib.util.spec_from_file_location(fullname, self._path, loader=self)

    def create_module(self, _spec: Any) -> None:
        return None

    def exec_module(self, module: Any) -> None:
        exec(compile(self._code, str(self._path), "exec"), module.__dict__)


def _shown(path: Path, code: str, operator: str) -> str:
    before, after = path.read_text(encoding="utf-8").splitlines(), code.splitlines()
    for number, (one, other) in enumerate(zip(before, after, strict=False), 1):
        if one != other:
            place = f"{path.relative_to(ROOT)}:{number} {operator.rsplit('/', maxsplit=1)[-1]}"
            return f"{place}: {one.strip()} -> {other.strip()}"
    return f"{path.relative_to(ROOT)} {operator}"


if __name__ == "__main__":
    main()
