"""Single faults by schema: for each place of a client event, what its schema does not allow there."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from generators.choices import filled_array, label_of, mapping, minimal, names
from generators.mutants import NOBODY, Expects, Mutant, proven
from generators.nodes import Node
from generators.schema_resolution import bounds
from generators.sites import WIDEST
from schemas.contract import Contract, EventSchema

_OTHERS: tuple[tuple[str, Any], ...] = (
    ("number", 42),
    ("string", "conformance"),
    ("boolean", True),
    ("array", ["conformance"]),
    ("object", {"conformance": 1}),
)


@dataclass(frozen=True, slots=True)
class Fault:
    """A pair of values at some place: `twin` is valid there, `value` is not."""

    path: str
    operator: str
    said: str
    twin: Any
    value: Any


def faults(node: Node) -> Iterator[Fault]:
    """Yield every single fault in the values of `node`."""
    twin = minimal(node)
    for operator, said, value in _own(node):
        if not node.accepts(value):
            yield Fault("", operator, said, twin, value)
    yield from _below(node)


def _below(node: Node) -> Iterator[Fault]:
    match node.kind:
        case "object":
            yield from _in_members(node)
        case "union":
            for branch in node.branches:
                yield from (f for f in _inside(branch) if not node.accepts(f.value))
        case "array":
            yield from _in_elements(node)
        case "mapping" if node.element is not None:
            whole = mapping(node, max(1, node.bound("minProperties") or 0))
            key = next(iter(whole), "key_1")
            for fault in faults(node.element):
                yield Fault(
                    _join(key, fault.path),
                    fault.operator,
                    fault.said,
                    {**whole, key: fault.twin},
                    {**whole, key: fault.value},
                )


def _in_elements(node: Node) -> Iterator[Fault]:
    low, high = node.bound("minItems") or 0, node.bound("maxItems")
    for place, inner in enumerate([*node.places, *([node.element] if node.element is not None else [])]):
        if high is not None and place >= high:
            return
        whole = filled_array(node, max(low, place + 1))
        before, after = whole[:place], whole[place + 1 :]
        for fault in faults(inner):
            yield Fault(
                _join(f"[{place}]", fault.path),
                fault.operator,
                fault.said,
                [*before, fault.twin, *after],
                [*before, fault.value, *after],
            )


def _inside(branch: Node) -> Iterator[Fault]:
    """Yield the faults of a branch that do not make it another kind of value altogether."""
    twin = minimal(branch)
    if branch.kind == "leaf":
        for operator, said, value in _own(branch):
            if operator in ("range", "length", "enum", "pattern", "base64"):
                yield Fault("", operator, said, twin, value)
    yield from _below(branch)


def _in_members(node: Node) -> Iterator[Fault]:
    base = minimal(node)
    for name, member in node.members.items():
        if name in node.needed:
            rest = {k: v for k, v in base.items() if k != name}
            yield Fault(name, "remove", "", base, rest)
        for fault in faults(member):
            twin, value = {**base, name: fault.twin}, {**base, name: fault.value}
            constant = "const" in member.schema and fault.operator == "enum"
            yield Fault(
                _join(name, fault.path), "kind" if constant else fault.operator, fault.said, twin, value
            )
    if node.schema.get("additionalProperties") is False:
        yield Fault(NOBODY, "unknown-field", "1", base, {**base, NOBODY: 1})


def _join(name: str, path: str) -> str:
    if not path:
        return name
    return f"{name}{path}" if path.startswith("[") else f"{name}.{path}"


def _own(node: Node) -> Iterator[tuple[str, str, Any]]:
    """Yield operator, word and value of what can be wrong with `node` itself."""
    takes = _takes(node)
    for said, value in _OTHERS:
        if said not in takes and not node.accepts(value):
            yield "type", said, value
        elif said == "object" and node.kind == "union" and not node.accepts(value):
            yield "kind", said, value
    yield "null", "", None
    match node.kind:
        case "array":
            yield from _sizes(node)
        case "mapping":
            yield from _keys(node)
        case "leaf":
            yield from _leaf(node)


def _takes(node: Node) -> set[str]:
    """Return the types that are right there: a wrong value of one of them is a fault of another kind."""
    if node.kind == "union":
        return {kind for branch in node.branches for kind in _takes(branch)}
    listed = [*node.schema.get("enum", ()), *([node.schema["const"]] if "const" in node.schema else [])]
    return {node.type.replace("integer", "number"), *(_NAMES.get(type(value), "") for value in listed)}


_NAMES = {str: "string", bool: "boolean", int: "number", float: "number", list: "array", dict: "object"}


def _takes_text(node: Node) -> bool:
    return "string" in _takes(node)


def _leaf(node: Node) -> Iterator[tuple[str, str, Any]]:
    schema = node.schema
    if _takes_text(node) and ("enum" in schema or "const" in schema):
        yield "enum", label_of(NOBODY), NOBODY
        yield "enum", '""', ""
        return
    if "enum" in schema or "const" in schema:
        yield "enum", "42", 42
        return
    if node.type in ("integer", "number"):
        yield from _numbers(node)
    elif node.type == "string":
        yield from _texts(node)


def _numbers(node: Node) -> Iterator[tuple[str, str, Any]]:
    low, high = bounds(node.schema)
    step = 1 if node.type == "integer" else 0.01
    if node.type == "integer":
        yield "type", "fraction", 1.5
    yield "type", "digits in a string", str(minimal(node))
    multiple = node.schema.get("multipleOf")
    if multiple is not None:
        between = minimal(node) + (1 if node.type == "integer" else multiple / 2)
        yield "range", f"{between}, which is no multiple of {multiple}", between
    for bound, value in (
        (low, None if low is None else low - step),
        (high, None if high is None else high + step),
    ):
        if bound is not None and value is not None:
            outside: Any = int(value) if node.type == "integer" else round(value, 6)
            yield "range", f"{outside}", outside


def _texts(node: Node) -> Iterator[tuple[str, str, Any]]:
    low, high = node.bound("minLength"), node.bound("maxLength")
    if low:
        yield "length", f"{low - 1} characters", "e" * (low - 1)
    if high is not None:
        yield "length", f"{high + 1} characters", "e" * (high + 1)
    if "pattern" in node.schema:
        yield "pattern", "blanks and signs", "not this! ~"
    if node.schema.get("format") == "byte":
        yield "base64", "not Base64", "this is not Base64!"
        yield "base64", "cut off", "AAAAA"


def _sizes(node: Node) -> Iterator[tuple[str, str, Any]]:
    low, high = node.bound("minItems") or 0, node.bound("maxItems")
    if low:
        yield "size", f"{low - 1} elements", minimal(node)[: low - 1]
    if high is not None and high < WIDEST and len(more := filled_array(node, high + 1)) > high:
        yield "size", f"{high + 1} elements", more


def _keys(node: Node) -> Iterator[tuple[str, str, Any]]:
    low, high = node.bound("minProperties") or 0, node.bound("maxProperties")
    if node.element is None:
        return
    value = minimal(node.element)
    if low:
        yield "size", f"{low - 1} members", dict.fromkeys(names(node, low - 1), value)
    if high is not None and high < WIDEST:
        yield "size", f"{high + 1} members", dict.fromkeys(names(node, high + 1), value)
    longest = node.keys.bound("maxLength") if node.keys is not None else None
    if longest is not None:
        yield "length", f"a key of {longest + 1} characters", {"k" * (longest + 1): value}


def by_schema(type_: str, root: Node, contract: Contract) -> Iterator[Mutant]:
    """Yield the mutants of a client event that its schema does not allow, each once."""
    schema = contract.client[type_]
    seen: set[str] = set()
    for fault in faults(root):
        operator = "event-id" if fault.path == "event_id" else fault.operator
        if fault.path == "type" and operator == "kind":
            operator = "unknown-type"
        key = json.dumps([fault.path, fault.value], sort_keys=True)
        # No object is a broken frame; and where members depend on each other, some twins are no twins.
        if not (isinstance(fault.value, dict) and schema.is_valid(fault.twin)):
            continue
        if key not in seen and not schema.is_valid(fault.value):
            seen.add(key)
            expects: Expects = "either" if _unclear(fault, schema) else "refusal"
            yield proven(
                Mutant(type_, fault.path, operator, fault.said, fault.value, fault.twin, expects=expects),
                contract,
            )


_PERHAPS_OPTIONAL = ("].audio", "format.rate", "transcription.model")
"""Sound in a part (openai 3.7), the one rate there is (3.4), a model that was set before (3.1)."""


def _unclear(fault: Fault, schema: EventSchema) -> bool:
    """Tell whether only our document says that this is wrong: null for an optional field, nothing at all."""
    if fault.operator in ("size", "length") and fault.said.startswith("0 "):
        return True
    if fault.operator == "remove" and fault.path.endswith(_PERHAPS_OPTIONAL):
        return True
    wrong = schema.violations(fault.value) if fault.operator == "null" else []
    return bool(wrong) and all(violation.kind == "null-for-optional" for violation in wrong)
