"""The node of the tree of a schema: one place where something can be chosen (`generators.schema_tree`)."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any, Literal

from generators.field_meanings import Meant, NodePath

NodeKind = Literal["object", "mapping", "array", "union", "leaf"]


@dataclass(eq=False)
class Node:
    """One place of an event where something can be chosen.

    `path` is that of the value (`*` for elements and for free keys; behind an object's own path its `type`,
    where that is constant), `pointer` that of the schema with its references followed. `type` is the JSON
    type of an object, array or leaf; `const` and `enum` leaves have none. `needed` are the names of required
    members. `places` are the first elements of an array, where they differ from the rest, its `element`.
    """

    kind: NodeKind
    path: NodePath
    pointer: str
    schema: dict[str, Any]
    type: str = ""
    meant: Meant | None = None
    members: dict[str, Node] = field(default_factory=dict)
    needed: frozenset[str] = frozenset()
    branches: list[Node] = field(default_factory=list)
    places: list[Node] = field(default_factory=list)
    element: Node | None = None
    keys: Node | None = None
    accepts: Callable[[Any], bool] = lambda _value: True
    chosen: list[tuple[str, Any]] | None = None  # what `choices` found

    def below(self) -> Iterator[Node]:
        """Yield this node and all below it."""
        yield self
        parts = (*self.members.values(), *self.branches, *self.places, self.element, self.keys)
        for each in parts:
            if each is not None:
                yield from each.below()

    def bound(self, keyword: str) -> int | None:
        """Return an integer bound of the schema."""
        value = self.schema.get(keyword)
        return None if value is None else int(value)

    def at(self, index: int) -> Node | None:
        """Return the node of an array's element at `index`; None where there can be none."""
        return self.places[index] if index < len(self.places) else self.element
