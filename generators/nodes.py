"""A schema as a tree of what can be chosen, for everything that goes through it deterministically.

References are followed, `allOf` is merged, a list of types is a union: what is left are objects, arrays,
unions and leaves. The walk, the sites of coverage and the mutants are each one recursion over it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from generators.meaning import Meaning, Meant, Path
from generators.resolving import UnsupportedKeyword, check, flat, kinds_of, merged, placed
from schemas.bundle import Schema
from schemas.engines import deciding, rooted

Kind = Literal["object", "mapping", "array", "union", "leaf"]

_RECURSION = 2  # times one definition may stand inside itself


@dataclass(eq=False)
class Node:
    """One place of an event where something can be chosen.

    `path` is that of the value (`*` for elements and for free keys; behind an object's own path its `type`,
    where that is constant), `pointer` that of the schema with its
    references followed. `type` is the JSON type of an object, array or leaf; `const` and `enum` leaves have
    none. `needed` are the names of required members.
    """

    kind: Kind
    path: Path
    pointer: str
    schema: dict[str, Any]
    type: str = ""
    meant: Meant | None = None
    members: dict[str, Node] = field(default_factory=dict)
    needed: frozenset[str] = frozenset()
    branches: list[Node] = field(default_factory=list)
    element: Node | None = None
    keys: Node | None = None
    accepts: Callable[[Any], bool] = lambda _value: True

    def below(self) -> Iterator[Node]:
        """Yield this node and all below it."""
        yield self
        for each in (*self.members.values(), *self.branches, *filter(None, (self.element, self.keys))):
            yield from each.below()

    def bound(self, keyword: str) -> int | None:
        """Return an integer bound of the schema."""
        value = self.schema.get(keyword)
        return None if value is None else int(value)


class Reader:
    """Reads the schemas of one bundle. Raises `UnsupportedKeyword` for what it does not understand."""

    def __init__(
        self, definitions: Mapping[str, Schema], meaning: Meaning = lambda _path, _schema: None
    ) -> None:
        self.definitions = dict(definitions)
        self.meaning = meaning

    def read(
        self, schema: Schema, path: Path = (), pointer: str = "", inside: tuple[str, ...] = ()
    ) -> Node | None:
        """Return the tree of `schema`; None for what is never valid, or lies too deep inside itself."""
        name = schema.get("$ref") if isinstance(schema, dict) else None
        if name is not None:
            if inside.count(name) >= _RECURSION:
                return None
            inside = (*inside, name)
        whole = flat(schema, self.definitions)
        if isinstance(whole, bool):
            return Node("leaf", path, pointer, {}, type="any") if whole else None
        check(whole, pointer)
        made = self._made(whole, path, pointer, inside)
        made.accepts = deciding(rooted(whole, self.definitions), "draft7").is_valid
        return made

    def _made(self, schema: dict[str, Any], path: Path, pointer: str, inside: tuple[str, ...]) -> Node:
        meant = self.meaning(path, schema)
        if meant is not None:
            return Node("leaf", path, pointer, schema, str(schema.get("type", "string")), meant)
        if "const" in schema or "enum" in schema:
            return Node("leaf", path, pointer, schema)
        for group in ("oneOf", "anyOf"):
            if group in schema:
                return self._union(schema, group, path, pointer, inside)
        kinds = kinds_of(schema)
        if len(kinds) == 1:
            return self._of_type(kinds[0], schema, path, pointer, inside)
        nodes = []
        for kind in kinds:
            single = {**schema, "type": kind}
            node = self._of_type(kind, single, path, f"{pointer}/type/{kind}", inside)
            node.accepts = deciding(rooted(single, self.definitions), "draft7").is_valid
            nodes.append(node)
        return Node("union", path, pointer, schema, branches=nodes)

    def _union(
        self, schema: dict[str, Any], group: str, path: Path, pointer: str, inside: tuple[str, ...]
    ) -> Node:
        rest = {k: v for k, v in schema.items() if k not in (group, "examples")}
        branches = []
        for number, branch in enumerate(schema[group]):
            whole = merged(flat(branch, self.definitions), rest) if rest else branch
            node = self.read(whole, path, f"{pointer}/{group}/{number}", inside)
            if node is not None:
                branches.append(node)
        return Node("union", path, pointer, schema, branches=branches)

    def _of_type(
        self, kind: str, schema: dict[str, Any], path: Path, pointer: str, inside: tuple[str, ...]
    ) -> Node:
        if kind == "array":
            items = schema.get("items", True)
            if isinstance(items, list) or "prefixItems" in schema:
                raise UnsupportedKeyword("a tuple of items", f"{pointer}/items")
            node = Node("array", path, pointer, schema, kind)
            node.element = self.read(items, (*path, "*"), f"{pointer}/items", inside)
            return node
        if kind == "object":
            return self._object(schema, path, pointer, inside)
        if kind not in ("null", "boolean", "integer", "number", "string"):
            raise UnsupportedKeyword(f"type {kind}", f"{pointer}/type")
        return Node("leaf", path, pointer, schema, kind)

    def _object(self, schema: dict[str, Any], path: Path, pointer: str, inside: tuple[str, ...]) -> Node:
        needed = frozenset(schema.get("required", ()))
        rest: Schema = schema.get("additionalProperties", True)
        properties: dict[str, Schema] = dict(schema.get("properties", {}))
        properties |= dict.fromkeys(sorted(needed - set(properties)), rest)
        if not properties:
            node = Node("mapping", path, pointer, schema, "object")
            if rest is not False:
                node.element = self.read(rest, (*path, "*"), f"{pointer}/additionalProperties", inside)
                names = {"type": "string", **_mapping(schema.get("propertyNames", {}))}
                node.keys = self.read(names, (*path, "*", "key"), f"{pointer}/propertyNames", inside)
            return node
        node = Node("object", path, pointer, schema, "object", needed=needed)
        here = placed(path, properties, self.definitions)
        for name, sub in properties.items():
            member = self.read(sub, (*here, name), f"{pointer}/properties/{name}", inside)
            if member is not None:
                node.members[name] = member
        return node


def _mapping(schema: Schema) -> dict[str, Any]:
    return schema if isinstance(schema, dict) else {}
