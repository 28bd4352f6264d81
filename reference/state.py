"""What the parts of a session share, and what a session asks of whoever runs it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from reference.behaviour import Behaviour
    from reference.configuration import Configuration
    from reference.conversation import ConversationItem, SessionConversation
    from reference.identifiers import Identifiers
    from reference.model import Model
    from reference.outbox import Outbox
    from reference.profiles import Profile


class Timer(Protocol):
    """A call that is still to come."""

    def cancel(self) -> None:
        """Give the call up; harmless when it has been made."""


class Host(Protocol):
    """What a session asks of the shell that runs it: a line out, and a sense of time.

    The server's host is made of asyncio and a WebSocket; that of the tests is a list and a counter.
    """

    def deliver(self, event: dict[str, Any], broken: str = "", /) -> None:
        """Send an event, after all delivered before it, in a frame that is ``broken`` in a way, if any."""

    def stream(self, steps: Iterator[None]) -> None:
        """Take one step after the other, with a pause before each; several streams run side by side."""

    def later(self, seconds: float, call: Callable[[], None]) -> Timer:
        """Make a call after a time."""

    def now(self) -> float:
        """Return the time in seconds since 1970."""

    def close(self, code: int, reason: str) -> None:
        """Close the connection once everything delivered has been sent."""


@dataclass(slots=True)
class SessionState:
    """The one state of a session. ``configuration`` is replaced by updates; the rest stays."""

    dialect: Profile
    host: Host
    behaviour: Behaviour
    outbox: Outbox
    identifiers: Identifiers
    model: Model
    conversation: SessionConversation
    configuration: Configuration
    spoken: bool = False
    """The session has produced audio (SE-11)."""

    def announce(self, item: ConversationItem, after: str | None = None) -> str | None:
        """Put a finished item into the conversation and tell so: ``added``, then ``done`` (CI-01, CI-02)."""
        previous = self.conversation.place(item, after)
        for event_type in ("conversation.item.added", "conversation.item.done"):
            self.outbox.send(event_type, previous_item_id=previous, item=item.wire())
        return previous
