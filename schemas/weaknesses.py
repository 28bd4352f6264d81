"""What a document says badly: places where it contradicts itself or leaves open what it means to fix.

The loader copes with all of these (docs/adr/0002); this is for the document's author.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import groupby

from protocol.errors import readable
from protocol.yaml_core import booleans_of_yaml_1_1
from schemas.broken_examples import broken_examples
from schemas.bundle import Schema, walk_schema
from schemas.document import OPAQUE, Channel, Document, Message, Sender
from schemas.explain import shown_value
from schemas.message_types import is_generic, leaves_type_open, payload_of, pinned_types, resolve
from schemas.places import token
from schemas.told_apart import Discriminator, discriminator_of


@dataclass(frozen=True, slots=True)
class Weakness:
    """One weak place: its file, JSON pointer, what is wrong, and how the suite copes."""

    file: str
    pointer: str
    problem: str
    coped: str


def weaknesses(document: Document) -> list[Weakness]:
    """Return the weaknesses of `document`, by file and pointer."""
    found = [*_messages(document), *_overlaps(document), *_booleans(document)]
    found += [*_patterns(document), *_schemas(document)]
    found += [
        Weakness(readable(uri), pointer, problem, "the schema decides")
        for uri, pointer, problem in broken_examples(document)
    ]
    found += [
        Weakness(readable(uri), pointer, "a binding for ROS 2", "it is not read: the suite speaks WebSocket")
        for uri, pointer in document.unread
    ]
    return sorted(set(found), key=lambda w: (w.file, w.pointer, w.problem))


_SIDES: tuple[Sender, ...] = ("client", "server")


def _messages(document: Document) -> Iterator[Weakness]:
    for channel in document.channels:
        for direction in _SIDES:
            told_apart = discriminator_of(channel, direction, document.bundle)
            for message in channel.messages(direction):
                yield from _message(message, told_apart, document)
        yield from _namesakes(channel, document)


def _message(message: Message, told_apart: Discriminator, document: Document) -> Iterator[Weakness]:
    reference = payload_of(message)
    envelope = told_apart.envelopes.get(message.name)
    if message.dialect == OPAQUE:
        yield _at(message, "the payload is not JSON Schema", "its messages are not checked")
    elif envelope is not None and envelope.bare:
        place = f"result.{envelope.keys[0]}" if envelope.in_result else envelope.keys[0]
        problem = f"the payload of `{message.name}` has no envelope: nothing in it names the message"
        yield _at(message, problem, f"it is taken for what stands in `{place}`")
    elif (
        envelope is None
        and pinned_types(reference, document.bundle) is None
        and leaves_type_open(reference, document.bundle)
    ):
        if is_generic(message, document.bundle):
            yield _at(
                message,
                f"`{message.name}` accepts any `type` and any field: it overlaps every other message",
                "used for types that no other message claims",
            )
        else:
            yield _at(
                message,
                f"the payload of `{message.name}` leaves `type` open",
                f'`type` is taken to be "{message.name}"',
            )


def _namesakes(channel: Channel, document: Document) -> Iterator[Weakness]:
    for operation in channel.operations:
        names = sorted(m.name for m in operation.messages)
        for name, same in groupby(names):
            if len(list(same)) > 1:
                problem = f"two messages are called `{name}`"
                yield Weakness(document.file, operation.pointer, problem, "the last one counts")


def _at(message: Message, problem: str, coped: str) -> Weakness:
    return Weakness(message.file, message.pointer, problem, coped)


def _overlaps(document: Document) -> Iterator[Weakness]:
    for name, by_path in document.relaxed.items():
        uri, pointer = document.bundle.origins[name]
        for path, witness in by_path.items():
            whole = pointer + "".join(f"/{token(step)}" for step in (*path, "oneOf"))
            yield Weakness(
                readable(uri),
                whole,
                f"two branches of `oneOf` accept {shown_value(witness)}",
                "read as `anyOf`",
            )


def _booleans(document: Document) -> Iterator[Weakness]:
    for uri, text in document.texts.items():
        if text.lstrip()[:1] in ("{", "["):
            continue
        for value, path in booleans_of_yaml_1_1(text):
            if (len(path) > 1 and path[-2] == "enum") or path[-1:] == ["const"]:
                pointer = "".join(f"/{token(step)}" for step in path)
                yield Weakness(
                    readable(uri),
                    pointer,
                    f"{value} is a boolean to YAML 1.1 readers",
                    "read as a string; quote it",
                )


def _patterns(document: Document) -> Iterator[Weakness]:
    for (uri, pointer), reason in document.bundle.unreadable.items():
        problem = f"a pattern that ECMA-262 does not have ({reason.rstrip('.')})"
        yield Weakness(readable(uri), pointer, problem, "it is not checked")
    for uri, pointer in document.bundle.loose:
        problem = "a pattern that ECMA-262 has only without the flag `u`"
        yield Weakness(readable(uri), pointer, problem, "it is read without it")


def _schemas(document: Document) -> Iterator[Weakness]:
    bundle = document.bundle
    for name, definition in bundle.definitions.items():
        uri, pointer = bundle.origins.get(name, ("", ""))
        found: list[tuple[tuple[str | int, ...], str, str]] = []

        def visit(
            path: tuple[str | int, ...],
            schema: Schema,
            found: list[tuple[tuple[str | int, ...], str, str]] = found,
        ) -> None:
            if isinstance(schema, bool):
                return
            listed = schema.get("enum")
            kind = schema.get("type")
            if isinstance(listed, list) and isinstance(kind, str):
                odd = [v for v in listed if not _is(kind, v)]
                if odd:
                    problem = f"the enum value {shown_value(odd[0])} is not of type {kind}"
                    found.append(((*path, "enum"), problem, "nothing satisfies that value"))
            if "properties" in schema and schema.get("additionalProperties") is False:
                unknown = [n for n in schema.get("required", ()) if n not in schema["properties"]]
                if unknown:
                    problem = f"requires `{unknown[0]}`, which it does not allow"
                    found.append(((*path, "required"), problem, "nothing satisfies it"))

        walk_schema(resolve(definition, bundle) if name not in bundle.origins else definition, visit)
        for path, problem, coped in found:
            whole = pointer + "".join(f"/{token(step)}" for step in path)
            yield Weakness(readable(uri), whole, problem, coped)


def _is(kind: str, value: object) -> bool:
    kinds: dict[str, type | tuple[type, ...]] = {
        "string": str,
        "object": dict,
        "array": list,
        "boolean": bool,
        "null": type(None),
        "integer": int,
        "number": (int, float),
    }
    return isinstance(value, kinds.get(kind, object)) and (kind == "boolean" or not isinstance(value, bool))
