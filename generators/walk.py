"""The deterministic walk: every constraint of a client event once, no randomness.

Each step is the smallest valid event with one thing chosen differently: one optional field, one value of an
enum, one branch of a union, one end of a range.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from generators.choices import choices, mapping, minimal, shown
from generators.nodes import Node


@dataclass(frozen=True, slots=True)
class Step:
    """One valid event of a walk. `path` is where it differs from the smallest one, `what` says how."""

    type: str
    path: str
    what: str
    event: dict[str, Any]

    @property
    def label(self) -> str:
        """Type, path and what, as printed."""
        return f"{self.type} {self.path}: {self.what}" if self.path else f"{self.type}: {self.what}"


def walk(type_: str, root: Node) -> Iterator[Step]:
    """Yield the steps of the client event `type_`, whose schema is `root`; each event once."""
    seen: set[str] = set()
    whole = ("", "required fields only", minimal(root))
    everything = ("", "every optional field", _everything(root))
    for path, what, event in (whole, *_variants(root), everything):
        key = json.dumps(event, sort_keys=True)
        if key not in seen and root.accepts(event):
            seen.add(key)
            yield Step(type_, path, what, event)


Variant = tuple[str, str, Any]


def _variants(node: Node) -> Iterator[Variant]:
    """Yield values of `node` that differ in one thing from its smallest one, with path and word."""
    match node.kind:
        case "leaf":
            yield from (("", what, value) for what, value in choices(node))
        case "union":
            for branch in node.branches:
                if branch.kind != "leaf":
                    yield "", _branch(branch), minimal(branch)
                yield from _variants(branch)
        case "array":
            yield from _sizes(node)
        case "mapping":
            yield from _mappings(node)
        case "object":
            yield from _members(node)


def _branch(node: Node) -> str:
    for name in ("type", "role"):
        member = node.members.get(name)
        if member is not None and name in node.needed:
            return " ".join(str(v) for v in _discriminating(node))
    return f"an {node.type}" if node.type in ("object", "array") else "an alternative"


def _discriminating(node: Node) -> Iterator[Any]:
    for name in ("type", "role"):
        member = node.members.get(name)
        if member is not None and member.kind == "leaf":
            yield choices(member)[0][1]


def _members(node: Node) -> Iterator[Variant]:
    base = minimal(node)
    for name, member in node.members.items():
        if name not in node.needed:
            smallest = minimal(member)
            said = "alone" if member.kind != "leaf" else f"alone, {shown(smallest)}"
            yield name, said, {**base, name: smallest}
        for path, what, value in _variants(member):
            yield _below(name, path), what, {**base, name: value}


def _below(name: str, path: str) -> str:
    return f"{name}{path}" if path.startswith("[") else f"{name}.{path}" if path else name


def _sizes(node: Node) -> Iterator[Variant]:
    low, high = node.bound("minItems") or 0, node.bound("maxItems")
    for example in node.schema.get("examples", ()):
        yield "", shown(example), example
    if low == 0:
        yield "", "empty", []
    if node.element is None or high == 0:
        return
    for path, what, value in _variants(node.element):
        yield _below("[0]", path), what, [value, *minimal(node)[1:]]
    most = high if high is not None else max(low + 1, 2)
    if most > 1:
        several = [choices_of(node.element, n) for n in range(most)]
        yield "", "the most" if high is not None else "several", several


def choices_of(node: Node, number: int) -> Any:
    """Return the `number`th of the plain values of `node`, over and over."""
    if node.kind == "leaf":
        found = choices(node)
        return found[number % len(found)][1]
    if node.kind == "union":
        return minimal(node.branches[number % len(node.branches)])
    return minimal(node)


def _mappings(node: Node) -> Iterator[Variant]:
    high = node.bound("maxProperties")
    for example in node.schema.get("examples", ()):
        yield "", shown(example), example
    if not node.bound("minProperties"):
        yield "", "empty", {}
    if node.element is None or node.keys is None:
        return
    for path, what, value in _variants(node.element):
        yield _below("*", path), what, {"key": value}
    for _, what, key in _variants(node.keys):
        yield "", f"a key: {what}", {key: minimal(node.element)}
    if high is not None:
        yield "", f"the most, {high}", mapping(node, high)


def _everything(node: Node) -> Any:
    if node.kind == "object":
        return {name: _everything(member) for name, member in node.members.items()}
    if node.kind == "union":
        return _everything(node.branches[0])
    if node.kind == "array" and node.element is not None:
        return [_everything(node.element)]
    return minimal(node)
