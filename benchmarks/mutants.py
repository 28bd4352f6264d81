"""Mutants of modules of the judge: made by cosmic-ray, each judged in a forked process of its own."""

from __future__ import annotations

import ast
import functools
import importlib
import importlib.abc
import importlib.util
import multiprocessing
import os
import re
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

from cosmic_ray.ast import ast_nodes, get_ast
from cosmic_ray.mutating import mutate_code
from cosmic_ray.plugins import get_operator, operator_names

from benchmarks.mutation_cases import Case, Cases, found_in

ROOT = Path(__file__).parents[1]

_LEFT_OUT = {
    "Variable(Inserter|Replacer)": "changes annotations and names, so that nothing runs at all",
    "NumberReplacer": "changes limits of what is kept, and columns of tables",
    "RemoveDecorator": "takes a rule out, which tests of the registry notice at import",
    "ExceptionReplacer": "names an exception that nobody raises",
    "ReplaceBinaryOperator_(BitOr|Mul_Div$|Mul_Pow)": "changes annotations, and how parameters are named",
    "ReplaceComparisonOperator_(Not)?Eq_(Lt|LtE|Gt|GtE|Is|IsNot)":
        "orders words of a closed vocabulary, or asks for the same object where equal ones are the same;"
        " that they are told apart at all is asked by Eq_NotEq",
    "ReplaceComparisonOperator_Is(Not)?_(Eq|NotEq|Lt|LtE|Gt|GtE)":
        "compares with None, True or False in another way; Is_IsNot asks the question",
    "ReplaceComparisonOperator_(Lt|LtE|Gt|GtE)_(Eq|NotEq|Is|IsNot)":
        "asks about one value of many; the four that order ask about the bound and the direction",
}  # fmt: skip
"""Operators that are not used, each with what its mutants would be."""

_MEANINGLESS = re.compile("|".join(_LEFT_OUT))


@dataclass(frozen=True, order=True)
class Mutant:
    """One change of one module: the line that changed, as it was and as it became."""

    module: str
    line: int
    was: str
    became: str
    operator: str = field(compare=False)
    occurrence: int = field(compare=False)

    def __str__(self) -> str:
        return f"{self.module}:{self.line} {self.told}"

    @property
    def told(self) -> str:
        """What changed."""
        return f"{self.was}  ->  {self.became}"

    @property
    def key(self) -> tuple[str, str, str]:
        """What names it in `mutation_explained.yaml`: lines may move."""
        return self.module, self.was, self.became


def mutants_of(path: Path) -> Iterator[Mutant]:
    """Yield the mutants of the module at `path`."""
    text = path.read_text(encoding="utf-8")
    nodes = list(ast_nodes(get_ast(text)))
    module = str(path.relative_to(ROOT))
    for name in sorted(operator_names()):
        if _MEANINGLESS.search(name):
            continue
        operator = get_operator(name)()
        for occurrence in range(sum(1 for node in nodes for _ in operator.mutation_positions(node))):
            changed = _difference(text, _code(path, name, occurrence))
            if changed is not None and not changed[1].startswith("@dataclass"):  # slots, frozen: no behaviour
                yield Mutant(module, *changed, name, occurrence)


def _code(path: Path, operator: str, occurrence: int) -> str:
    text = path.read_text(encoding="utf-8")
    return mutate_code(text, get_operator(operator)(), occurrence) or text


def _difference(before: str, after: str) -> tuple[int, str, str] | None:
    lines = zip(before.splitlines(), after.splitlines(), strict=False)
    for number, (one, other) in enumerate(lines, 1):
        if one != other:
            return number, one.strip(), other.strip()
    return None


def survives(mutants: Sequence[Mutant], cases: Cases, *, jobs: int, timeout: float) -> list[Mutant]:
    """Return the mutants in which nobody finds anything; `jobs` processes share the work."""
    context = multiprocessing.get_context("fork")
    workers = []
    for number in range(jobs):
        ours, theirs = context.Pipe()
        worker = context.Process(target=_work, args=(mutants[number::jobs], cases, timeout, theirs))
        worker.start()
        theirs.close()
        workers.append(ours)
    survivors: list[Mutant] = []
    done = 0
    while workers:
        for ready in multiprocessing.connection.wait(workers):
            assert isinstance(ready, Connection)
            try:
                mutant, alive = ready.recv()
            except EOFError:
                workers.remove(ready)
                continue
            done += 1
            if alive:
                survivors.append(mutant)
                print(f"survived: {mutant}", flush=True)
            if done % 50 == 0:
                print(f"{done} of {len(mutants)}: {len(survivors)} survived", file=sys.stderr, flush=True)
    return survivors


def _work(mutants: Sequence[Mutant], cases: Cases, timeout: float, results: Connection) -> None:
    for mutant in mutants:
        results.send((mutant, _alive(mutant, cases, timeout)))
    results.close()


def _alive(mutant: Mutant, cases: Cases, timeout: float) -> bool:
    concerned = cases.through(mutant.module, _function(mutant))
    code = _code(ROOT / mutant.module, mutant.operator, mutant.occurrence)
    process = multiprocessing.get_context("fork").Process(target=_judge, args=(mutant, code, concerned))
    process.start()
    process.join(timeout)
    if process.is_alive():
        process.kill()
        process.join()
        print(f"no end after {timeout:.0f} s: {mutant}", flush=True)
        return False  # a judge that does not come to an end is found out
    return process.exitcode == 0


def _function(mutant: Mutant) -> range | None:
    """Return the lines of the outermost function that was changed; None for what runs at import."""
    for first, body, last in _functions(mutant.module):
        if body <= mutant.line <= last:
            return range(first, last + 1)
    return None


@functools.cache
def _functions(module: str) -> list[tuple[int, int, int]]:
    tree = ast.parse((ROOT / module).read_text(encoding="utf-8"))
    found = []
    holders: list[ast.Module | ast.ClassDef] = [tree]
    while holders:
        for node in holders.pop().body:
            if isinstance(node, ast.ClassDef):
                holders.append(node)
            elif isinstance(node, ast.FunctionDef):
                first = min([node.lineno, *(d.lineno for d in node.decorator_list)])
                found.append((first, node.body[0].lineno, node.end_lineno or node.lineno))
    return found


def _judge(mutant: Mutant, code: str, cases: Sequence[Case]) -> None:
    """Judge the cases with one module of the rules replaced; leave with 1 at the first difference."""
    sink = os.open(os.devnull, os.O_WRONLY)
    os.dup2(sink, 1)
    os.dup2(sink, 2)
    path = ROOT / mutant.module
    for loaded in [each for each in sys.modules if each.split(".")[0] == "rules"]:
        del sys.modules[loaded]
    sys.meta_path.insert(0, _Finder(".".join(Path(mutant.module).with_suffix("").parts), path, code))
    try:
        rulebook = importlib.import_module("rules.rulebook").rulebook
        registry = importlib.import_module("rules.requirements").registry()
        books = {dialect: rulebook(dialect) for dialect in ("openai", "inworld")}
        for case in cases:
            if found_in(books[case.dialect], registry, case) != case.expected:
                os._exit(1)
        if mutant.module in _TESTED_ALONE and _fails(_TESTED_ALONE[mutant.module]):
            os._exit(1)
    except BaseException:  # noqa: BLE001 - a mutant that does not even run is killed
        os._exit(1)
    os._exit(0)


_TESTED_ALONE = {
    "rules/order.py": ["tests/rules/engine/test_order.py"],
    "rules/engine.py": ["tests/rules/engine/test_engine.py"],
    "rules/case.py": ["tests/rules/engine/test_engine.py"],
    "rules/undeclared_fields.py": [
        "tests/rules/test_undeclared_fields.py",
        "tests/rules/test_two_documents.py",
    ],
    "rules/payloads.py": ["tests/rules/test_payloads.py", "tests/rules/test_two_documents.py"],
    "rules/beta_dialect.py": ["tests/rules/test_beta.py"],
    "rules/item_versions.py": ["tests/rules/test_item_versions.py"],
    "rules/configuration.py": ["tests/rules/test_configuration.py"],
    "rules/conversation.py": ["tests/rules/test_conversation.py"],
    "rules/exchange.py": ["tests/rules/test_exchanges.py", "tests/rules/test_stimulus.py"],
    "rules/exchanges.py": ["tests/rules/test_exchanges.py", "tests/rules/test_letting_go.py"],
    "rules/expectations.py": ["tests/rules/test_expectations.py", "tests/rules/test_letting_go.py"],
    "rules/formats.py": ["tests/rules/test_configuration.py"],
    "rules/reading.py": ["tests/rules/test_letting_go.py", "tests/rules/test_two_documents.py"],
    "rules/requirements.py": ["tests/rules/test_requirements.py"],
    "rules/rulebook.py": ["tests/rules/test_registry.py"],
    "rules/stimulus.py": ["tests/rules/test_stimulus.py"],
    "rules/subjects.py": ["tests/rules/test_letting_go.py"],
    "rules/reading_updates.py": ["tests/rules/test_letting_go.py"],
    "rules/fingerprints.py": ["tests/realtime_conformance/gate/test_gate_fingerprints.py"],
    "rules/verdicts.py": ["tests/reports/test_report_model.py"],
}
"""Tests of a module by itself."""


def _fails(tests: Sequence[str]) -> bool:
    import pytest  # noqa: PLC0415 - in the mutant's own process

    for loaded in [each for each in sys.modules if each.split(".")[0] in ("tests", "reports")]:
        del sys.modules[loaded]
    return pytest.main(["-x", "-q", "-p", "no:cacheprovider", "-p", "no:xdist", *tests]) != 0


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
