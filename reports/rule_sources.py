"""What judges a requirement, as it is written: its rule functions, its automata, or what makes them.

Read from the sources of `rules`, which a wheel carries as well.
"""

from __future__ import annotations

import ast
import inspect
import re
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from types import ModuleType
from typing import Any

import rules
from protocol.catalogue import having
from reports.automata import combinator_of, table
from rules import beta_dialect, envelope, payloads
from rules.order import Bound
from rules.registration import RULES, Registered
from rules.requirements import Requirement
from rules.rulebook import AREAS, BUILT_IN, ORDER

_HOME = Path(rules.__file__).parents[1]
_REMEMBERS = re.compile(r"\.memory\((\w+)\)")
_BUILT_IN: dict[str, tuple[Any, ...]] = {
    "envelope": (envelope.Envelope.not_an_event, envelope.Envelope.unknown, envelope.Envelope.check),
    "payload": (payloads.Payloads,),
    "dialect": (beta_dialect,),
}
"""Where requirements are judged that the judge itself looks after, by their area."""


@dataclass(frozen=True, slots=True)
class RuleSource:
    """A piece of source: `name` in `file` at `line`, what it is `about`, and its `text`."""

    about: str
    file: str
    line: int
    name: str
    text: str


def sources_of_rules(entry: Requirement) -> list[RuleSource]:
    """Return what judges `entry`, in the order in which it is registered; nothing for what is excluded."""
    found = [_bound(each, call) for each, call in _bindings(entry.id)]
    functions = [each for each in RULES if each.requirement == entry.id]
    for registered in functions:
        found += _registered(registered)
    if not found and not entry.exclusion:
        found = list(_built_in(entry))
    return list(dict.fromkeys(found))


# --- rule functions ---------------------------------------------------------------------------------------


def _registered(registered: Registered) -> Iterator[RuleSource]:
    """Yield a rule function, and what it remembers things in; of one that was made, what made it."""
    function = registered.function
    about = f"called for {', '.join(registered.on)}"
    if "<locals>" not in function.__qualname__:
        yield from _memories(function)
        yield _source(function, about)
        return
    factory = getattr(sys.modules[function.__module__], function.__qualname__.split(".", 1)[0])
    for module, call in _calls(registered.requirement):
        if ast.unparse(call.func) == factory.__name__:
            yield _piece(module, call, f"registers a rule; {about}", factory.__name__)
    yield _source(factory, "makes such rules")


def _memories(function: Callable[..., Any]) -> Iterator[RuleSource]:
    module = sys.modules[function.__module__]
    for name in dict.fromkeys(_REMEMBERS.findall(inspect.getsource(function))):
        yield _source(getattr(module, name), "what is remembered")


def _built_in(entry: Requirement) -> Iterator[RuleSource]:
    area = entry.area
    if area == "payload" and entry.id not in BUILT_IN:
        type_ = entry.id.removeprefix("payload/")
        text = f"# Every {type_} is held against its schema in the AsyncAPI document.\n"
        yield RuleSource("judged by the schema", _file(payloads.__file__), 1, "Payloads", text)
        return
    for each in _BUILT_IN[area]:
        yield _source(each, "judged beside the rules")


# --- order ------------------------------------------------------------------------------------------------


def _bindings(requirement: str) -> list[tuple[Bound, tuple[ModuleType, ast.Call]]]:
    """Return the automata bound to a requirement, each with the call that binds it."""
    calls = [(module, call) for module, call in _calls(requirement) if ast.unparse(call.func) == "Bound"]
    return list(zip([each for each in ORDER if each.requirement == requirement], calls, strict=True))


def _bound(bound: Bound, written: tuple[ModuleType, ast.Call]) -> RuleSource:
    only = f", in {' and '.join(having(bound.where))} only" if bound.where else ""
    about = f"order, for each {bound.kind}{only}"
    piece = _piece(*written, about, combinator_of(bound.automaton).name)
    lines = "".join(f"# {line}".rstrip() + "\n" for line in table(bound.automaton))
    return RuleSource(piece.about, piece.file, piece.line, piece.name, f"{piece.text}\n{lines}")


# --- sources ----------------------------------------------------------------------------------------------


@cache
def _tree(module: ModuleType) -> ast.Module:
    return ast.parse(inspect.getsource(module))


def _calls(requirement: str) -> Iterator[tuple[ModuleType, ast.Call]]:
    """Yield the calls in the areas, in order, whose first argument is the id of a requirement."""
    for module in AREAS:
        for statement in _tree(module).body:
            if isinstance(statement, ast.FunctionDef):
                continue
            for node in ast.walk(statement):
                first = node.args[0] if isinstance(node, ast.Call) and node.args else None
                if (
                    isinstance(node, ast.Call)
                    and isinstance(first, ast.Constant)
                    and first.value == requirement
                ):
                    yield module, node


def _piece(module: ModuleType, call: ast.Call, about: str, name: str) -> RuleSource:
    text = ast.get_source_segment(inspect.getsource(module), call) or ast.unparse(call)
    first, *rest = text.splitlines()
    text = "\n".join([first, *(line.removeprefix(" " * call.col_offset) for line in rest)]) + "\n"
    return RuleSource(about, _file(str(module.__file__)), call.lineno, name, text)


def source_of_function(function: Callable[..., Any], about: str) -> RuleSource:
    """Return `function` as it is written, with what it is `about`."""
    return _source(function, about)


def _source(what: Any, about: str) -> RuleSource:
    lines, line = inspect.getsourcelines(what)
    text = inspect.cleandoc("\n" + "".join(lines)) + "\n"
    file = _file(str(inspect.getsourcefile(what)))
    return RuleSource(about, file, max(line, 1), what.__name__.rsplit(".", 1)[-1], text)


def _file(path: str) -> str:
    return Path(path).relative_to(_HOME).as_posix()
