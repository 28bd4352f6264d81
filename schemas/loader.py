"""Loads any AsyncAPI 2.0–2.6, 3.0 or 3.1 document, in YAML or JSON, from a path or a `file:` URL.

No Python library does this (measured: see docs/adr/0002). The document is read generously: what the suite
does not need is not looked at, what it needs must be right, and each complaint names file and pointer.
"""

from __future__ import annotations

import contextlib
import re
from typing import TYPE_CHECKING, Any

from protocol.channel_catalogue import SIDES, TOLD_APART_BY, Rule
from protocol.errors import DocumentError
from protocol.json_values import merge_patch
from schemas.bundle import Bundle
from schemas.document import OPAQUE, Channel, Document, Message, Operation, Sender
from schemas.overlaps import relax
from schemas.places import DocumentPlace, Files, last_key
from schemas.soundness import check_soundness

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path

    from protocol.dialect import Dialect

_FORMATS: tuple[tuple[str, str], ...] = (
    (r"application/vnd\.aai\.asyncapi(\+json|\+yaml)?(;.*)?", "draft7"),
    (r"application/schema(\+json|\+yaml);version=(draft-0[4-7])", "draft7"),
    (r"application/schema(\+json|\+yaml);version=(draft-)?2019-09", "2019-09"),
    (r"application/schema(\+json|\+yaml);version=(draft-)?2020-12", "2020-12"),
    (r"application/schema(\+json|\+yaml)", "2020-12"),
    (r"application/vnd\.oai\.openapi(\+json|\+yaml)?;version=3\.0\.\d+", "openapi-3.0"),
    (r"application/vnd\.oai\.openapi(\+json|\+yaml)?;version=3\.\d+\.\d+", "2020-12"),
)
_HINT = "x-discriminator"
"""How messages are told apart: a word for both sides, or a mapping with one for each."""


def load_dialect(dialect: Dialect) -> Document:
    """Return the AsyncAPI document of a dialect. Raises as `load` does."""
    return load(dialect.document, dialect.overlays)


def load(source: str | Path, overlays: Iterable[tuple[Path, str]] = ()) -> Document:
    """Return the AsyncAPI document at `source`, changed by `overlays` in their order.

    An overlay is a file with what replaces members of the document (a JSON merge patch, RFC 7396) or, in a
    list whose name it writes with a `+` or a `-`, joins or leaves them. It comes with the address of the
    only channel of the document as it is then.

    Raises `DocumentError` for a file that cannot be read or parsed, an unknown version, a reference that
    leads nowhere, a circular chain of references, and what is not a schema.
    """
    root = Files().open(source, overlays)
    try:
        return _read(root)
    except RecursionError:
        raise root.error("nests too deeply to be read", "flatten it") from None


def _read(root: DocumentPlace) -> Document:
    root.expect(dict, "the document")
    version = str(root.value.get("asyncapi", ""))
    reader = _READERS.get(_family(version))
    if reader is None:
        problem = f"AsyncAPI version {version} is not known" if version else "is not an AsyncAPI document"
        raise root.error(problem, "`asyncapi: 2.0.0` to `2.6.0`, `3.0.0` or `3.1.0` is expected at the top")
    bundle = Bundle()
    channels = tuple(reader(root, bundle))
    check_soundness(bundle)
    info = root.get("info")
    return Document(
        file=root.file,
        version=version,
        title=_text(info, "title") if info else "",
        digest=root.files.digest(),
        channels=channels,
        bundle=bundle,
        texts=dict(root.files.texts),
        relaxed=relax(bundle),
        unread=tuple(_unread(root)),
    )


def _unread(root: DocumentPlace) -> Iterator[tuple[str, str]]:
    """Yield file and pointer of each binding of ROS 2, which is all that AsyncAPI 3.1 has and 3.0 has not."""
    for group in ("servers", "operations"):
        holders = root.get(group)
        for _, place in holders.members() if holders and isinstance(holders.value, dict) else ():
            with contextlib.suppress(DocumentError):  # a reference that leads nowhere, of no use to us
                bindings = place.follow().get("bindings")
                found = bindings.follow().get("ros2") if bindings else None
                if found is not None:
                    yield found.uri, found.pointer


def _family(version: str) -> str:
    if re.fullmatch(r"2\.[0-6]\.\d+", version):
        return "2"
    return "3" if re.fullmatch(r"3\.[01]\.\d+", version) else ""


# --- AsyncAPI 2 -----------------------------------------------------------------------------------------


def _channels_2(root: DocumentPlace, bundle: Bundle) -> Iterator[Channel]:
    for address, place in _required(root, "channels").members():
        item = place.follow().expect(dict, "the channel")
        # 2.x takes the client's view: what one may `publish` goes to the server.
        sides: tuple[tuple[str, Sender], ...] = (("publish", "client"), ("subscribe", "server"))
        operations = tuple(
            _operation_2(item.at(verb).follow(), direction, bundle, (item, root))
            for verb, direction in sides
            if verb in item
        )
        yield Channel(address, place.pointer, operations, _text(item, "description"), _query(item, bundle))


def _operation_2(
    place: DocumentPlace, direction: Sender, bundle: Bundle, above: tuple[DocumentPlace, ...]
) -> Operation:
    place.expect(dict, "the operation")
    message = place.get("message")
    alternatives: list[DocumentPlace] = []
    if message is not None:
        whole = message.follow().expect(dict, "the message")
        # The one place where `oneOf` lists messages: alternatives told apart by `type`, no JSON Schema.
        alternatives = (
            list(whole.at("oneOf").expect(list, "`oneOf`").elements()) if "oneOf" in whole else [message]
        )
    messages = tuple(_message(each, direction, bundle, traits_win=True) for each in alternatives)
    name = str(_with_traits(place, traits_win=True).get("operationId", ""))
    return Operation(name, direction, place.pointer, messages, _hint(direction, place, *above))


# --- AsyncAPI 3 -----------------------------------------------------------------------------------------


def _channels_3(root: DocumentPlace, bundle: Bundle) -> Iterator[Channel]:
    operations = root.get("operations")
    by_channel: dict[tuple[str, str], list[Operation]] = {}
    for name, place in operations.expect(dict, "`operations`").members() if operations else ():
        whole = place.follow().expect(dict, "the operation")
        action = whole.value.get("action")
        if action not in ("send", "receive"):
            raise whole.error("`action` is neither `send` nor `receive`", "say which of the two it is")
        # 3.0 takes the view of the application described, the server: what it receives, the client sends.
        direction: Sender = "client" if action == "receive" else "server"
        channel = _required(whole, "channel").follow()
        made = _operation_3(name, whole, direction, bundle, (channel, root))
        by_channel.setdefault((channel.uri, channel.pointer), []).append(made)
        reply = whole.get("reply")
        if reply is not None:
            back: Sender = "server" if direction == "client" else "client"
            answer = reply.follow()
            target = answer.at("channel").follow() if "channel" in answer else channel
            made = _operation_3(f"{name}.reply", answer, back, bundle, (target, root))
            by_channel.setdefault((target.uri, target.pointer), []).append(made)
    for key, place in _required(root, "channels").members():
        item = place.follow().expect(dict, "the channel")
        yield Channel(
            address=str(item.value.get("address") or key),
            pointer=place.pointer,
            operations=tuple(by_channel.get((item.uri, item.pointer), ())),
            description=_text(item, "description"),
            query=_query(item, bundle),
        )


def _operation_3(
    name: str,
    place: DocumentPlace,
    direction: Sender,
    bundle: Bundle,
    above: tuple[DocumentPlace, DocumentPlace],
) -> Operation:
    channel, root = above
    listed = place.get("messages")
    offered = channel.get("messages")
    if listed is not None:
        places: Iterable[DocumentPlace] = listed.expect(list, "`messages`").elements()
    else:
        places = [p for _, p in offered.expect(dict, "`messages`").members()] if offered else []
    messages = tuple(_message(each, direction, bundle, traits_win=False) for each in places)
    return Operation(name, direction, place.pointer, messages, _hint(direction, place, channel, root))


# --- both -----------------------------------------------------------------------------------------------


def _message(place: DocumentPlace, direction: Sender, bundle: Bundle, *, traits_win: bool) -> Message:
    whole = place.follow().expect(dict, "the message")
    merged = _with_traits(whole, traits_win=traits_win)
    payload, dialect = _payload(whole, merged)
    if payload is None or dialect == OPAQUE:
        name_of_payload = bundle.add_anything(whole)
    else:
        name_of_payload = bundle.add(payload, dialect)
    return Message(
        name=str(merged.get("name") or merged.get("messageId") or last_key(whole.pointer)),
        direction=direction,
        payload=name_of_payload,
        dialect=dialect,
        file=whole.file,
        pointer=whole.pointer,
        title=str(merged.get("title", "")),
        summary=str(merged.get("summary", "")),
        extensions={k: v for k, v in merged.items() if k.startswith("x-")},
        examples=tuple(_examples(whole)),
    )


def _hint(direction: Sender, *places: DocumentPlace) -> Rule | None:
    """Return how the messages of `direction` are told apart, by the first of `places` that says it."""
    for place in places:
        found = place.get(_HINT)
        if found is None:
            continue
        if isinstance(found.value, dict):
            if not set(found.value) <= set(SIDES):
                raise found.error("has more than `client` and `server`", "write one word for each side")
            found = found.get(direction)
        if found is None:
            continue
        if found.value not in TOLD_APART_BY:
            raise found.error(f"is {found.value!r}", f"write one of {', '.join(TOLD_APART_BY)}")
        rule: Rule = found.value
        return rule
    return None


def _examples(whole: DocumentPlace) -> Iterator[tuple[str, str, Any]]:
    """Yield file, pointer and value of each example of a message's payload."""
    listed = whole.get("examples")
    for example in listed.elements() if listed and isinstance(listed.value, list) else ():
        payload = example.get("payload")
        if payload is not None:
            yield payload.uri, payload.pointer, payload.value


def _with_traits(whole: DocumentPlace, *, traits_win: bool) -> dict[str, Any]:
    traits = whole.get("traits")
    merged = dict(whole.value)
    for place in traits.expect(list, "`traits`").elements() if traits else ():
        trait = place.follow().expect(dict, "the trait").value
        # 2.x: a JSON merge patch onto the message. 3.0: the message's own fields win.
        merged = merge_patch(merged, trait) if traits_win else merge_patch(trait, merged)
    return merged


def _payload(whole: DocumentPlace, merged: dict[str, Any]) -> tuple[DocumentPlace | None, str]:
    payload = whole.get("payload")
    if payload is None:
        return None, "draft7"
    schema_format = merged.get("schemaFormat")
    if "schemaFormat" in payload and "schema" in payload:  # 3.0's multi-format schema object
        schema_format, payload = payload.value["schemaFormat"], payload.at("schema")
    return payload, _dialect(schema_format)


def _dialect(schema_format: object) -> str:
    if schema_format is None:
        return "draft7"
    text = str(schema_format).replace(" ", "")
    return next((dialect for pattern, dialect in _FORMATS if re.fullmatch(pattern, text)), OPAQUE)


def _query(item: DocumentPlace, bundle: Bundle) -> dict[str, Any]:
    place: DocumentPlace | None = item
    for step in ("bindings", "ws", "query"):
        place = place.follow().get(step) if place else None
    if place is None:
        return {}
    schema = bundle.definitions[bundle.add(place, "draft7")]
    return schema if isinstance(schema, dict) else {}


def _required(place: DocumentPlace, key: str) -> DocumentPlace:
    found = place.get(key)
    if found is None:
        raise place.error(f"`{key}` is missing", f"add `{key}`")
    return found if key == "channel" else found.expect(dict, f"`{key}`")


def _text(place: DocumentPlace, key: str) -> str:
    found = place.get(key)
    return str(found.value).strip() if found else ""


_READERS = {"2": _channels_2, "3": _channels_3}
