"""What the loader makes of an AsyncAPI document: Document → Channel → Operation → Message."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Literal

from protocol.channel_catalogue import Rule
from schemas.bundle import Bundle

Sender = Literal["client", "server"]
"""Who sends a message: the client of the endpoint, or the server behind it."""

OPAQUE = "opaque"
"""The dialect of a payload in a language other than JSON Schema; such messages are not checked."""


@dataclass(frozen=True, slots=True)
class Message:
    """One kind of message, with its payload as a schema in the document's bundle.

    `payload` names a definition of the bundle; `dialect` is the JSON Schema dialect it is written in
    (`draft7`, `openapi-3.0`, `2020-12`, …). `pointer` and `file` say where the message stands.
    `extensions` holds its `x-…` fields, `examples` those of its payload, each with file and pointer.
    """

    name: str
    direction: Sender
    payload: str
    dialect: str
    file: str
    pointer: str
    title: str = ""
    summary: str = ""
    extensions: dict[str, Any] = field(default_factory=dict)
    examples: tuple[tuple[str, str, Any], ...] = ()


@dataclass(frozen=True, slots=True)
class Operation:
    """What one side may send on a channel.

    `discriminator` is how messages are told apart, None where the document does not say it.
    """

    id: str
    direction: Sender
    pointer: str
    messages: tuple[Message, ...]
    discriminator: Rule | None = None


@dataclass(frozen=True, slots=True)
class Channel:
    """An address with its operations. `query` is the schema of the URL's query, empty where none is given."""

    address: str
    pointer: str
    operations: tuple[Operation, ...]
    description: str = ""
    query: dict[str, Any] = field(default_factory=dict)

    def messages(self, direction: Sender) -> tuple[Message, ...]:
        """Return the messages that `direction` may send here, in the document's order."""
        return tuple(m for o in self.operations if o.direction == direction for m in o.messages)


@dataclass(frozen=True, slots=True)
class Document:
    """A loaded AsyncAPI document.

    `digest` identifies its text, files referred to included. `relaxed` holds, by definition and path in it,
    a value that two branches of a `oneOf` accept: the bundle reads these as `anyOf`. `unread` holds file and
    pointer of bindings to another protocol than WebSocket that AsyncAPI 3.1 added.
    """

    file: str
    version: str
    title: str
    digest: str
    channels: tuple[Channel, ...]
    bundle: Bundle
    texts: dict[str, str]
    relaxed: dict[str, dict[tuple[str | int, ...], Any]] = field(default_factory=dict)
    unread: tuple[tuple[str, str], ...] = ()

    def channel(self, address: str) -> Channel | None:
        """Return the channel at `address`, or None."""
        return next((c for c in self.channels if c.address == address), None)
