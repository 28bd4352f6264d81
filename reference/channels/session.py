"""One session of a channel: hands each message to the service, and what the service says to the line.

As with Realtime, a session knows neither sockets nor asyncio, and everything that a message causes directly
is sent before ``receive`` returns.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator, Mapping
from typing import Any, Protocol

from protocol.json_values import Json
from reference.alterations import Alteration, Broken, Close, Pause, Sent
from reference.channels.conduct import ServiceConduct
from reference.channels.messages import read_message
from reference.channels.status import GrpcCode, StatusError, status
from reference.conditions import CLOSE_CODE, CLOSE_QUOTA, Full
from reference.frames import UnreadableError, decode_frame
from reference.state import Host, Timer

_LOG = logging.getLogger(__name__)

CLOSE_NORMAL = 1000


class Outlet(Protocol):
    """What a service says its messages to, and what it asks for time."""

    def send(self, kind: str, body: Json | None = None, context_id: str | None = None) -> None:
        """Send a message that carries one key, of a context if there is one."""

    def refuse(self, refusal: StatusError) -> None:
        """Send the one message that says why something was refused."""

    def stream(self, steps: Iterator[None]) -> None:
        """Take one step after the other, with a pause before each; several streams run side by side."""

    def later(self, seconds: float, call: Callable[[], None]) -> Timer:
        """Make a call after a time."""

    def close(self) -> None:
        """End the connection, all being said."""


class Service(Protocol):
    """What answers the messages of one connection."""

    types: tuple[str, ...]
    """The keys by which client messages are told apart."""

    def take(self, message: Json) -> None:
        """Answer one message. Raise ``StatusError`` for one that is refused."""

    def stop(self) -> None:
        """Forget everything that is still to come."""


ServiceMaker = Callable[[Outlet, Mapping[str, Any], int], Service]
"""Makes a service from its outlet, the fields of its policy that are another value, and a seed."""


class ChannelSession:
    """A channel as one client sees it."""

    def __init__(self, make: ServiceMaker, host: Host, conduct: ServiceConduct, seed: int) -> None:
        self._host = host
        self._alteration = Alteration(conduct.changes)
        self._alteration.memory.live = True
        self._spelling = conduct.policy.get("spelling", "any")
        self._closed = False
        self._service = make(self, conduct.policy, seed)

    def start(self) -> None:
        """Say nothing: the client speaks first."""

    def turn_away(self, way: Full) -> None:
        """Refuse a client for which there is no room (CN-08)."""
        self._end(GrpcCode.RESOURCE_EXHAUSTED, "The limit of concurrent connections is reached.", way)

    def refuse_for_quota(self) -> None:
        """Refuse a client whose account has nothing left."""
        self._end(GrpcCode.RESOURCE_EXHAUSTED, "The account has nothing left.", None)

    def receive(self, frame: str | bytes) -> None:
        """Take one frame of the client and answer it; never raises."""
        if self._closed:
            return
        try:
            message = read_message(decode_frame(frame), self._service.types, self._spelling)
            heard = self._alteration.incoming(message)
            if heard is not None and self._sent(self._alteration.reactions(heard)):
                self._service.take(heard)
        except UnreadableError as refusal:
            self.refuse(StatusError(GrpcCode.INVALID_ARGUMENT, str(refusal)))
        except StatusError as refusal:
            self.refuse(refusal)
        except Exception:  # noqa: BLE001 (a fault of ours must not cost the client its connection)
            _LOG.exception("a message could not be handled")
            self.refuse(StatusError(GrpcCode.INTERNAL, "The message could not be handled."))

    def stop(self) -> None:
        """Forget everything that is still to come; the connection is gone."""
        self._closed = True
        self._service.stop()

    def send(self, kind: str, body: Json | None = None, context_id: str | None = None) -> None:
        """Send a message, or what a variant or a fault makes of it."""
        place = {} if context_id is None else {"contextId": context_id}
        self._deliver({"type": kind, **place, "body": {} if body is None else body})

    def refuse(self, refusal: StatusError) -> None:
        """Send the one message that answers what was refused."""
        self._deliver(refusal.message())

    def stream(self, steps: Iterator[None]) -> None:
        """Let the line take these steps."""
        self._host.stream(steps)

    def later(self, seconds: float, call: Callable[[], None]) -> Timer:
        """Make a call after a time, unless the session has ended by then."""
        return self._host.later(seconds, lambda: None if self._closed else call())

    def close(self) -> None:
        """End the connection once everything is sent."""
        if not self._closed:
            self.stop()
            self._host.close(CLOSE_NORMAL, "")

    def _deliver(self, message: Json) -> None:
        if not self._closed:
            self._sent(self._alteration.outgoing(message))

    def _sent(self, messages: list[Sent]) -> bool:
        """Send what a variant or a fault says; tell whether the connection is still open then."""
        for sent in messages:
            if isinstance(sent, Close):
                self.stop()
                self._host.close(sent.code, sent.reason)
                return False
            if isinstance(sent, Pause):
                self._host.later(sent.seconds, self._resume)
            elif isinstance(sent, Broken):
                self._host.deliver(sent.event, sent.way)
            else:
                self._host.deliver(sent)
        return True

    def _resume(self) -> None:
        """Go on behind a pause that a variant or a fault has made."""
        if not self._closed:
            self._sent(self._alteration.resumed())

    def _end(self, code: GrpcCode, text: str, way: Full | None) -> None:
        close_code = CLOSE_QUOTA if way is None else CLOSE_CODE[way]
        if way in (None, "error"):
            self._deliver({"type": "error", "body": status(code, text)})
        self.stop()
        self._host.close(close_code, text)
