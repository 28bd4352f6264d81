"""Rules about input audio and the turns made of it (facts 4.6; inworld 4.3, 5.3)."""

from __future__ import annotations

from dataclasses import dataclass

from protocol.event_types import (
    COMMITTED,
    CONVERSATION_ADDED,
    RESPONSE_CREATED,
    SPEECH_STARTED,
    SPEECH_STOPPED,
)
from rules.areas.answers import acknowledged, owed_refusal, refused
from rules.case import EventCase, ExchangeCase
from rules.moments import Moment
from rules.order import Bound, followed_by_one, ordered
from rules.reading_view import ReadingView
from rules.registration import on_event, on_exchange, on_sent
from rules.subjects import AUDIO, dict_of, text_of
from wire.trace import Entry

LOOSE = (COMMITTED, "input_audio_buffer.cleared", "session.updated")
"""What may end speech without a `speech_stopped`: its audio is gone, or other turn detection is at work."""
_OUTPUT_BUFFER = tuple(f"output_audio_buffer.{what}" for what in ("started", "stopped", "cleared"))

ORDER = [
    Bound(
        "audio/commit/item-follows",
        "item",
        followed_by_one(
            COMMITTED,
            CONVERSATION_ADDED,
            before=Moment.ITEM_OVERDUE,
            or_more=True,
            or_earlier=True,
            patience="answer",
        ),
    ),
    Bound("audio/commit/committed-first", "item", ordered(COMMITTED, CONVERSATION_ADDED)),
]

acknowledged("audio/commit/acknowledged", "input_audio_buffer.commit")
acknowledged("audio/clear/acknowledged", "input_audio_buffer.clear")
refused("audio/commit/empty-refused", "input_audio_buffer.commit", reasons={"buffer-too-short"})


@dataclass
class _EmptyCommit:
    """Whether the server has committed an empty buffer: then a commit does not say what is in it."""

    accepted: bool = False


@on_exchange("audio/clear/audio-is-gone", "input_audio_buffer.commit")
def cleared_audio_is_gone(case: ExchangeCase) -> None:
    """Audio that was cleared cannot be committed any more."""
    exchange, empty = case.exchange, case.memory(_EmptyCommit)
    if exchange.expectation.reason == "buffer-too-short" and exchange.outcome == "accepted":
        empty.accepted = True
    elif exchange.expectation.reason == "buffer-cleared":
        if exchange.outcome == "accepted" and empty.accepted:
            case.undecided(
                "the server commits an empty buffer, so that a commit does not show what was in it"
            )
        else:
            owed_refusal(case)


@on_sent("audio/append/no-answer")
def append_sent(case: ExchangeCase) -> None:
    """A valid `input_audio_buffer.append` has no answer of its own, and no error."""
    if case.exchange.type == "input_audio_buffer.append" and case.exchange.expectation.kind == "accept":
        case.holds()


@on_event("audio/append/no-answer", "error")
def append_refused(case: EventCase) -> None:
    exchange = case.answered
    if exchange.type == "input_audio_buffer.append" and exchange.expectation.kind == "accept":
        message = text_of(dict_of(case.event, "error"), "message") or "no message"
        case.violated(
            "refused",
            f"a valid input_audio_buffer.append was refused: {message}",
            expected="no answer",
            actual="error",
            because=[exchange.seq],
        )


@on_event("audio/commit/committed-first", "conversation.item.done")
def spoken_item_was_committed(case: EventCase) -> None:
    """`input_audio_buffer.committed` comes before `conversation.item.added` for the same item.

    That it is committed later is told by the order of the two.
    """
    item, reading = case.item, case.reading
    spoken = item in (reading.speech, reading.stopped_speech)
    if spoken and item.conversation_done is None and not item.committed_seq:
        case.violated(
            "never-committed",
            f"the item {item.id} of a turn is done, and no {COMMITTED} came for it",
            expected=f"{COMMITTED} first",
            actual=case.entry.type,
            because=[item.seen.get(CONVERSATION_ADDED, 0)],
        )


@on_event("audio/commit/same-previous", CONVERSATION_ADDED)
def committed_names_same_predecessor(case: EventCase) -> None:
    """`input_audio_buffer.committed` names the same `previous_item_id` as the item that follows."""
    item = case.item
    if not item.committed_seq or item.conversation_added is not None:
        return
    said = text_of(case.event, "previous_item_id") or None
    case.check(
        said == item.committed_previous,
        "other",
        f"input_audio_buffer.committed and {CONVERSATION_ADDED} differ in the previous_item_id of {item.id}",
        path="previous_item_id",
        expected=said,
        actual=item.committed_previous,
        because=[item.committed_seq],
    )


# --- what a commit leads to -----------------------------------------------------------------------------


@on_exchange("audio/commit/no-response")
def commit_made_no_response(case: ExchangeCase) -> None:
    """A commit by the client never creates a response by itself.

    Once something sent after a commit is answered, a response to the commit would have come.
    """
    commit = case.reading.client_commit_seq
    if case.exchange.outcome == "accepted" and 0 < commit < case.exchange.seq:
        case.holds()


@on_event("audio/commit/no-response", RESPONSE_CREATED)
def response_after_commit(case: EventCase) -> None:
    commit = case.reading.client_commit_seq
    if not commit or case.link.exchange is not None or not case.reading.knows_asking("response.create"):
        return
    case.violated(
        "unasked",
        "a response was created after the client's input_audio_buffer.commit, without a response.create",
        expected="no response without response.create",
        actual=RESPONSE_CREATED,
        because=[commit],
    )


@on_event("turn/none-when-off", SPEECH_STARTED, SPEECH_STOPPED, COMMITTED, RESPONSE_CREATED)
def nothing_automatic_when_off(case: EventCase) -> None:
    """With `turn_detection` null there are no speech events, no automatic commit and no automatic
    response.
    """
    reading, type_ = case.reading, case.entry.type
    if not reading.detection_off or not reading.whole:
        return
    asking = {COMMITTED: "input_audio_buffer.commit", RESPONSE_CREATED: "response.create"}.get(type_)
    if asking is not None and case.link.exchange is None and not reading.knows_asking(asking):
        return
    if asking is not None and case.link.exchange is not None:
        case.holds()
        return
    if type_ == COMMITTED and case.link.item is not None and case.link.item.committed_seq:
        return  # the second time for one turn
    if type_ == RESPONSE_CREATED and not _automatic_turn(reading):
        return
    case.violated(
        "unasked",
        f"{type_} came although turn_detection is null",
        expected=f"no {type_} while turn_detection is null",
        actual=type_,
        because=[reading.session_seq],
    )


def _automatic_turn(reading: ReadingView) -> bool:
    """Tell whether nothing but a turn that the server detected can have created a response unasked."""
    if reading.client_commit_seq or reading.called_seq or reading.conversation_follow_up:
        return False  # it follows a commit, a function call, or the result of one (inworld 5.7)
    return not 0 < reading.turn_seq < reading.session_seq  # of a turn before turn detection was switched off


@on_exchange("turn/none-when-off", "input_audio_buffer.commit")
def committed_by_hand(case: ExchangeCase) -> None:
    if case.exchange.outcome == "accepted" and case.reading.detection_off:
        case.holds()


@on_event("output-buffer/not-on-websocket", *_OUTPUT_BUFFER)
def output_buffer_event(case: EventCase) -> None:
    """`output_audio_buffer.*` events do not occur on a WebSocket.

    Without audio deltas, this may be a call over WebRTC or SIP, listened to from aside (OB-03).
    """
    case.observed(case.entry.type)
    if case.reading.audio_emitted or case.reading.measured:
        _on_websocket(case, case.entry)


@on_event("output-buffer/not-on-websocket", Moment.STREAM)
def output_buffer_beside_audio(case: EventCase) -> None:
    of_call = case.reading.of_call
    if of_call is not None and case.stream.family == AUDIO:
        if case.entry.type.endswith(".delta") and not case.reading.audio_emitted:
            _on_websocket(case, of_call)


def _on_websocket(case: EventCase, entry: Entry) -> None:
    case.violated(
        "sent",
        f"{entry.type} came on a WebSocket",
        expected="no output_audio_buffer events",
        actual=entry.type,
        at=entry,
    )


@on_event("output-buffer/not-on-websocket", "response.done")
def no_output_buffer_event(case: EventCase) -> None:
    if AUDIO in case.response.families:
        case.holds()


@on_exchange("output-buffer/clear-answered", "output_audio_buffer.clear")
def output_clear(case: ExchangeCase) -> None:
    """`output_audio_buffer.clear` is answered by `output_audio_buffer.cleared`."""
    case.observed(case.exchange.outcome)
