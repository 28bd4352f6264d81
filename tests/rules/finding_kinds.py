"""The kinds of findings that the rules can report, read from their sources, for rules/kinds.yaml.

python -m tests.rules.finding_kinds      adds what is new to rules/kinds.yaml, with today's version
"""

from __future__ import annotations

import ast
import functools
import inspect
import textwrap
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping
from typing import Any

import realtime_conformance
from rules.beta_dialect import NOT_MIXED, SPEAKS_GA
from rules.envelope import HAS_ID, MINTED, ONE_OBJECT, UNIQUE_IDS
from rules.kinds import KINDS_FILE, kinds
from rules.order import Effect
from rules.registration import RULES
from rules.rulebook import ORDER

BUILT_IN = {
    ONE_OBJECT: ["not-an-event"],
    HAS_ID: ["missing"],
    MINTED: ["of-the-client"],
    UNIQUE_IDS: ["used-before"],
    SPEAKS_GA: ["beta"],
    NOT_MIXED: ["mixed"],
    "payload/null-for-optional": ["null"],
    "payload/*": (
        "additionalProperties anyOf const enum exclusiveMaximum exclusiveMinimum format items maxItems"
        " maxLength maximum minItems minLength minimum multipleOf not oneOf pattern required type"
    ).split(),
}
"""What the judge itself reports, without a rule function."""

_PLACE = {"check": 1, "violated": 0, "check_each": 0}
"""Which argument of a report is the kind."""

HEAD = "# The kinds of findings by requirement, with the version since which each is reported.\n"


@functools.cache
def reported() -> dict[str, list[str]]:
    """Return the kinds that each requirement's rules can report."""
    found: dict[str, set[str]] = defaultdict(set)
    for id_, names in BUILT_IN.items():
        found[id_].update(names)
    for bound in ORDER:
        effects = {effect for _, effect in bound.automaton.table.values()}
        found[bound.requirement].update(str(e) for e in effects if e not in (None, Effect.EXAMINED))
    for rule in RULES:
        found[rule.requirement].update(_in(rule.function, set()))
    return {id_: sorted(names) for id_, names in sorted(found.items()) if names}


def _in(function: Callable[..., Any], seen: set[Callable[..., Any]]) -> Iterator[str]:
    """Yield the kinds in a function and in those of the rules that it calls."""
    if function in seen:
        return
    seen.add(function)
    for node in ast.walk(ast.parse(textwrap.dedent(inspect.getsource(function)))):
        if not isinstance(node, ast.Call):
            continue
        if isinstance(node.func, ast.Attribute) and node.func.attr in _PLACE:
            if isinstance(node.func.value, ast.Name) and node.func.value.id == "case":
                yield from _texts(node.args[_PLACE[node.func.attr]])
        elif isinstance(node.func, ast.Name):
            called = function.__globals__.get(node.func.id)
            if inspect.isfunction(called) and called.__module__.startswith("rules.areas"):
                yield from _in(called, seen)


def _texts(node: ast.expr) -> Iterator[str]:
    if isinstance(node, ast.IfExp):
        yield from _texts(node.body)
        yield from _texts(node.orelse)
    elif isinstance(node, ast.Constant) and isinstance(node.value, str):
        yield node.value


def listed(found: dict[str, list[str]]) -> str:
    """Return the file's text: what it holds, and what is new, with today's version."""
    known = kinds() if KINDS_FILE.exists() else {}
    lines = []
    for id_ in sorted(known.keys() | found.keys()):
        own = dict(known.get(id_, {}))
        own.update({name: realtime_conformance.__version__ for name in found.get(id_, ()) if name not in own})
        lines.append(f"{id_}: {{{', '.join(f'{name}: {_dated(own[name])}' for name in sorted(own))}}}\n")
    return HEAD + "".join(lines)


def _dated(since: str | Mapping[str, str]) -> str:
    if isinstance(since, str):
        return since
    return f"{{{', '.join(f'{dialect}: {version}' for dialect, version in since.items())}}}"


if __name__ == "__main__":
    KINDS_FILE.write_text(listed(reported()), encoding="utf-8")
