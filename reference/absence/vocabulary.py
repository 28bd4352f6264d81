"""The event types of a dialect, read from its AsyncAPI document, and what answers each client event."""

from __future__ import annotations

from functools import cache

from protocol.catalogue import dialect_of
from protocol.dialect import DialectName
from reference.profiles import DIALECTS
from schemas.contract import contract_of
from schemas.loader import load_dialect

CONFIRMED_BY = {
    "session.update": "session.updated",
    "input_audio_buffer.append": "",
    "input_audio_buffer.commit": "input_audio_buffer.committed",
    "input_audio_buffer.clear": "input_audio_buffer.cleared",
    "conversation.item.create": "conversation.item.added",
    "conversation.item.retrieve": "conversation.item.retrieved",
    "conversation.item.delete": "conversation.item.deleted",
    "conversation.item.truncate": "conversation.item.truncated",
    "response.create": "response.created",
    "response.cancel": "response.done",
    "output_audio_buffer.clear": "output_audio_buffer.cleared",
}
"""The first event that confirms each client event, empty for the one that nothing confirms (facts 1)."""


@cache
def server_types(dialect: DialectName) -> tuple[str, ...]:
    """Return the types of the server events of a dialect, in the order of its document."""
    return tuple(contract_of(load_dialect(dialect_of(dialect))).server)


@cache
def client_types(dialect: DialectName) -> tuple[str, ...]:
    """Return the types of the client events of a dialect, in the order of its document."""
    return tuple(contract_of(load_dialect(dialect_of(dialect))).client)


def known_to(event_type: str) -> tuple[DialectName, ...]:
    """Return the dialects whose server may send events of a type."""
    return tuple(name for name in DIALECTS if event_type in server_types(name))


def all_server_types() -> tuple[str, ...]:
    """Return the types of the server events of all dialects, each once."""
    return tuple(dict.fromkeys(each for name in DIALECTS for each in server_types(name)))


def all_client_types() -> tuple[str, ...]:
    """Return the types of the client events of all dialects, each once."""
    return tuple(dict.fromkeys(each for name in DIALECTS for each in client_types(name)))
