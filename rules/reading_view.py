"""What a rule sees of a whole connection (see `rules.views` for what it sees of one event)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet
from typing import Any, Protocol

from protocol.event_types import Event
from rules.views import ExchangeView, ItemView, ResponseView
from wire.trace import Entry


class ExchangesView(Protocol):
    """The client events of a connection."""

    @property
    def open(self) -> Sequence[ExchangeView]: ...

    @property
    def settled(self) -> Sequence[ExchangeView]: ...

    @property
    def refused(self) -> Sequence[ExchangeView]: ...

    @property
    def ids(self) -> AbstractSet[str]:
        """The `event_id` of every client event so far."""


class ConversationView(Protocol):
    """The default conversation: which items are in it, and in which order."""

    @property
    def last(self) -> str | None: ...

    @property
    def head(self) -> str: ...

    @property
    def doubtful(self) -> AbstractSet[str]:
        """What a server was asked to delete, and said nothing of."""

    @property
    def deleted(self) -> Mapping[str, int]:
        """What was taken out, with the `seq` of what took it out."""

    def __contains__(self, id_: object) -> bool: ...

    def __iter__(self) -> Iterator[str]: ...

    def before(self, id_: str) -> str | None: ...


class ReadingView(Protocol):
    """What is known of a connection after the events before the one at hand."""

    @property
    def whole(self) -> bool:
        """Whether the capture begins with the connection."""

    @property
    def measured(self) -> bool:
        """Whether audio is complete, and all that the client sent is there, as the capture says."""

    @property
    def measures_sent(self) -> bool: ...

    @property
    def measures_heard(self) -> bool: ...

    @property
    def end_seq(self) -> int:
        """What announced an end of the session that no client event is to blame for."""

    @property
    def lull_s(self) -> float:
        """The longest time without any event since a response was last asked for."""

    @property
    def slowest_s(self) -> float:
        """How long the server took for its first event, or for an answer, at most so far."""

    @property
    def untold_items(self) -> bool:
        """Whether a client event that makes an item was not answered: there may be one all the same."""

    @property
    def unfinished(self) -> bool:
        """Whether a frame of the server never came to its end, so that what is owed may be in it."""

    @property
    def forgot(self) -> bool:
        """Whether some of the items of a long connection were let go."""

    @property
    def unkeyed(self) -> AbstractSet[str]:
        """Types of events that came malformed, so that what they were about is not known."""

    @property
    def responses(self) -> Mapping[str, ResponseView]: ...

    @property
    def running(self) -> Mapping[str, ResponseView]:
        """Responses that were created and are not done."""

    @property
    def active(self) -> ResponseView | None: ...

    @property
    def items(self) -> Mapping[str, ItemView]: ...

    @property
    def undone(self) -> Mapping[str, ItemView]:
        """Items that were added to the conversation and are not done, nor overdue."""

    @property
    def overdue(self) -> Mapping[str, ItemView]:
        """Items that are not done although something has come that must come after it."""

    @property
    def conversation(self) -> ConversationView: ...

    @property
    def exchanges(self) -> ExchangesView: ...

    @property
    def client_acted(self) -> bool: ...

    @property
    def opening(self) -> Sequence[str]:
        """Types of the server's events before the client did anything."""

    @property
    def session(self) -> Event:
        """The session as last shown."""

    @property
    def session_seq(self) -> int: ...

    @property
    def created_session(self) -> Event | None: ...

    @property
    def created_seq(self) -> int: ...

    @property
    def asked_session(self) -> Event:
        """What accepted updates have set, by what they say themselves."""

    @property
    def refused_update(self) -> ExchangeView | None:
        """The last `session.update`, where it was refused."""

    @property
    def conversation_id(self) -> str | None: ...

    @property
    def conversation_id_seq(self) -> int: ...

    @property
    def turn_detection(self) -> Any: ...

    @property
    def may_listen(self) -> bool: ...

    @property
    def settled(self) -> bool: ...

    @property
    def transcribing(self) -> bool | None: ...

    @property
    def backchannel_enabled(self) -> bool: ...

    @property
    def conversation_follow_up(self) -> bool: ...

    @property
    def appended_ms(self) -> float:
        """How much audio the client has sent, in milliseconds."""

    @property
    def audio_emitted(self) -> bool:
        """Whether the server has sent audio."""

    @property
    def may_have_spoken(self) -> bool:
        """Whether a response that is to be heard has begun: its audio may have been made, and not sent."""

    @property
    def of_call(self) -> Entry | None:
        """The first sign of a call over WebRTC or SIP that this connection listens to from aside."""

    @property
    def quiet_ms(self) -> float:
        """How much silence the client has sent last, while turn detection by the server listened for it."""

    @property
    def quiet_since(self) -> float | None:
        """When the client had sent enough silence for a turn to end; None while it has not."""

    @property
    def patience(self) -> Mapping[str, float]:
        """Seconds of silence after which an answer, or a response, counts as missing."""

    @property
    def speech(self) -> ItemView | None:
        """The item in which speech is going on."""

    @property
    def stopped_speech(self) -> ItemView | None:
        """The item in which speech has stopped, until it is committed."""

    @property
    def turn_seq(self) -> int:
        """The last turn that the server committed by itself, until a response comes."""

    @property
    def owes_response(self) -> int:
        """The turn that obliges the server to create a response which has not come yet, else 0."""

    @property
    def client_commit_seq(self) -> int:
        """Where a client's commit was answered without turn detection, until it is clear what it led to."""

    @property
    def called_seq(self) -> int:
        """The last `response.done` with a function call, until a response comes."""

    @property
    def detection_off(self) -> bool: ...

    @property
    def timed_out_seq(self) -> int:
        """The last idle timeout, until a response comes for it."""

    @property
    def silent_commits(self) -> int:
        """How many turns were committed while transcription was off."""

    @property
    def untranscribed(self) -> Mapping[str, int]:
        """Items whose transcription is expected, and since which entry."""

    @property
    def rate_limits_seq(self) -> int: ...

    @property
    def finishes_items(self) -> bool:
        """Whether any `conversation.item.done` has come."""

    @property
    def turn_creates_response(self) -> bool: ...

    @property
    def closed_by_server(self) -> bool: ...

    @property
    def last_seq(self) -> int:
        """The server event before this one."""

    @property
    def last_type(self) -> str: ...

    @property
    def last_answer_seq(self) -> int:
        """The last answer to a client event, or the last event about an item."""

    @property
    def times(self) -> Mapping[int, float | None]:
        """When client events were sent and speech began, by `seq`."""

    def knows_asking(self, type_: str) -> bool: ...

    def setting(self, *path: str) -> Any: ...

    def shows(self, *path: str) -> bool: ...

    def provider_setting(self, branch: str, name: str) -> Any: ...

    @property
    def knows_provider_data(self) -> bool: ...

    def deltas_since(self, seq: int) -> int: ...

    def waited_since(self, t: float | None) -> float: ...
