"""What there is to reach in a schema, and what a value reaches: the measure of a generator's coverage.

A site is an optional field that is there, or is not; a value of an enum; a branch of a union; an end of a
range, of a length or of a size.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any, NamedTuple

from generators.choices import choices, filled_array, mapping, same_json
from generators.nodes import Node
from generators.schema_resolution import bounds

WIDEST = 1_000
"""Elements or members of the largest array or mapping that has to be reached."""


class Site(NamedTuple):
    """One thing to reach: where in the schema, and what."""

    pointer: str
    what: str


def sites(node: Node) -> dict[Site, None]:
    """Return the sites of a tree, in its order."""
    found: dict[Site, None] = {}
    for each in node.below():
        found.update(dict.fromkeys(_own(each)))
    return found


def _own(node: Node) -> Iterator[Site]:
    at = node.pointer
    match node.kind:
        case "object":
            for name, member in node.members.items():
                if name not in node.needed:
                    yield from (Site(member.pointer, "present"), Site(member.pointer, "absent"))
        case "union":
            yield from (Site(branch.pointer, "taken") for branch in node.branches)
        case "array":
            yield from _ends(node, "array")
        case "mapping":
            yield from _ends(node, "mapping")
        case "leaf":
            yield from (Site(at, f"is {json.dumps(v)}") for v in _listed(node))
            if node.type in ("integer", "number"):
                ends = zip(("least", "greatest"), bounds(node.schema), strict=True)
                yield from (Site(at, w) for w, b in ends if b is not None and node.accepts(_number(node, b)))
            elif node.type == "string":
                yield from _ends(node, "string")


def _listed(node: Node) -> list[Any]:
    if "const" in node.schema:
        return []
    listed = [True, False] if node.type == "boolean" else node.schema.get("enum", ())
    return [value for value in listed if node.accepts(value)]


def _number(node: Node, bound: float) -> float:
    return int(bound) if node.type == "integer" else bound


def touched(node: Node, value: Any) -> Iterator[Site]:
    """Yield the sites of a tree that a valid `value` reaches."""
    match node.kind:
        case "object":
            for name, member in node.members.items():
                yield Site(member.pointer, "present" if name in value else "absent")
        case "union":
            yield from (Site(branch.pointer, "taken") for branch in node.branches if branch.accepts(value))
        case "array":
            yield from _size(node, len(value), "array")
        case "mapping":
            yield from _size(node, len(value), "mapping")
        case "leaf":
            yield from _of_leaf(node, value)
    for inner, part in _parts(node, value):
        yield from touched(inner, part)


def _parts(node: Node, value: Any) -> Iterator[tuple[Node, Any]]:
    """Yield what lies below `node` with the parts of `value` that lie there."""
    match node.kind:
        case "object":
            yield from ((member, value[name]) for name, member in node.members.items() if name in value)
        case "union":
            yield from ((branch, value) for branch in node.branches if branch.accepts(value))
        case "array":
            yield from ((inner, each) for n, each in enumerate(value) if (inner := node.at(n)) is not None)
        case "mapping" if node.element is not None and node.keys is not None:
            yield from ((node.element, each) for each in value.values())
            yield from ((node.keys, key) for key in value)


def _of_leaf(node: Node, value: Any) -> Iterator[Site]:
    at = node.pointer
    if any(same_json(value, v) for v in _listed(node)):
        yield Site(at, f"is {json.dumps(value)}")
    if node.type in ("integer", "number"):
        for what, bound in zip(("least", "greatest"), bounds(node.schema), strict=True):
            if bound is not None and value == bound:
                yield Site(at, what)
    elif node.type == "string":
        yield from _size(node, len(value), "string")


_SIZES = {
    "array": ("minItems", "maxItems", "fewest", "most"),
    "mapping": ("minProperties", "maxProperties", "fewest", "most"),
    "string": ("minLength", "maxLength", "shortest", "longest"),
}


def _size(node: Node, size: int, kind: str) -> Iterator[Site]:
    least, most, few, many = _SIZES[kind]
    if size == (node.bound(least) or 0):
        yield Site(node.pointer, few)
    if size == node.bound(most):
        yield Site(node.pointer, many)


def _ends(node: Node, kind: str) -> Iterator[Site]:
    least, most, few, many = _SIZES[kind]
    low, high = node.bound(least), node.bound(most)
    if (kind == "array" or low is not None) and _possible(node, kind, low or 0):
        yield Site(node.pointer, few)
    if high is not None and high != (low or 0) and _possible(node, kind, high):
        yield Site(node.pointer, many)


def _possible(node: Node, kind: str, size: int) -> bool:
    """Tell whether a value can have that size: a pattern, a meaning, or too few elements may forbid it."""
    match kind:
        case "array":
            return size <= WIDEST and len(made := filled_array(node, size)) == size and node.accepts(made)
        case "mapping":
            return size <= WIDEST and len(mapping(node, size)) == size
    plain = "pattern" not in node.schema and node.meant is None
    return plain or any(len(value) == size for _, value in choices(node))
