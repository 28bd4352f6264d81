"""Schemas scattered over files and references, made into one self-contained JSON Schema.

Every `$ref` target becomes one entry of `definitions`, so circular references stay references and a
validator never has to fetch anything. What only annotates (titles, descriptions, media types, formats and
encodings other than Base64; `examples` stay, for generators) is left behind: two engines then cannot
disagree about it. See docs/adr/0012.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

from schemas.ecma import ELSEWHERE, NotAPattern, is_plain, with_unicode
from schemas.places import DocumentPlace, last_key, token

Schema = dict[str, Any] | bool

ONE = frozenset(
    "additionalItems additionalProperties contains contentSchema else if not propertyNames then"
    " unevaluatedItems unevaluatedProperties".split()
)
"""Keywords whose value is a schema."""

MANY = frozenset(("allOf", "anyOf", "oneOf", "prefixItems"))
"""Keywords whose value is a list of schemas."""

NAMED = frozenset(("properties", "patternProperties", "definitions", "$defs", "dependentSchemas"))
"""Keywords whose value is a mapping of names to schemas."""

_ANNOTATIONS = frozenset(
    "$comment $id $schema contentMediaType contentSchema deprecated description discriminator example"
    " externalDocs readOnly title writeOnly xml".split()
)
_BASE64 = frozenset((("format", "byte"), ("contentEncoding", "base64")))
"""What OpenAPI 3.0 and 3.1 write for text in Base64, the one format that is asserted."""
_BOUNDS = (("exclusiveMinimum", "minimum"), ("exclusiveMaximum", "maximum"))
_LIMIT = 200_000  # schema nodes; the largest real document met has 9,000


class Bundle:
    """A growing set of schemas that refer to each other by `#/definitions/NAME`.

    `origins` says where in the source files each definition stands, `dialects` in which JSON Schema dialect
    it is written. `unreadable` holds the places of patterns that ECMA-262 does not have, each with the
    reason; they are left out. `loose` lists those that are patterns only without the flag `u`.
    """

    def __init__(self) -> None:
        self.definitions: dict[str, Schema] = {}
        self.origins: dict[str, tuple[str, str]] = {}
        self.dialects: dict[str, str] = {}
        self.unreadable: dict[tuple[str, str], str] = {}
        self.loose: list[tuple[str, str]] = []
        self._names: dict[tuple[str, str, str], str] = {}
        self._nodes = 0

    def add(self, place: DocumentPlace, dialect: str) -> str:
        """Add the schema at `place`, written in JSON Schema `dialect`; return its definition's name.

        Raises `DocumentError` for a reference that leads nowhere and for what is not a schema.
        """
        place = place.follow() if dialect == "draft7" else place
        identity = (place.uri, place.pointer, dialect)
        if identity in self._names:
            return self._names[identity]
        name = self._fresh(place)
        self._names[identity] = name
        self.origins[name] = (place.uri, place.pointer)
        self.dialects[name] = dialect
        self.definitions[name] = True  # holds the name while a circular reference asks for it
        try:
            self.definitions[name] = self._schema(place, dialect)
        except RecursionError:
            raise place.error("nests too deeply", "flatten the schema") from None
        return name

    def add_anything(self, place: DocumentPlace) -> str:
        """Add a schema for the message at `place` that accepts everything; return its name."""
        name = self._fresh(place)
        self.definitions[name], self.dialects[name] = True, "draft7"
        self.origins[name] = (place.uri, place.pointer)
        return name

    def _fresh(self, place: DocumentPlace) -> str:
        stem = re.sub(r"[^A-Za-z0-9_.-]", "-", last_key(place.pointer)) or "root"
        name, count = stem, 1
        while name in self.definitions:
            count += 1
            name = f"{stem}-{count}"
        return name

    def _schema(self, place: DocumentPlace, dialect: str) -> Schema:
        self._nodes += 1
        if self._nodes > _LIMIT:
            raise place.error(f"has more than {_LIMIT:,} schema nodes", "split the document")
        if isinstance(place.value, bool):
            return place.value
        if not isinstance(place.value, dict):
            raise place.error("is not a schema", "write a mapping, `true` or `false`")
        made: dict[str, Any] = {}
        if "$ref" in place:
            made["$ref"] = f"#/definitions/{self.add(place.target(), dialect)}"
            if dialect in ("draft7", "openapi-3.0"):  # siblings of `$ref` have no meaning there
                return made
        for keyword, value in place.members():
            if keyword not in _ANNOTATIONS and keyword != "$ref":
                self._keyword(made, keyword, value, dialect)
        _modernize(made, dialect)
        return _of_openapi(made, place.value) if dialect == "openapi-3.0" else made

    def _keyword(self, made: dict[str, Any], keyword: str, value: DocumentPlace, dialect: str) -> None:
        def one(place: DocumentPlace) -> Schema:
            return self._schema(place, dialect)

        if keyword in ONE or (keyword == "items" and not isinstance(value.value, list)):
            made[keyword] = one(value)
        elif keyword in MANY or keyword == "items":
            made[keyword] = [one(place) for place in value.expect(list, f"`{keyword}`").elements()]
        elif keyword in NAMED:
            named = value.expect(dict, f"`{keyword}`").members()
            patterns = keyword == "patternProperties"
            made[keyword] = {n: one(p) for n, p in named if not patterns or self._readable(n, p)}
            if patterns and not all(map(is_plain, made[keyword])):
                made[ELSEWHERE] = True
        elif keyword == "dependencies":
            made[keyword] = {
                n: p.value if isinstance(p.value, list) else one(p)
                for n, p in value.expect(dict, "`dependencies`").members()
            }
        elif keyword in ("format", "contentEncoding"):
            if (keyword, str(value.value).lower()) in _BASE64:
                made["format"] = "byte"
        elif keyword != "pattern" or not isinstance(value.value, str) or self._readable(value.value, value):
            made[keyword] = value.value

    def _readable(self, pattern: str, place: DocumentPlace) -> bool:
        """Tell whether `pattern` is one of ECMA-262."""
        try:
            if not with_unicode(pattern):
                self.loose.append((place.uri, place.pointer))
        except NotAPattern as error:
            self.unreadable[place.uri, place.pointer] = str(error)
            return False
        return True

    def origin(self, path: list[str | int]) -> tuple[str, str]:
        """Return file and pointer of the node at `path` in the bundled schema."""
        if path[:1] != ["definitions"] or len(path) < 2:
            return next(iter(self.origins.values()), ("", ""))
        uri, pointer = self.origins[str(path[1])]
        return uri, pointer + "".join(f"/{token(step)}" for step in path[2:])


def _of_openapi(made: dict[str, Any], written: dict[str, Any]) -> dict[str, Any]:
    """Return `made`, of OpenAPI 3.0, in JSON Schema's words: it may be `nullable` and have one `example`."""
    examples = {"examples": [written["example"]]} if "example" in written else {}
    if made.pop("nullable", False):
        return {"anyOf": [made, {"type": "null"}], **examples}
    return {**made, **examples}


def _modernize(schema: dict[str, Any], dialect: str) -> None:
    """Turn exclusive bounds of draft 4 and OpenAPI 3.0, and tuples of 2019-09, into those of later drafts."""
    if dialect == "2019-09" and isinstance(schema.get("items"), list):
        schema["prefixItems"] = schema.pop("items")
        if "additionalItems" in schema:
            schema["items"] = schema.pop("additionalItems")
    for bound, limit in _BOUNDS:
        if isinstance(schema.get(bound), bool):
            if schema.pop(bound) and limit in schema:
                schema[bound] = schema.pop(limit)


def subschemas(schema: Schema) -> list[tuple[tuple[str | int, ...], Schema]]:
    """Return the direct subschemas of `schema`, each with its path from it."""
    if isinstance(schema, bool):
        return []
    found: list[tuple[tuple[str | int, ...], Schema]] = []
    for keyword, value in schema.items():
        if keyword in ONE or (keyword == "items" and not isinstance(value, list)):
            found.append(((keyword,), value))
        elif keyword in MANY or keyword == "items":
            found += [((keyword, index), each) for index, each in enumerate(value)]
        elif keyword in NAMED or keyword == "dependencies":
            found += [((keyword, name), each) for name, each in value.items() if not isinstance(each, list)]
    return found


def references(schema: Schema) -> list[str]:
    """Return the names of the definitions that `schema` refers to, anywhere in it."""
    if isinstance(schema, bool):
        return []
    found = [str(schema["$ref"]).removeprefix("#/definitions/")] if "$ref" in schema else []
    for _, each in subschemas(schema):
        found += references(each)
    return found


def walk_schema(
    schema: Schema, visit: Callable[[tuple[str | int, ...], Schema], None], path: tuple[str | int, ...] = ()
) -> None:
    """Call `visit` with path and schema for `schema` and everything below it, `$ref`s not followed."""
    visit(path, schema)
    for step, each in subschemas(schema):
        walk_schema(each, visit, path + step)
