"""The moments of a capture, besides the events themselves, at which rules and automata are called.

A rule about an event type is called when such an event of the server comes. All other moments have a name
here. In the tables of automata they stand among the event types; no event type begins with `@`.
"""

from __future__ import annotations

from enum import StrEnum


class Moment(StrEnum):
    """A moment that has no event type of its own."""

    OPEN = "@open"
    """The handshake succeeded."""

    REFUSAL = "@refusal"
    """The handshake was refused, or never ended."""

    FIRST = "@first"
    """The first event of the server, whatever its type, before the rules for its type."""

    FIRST_ACT = "@first-act"
    """The first frame of the client, before it is taken in."""

    SENT = "@sent"
    """A client event was sent, and what is expected of the server is known."""

    SETTLED_EXCHANGE = "@exchange"
    """A client event was answered or refused, or it is certain that it will not be."""

    STREAM = "@stream"
    """The first event of a stream: of text, audio, a transcript, or arguments."""

    STRAYED = "@strayed"
    """An event of a stream names another response, output index or call than the first of that stream."""

    DEADLINE = "@deadline"
    """The client has waited in vain: as long as the capture says, perhaps in complete silence."""

    UNFINISHED = "@unfinished"
    """The client has waited in vain, and only part of a frame had come: what is owed may be in it."""

    CLOSE = "@close"
    """The connection was closed, by whomever."""

    END = "@end"
    """The capture is at its end; what is still expected then cannot be decided."""

    ITEM_OVERDUE = "@settled"
    """For an item: something that must come after its `conversation.item.done` has come."""

    CUT = "@cut"
    """For what is below a response: it ended as cancelled or incomplete."""

    FAILED = "@failed"
    """For what is below a response: it ended as failed."""
