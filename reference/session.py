"""One session: hands each client event to its desk and turns refusals into ``error`` events.

A session knows neither sockets nor asyncio. It is told of frames, and it tells its host what to
send; everything a client event causes directly is sent before ``receive`` returns, so answers come in
the order of the requests although responses stream meanwhile (EV-06).
"""

from __future__ import annotations

import logging
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from protocol.json_values import Json
from protocol.words import Words
from reference.alterations import FRESH, Alteration, Broken, Close, Pause, Sent
from reference.behaviour import Behaviour
from reference.client_events import event_id_of, read_event
from reference.conditions import CLOSE_CODE, CLOSE_QUOTA, Full, out_of_quota
from reference.configuration import Configuration
from reference.conversation import SessionConversation
from reference.errors import Code, RefusedError, internal, wrong
from reference.frames import UnreadableError, decode_frame
from reference.identifiers import Identifiers, IdKind
from reference.input_audio_events import Listening
from reference.items import Items
from reference.mcp import McpListings
from reference.profiles import Profile, default_session
from reference.responses import Responses
from reference.state import Host, SessionState, Timer

if TYPE_CHECKING:
    from collections.abc import Callable

    from reference.outbox import Outbox

_LOG = logging.getLogger(__name__)

CLOSE_BETA = 4000
"""What OpenAI closes with after refusing the beta protocol (0.3)."""
CLOSE_EXPIRED = 1001


@dataclass(frozen=True, slots=True)
class SessionOpening:
    """What is known of a session before its first event.

    ``ordinal`` tells the sessions of one server apart; together with ``seed`` it decides every id.
    ``lifetime`` is in seconds; ``silent_age`` says whether its end is announced by no ``error``.
    ``words`` are what is spelled otherwise on the wire than the dialect spells it. ``beta`` says that the
    client asked for the retired beta protocol.
    """

    dialect: Profile
    model: str | None = None
    seed: int = 0
    ordinal: int = 0
    lifetime: float = 3600.0
    silent_age: bool = False
    words: Words = field(default_factory=Words)
    beta: bool = False


def _alteration(dialect: Profile, behaviour: Behaviour) -> Alteration | None:
    """Return what alters the events of a session: a behaviour, and the habits of a dialect."""
    found = behaviour.alteration(dialect.family)
    if dialect.habits:
        found = found or Alteration(())
        found.followed_by(dialect.habits)
    if found is not None:
        found.memory.live = True
    return found


class ServedSession:
    """The protocol as one client sees it."""

    def __init__(self, opening: SessionOpening, host: Host, behaviour: Behaviour | None = None) -> None:
        behaviour = behaviour or Behaviour()
        self._opening = opening
        self._host = host
        self._identifiers = Identifiers(f"{opening.seed}/{opening.ordinal}")
        self._alteration = _alteration(opening.dialect, behaviour)
        self._closed = False
        self._expiry: Timer | None = None
        self._state = self._created(behaviour)
        self._mcp = McpListings(self._state)
        self._responses = Responses(self._state, self._mcp)
        self._items = Items(self._state, self._responses)
        self._listening = Listening(self._state, self._responses)
        self._handlers: dict[str, Callable[[Json], None]] = {
            "session.update": self._update,
            "input_audio_buffer.append": self._listening.append,
            "input_audio_buffer.commit": self._listening.commit,
            "input_audio_buffer.clear": self._listening.clear,
            "conversation.item.create": self._items.create,
            "conversation.item.retrieve": self._items.retrieve,
            "conversation.item.delete": self._items.delete,
            "conversation.item.truncate": self._items.truncate,
            "response.create": self._responses.create,
            "response.cancel": self._responses.cancel,
            "output_audio_buffer.clear": self._clear_output,
        }

    def _created(self, behaviour: Behaviour) -> SessionState:
        """Return the session as it is before its first event, and the conversation in it."""
        dialect, identifiers = self._opening.dialect, self._identifiers
        session = default_session(
            dialect,
            session_id=identifiers.mint(IdKind.SESSION),
            model=self._opening.model,
            expires_at=self._expires_at(),
        )
        return SessionState(
            dialect=dialect,
            host=self._host,
            behaviour=behaviour,
            outbox=behaviour.outbox(identifiers, self._deliver, padded=dialect.pads_deltas),
            identifiers=identifiers,
            model=behaviour.model(self._opening.seed),
            conversation=SessionConversation(identifiers.mint(IdKind.CONVERSATION)),
            configuration=Configuration(dialect, session),
        )

    def start(self) -> None:
        """Send ``session.created``, and nothing else until the client acts (SE-01 to SE-04)."""
        if self._opening.beta:
            self.refuse_beta()
            return
        self._outbox.send("session.created", session=self._state.configuration.echo())
        self._expiry = self._host.later(self._opening.lifetime, self._expire)

    def refuse_beta(self) -> None:
        """Refuse a client of the retired beta protocol: one ``error``, then the close (0.3, ER-09)."""
        code = Code.BETA_API_SHAPE_DISABLED
        self._end(
            RefusedError(code, "The Realtime Beta API is no longer supported. Please use the GA API."),
            CLOSE_BETA,
            f"invalid_request_error.{code}",
        )

    def turn_away(self, way: Full) -> None:
        """Refuse a client for which there is no room, before ``session.created`` (FS-04)."""
        code = CLOSE_CODE[way]
        if way == "error":
            limit = Code.SESSION_LIMIT_REACHED
            self._end(RefusedError(limit, "The limit of concurrent sessions is reached."), code, limit)
            return
        self.stop()
        self._host.close(code, "no room")

    def refuse_for_quota(self) -> None:
        """Refuse a client whose account has nothing left, before ``session.created`` (FB-07)."""
        self._outbox.send("error", error=out_of_quota())
        self.stop()
        self._host.close(CLOSE_QUOTA, "insufficient_quota")

    def receive(self, frame: str | bytes) -> None:
        """Take one frame of the client and answer it; never raises (ER-03, ER-05, ER-10)."""
        if self._closed:
            return
        client_event_id = None
        try:
            event = self._opening.words.event(decode_frame(frame))
            client_event_id = event_id_of(event)
            if self._alteration is not None:
                heard = self._alteration.incoming(event)
                if heard is None:
                    return
                event = heard
            read = read_event(event, self._state.dialect)
            if self._alteration is not None and not self._sent(self._alteration.reactions(event)):
                return
            self._handlers[read["type"]](read)
        except UnreadableError as refusal:
            self._outbox.refuse(refusal, event_id_of(refusal.event or {}))
        except RefusedError as refusal:
            self._outbox.refuse(refusal, client_event_id)
        except Exception:  # noqa: BLE001 (a fault of ours must not cost the client its session, ER-03)
            _LOG.exception("an event could not be handled")
            self._outbox.refuse(internal(), client_event_id)

    def stop(self) -> None:
        """Forget everything that is still to come; the connection is gone."""
        self._closed = True
        self._listening.close()
        if self._expiry is not None:
            self._expiry.cancel()

    def _deliver(self, event: Json) -> None:
        """Send one event of ours, or what a variant or a fault makes of it."""
        if self._alteration is None:
            self._host.deliver(event)
            return
        self._sent(self._alteration.outgoing(event))

    def _sent(self, events: list[Sent]) -> bool:
        """Send what a variant or a fault says; tell whether the connection is still open then."""
        for sent in events:
            if isinstance(sent, Close):
                self.stop()
                self._host.close(sent.code, sent.reason)
                return False
            if isinstance(sent, Broken):
                self._host.deliver(sent.event, sent.way)
                continue
            if isinstance(sent, Pause):
                self._host.later(sent.seconds, self._resume)
                continue
            if sent.get("event_id") == FRESH:
                sent["event_id"] = self._identifiers.mint(IdKind.EVENT)
            self._host.deliver(sent)
        return True

    def _resume(self) -> None:
        """Go on behind a pause that a variant or a fault has made."""
        if self._alteration is not None and not self._closed:
            self._sent(self._alteration.resumed())

    @property
    def _outbox(self) -> Outbox:
        return self._state.outbox

    def _update(self, event: Json) -> None:
        """Answer ``session.update`` (SE-05 to SE-13)."""
        old = self._state.configuration
        patch = event["session"]
        new = old.updated(patch, spoken=self._state.spoken, expires_at=self._expires_at())
        self._state.configuration = new
        self._listening.configure(old)
        self._outbox.send("session.updated", session=new.echo())
        self._mcp.attempt(new.session["tools"])
        if self._state.dialect.refreshes_expiry and self._expiry is not None:
            self._expiry.cancel()
            self._expiry = self._host.later(self._opening.lifetime, self._expire)

    def _clear_output(self, event: Json) -> None:  # noqa: ARG002 (one signature for all handlers)
        """Answer ``output_audio_buffer.clear``, where there is such a thing (OB-01, Inworld 4.5)."""
        if not self._state.dialect.clears_output:
            raise wrong("type", "'output_audio_buffer.clear' is for WebRTC and SIP; this is a WebSocket.")
        self._outbox.send("output_audio_buffer.cleared")

    def _expires_at(self) -> int:
        return int(self._host.now() + self._opening.lifetime)

    def _expire(self) -> None:
        """End the session at its longest duration (0.3)."""
        minutes = self._opening.lifetime / 60
        message = f"Your session hit the maximum duration of {minutes:g} minutes."
        if self._opening.silent_age:
            self.stop()
            self._host.close(CLOSE_EXPIRED, message)
            return
        self._end(RefusedError(Code.SESSION_EXPIRED, message), CLOSE_EXPIRED, Code.SESSION_EXPIRED)

    def _end(self, refusal: RefusedError, code: int, reason: str) -> None:
        self._outbox.refuse(refusal, None)
        self.stop()
        self._host.close(code, reason)
