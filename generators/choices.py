"""What can be chosen at a leaf, and the smallest value of a tree: the atoms of the deterministic walk."""

from __future__ import annotations

import json
from collections.abc import Iterator
from fractions import Fraction
from itertools import count, islice
from typing import Any

from generators.field_meanings import sentence
from generators.nodes import Node
from generators.patterns import matching
from generators.schema_resolution import bounds

NamedValue = tuple[str, Any]
"""A word that says what the value is, and the value."""

_SHOWN = 40
_TRIED = 200


def choices(node: Node) -> list[NamedValue]:
    """Return the values to try at a leaf, all of them valid, the plainest first; perhaps none."""
    if node.chosen is None:
        node.chosen = []
        for what, value in _candidates(node):
            if node.accepts(value) and not any(same_json(value, v) for _, v in node.chosen):
                node.chosen.append((what, value))
    return node.chosen


def same_json(one: Any, other: Any) -> bool:
    """Tell whether two values are the same JSON: 1 is not true."""
    return bool(one == other) and isinstance(one, bool) == isinstance(other, bool)


def label_of(value: Any) -> str:
    """Return `value` as JSON, short enough for a label."""
    text = json.dumps(value, ensure_ascii=False)
    return text if len(text) <= _SHOWN else f"{text[: _SHOWN - 1]}…"


def _candidates(node: Node) -> Iterator[NamedValue]:
    schema = node.schema
    if "const" in schema:
        yield label_of(schema["const"]), schema["const"]
        return
    if "enum" in schema:
        yield from ((label_of(value), value) for value in schema["enum"])
        return
    if node.meant is not None:
        yield from node.meant.samples
    if node.meant is None or not node.meant.closed:
        yield from ((label_of(value), value) for value in schema.get("examples", ()))
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
            yield from ((label_of(value), value) for value in ("text", 1, None, True))


def _numbers(node: Node) -> Iterator[NamedValue]:
    low, high = bounds(node.schema)
    whole = node.type == "integer"
    if not _has_example(node):
        middle = (low + high) / 2 if low is not None and high is not None else _inside(low, high)
        step = node.schema.get("multipleOf", 1 if whole else None)
        if step:
            middle = float(Fraction(str(middle)) // Fraction(str(step)) * Fraction(str(step)))
        yield "in between", int(middle) if whole else middle
    if low is not None:
        yield f"the least, {low:g}", int(low) if whole else low
    if high is not None:
        yield f"the greatest, {high:g}", int(high) if whole else high


def _inside(low: float | None, high: float | None) -> float:
    if low is not None and low > 1:
        return low
    return high if high is not None and high < 1 else 1


def _has_example(node: Node) -> bool:
    return any(node.accepts(value) for value in node.schema.get("examples", ()))


def _strings(node: Node) -> Iterator[NamedValue]:
    low, high = node.bound("minLength"), node.bound("maxLength")
    pattern = node.schema.get("pattern")
    if pattern is not None:
        texts = matching(pattern, low or 0, high)
        for text in texts if low or high is not None or not _has_example(node) else ():
            ends = [w for w, n in (("the shortest", low), ("the longest", high)) if n == len(text)]
            yield f"{ends[0]}, {len(text)}" if ends else "matches the pattern", text
        return
    if node.meant is None and not _has_example(node):
        yield "a word", sentence(min(max(low or 0, 9), high if high is not None else 9))
    if low:
        yield f"the shortest, {low}", "abcdefghij"[:low] if low <= 10 else sentence(low)
    if high is not None:
        yield f"the longest, {high}", "e" * high


# --- the smallest ------------------------------------------------------------------------------------------


def minimal(node: Node) -> Any:
    """Return the smallest usable value: required members only, the first of each choice."""
    match node.kind:
        case "leaf":
            return choices(node)[0][1]
        case "union":
            values = [minimal(branch) for branch in node.branches]
            return next((value for value in values if node.accepts(value)), values[0])
        case "array":
            return filled_array(node, node.bound("minItems") or 0)
        case "mapping":
            return mapping(node, node.bound("minProperties") or 0)
        case "object":
            return _smallest(node)


def _smallest(node: Node) -> dict[str, Any]:
    """Return the smallest object that satisfies what its members must satisfy together."""
    base = {name: minimal(each) for name, each in node.members.items() if name in node.needed}
    if node.accepts(base):
        return base
    optional = {n: minimal(each) for n, each in node.members.items() if n not in base}
    least = (node.bound("minProperties") or 0) - len(base)
    enough = dict(islice(optional.items(), max(0, least)))
    tried = [{**base, **enough}, *({**base, name: value} for name, value in optional.items())]
    return next((value for value in [*tried, {**base, **optional}] if node.accepts(value)), base)


def filled_array(node: Node, size: int) -> list[Any]:
    """Return an array of `size` elements, as far as it can have so many; all different where they must be."""
    first = [minimal(place) for place in node.places[:size]]
    left = size - len(first)
    if left <= 0 or node.element is None:
        return first
    if node.schema.get("uniqueItems"):
        more = [value for value in several(node.element, size) if not any(same_json(value, v) for v in first)]
        return [*first, *more[:left]]
    return first + [minimal(node.element)] * left


def mapping(node: Node, size: int) -> dict[str, Any]:
    """Return an object of `size` free members; an example of the schema where it fits."""
    for example in node.schema.get("examples", ()):
        if len(example) == size and node.accepts(example):
            return dict(example)
    if node.element is None or node.keys is None:
        return {}
    value = minimal(node.element)
    return dict.fromkeys(names(node, size), value)


def names(node: Node, size: int) -> list[str]:
    """Return up to `size` different keys of a mapping."""
    if node.keys is None:
        return []
    plain = [f"key_{n}" for n in range(1, size + 1)]
    found = [name for name in plain if node.keys.accepts(name)]
    return found if len(found) == size else several(node.keys, size)


def several(node: Node, size: int) -> list[Any]:
    """Return up to `size` different values of `node`."""
    found: list[Any] = []
    for value in islice(_different(node), max(size, _TRIED)):
        if len(found) >= size:
            break
        if node.accepts(value) and not any(same_json(value, v) for v in found):
            found.append(value)
    return found


def _different(node: Node) -> Iterator[Any]:
    match node.kind:
        case "leaf":
            yield from (value for _, value in choices(node))
            if not {"const", "enum"} & set(node.schema):
                yield from _counted(node)
        case "union":
            for branch in node.branches:
                yield from islice(_different(branch), _TRIED)
        case "object":
            base = minimal(node)
            yield base
            for name, member in node.members.items():
                yield from ({**base, name: value} for value in islice(_different(member), _TRIED))
        case _:
            yield minimal(node)


def _counted(node: Node) -> Iterator[Any]:
    """Yield values of a leaf that count on from its least one."""
    low, high = bounds(node.schema)
    match node.type:
        case "integer" | "number":
            step = node.schema.get("multipleOf", 1)
            start = low if low is not None else high - 100 * step if high is not None else 0
            first, size = Fraction(str(start)), Fraction(str(step))
            whole = node.type == "integer" or not isinstance(start + step, float)
            yield from ((int if whole else float)(first + n * size) for n in count())
        case "string":
            least, most = node.bound("minLength") or 0, node.bound("maxLength")
            yield from ((f"{n}" + "e" * least)[: max(least, 4)][:most] for n in count())
