"""What can be chosen at a leaf, and the smallest value of a tree: the atoms of the deterministic walk."""

from __future__ import annotations

import functools
import json
from collections.abc import Iterator
from typing import Any

from hypothesis import strategies as st

from generators.drawing import drawn
from generators.meaning import sentence
from generators.nodes import Node
from generators.resolving import UnsupportedKeyword, bounds

Choice = tuple[str, Any]
"""A word that says what the value is, and the value."""

_SHOWN = 40


def choices(node: Node) -> list[Choice]:
    """Return the values to try at a leaf, each of them valid, the plainest first."""
    found: list[Choice] = []
    for what, value in _candidates(node):
        if node.accepts(value) and not any(value == v and type(value) is type(v) for _, v in found):
            found.append((what, value))
    if not found:
        raise UnsupportedKeyword("pattern without examples", node.pointer)
    return found


def shown(value: Any) -> str:
    """Return `value` as JSON, short enough for a label."""
    text = json.dumps(value, ensure_ascii=False)
    return text if len(text) <= _SHOWN else f"{text[: _SHOWN - 1]}…"


def _candidates(node: Node) -> Iterator[Choice]:
    schema = node.schema
    if "const" in schema:
        yield shown(schema["const"]), schema["const"]
        return
    if "enum" in schema:
        yield from ((shown(value), value) for value in schema["enum"])
        return
    if node.meant is not None:
        yield from node.meant.samples
    if node.meant is None or not node.meant.closed:
        yield from ((shown(value), value) for value in schema.get("examples", ()))
    match node.type:
        case "null":
            yield "null", None
        case "boolean":
            yield from (("true", True), ("false", False))
        case "integer" | "number":
            yield from _numbers(node)
        case "string":
            yield from _strings(node)
        case "any":
            yield from ((shown(value), value) for value in ("text", 1, None, True))


def _numbers(node: Node) -> Iterator[Choice]:
    low, high = bounds(node.schema)
    whole = node.type == "integer"
    if not node.schema.get("examples"):
        middle = (low + high) / 2 if low is not None and high is not None else 1
        step = node.schema.get("multipleOf", 1 if whole else None)
        middle = middle // step * step if step else middle
        yield "in between", int(middle) if whole else middle
    if low is not None:
        yield f"the least, {low:g}", int(low) if whole else low
    if high is not None:
        yield f"the greatest, {high:g}", int(high) if whole else high


def _strings(node: Node) -> Iterator[Choice]:
    low, high = node.bound("minLength"), node.bound("maxLength")
    pattern = node.schema.get("pattern")
    if pattern is not None:
        if not node.schema.get("examples"):
            yield from (("matches the pattern", value) for value in matching(pattern))
        return
    if node.meant is None and not node.schema.get("examples"):
        yield "a word", sentence(min(max(low or 0, 9), high if high is not None else 9))
    if low:
        yield f"the shortest, {low}", "abcdefghij"[:low] if low <= 10 else sentence(low)
    if high is not None:
        yield f"the longest, {high}", "e" * high


@functools.cache
def matching(pattern: str) -> tuple[str, ...]:
    """Return one or two strings that match `pattern`."""
    return tuple(drawn(st.from_regex(pattern), 2))


def minimal(node: Node) -> Any:
    """Return the smallest usable value: required members only, the first of each choice."""
    match node.kind:
        case "leaf":
            return choices(node)[0][1]
        case "union":
            return minimal(node.branches[0])
        case "array":
            return [minimal(node.element) for _ in range(node.bound("minItems") or 0) if node.element]
        case "mapping":
            return mapping(node, node.bound("minProperties") or 0)
        case "object":
            return {name: minimal(each) for name, each in node.members.items() if name in node.needed}


def mapping(node: Node, size: int) -> dict[str, Any]:
    """Return an object of `size` free members; an example of the schema where it fits."""
    for example in node.schema.get("examples", ()):
        if len(example) == size:
            return dict(example)
    if node.element is None:
        return {}
    value = minimal(node.element)
    return {f"key_{n}": value for n in range(1, size + 1)}
