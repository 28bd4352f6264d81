"""Tells before anything is made whether it can be, and if not, where in the document the reason stands."""

from __future__ import annotations

from generators.schema_resolution import unsupported
from protocol.errors import DocumentError
from schemas.bundle import Schema, references, walk_schema
from schemas.contract import EventSchema
from schemas.document import OPAQUE, Document
from schemas.overlaps import as_written

_REMEDY = "describe it with other keywords"


def makeable(schema: EventSchema, document: Document) -> None:
    """Raise `DocumentError` for the first keyword in the schema of an event that is not understood."""
    bundle = document.bundle
    message = schema.message
    if message.dialect == OPAQUE:
        raise DocumentError(
            message.file,
            message.pointer,
            "no values can be made for a payload that is not JSON Schema",
            "describe it in JSON Schema",
        )
    pending, seen = references(schema.schema), set[str]()
    while pending:
        name = pending.pop()
        if name in seen:
            continue
        seen.add(name)
        definition = bundle.definitions[name]

        def look(path: tuple[str | int, ...], each: Schema, name: str = name) -> None:
            keyword = unsupported(each) if isinstance(each, dict) else ""
            if keyword:
                written = as_written(path, document.relaxed.get(name, {}))
                file, pointer = bundle.origin(["definitions", name, *written, keyword])
                raise DocumentError(
                    file, pointer, f"no values can be made for the keyword `{keyword}`", _REMEDY
                )

        walk_schema(definition, look)
        pending += references(definition)


def unmakeable(schema: EventSchema, what: str, pointer: str) -> DocumentError:
    """Return the error for a schema of which no value can be made, for a reason that shows only on trying."""
    message = schema.message
    where = f", at #{pointer} with its references followed" if pointer else ""
    return DocumentError(
        message.file, message.pointer, f"no values can be made for {what}{where}", "allow some, or less"
    )
