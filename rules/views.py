"""What a rule sees of a connection: everything that is known, and nothing that it could change.

These are the types of `rules.reading`, `rules.event_subjects`, `rules.subjects` and `rules.exchanges` as
rules get them. Only what takes the capture in (`rules.event_subjects`, `rules.reading_updates`) writes to
them, so that no rule can disturb another. What a rule itself has to remember is its own: `Case.memory`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from collections.abc import Set as AbstractSet
from typing import Any, Protocol

from protocol.event_types import Event
from rules.exchange import ExchangeOutcome, Expectation
from wire.trace import Entry


class SubjectView(Protocol):
    """Something that rules about order follow."""

    @property
    def id(self) -> str: ...

    @property
    def kind(self) -> str: ...

    @property
    def within(self) -> SubjectView | None:
        """The subject that holds it: the part of a stream, the item of a part, the response of an item."""

    @property
    def seen(self) -> Mapping[str, int]:
        """The `seq` of the first event of each type that moved the state of its automata."""


class ExchangeView(Protocol):
    """One client event with its answer."""

    @property
    def type(self) -> str: ...

    @property
    def event(self) -> Event: ...

    @property
    def seq(self) -> int: ...

    @property
    def event_id(self) -> str: ...

    @property
    def item_id(self) -> str:
        """The item that the client event is about."""

    @property
    def expectation(self) -> Expectation:
        """What the server owes for it."""

    @property
    def outcome(self) -> ExchangeOutcome: ...

    @property
    def answer(self) -> Event | None: ...

    @property
    def answer_seq(self) -> int: ...

    @property
    def instead(self) -> Entry | None:
        """The first event that may be a wrong answer to it: an error, or an event about the same thing."""

    @property
    def guessed(self) -> bool:
        """Whether the error that refused it named no client event."""

    @property
    def doubtful(self) -> bool:
        """Whether it breaks a contract, or may: what a server makes of it is its own affair."""

    @property
    def sent_at(self) -> float | None:
        """When it was sent, in seconds since the trace began."""

    @property
    def target(self) -> str:
        """Of `response.cancel`: the id of the response that is meant, where it is known."""

    @property
    def stimulus(self) -> Mapping[str, Any]:
        """The suite's own label of what is wrong with it, empty where nothing is wrong on purpose."""

    @property
    def fragments(self) -> int:
        """In how many WebSocket fragments it was sent, 0 for one frame."""

    @property
    def while_active(self) -> bool:
        """Whether a response of the default conversation ran when it was sent."""

    @property
    def after_cancelled(self) -> int:
        """The `response.done` before it, where that one said `cancelled`, else 0."""

    @property
    def burst(self) -> ExchangeView | None:
        """Of `response.create`: the item created just before it and not answered then."""

    @property
    def before_created(self) -> bool:
        """Whether it was sent before the server had said anything."""

    @property
    def supposed(self) -> bool:
        """Whether its answer shows nothing of it, and was taken for the answer as nothing better came."""

    @property
    def lost_because(self) -> str:
        """Why its outcome is not known, where it is `lost`."""


class ResponseView(SubjectView, Protocol):
    """One response."""

    @property
    def created(self) -> Event | None:
        """The response object of `response.created`, None before it came."""

    @property
    def created_seq(self) -> int: ...

    @property
    def done(self) -> Event | None: ...

    @property
    def done_seq(self) -> int: ...

    @property
    def done_t(self) -> float | None: ...

    @property
    def items(self) -> Sequence[ItemView]: ...

    @property
    def families(self) -> AbstractSet[str]:
        """The families of streams that came for it."""

    @property
    def request(self) -> ExchangeView | None:
        """The `response.create` that asked for it."""

    @property
    def cancelled_by(self) -> ExchangeView | None: ...

    @property
    def speech_seq(self) -> int:
        """The `speech_started` that came while it ran."""

    @property
    def overlapped_seq(self) -> int:
        """The `response.created` of another that came while all of this one but its end had come."""

    @property
    def quiet(self) -> bool: ...

    @property
    def active(self) -> bool: ...

    @property
    def automatic(self) -> bool: ...

    @property
    def out_of_band(self) -> bool: ...

    @property
    def asked_out_of_band(self) -> bool: ...

    @property
    def modalities(self) -> Sequence[Any]: ...


class ItemView(SubjectView, Protocol):
    """One conversation or output item."""

    @property
    def response(self) -> ResponseView | None: ...

    @property
    def output_index(self) -> int | None: ...

    @property
    def origin(self) -> str:
        """Where it comes from: `response`, `request`, `audio`, or empty where that is not known."""

    @property
    def added(self) -> Event | None:
        """The item in `response.output_item.added`."""

    @property
    def added_seq(self) -> int: ...

    @property
    def done(self) -> Event | None:
        """The item in `response.output_item.done`."""

    @property
    def done_seq(self) -> int: ...

    @property
    def conversation_added(self) -> Event | None:
        """The item in `conversation.item.added`."""

    @property
    def conversation_done(self) -> Event | None: ...

    @property
    def previous(self) -> str | None:
        """The `previous_item_id` of `conversation.item.added`."""

    @property
    def parts(self) -> Mapping[int, PartView]: ...

    @property
    def arguments(self) -> StreamView | None: ...

    @property
    def audio_ms(self) -> float | None:
        """How much audio came for it, None before any stream of audio was done."""

    @property
    def truncated(self) -> Mapping[int, int]:
        """To how many milliseconds its content parts were cut, by their indexes."""

    @property
    def audio_start_ms(self) -> int | None:
        """The time that the `speech_started` of its turn named."""

    @property
    def audio_start_seq(self) -> int: ...

    @property
    def committed_previous(self) -> str | None: ...

    @property
    def committed_seq(self) -> int: ...

    @property
    def transcript_seq(self) -> int:
        """Since which entry its transcription is expected, or may be."""

    @property
    def doubtful(self) -> bool:
        """Whether the client event that made it breaks a contract, or may."""

    @property
    def type(self) -> str:
        """Its type, as the first event that showed it says."""

    @property
    def is_call(self) -> bool:
        """Whether it is a function call, by what its response says of it."""

    @property
    def announced(self) -> bool: ...

    @property
    def latest(self) -> Event: ...


class PartView(SubjectView, Protocol):
    """One content part of an item."""

    @property
    def item(self) -> ItemView: ...

    @property
    def index(self) -> int: ...

    @property
    def added(self) -> Event | None: ...

    @property
    def added_seq(self) -> int: ...

    @property
    def done(self) -> Event | None: ...

    @property
    def done_seq(self) -> int: ...

    @property
    def streams(self) -> Mapping[str, StreamView]: ...


class StreamView(SubjectView, Protocol):
    """The deltas of one family for one part or, of arguments, for one item."""

    @property
    def family(self) -> str: ...

    @property
    def item(self) -> ItemView: ...

    @property
    def part(self) -> PartView | None: ...

    @property
    def chunks(self) -> Sequence[str]:
        """The deltas in order; of audio none is kept."""

    @property
    def size(self) -> int:
        """Of audio: decoded bytes so far."""

    @property
    def width(self) -> int:
        """Of audio: bytes of one sample."""

    @property
    def ragged(self) -> int:
        """Of audio: how many deltas were no multiple of a sample."""

    @property
    def timestamped(self) -> int:
        """How many deltas carry `timestamp_info`."""

    @property
    def final(self) -> str | None:
        """What its `done` event says the whole is."""

    @property
    def first_seq(self) -> int: ...

    @property
    def response_id(self) -> str: ...

    @property
    def output_index(self) -> Any: ...

    @property
    def call_id(self) -> Any: ...

    @property
    def whole(self) -> str:
        """All deltas so far, joined."""


class TranscriptionView(SubjectView, Protocol):
    """The transcription of one content part of an item of the user."""

    @property
    def item_id(self) -> str: ...

    @property
    def chunks(self) -> Sequence[str]: ...

    @property
    def first_seq(self) -> int: ...

    @property
    def ended_seq(self) -> int: ...
