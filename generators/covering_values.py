"""A few values that together reach every site of a schema: what comes before chance has its turn.

Each value takes, wherever it passes, a choice that nothing has reached yet. So sixty values reach what
thousands of random ones may miss: the far end of a range six objects deep.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from typing import Any

from generators.choices import choices, filled_array, mapping, minimal, same_json
from generators.nodes import Node
from generators.sites import WIDEST, Site, sites, touched

_IDLE = 3  # values in a row that reach nothing new: what is left cannot be reached


def covering(root: Node) -> Iterator[Any]:
    """Yield values of `root` until every site is reached that can be."""
    yield from _Covering(root, sites(root)).values()


def reaching(root: Node, left: Iterable[Site]) -> Iterator[Any]:
    """Yield values of `root` that reach what of `left` can be reached."""
    wanted = dict.fromkeys(left)
    if wanted:
        yield from _Covering(root, wanted).values()


class _Covering:
    def __init__(self, root: Node, left: dict[Site, None]) -> None:
        self.root = root
        self.left = left
        self.visits: Counter[str] = Counter()
        self.idle = 0

    def values(self) -> Iterator[Any]:
        while (self.left and self.idle < _IDLE) or not self.visits:
            self.visits["values"] += 1
            value = self.value(self.root)
            if not self.root.accepts(value):
                self.idle += 1
                continue
            reached = [site for site in touched(self.root, value) if site in self.left]
            self.idle = 0 if reached else self.idle + 1
            for site in reached:
                self.left.pop(site, None)
            yield value

    def value(self, node: Node) -> Any:
        """Return a value of `node` that goes where something is left to reach."""
        turn = self.visits[node.pointer]
        self.visits[node.pointer] += 1
        match node.kind:
            case "leaf":
                return self._leaf(node, turn)
            case "union":
                return self.value(self._branch(node, turn))
            case "array":
                return self._array(node, turn)
            case "mapping":
                return self._mapping(node, turn)
            case "object":
                return self._object(node)

    def _leaf(self, node: Node, turn: int) -> Any:
        """Return the next choice; once turns have been in vain, the next one that reaches something."""
        values = [value for _, value in choices(node)]
        first = turn % len(values)
        if not self.idle:
            return values[first]
        ordered = values[first:] + values[:first]
        useful = (each for each in ordered if any(site in self.left for site in touched(node, each)))
        return next(useful, ordered[0])

    def _object(self, node: Node) -> dict[str, Any]:
        made = {}
        for name, member in node.members.items():
            if name in node.needed or self._wanted(member):
                made[name] = self.value(member)
        return made if node.accepts(made) else self._enough(node, made)

    def _enough(self, node: Node, made: dict[str, Any]) -> dict[str, Any]:
        """Add members until `made` has enough; those whose absence is still to be seen come last."""
        spare = [name for name in node.members if name not in made]
        spare.sort(key=lambda name: Site(node.members[name].pointer, "absent") in self.left)
        least = node.bound("minProperties") or 0
        added = {name: minimal(node.members[name]) for name in spare[: max(0, least - len(made))]}
        return {name: {**made, **added}[name] for name in node.members if name in made or name in added}

    def _wanted(self, member: Node) -> bool:
        """Tell whether an optional member is to be there: first it is, then not, then while it is of use."""
        if Site(member.pointer, "present") in self.left:
            return True
        if Site(member.pointer, "absent") in self.left and not self._open(member, below=True):
            return False
        return self._open(member, below=True)

    def _open(self, node: Node, *, below: bool = False) -> bool:
        """Tell whether something is left to reach in `node`."""
        at = node.pointer
        own = {Site(at, "present"), Site(at, "absent")}
        return any(
            (site.pointer == at and not (below and site in own)) or site.pointer.startswith(at + "/")
            for site in self.left
        )

    def _branch(self, node: Node, turn: int) -> Node:
        unreached = [each for each in node.branches if self._open(each)]
        return unreached[turn % len(unreached)] if unreached else node.branches[turn % len(node.branches)]

    def _array(self, node: Node, turn: int) -> list[Any]:
        low, high = node.bound("minItems") or 0, node.bound("maxItems")
        most = high if high is not None else max(low, len(node.places) + 2 * (node.element is not None))
        inner = [*node.places, *([node.element] if node.element is not None else [])]
        size = most if turn == 0 or (turn > 1 and any(map(self._open, inner))) else low
        if size > low + 20 and (turn or size > WIDEST):
            size = low + 20
        plain = filled_array(node, size)
        # Beyond a few elements, another one reaches nothing new.
        inner = [each for n in range(min(len(plain), low + 20)) if (each := node.at(n)) is not None]
        made = [*map(self.value, inner), *plain[len(inner) :]]
        return made if node.accepts(made) else plain

    def _mapping(self, node: Node, turn: int) -> dict[str, Any]:
        low, high = node.bound("minProperties") or 0, node.bound("maxProperties")
        most = high if high is not None else max(low, 1)
        made = mapping(node, low if turn % 2 else min(most, low + WIDEST))
        if node.element is not None and node.keys is not None and made:
            last, _ = made.popitem()
            key = self.value(node.keys)
            made[key if not any(same_json(key, k) for k in made) else last] = self.value(node.element)
        return made


def missed(root: Node, values: Iterable[Any]) -> list[Site]:
    """Return the sites of `root` that none of `values` reaches."""
    left = sites(root)
    for value in values:
        for site in touched(root, value):
            left.pop(site, None)
    return list(left)
