"""A schema as a tree of what can be chosen: all that is generated is made by going through it.

References are followed, `allOf` is merged, a condition is a union of alternatives, and so is a list of types:
what is left are objects, arrays, unions and leaves. The strategies, the walk, the sites of coverage and the
mutants are each one recursion over it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

from generators.choices import choices, minimal
from generators.field_meanings import Meaning, NodePath, fitted
from generators.nodes import Node
from generators.patterns import matching
from generators.schema_resolution import (
    UnsupportedKeyword,
    check_keywords,
    flat,
    kinds_of,
    patterns_of_names,
    placed,
    referred,
    validity,
    ways_to_spell,
)
from schemas.bundle import Schema, references

_RECURSION = 2  # times one definition may stand inside itself
_MOST = 20_000  # nodes of one tree; the largest event met has 400
_SPEAKING_OF_MEMBERS = frozenset("additionalProperties propertyNames minProperties maxProperties".split())
_TYPES = ("null", "boolean", "integer", "number", "string")


NOT_SENT = "x-not-sent"
"""Stands, true, in a schema that a client may follow and of which we send nothing."""


class SchemaReader:
    """Reads the schemas of one bundle. Raises `UnsupportedKeyword` for what it does not understand.

    `unmatched` holds, by pointer, the patterns that no text was found for; what must match them is left out.
    """

    def __init__(
        self,
        definitions: Mapping[str, Schema],
        meaning: Meaning = lambda _path, _schema: None,
        dialect: str = "draft7",
    ) -> None:
        self.definitions = dict(definitions)
        self.meaning = meaning
        self.dialect = dialect
        self.unmatched: dict[str, str] = {}
        self._count = 0
        self._way: int | None = None  # in which of the spellings the object around is

    def read(
        self, schema: Schema, path: NodePath = (), pointer: str = "", inside: tuple[str, ...] = ()
    ) -> Node | None:
        """Return the tree of `schema`; None for what is `NOT_SENT`, never valid, or too deep in itself."""
        names = tuple(dict.fromkeys(referred(schema, self.definitions)))
        if any(inside.count(name) >= _RECURSION and self._circular(name) for name in names):
            return None
        whole = flat(schema, self.definitions)
        if isinstance(whole, bool):
            return Node("leaf", path, pointer, {}, type="any") if whole else None
        if whole.get(NOT_SENT):
            return None
        check_keywords(whole, pointer)
        for pattern in patterns_of_names(schema, self.definitions):
            if not matching(pattern):
                self.unmatched[f"{pointer}/patternProperties"] = pattern
        self._count += 1
        if self._count > _MOST:
            raise UnsupportedKeyword("more alternatives than can be tried", pointer)
        accepts = validity(schema, self.definitions, self.dialect)
        made = self._made(whole, path, pointer, (*inside, *names), accepts)
        if made is None:
            return None
        made.accepts = accepts
        if made.kind == "leaf" and not choices(made):
            if "pattern" in whole and "not" not in whole:
                self.unmatched.setdefault(f"{pointer}/pattern", whole["pattern"])
            return None
        return made

    def _circular(self, name: str) -> bool:
        """Tell whether a definition lies inside itself, and not only some base of it."""
        pending, seen = [name], set[str]()
        while pending:
            for each in references(self.definitions[pending.pop()]):
                if each == name:
                    return True
                if each not in seen:
                    seen.add(each)
                    pending.append(each)
        return False

    def _made(
        self,
        schema: dict[str, Any],
        path: NodePath,
        pointer: str,
        inside: tuple[str, ...],
        accepts: Callable[[Any], bool],
    ) -> Node | None:
        meant = fitted(self.meaning(path, schema), accepts)
        if meant is not None:
            return Node("leaf", path, pointer, schema, str(schema.get("type", "string")), meant)
        if "const" in schema or "enum" in schema:
            return Node("leaf", path, pointer, schema)
        group = _group(schema)
        if group is not None:
            return self._union(schema, group, path, pointer, inside)
        kinds = kinds_of(schema)
        if len(kinds) == 1:
            return self._of_type(kinds[0], schema, path, pointer, inside)
        node = Node("union", path, pointer, schema)
        node.branches = [
            branch
            for kind in kinds
            if (branch := self.read({**schema, "type": kind}, path, f"{pointer}/type/{kind}", inside))
        ]
        return node if node.branches else None

    def _union(
        self,
        schema: dict[str, Any],
        group: _Group,
        path: NodePath,
        pointer: str,
        inside: tuple[str, ...],
    ) -> Node | None:
        found = Node("union", path, pointer, schema)
        for number, branch in enumerate(group.branches):
            whole: Schema = {"allOf": [branch, group.rest]} if group.rest else branch
            node = self.read(whole, path, f"{pointer}/{group.keyword}/{number}", inside)
            # What two conditions say together may never hold.
            if node is not None and node.accepts(minimal(node)):
                found.branches.append(node)
        return found if found.branches else None

    def _of_type(
        self, kind: str, schema: dict[str, Any], path: NodePath, pointer: str, inside: tuple[str, ...]
    ) -> Node | None:
        if kind == "array":
            return self._array(schema, path, pointer, inside)
        if kind == "object":
            return self._object(schema, path, pointer, inside)
        if kind not in _TYPES:
            raise UnsupportedKeyword(f"type {kind}", f"{pointer}/type")
        return Node("leaf", path, pointer, schema, kind)

    def _array(
        self, schema: dict[str, Any], path: NodePath, pointer: str, inside: tuple[str, ...]
    ) -> Node | None:
        items = schema.get("items", True)
        first, rest = schema.get("prefixItems", []), items
        where = "prefixItems"
        if isinstance(items, list):
            first, rest, where = items, schema.get("additionalItems", True), "items"
        node = Node("array", path, pointer, schema, "array")
        for number, place in enumerate(first):
            found = self.read(place, (*path, "*"), f"{pointer}/{where}/{number}", inside)
            if found is None:
                rest = False  # it ends before this one
                break
            node.places.append(found)
        node.element = self.read(rest, (*path, "*"), f"{pointer}/items", inside)
        least = node.bound("minItems") or 0
        return None if node.element is None and least > len(node.places) else node

    def _object(
        self, schema: dict[str, Any], path: NodePath, pointer: str, inside: tuple[str, ...]
    ) -> Node | None:
        ways = ways_to_spell(schema, every=not path)
        if ways:
            return self._spelled(schema, ways, path, pointer, inside)
        needed = frozenset(schema.get("required", ()))
        rest: Schema = schema.get("additionalProperties", schema.get("unevaluatedProperties", True))
        properties: dict[str, Schema] = dict(schema.get("properties", {}))
        properties |= dict.fromkeys(sorted(needed - set(properties)), rest)
        if not properties:
            return self._mapping(schema, rest, path, pointer, inside)
        node = Node("object", path, pointer, schema, "object", needed=needed)
        here = placed(path, properties, self.definitions)
        for name, sub in properties.items():
            member = self.read(sub, (*here, name), f"{pointer}/properties/{name}", inside)
            if member is not None:
                node.members[name] = member
            elif name in needed:
                return None
        return node

    def _spelled(
        self,
        schema: dict[str, Any],
        ways: list[list[str]],
        path: NodePath,
        pointer: str,
        inside: tuple[str, ...],
    ) -> Node | None:
        """Return an object whose fields have several spellings: as many alternatives as it has `ways`.

        Each way is what is left out. What lies in a member is spelled as the member is. A way that leaves out
        a required field is none; so where some fields are required in one spelling and some in another, no
        such object is made.
        """
        node = Node("union", path, pointer, schema)
        above = self._way
        wanted = range(len(ways)) if above is None else [min(above, len(ways) - 1)]
        for number, left_out in enumerate(ways):
            if number not in wanted:
                continue
            properties = {**schema["properties"], **dict.fromkeys(left_out, False)}
            if path:  # at the top, what names the message says nothing of how the rest is spelled
                self._way = number
            branch = self.read(
                {**schema, "properties": properties}, path, f"{pointer}/spelling/{number}", inside
            )
            self._way = above
            if branch is not None and branch.accepts(minimal(branch)):
                node.branches.append(branch)
        return node if node.branches else None

    def _mapping(
        self, schema: dict[str, Any], rest: Schema, path: NodePath, pointer: str, inside: tuple[str, ...]
    ) -> Node | None:
        if rest is True and "examples" in schema and not _SPEAKING_OF_MEMBERS & set(schema):
            # Nothing is said of its members: what the examples have is what is meant to be there.
            return Node("leaf", path, pointer, {"enum": schema["examples"]})
        node = Node("mapping", path, pointer, schema, "object")
        names = schema.get("propertyNames", True)
        named: Schema = {"allOf": [{"type": "string"}, names]} if names is not True else {"type": "string"}
        node.keys = self.read(named, (*path, "*", "key"), f"{pointer}/propertyNames", inside)
        if node.keys is not None:
            node.element = self.read(rest, (*path, "*"), f"{pointer}/additionalProperties", inside)
        return None if node.element is None and node.bound("minProperties") else node


class _Group(NamedTuple):
    """A union: its keyword, its branches, and what stands beside it."""

    keyword: str
    branches: list[Schema]
    rest: dict[str, Any]


def _group(schema: dict[str, Any]) -> _Group | None:
    """Return the first union in `schema`."""
    for keyword in ("oneOf", "anyOf"):
        if keyword in schema:
            rest = {k: v for k, v in schema.items() if k not in (keyword, "examples")}
            return _Group(keyword, schema[keyword], rest)
    for number, part in enumerate(schema.get("allOf", ())):
        found = _group(part) if isinstance(part, dict) else None
        if found is not None:
            others = [p for n, p in enumerate(schema["allOf"]) if n != number]
            rest = {k: v for k, v in schema.items() if k not in ("allOf", "examples")}
            left = [*others, *([found.rest] if found.rest else [])]
            return found._replace(rest={**rest, "allOf": left} if left else rest)
    return None
