"""A document that lies in several files, as one: for tools that read only one, or know no overlays."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Any

from protocol.dialect import Dialect
from schemas.bundle import NAMED
from schemas.places import DocumentPlace, Files, last_key

_AS_THEY_ARE = frozenset(("const", "default", "enum", "example", "examples"))
"""Members whose values are no part of the document's structure: nothing in them is a reference."""

_SCHEMAS = frozenset(("headers", "payload", "query", "schema", "schemas"))
"""Members of AsyncAPI's objects below which references name schemas."""


def one_file(source: str | Path, overlays: Iterable[tuple[Path, str]] = ()) -> dict[str, Any]:
    """Return the AsyncAPI document at `source`, changed by `overlays`, with all that it refers to in it.

    Schemas of other files become members of `components.schemas`; whatever else stands elsewhere is put
    where it is referred to. Raises `DocumentError` as `schemas.loader.load` does.
    """
    root = Files().open(source, overlays).expect(dict, "the document")
    return _Gathering(root).gathered()


def dialect_in_one_file(dialect: Dialect) -> dict[str, Any]:
    """Return the document of a dialect, in the words of the root of its family. Raises `DocumentError`."""
    return one_file(dialect.document, dialect.overlays)


class _Gathering:
    def __init__(self, root: DocumentPlace) -> None:
        self._root = root
        components = root.value.get("components", {})
        self._schemas: dict[str, Any] = dict(components.get("schemas", {}))
        self._names: dict[tuple[str, str], str] = {}

    def gathered(self) -> dict[str, Any]:
        own = set(self._schemas)
        made: dict[str, Any] = self._copy(self._root)
        if len(self._schemas) > len(own):
            components = made.setdefault("components", {})
            found = {name: schema for name, schema in self._schemas.items() if name not in own}
            components["schemas"] = {**components.get("schemas", {}), **found}
        return made

    def _copy(self, place: DocumentPlace, *, schema: bool = False) -> Any:
        if isinstance(place.value, list):
            return [self._copy(each, schema=schema) for each in place.elements()]
        if not isinstance(place.value, dict):
            return place.value
        if isinstance(place.value.get("$ref"), str):
            return self._referred(place, schema=schema)
        return {name: self._member(name, each, schema=schema) for name, each in place.members()}

    def _member(self, name: str, place: DocumentPlace, *, schema: bool) -> Any:
        if schema and name in NAMED and isinstance(place.value, dict):
            # The names below are the fields of events, whatever they are called.
            return {field: self._copy(each, schema=True) for field, each in place.members()}
        if name in _AS_THEY_ARE:
            return place.value
        return self._copy(place, schema=schema or name in _SCHEMAS)

    def _referred(self, place: DocumentPlace, *, schema: bool) -> Any:
        target = place.target()
        if target.uri == self._root.uri:
            return {**place.value, "$ref": f"#{str(place.value['$ref']).partition('#')[2]}"}
        if not schema:
            return self._copy(target)
        key = (target.uri, target.pointer)
        if key not in self._names:
            self._names[key] = self._fresh(last_key(target.pointer) or Path(target.uri).stem)
            # It holds the name while a circular reference asks for it.
            self._schemas[self._names[key]] = True
            self._schemas[self._names[key]] = self._copy(target, schema=True)
        return {**place.value, "$ref": f"#/components/schemas/{self._names[key]}"}

    def _fresh(self, stem: str) -> str:
        name, count = stem, 1
        while name in self._schemas:
            count += 1
            name = f"{stem}-{count}"
        return name
