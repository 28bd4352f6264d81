"""The contract of one channel: every message compiled once, found by the event's `type` or its one key."""

from __future__ import annotations

import copy
import functools
from typing import TYPE_CHECKING, Any

import jsonschema_rs

from protocol.errors import DocumentError
from schemas.bundle import Schema
from schemas.document import Channel, Document, Message, Sender
from schemas.engines import deciding, explaining, rooted
from schemas.explain import Violation, leaf_errors, violation
from schemas.flat import Affirms, affirming
from schemas.message_types import is_generic, leaves_type_open, payload_of, pinned_types
from schemas.told_apart import Discriminator, discriminator_of

if TYPE_CHECKING:
    from jsonschema.protocols import Validator

_MOST = 10  # violations reported of one event


class EventSchema:
    """The schema of the events of one `type`, compiled once for each engine."""

    def __init__(self, type_: str, message: Message, schema: Schema, definitions: dict[str, Schema]) -> None:
        self.type = type_
        self.message = message
        self.schema = schema
        self.definitions = definitions

    @functools.cached_property
    def _fast(self) -> Any:
        try:
            return deciding(rooted(self.schema, self.definitions), self.message.dialect)
        except (ValueError, jsonschema_rs.ValidationError):
            return self._slow  # a construct that only one engine knows

    @functools.cached_property
    def affirms(self) -> Affirms:
        """Tells of some events at once that they are valid; of all others it says nothing."""
        return affirming(self.schema, self.definitions) or (lambda _: False)

    @functools.cached_property
    def _slow(self) -> Validator:
        return explaining(rooted(self.schema, self.definitions), self.message.dialect)

    def is_valid(self, event: Any) -> bool:
        """Tell whether `event` is valid; costs about a microsecond."""
        if self.affirms(event):
            return True
        try:
            return bool(self._fast.is_valid(event))
        except (ValueError, OverflowError):  # lone surrogates, integers beyond 64 bits
            return bool(self._slow.is_valid(event))

    def violations(self, event: Any) -> list[Violation]:
        """Return what is wrong with `event`, leaf by leaf; empty where `jsonschema` finds it valid."""
        found = self._errors(event)
        # Of what a schema `false` refuses, jsonschema does not say the place.
        nulls = [v.path for v in found if v.path and v.actual == "null" and v.keyword != "required"]
        if not nulls:
            return found[:_MOST]
        slimmer = copy.deepcopy(event)
        for path in nulls:
            _drop(slimmer, path)
        left = self._errors(slimmer)
        missing = {each.path for each in left if each.keyword == "required"}
        harmless = [
            Violation(each.path, each.keyword, each.expected, each.actual, "null-for-optional")
            for each in found
            if each.path in nulls and each.path not in missing
        ]
        real = [each for each in found if each.path in missing and each.path in nulls]
        real += [each for each in left if each.path not in missing or each.path not in nulls]
        return (real + harmless)[:_MOST]

    def _errors(self, event: Any) -> list[Violation]:
        unique = {(v.path, v.keyword): v for v in map(violation, leaf_errors(self._slow.iter_errors(event)))}
        return list(unique.values())


def _drop(event: Any, path: tuple[str | int, ...]) -> None:
    for step in path[:-1]:
        event = event[step]
    if isinstance(event, dict):
        event.pop(path[-1], None)


class Contract:
    """What each side of a channel may send.

    `client` and `server` map an event's `type` to its schema, or the name of a message where frames have no
    `type`. `catch_all` holds, by direction, the schema for types that no message claims (a generic event),
    where the document has one. `told_apart` says, by direction, how a frame shows which message it is.
    """

    def __init__(self, document: Document, channel: Channel) -> None:
        self.document = document
        self.channel = channel
        self.bundle = document.bundle
        self.catch_all: dict[Sender, EventSchema] = {}
        self.told_apart: dict[Sender, Discriminator] = {
            "client": discriminator_of(channel, "client", document.bundle),
            "server": discriminator_of(channel, "server", document.bundle),
        }
        self.client = self._compile("client")
        self.server = self._compile("server")
        self._sides: dict[Sender, dict[str, EventSchema]] = {"client": self.client, "server": self.server}

    def schema(self, direction: Sender, type_: str) -> EventSchema | None:
        """Return the schema for events of `type_` from `direction`; None where the document has none."""
        return self._sides[direction].get(type_) or self.catch_all.get(direction)

    def knows(self, direction: Sender, type_: str) -> bool:
        """Tell whether a message of the document, not a catch-all, claims `type_`."""
        return type_ in self._sides[direction]

    def name_of(self, frame: Any, direction: Sender) -> str:
        """Return the name by which `client` or `server` has the message that `frame` is.

        A type or key that no message has is returned as it is. Empty where a frame shows none, or several.
        """
        return self.told_apart[direction].name_of(frame)

    def _compile(self, direction: Sender) -> dict[str, EventSchema]:
        told_apart = self.told_apart[direction]
        if told_apart.rule == "type":
            return self._by_type(direction)
        return {
            message.name: EventSchema(
                message.name,
                message,
                told_apart.wrapped(message.name, payload_of(message)),
                self.bundle.definitions,
            )
            for message in self.channel.messages(direction)
        }

    def _by_type(self, direction: Sender) -> dict[str, EventSchema]:
        made: dict[str, EventSchema] = {}
        definitions = self.bundle.definitions
        for message in self.channel.messages(direction):
            reference = payload_of(message)
            types = pinned_types(reference, self.bundle)
            if types is None and leaves_type_open(reference, self.bundle):
                if is_generic(message, self.bundle):
                    self.catch_all[direction] = EventSchema("*", message, reference, definitions)
                    continue
                types = [message.name]
                forced = {"properties": {"type": {"const": message.name}}, "required": ["type"]}
                reference = {"allOf": [reference, forced]}
            for type_ in types or [message.name]:
                made[type_] = EventSchema(type_, message, reference, definitions)
        return made


def contract_of(document: Document, address: str | None = None) -> Contract:
    """Return the contract of the channel at `address`, or of the only or the Realtime one.

    Raises `DocumentError` where there is no such channel.
    """
    if address is None:
        spoken = [
            c for c in document.channels if any(m.name == "session.update" for m in c.messages("client"))
        ]
        chosen = spoken if len(spoken) == 1 else list(document.channels)
        channel = chosen[0] if len(chosen) == 1 else None
        wanted = "which channel to use is not clear"
    else:
        channel = document.channel(address)
        wanted = f"has no channel {address}"
    if channel is None:
        raise no_channel(document, wanted)
    if not channel.messages("client") or not channel.messages("server"):
        raise DocumentError(
            document.file, channel.pointer, "lacks messages of one side", "add `publish` and `subscribe`"
        )
    return Contract(document, channel)


def no_channel(document: Document, problem: str) -> DocumentError:
    """Return the error for a document whose channel is not there or not clear, with those that there are."""
    known = ", ".join(each.address for each in document.channels)
    remedy = f"name one of: {known}" if known else "it has no channels; name another document"
    return DocumentError(document.file, "/channels", problem, remedy)
