"""The one door through which every event of a session leaves."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from reference.identifiers import Identifiers, IdKind, draw

if TYPE_CHECKING:
    from collections.abc import Callable

    from reference.errors import RefusedError


class Outbox:
    """Gives each event its ``type`` and its ``event_id`` and delivers it (EV-01 to EV-05).

    A variant or a fault of the server is a subclass: whatever it does to ``send`` happens to all that
    the session says.
    """

    def __init__(
        self, identifiers: Identifiers, deliver: Callable[[dict[str, Any]], None], *, padded: bool
    ) -> None:
        self._identifiers = identifiers
        self._deliver = deliver
        self._padded = padded

    def send(self, event_type: str, /, **members: Any) -> None:
        """Send one event with the members given, in their order."""
        event_id = self._identifiers.mint(IdKind.EVENT)
        self._deliver({"type": event_type, "event_id": event_id, **members})

    def delta(self, event_type: str, /, *, delta: str, **members: Any) -> None:
        """Send one text delta; the OpenAI dialect pads it with ``obfuscation``, as the live service does."""
        if self._padded:
            members = {**members, "delta": delta, "obfuscation": _padding(delta)}
        else:
            members = {**members, "delta": delta}
        self.send(event_type, **members)

    def refuse(self, refusal: RefusedError, client_event_id: str | None) -> None:
        """Send the one ``error`` that answers a refused client event (ER-02, ER-05)."""
        self.send("error", error=refusal.wire(client_event_id))


def _padding(delta: str) -> str:
    """Return filler that brings a delta to a multiple of 16 characters, so that its length says little."""
    return draw(delta, 16 - len(delta) % 16)
