"""The deterministic walk: every constraint of a client event once, no randomness.

Each step is the smallest valid event with one thing chosen differently: one optional field, one value of an
enum, one branch of a union, one end of a range.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from generators.choices import choices, filled_array, label_of, mapping, minimal
from generators.covering_values import missed, reaching
from generators.nodes import Node


@dataclass(frozen=True, slots=True)
class WalkStep:
    """One valid event of a walk. `path` is where it differs from the smallest one, `what` says how."""

    type: str
    path: str
    what: str
    event: Any

    @property
    def label(self) -> str:
        """Type, path and what, as printed."""
        return f"{self.type} {self.path}: {self.what}" if self.path else f"{self.type}: {self.what}"


def walk(type_: str, root: Node) -> Iterator[WalkStep]:
    """Yield the steps of the client event `type_`, whose schema is `root`; each event once."""
    seen: set[str] = set()
    whole = ("", "required fields only", minimal(root))
    everything = ("", "every optional field", _everything(root))
    walked: list[Any] = []
    for path, what, event in (whole, *_variants(root), everything):
        key = json.dumps(event, sort_keys=True)
        if key not in seen and root.accepts(event):
            seen.add(key)
            walked.append(event)
            yield WalkStep(type_, path, what, event)
    # What members say together may keep single steps from their place.
    for event in reaching(root, missed(root, walked)):
        key = json.dumps(event, sort_keys=True)
        if key not in seen and root.accepts(event):
            seen.add(key)
            yield WalkStep(type_, "", "several at once", event)


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
            said = "alone" if member.kind != "leaf" else f"alone, {label_of(smallest)}"
            yield name, said, {**base, name: smallest}
        for path, what, value in _variants(member):
            yield _below(name, path), what, {**base, name: value}


def _below(name: str, path: str) -> str:
    return f"{name}{path}" if path.startswith("[") else f"{name}.{path}" if path else name


def _sizes(node: Node) -> Iterator[Variant]:
    low, high = node.bound("minItems") or 0, node.bound("maxItems")
    for example in node.schema.get("examples", ()):
        yield "", label_of(example), example
    if low == 0:
        yield "", "empty", []
    for place, inner in enumerate([*node.places, *([node.element] if node.element else [])]):
        if high is not None and place >= high:
            return
        rest = filled_array(node, max(low, place + 1))
        for path, what, value in _variants(inner):
            yield _below(f"[{place}]", path), what, [*rest[:place], value, *rest[place + 1 :]]
    most = high if high is not None else max(low + 1, len(node.places) + (2 if node.element else 0))
    if most > 1:
        plain = filled_array(node, most)
        inners = [each for n in range(len(plain)) if (each := node.at(n)) is not None]
        several = [choices_of(each, n) for n, each in enumerate(inners)]
        yield "", "the most" if high is not None else "several", several if node.accepts(several) else plain


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
        yield "", label_of(example), example
    if not node.bound("minProperties"):
        yield "", "empty", {}
    if node.element is None or node.keys is None:
        return
    base = mapping(node, max(1, node.bound("minProperties") or 0))
    first = next(iter(base), "key")
    for path, what, value in _variants(node.element):
        yield _below("*", path), what, {**base, first: value}
    for _, what, key in _variants(node.keys):
        rest = {name: value for name, value in base.items() if name != first}
        yield "", f"a key: {what}", {key: minimal(node.element), **rest}
    if high is not None:
        yield "", f"the most, {high}", mapping(node, high)


def _everything(node: Node) -> Any:
    if node.kind == "object":
        return {name: _everything(member) for name, member in node.members.items()}
    if node.kind == "union":
        return _everything(node.branches[0])
    if node.kind == "array" and node.places:
        return [_everything(place) for place in node.places]
    if node.kind == "array" and node.element is not None and (node.bound("minItems") or 0) < 2:
        return [_everything(node.element)]
    return minimal(node)
