"""Rules about input audio and the turns made of it (facts 4.6; inworld 4.3, 5.3)."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from rules.areas.answers import acknowledged, owed_refusal, refused
from rules.case import Case, EventCase, ExchangeCase
from rules.moments import Moment
from rules.order import Bound, alternating, followed_by_one, ordered
from rules.registration import on_event, on_exchange, on_moment, on_sent
from rules.subjects import AUDIO, int_of, text_of
from rules.views import ReadingView
from wire.trace import Entry

COMMITTED, ADDED, CREATED = "input_audio_buffer.committed", "conversation.item.added", "response.created"
STARTED, STOPPED = "input_audio_buffer.speech_started", "input_audio_buffer.speech_stopped"
LOOSE = (COMMITTED, "input_audio_buffer.cleared", "session.updated")
"""What may end speech without a `speech_stopped`: its audio is gone, or other turn detection is at work."""
_ROUNDING_MS = 200  # between audio as sent and audio as the server counts it in its frames

ORDER = [
    Bound(
        "audio/commit/item-follows",
        "item",
        followed_by_one(
            COMMITTED, ADDED, before="@settled", or_more=True, or_earlier=True, patience="answer"
        ),
    ),
    Bound("audio/commit/committed-first", "item", ordered(COMMITTED, ADDED)),
    Bound("turn/alternate", "connection", alternating(STARTED, STOPPED, or_end=LOOSE)),
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
    exchange, empty = case.exchange, case.memory(_EmptyCommit)
    if exchange.expectation.reason == "buffer-too-short" and exchange.outcome == "accepted":
        empty.accepted = True
    elif exchange.expectation.reason == "buffer-cleared":
        if exchange.outcome == "accepted" and empty.accepted:
            case.undecided("an empty buffer is committed too, so that a commit does not say what is in it")
        else:
            owed_refusal(case)


@on_sent("audio/append/no-answer")
def append_sent(case: ExchangeCase) -> None:
    if case.exchange.type == "input_audio_buffer.append" and case.exchange.expectation.kind == "accept":
        case.holds()


@on_event("audio/append/no-answer", "error")
def append_refused(case: EventCase) -> None:
    exchange = case.answered
    if exchange.type == "input_audio_buffer.append" and exchange.expectation.kind == "accept":
        case.violated(
            "refused",
            "valid audio was refused",
            expected="no answer",
            actual="error",
            because=[exchange.seq],
        )


@on_event("audio/commit/committed-first", "conversation.item.done")
def spoken_item_was_committed(case: EventCase) -> None:
    """That it is committed later is told by the order of the two."""
    item, reading = case.item, case.reading
    spoken = item in (reading.speech, reading.stopped_speech)
    if spoken and item.conversation_done is None and not item.committed_seq:
        case.violated(
            "never-committed",
            "the item of a turn is finished, and its audio was not committed",
            expected=f"{COMMITTED} first",
            actual=case.entry.type,
            because=[item.seen.get(ADDED, 0)],
        )


@on_event("audio/commit/same-previous", ADDED)
def committed_names_same_predecessor(case: EventCase) -> None:
    item = case.item
    if not item.committed_seq or item.conversation_added is not None:
        return
    said = text_of(case.event, "previous_item_id") or None
    case.check(
        said == item.committed_previous,
        "other",
        "input_audio_buffer.committed named another predecessor than its item does",
        path="previous_item_id",
        expected=said,
        actual=item.committed_previous,
        because=[item.committed_seq],
    )


def _setting(case: Case, name: str) -> Any:
    detection = case.reading.turn_detection
    return detection.get(name) if isinstance(detection, dict) else None


# --- what a commit leads to -----------------------------------------------------------------------------


@on_exchange("audio/commit/no-response")
def commit_made_no_response(case: ExchangeCase) -> None:
    """Once something sent after a commit is answered, a response to the commit would have come."""
    commit = case.reading.client_commit_seq
    if case.exchange.outcome == "accepted" and 0 < commit < case.exchange.seq:
        case.holds()


@on_event("audio/commit/no-response", CREATED)
def response_after_commit(case: EventCase) -> None:
    commit = case.reading.client_commit_seq
    if not commit or case.link.exchange is not None or not case.reading.knows_asking("response.create"):
        return
    case.violated(
        "unasked",
        "a commit by the client created a response",
        expected="no response without response.create",
        actual=CREATED,
        because=[commit],
    )


@on_event("turn/none-when-off", STARTED, STOPPED, COMMITTED, CREATED)
def nothing_automatic_when_off(case: EventCase) -> None:
    reading, type_ = case.reading, case.entry.type
    if not reading.detection_off or not reading.whole:
        return
    asking = {COMMITTED: "input_audio_buffer.commit", CREATED: "response.create"}.get(type_)
    if asking is not None and case.link.exchange is None and not reading.knows_asking(asking):
        return
    if asking is not None and case.link.exchange is not None:
        case.holds()
        return
    if type_ == COMMITTED and case.link.item is not None and case.link.item.committed_seq:
        return  # the second time for one turn
    if type_ == CREATED and not _automatic_turn(reading):
        return
    case.violated(
        "unasked",
        f"{type_} came although turn detection is off",
        expected="nothing without the client",
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


# --- turns that the server makes ------------------------------------------------------------------------


@on_event("turn/stopped-after-started", COMMITTED)
def committed_after_stopped(case: EventCase) -> None:
    item, open_ = case.item, case.reading.speech
    if case.link.exchange is not None or not case.reading.client_acted or _idle(case) or item.committed_seq:
        return
    told = open_ is not None or case.reading.stopped_speech is not None
    if not told and not (_hears_all(case) and isinstance(case.reading.turn_detection, dict)):
        return
    case.check(
        told,
        "unannounced",
        "the server committed a turn that no speech_started and speech_stopped told of",
        expected=STARTED,
        actual=COMMITTED,
        because=[case.reading.session_seq],
    ) and case.check(
        open_ is None,
        "before-stopped",
        "the server committed a turn before speech_stopped",
        expected=STOPPED,
        actual=COMMITTED,
        because=[open_.audio_start_seq] if open_ is not None else [],
    )


def _hears_all(case: EventCase) -> bool:
    """Tell whether speech that came before a commit would be known, and a client's commit as well."""
    reading = case.reading
    lost = {STARTED, STOPPED} & set(reading.unkeyed) or reading.timed_out_seq
    return reading.knows_asking("input_audio_buffer.commit") and not lost


def _idle(case: EventCase) -> bool:
    return case.link.item is not None and "input_audio_buffer.timeout_triggered" in case.link.item.seen


@on_event("turn/same-item", STOPPED, COMMITTED)
def turn_keeps_item(case: EventCase) -> None:
    item, reading = case.item, case.reading
    turn = reading.speech if case.entry.type == STOPPED else reading.stopped_speech
    if turn is None or case.link.exchange is not None or _idle(case):
        return
    case.check(
        item is turn,
        "other-item",
        f"{case.entry.type} names another item than the events of that turn before",
        path="item_id",
        expected=turn.id,
        actual=item.id,
        because=[turn.audio_start_seq],
    )


@on_event("turn/start-not-after-end", STOPPED)
def start_before_end(case: EventCase) -> None:
    start, end = case.item.audio_start_ms, int_of(case.event, "audio_end_ms")
    if start is not None and end is not None:
        case.check(
            start <= end,
            "end-before-start",
            "a turn ends before it starts",
            path="audio_end_ms",
            expected=f"at least {start}",
            actual=end,
            because=[case.item.audio_start_seq],
        )


@on_event("turn/times-within-audio", STARTED, STOPPED)
def times_within_audio(case: EventCase) -> None:
    name = "audio_start_ms" if case.entry.type == STARTED else "audio_end_ms"
    time = int_of(case.event, name)
    sent = case.reading.appended_ms
    # Whoever is heard without having sent anything here is heard by other ways, as in a telephone call.
    if time is not None and sent and case.reading.measures_sent and case.reading.whole:
        case.check(
            time <= sent + _ROUNDING_MS,
            "beyond-audio",
            f"{name} lies beyond the audio that was sent",
            path=name,
            expected=f"at most {sent:.0f}",
            actual=time,
        )


@dataclass
class _Times:
    """The last time that each field named, and the entry that did."""

    ms: dict[str, int] = field(default_factory=dict)
    seq: dict[str, int] = field(default_factory=dict)


@on_event("turn/times-grow", STARTED, STOPPED)
def times_grow(case: EventCase) -> None:
    name = "audio_start_ms" if case.entry.type == STARTED else "audio_end_ms"
    time, last = int_of(case.event, name), case.memory(_Times)
    if time is None:
        return
    before, since = last.ms.get(name, 0), last.seq.get(name, 0)
    last.ms[name], last.seq[name] = time, case.entry.seq
    case.check(
        time >= before,
        "goes-back",
        f"{name} is less than that of the turn before",
        path=name,
        expected=f"at least {before}",
        actual=time,
        because=[since],
    )


@on_exchange("turn/client-commit-in-speech", "input_audio_buffer.commit")
def client_commits_in_speech(case: ExchangeCase) -> None:
    # A server may close the speech before it answers.
    if case.reading.speech is not None or case.reading.stopped_speech is not None:
        case.observed(case.exchange.outcome)


@on_event("turn/creates-response", CREATED)
def turn_made_response(case: EventCase) -> None:
    if case.reading.owes_response and case.link.exchange is None:
        case.holds()


@on_moment("turn/creates-response", Moment.DEADLINE)
def turn_made_no_response(case: Case) -> None:
    committed = case.reading.owes_response
    if committed and case.detail.get("silent"):
        if CREATED in case.reading.unkeyed:
            case.undecided("an event that should have come was malformed")
            return
        case.violated(
            "missing",
            "a turn ended and no response came",
            expected=CREATED,
            actual="nothing",
            because=[committed, case.reading.session_seq],
        )


@on_moment("turn/creates-response", Moment.END)
def turn_left_open(case: Case) -> None:
    if case.reading.owes_response:
        case.undecided("the capture ended before a response could come")


@dataclass
class _QuietTurn:
    """The last turn for which no response is to be created, until that is seen."""

    seq: int = 0


@on_event("turn/no-response-when-disabled", COMMITTED)
def turn_owes_nothing(case: EventCase) -> None:
    if case.link.exchange is None and _setting(case, "create_response") is False:
        case.memory(_QuietTurn).seq = case.entry.seq


@on_event("turn/no-response-when-disabled", CREATED)
def turn_made_unwanted_response(case: EventCase) -> None:
    quiet = case.memory(_QuietTurn)
    committed, quiet.seq = quiet.seq, 0
    if not committed or (case.link.exchange is None and not case.reading.knows_asking("response.create")):
        return
    case.check(
        case.link.exchange is not None,
        "unwanted",
        "a turn created a response although create_response is false",
        expected="no response without response.create",
        actual=CREATED,
        because=[committed, case.reading.session_seq],
    )


@on_exchange("turn/no-response-when-disabled")
def turn_stayed_quiet(case: ExchangeCase) -> None:
    quiet = case.memory(_QuietTurn)
    if case.exchange.outcome == "accepted" and 0 < quiet.seq < case.exchange.seq:
        quiet.seq = 0
        case.holds()


@on_moment("turn/no-response-when-disabled", Moment.END)
def turn_was_quiet_to_the_end(case: Case) -> None:
    if case.memory(_QuietTurn).seq:
        case.holds()


@on_event("turn/response-may-fail", COMMITTED)
def response_during_turn(case: EventCase) -> None:
    if case.link.exchange is None and case.reading.active is not None:
        if _setting(case, "interrupt_response") is False:
            case.observed("a turn ended while a response was running")


@on_event("output-buffer/not-on-websocket", "output_audio_buffer.started", "output_audio_buffer.stopped")
def output_buffer_event(case: EventCase) -> None:
    """Without audio deltas, this may be a call over WebRTC or SIP, listened to from aside (OB-03)."""
    case.observed(case.entry.type)
    if case.reading.audio_emitted:
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
    case.observed(case.exchange.outcome)
