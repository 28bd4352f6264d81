"""Rules about input audio and the turns made of it (facts 4.6; inworld 4.3, 5.3)."""

from __future__ import annotations

from typing import Any

from rules.areas.answers import acknowledged, owed_refusal, refused
from rules.case import Case, rule
from rules.order import Bound, alternating, followed_by_one, ordered
from rules.subjects import AUDIO, int_of, text_of
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


@rule("audio/clear/audio-is-gone", "@input_audio_buffer.commit")
def cleared_audio_is_gone(case: Case) -> None:
    exchange, watched = case.exchange, case.reading.watched
    if exchange is None:
        return
    if exchange.expectation.reason == "buffer-too-short" and exchange.outcome == "accepted":
        watched["audio/clear/audio-is-gone"] = exchange.seq
    elif exchange.expectation.reason == "buffer-cleared":
        if exchange.outcome == "accepted" and "audio/clear/audio-is-gone" in watched:
            case.undecided("an empty buffer is committed too, so that a commit does not say what is in it")
        else:
            owed_refusal(case, exchange)


@rule("audio/append/no-answer", "@sent")
def append_sent(case: Case) -> None:
    exchange = case.exchange
    if exchange is not None and exchange.type == "input_audio_buffer.append":
        if exchange.expectation.kind == "accept":
            case.holds()


@rule("audio/append/no-answer", "error")
def append_refused(case: Case) -> None:
    exchange = case.link.exchange
    if exchange is None or exchange.type != "input_audio_buffer.append":
        return
    if exchange.expectation.kind == "accept":
        case.violated("valid audio was refused", expected="no answer", actual="error", because=[exchange.seq])


@rule("audio/commit/committed-first", "conversation.item.done")
def spoken_item_was_committed(case: Case) -> None:
    """That it is committed later is told by the order of the two."""
    item, reading = case.link.item, case.reading
    spoken = item is not None and item in (reading.speech, reading.stopped_speech)
    if item is not None and spoken and item.conversation_done is None and not item.committed_seq:
        case.violated(
            "the item of a turn is finished, and its audio was not committed",
            expected=f"{COMMITTED} first",
            actual=case.entry.type,
            because=[item.seen.get(ADDED, 0)],
        )


@rule("audio/commit/same-previous", ADDED)
def committed_names_same_predecessor(case: Case) -> None:
    item = case.link.item
    if item is None or not item.committed_seq or item.conversation_added is not None:
        return
    said = text_of(case.event, "previous_item_id") or None
    case.check(
        said == item.committed_previous,
        "input_audio_buffer.committed named another predecessor than its item does",
        path="previous_item_id",
        expected=said,
        actual=item.committed_previous,
        because=[item.committed_seq],
    )


def _setting(case: Case, name: str) -> Any:
    detection = case.reading.turn_detection
    return detection.get(name) if isinstance(detection, dict) else None


def _off(case: Case) -> bool:
    """Tell whether turn detection is shown to be off."""
    return case.reading.turn_detection is None and case.reading.shows("audio", "input", "turn_detection")


# --- what a commit leads to -----------------------------------------------------------------------------


@rule("audio/commit/no-response", "@exchange")
def commit_made_no_response(case: Case) -> None:
    """Once something sent after a commit is answered, a response to the commit would have come."""
    exchange, watched = case.exchange, case.reading.watched
    if exchange is None or exchange.outcome != "accepted":
        return
    commit = watched.get("commit", 0)
    if commit and exchange.seq > commit:
        del watched["commit"]
        case.holds()
    if exchange.type == "input_audio_buffer.commit" and _off(case):
        watched["commit"] = exchange.answer_seq


@rule("audio/commit/no-response", CREATED)
def response_after_commit(case: Case) -> None:
    commit = case.reading.watched.pop("commit", 0)
    if commit and case.link.exchange is None and case.reading.knows_asking("response.create"):
        case.reading.watched["blamed"] = case.entry.seq
        if text_of(case.reading.session, "type") == "transcription":
            return  # the business of transcription/session-without-responses
        case.violated(
            "a commit by the client created a response",
            expected="no response without response.create",
            actual=CREATED,
            because=[commit],
        )


@rule("turn/none-when-off", STARTED, STOPPED, COMMITTED, CREATED)
def nothing_automatic_when_off(case: Case) -> None:
    if not _off(case) or not case.reading.whole:
        return
    asking = {COMMITTED: "input_audio_buffer.commit", CREATED: "response.create"}.get(case.entry.type)
    if asking is not None and case.link.exchange is None and not case.reading.knows_asking(asking):
        return
    if case.entry.type in (COMMITTED, CREATED):
        if case.link.exchange is not None or case.reading.watched.pop("blamed", 0) == case.entry.seq:
            case.holds()
            return
        if case.entry.type == COMMITTED and case.link.item is not None and case.link.item.committed_seq:
            return  # the business of envelope/answered-once
        if case.entry.type == CREATED and case.reading.conversation_follow_up:
            return  # an automatic answer to a tool result (inworld 5.7)
        if case.entry.type == CREATED and case.reading.watched.get("calls"):
            return  # the business of calls/ends-normally
        if case.entry.type == CREATED and 0 < case.reading.turn_seq < case.reading.session_seq:
            return  # to a turn that ended before turn detection was switched off
    case.violated(
        f"{case.entry.type} came although turn detection is off",
        expected="nothing without the client",
        actual=case.entry.type,
        because=[case.reading.session_seq],
    )


@rule("turn/none-when-off", "@input_audio_buffer.commit")
def committed_by_hand(case: Case) -> None:
    if case.exchange is not None and case.exchange.outcome == "accepted" and _off(case):
        case.holds()


# --- turns that the server makes ------------------------------------------------------------------------


@rule("turn/stopped-after-started", COMMITTED)
def committed_after_stopped(case: Case) -> None:
    asked = case.link.exchange is not None or not case.reading.client_acted
    if not asked and case.link.item is not None and not _idle(case):
        open_ = case.reading.speech
        if case.link.item.committed_seq:
            return  # the business of envelope/answered-once
        told = open_ is not None or case.reading.stopped_speech is not None
        if told or (_hears_all(case) and isinstance(case.reading.turn_detection, dict)):
            case.check(
                told,
                "the server committed a turn that no speech_started and speech_stopped told of",
                expected=STARTED,
                actual=COMMITTED,
                because=[case.reading.session_seq],
            ) and case.check(
                open_ is None,
                "the server committed a turn before speech_stopped",
                expected=STOPPED,
                actual=COMMITTED,
                because=[open_.audio_start_seq] if open_ is not None else [],
            )


def _hears_all(case: Case) -> bool:
    """Tell whether speech that came before a commit would be known, and a client's commit as well."""
    reading = case.reading
    lost = {STARTED, STOPPED} & reading.unkeyed or reading.watched.get("idle")
    return reading.knows_asking("input_audio_buffer.commit") and not lost


def _idle(case: Case) -> bool:
    return case.link.item is not None and "input_audio_buffer.timeout_triggered" in case.link.item.seen


@rule("turn/same-item", STOPPED, COMMITTED)
def turn_keeps_item(case: Case) -> None:
    item, reading = case.link.item, case.reading
    turn = reading.speech if case.entry.type == STOPPED else reading.stopped_speech
    if item is None or turn is None or case.link.exchange is not None or _idle(case):
        return
    case.check(
        item is turn,
        f"{case.entry.type} names another item than the events of that turn before",
        path="item_id",
        expected=turn.id,
        actual=item.id,
        because=[turn.audio_start_seq],
    )


@rule("turn/start-not-after-end", STOPPED)
def start_before_end(case: Case) -> None:
    item, end = case.link.item, int_of(case.event, "audio_end_ms")
    if item is not None and item.audio_start_ms is not None and end is not None:
        case.check(
            item.audio_start_ms <= end,
            "a turn ends before it starts",
            path="audio_end_ms",
            expected=f"at least {item.audio_start_ms}",
            actual=end,
            because=[item.audio_start_seq],
        )


@rule("turn/times-within-audio", STARTED, STOPPED)
def times_within_audio(case: Case) -> None:
    name = "audio_start_ms" if case.entry.type == STARTED else "audio_end_ms"
    time = int_of(case.event, name)
    sent = case.reading.appended_ms
    # Whoever is heard without having sent anything here is heard by other ways, as in a telephone call.
    if time is not None and sent and case.reading.measures_sent and case.reading.whole:
        case.check(
            time <= sent + _ROUNDING_MS,
            f"{name} lies beyond the audio that was sent",
            path=name,
            expected=f"at most {sent:.0f}",
            actual=time,
        )


@rule("turn/times-grow", STARTED, STOPPED)
def times_grow(case: Case) -> None:
    name = "audio_start_ms" if case.entry.type == STARTED else "audio_end_ms"
    time = int_of(case.event, name)
    if time is None:
        return
    watched, at = case.reading.watched, f"{name} came"
    before, since = watched.get(name, 0), watched.get(at, 0)
    watched[name], watched[at] = time, case.entry.seq
    case.check(
        time >= before,
        f"{name} is less than that of the turn before",
        path=name,
        expected=f"at least {before}",
        actual=time,
        because=[since],
    )


@rule("turn/client-commit-in-speech", "@input_audio_buffer.commit")
def client_commits_in_speech(case: Case) -> None:
    # A server may close the speech before it answers.
    heard = case.reading.speech or case.reading.stopped_speech
    if case.exchange is not None and heard is not None:
        case.observed(case.exchange.outcome)


@rule("turn/creates-response", COMMITTED)
def turn_owes_response(case: Case) -> None:
    if case.link.exchange is None and _setting(case, "create_response") is True:
        if case.reading.active is None or _setting(case, "interrupt_response") is True:
            case.reading.watched["turn"] = case.entry.seq


@rule("turn/creates-response", CREATED)
def turn_made_response(case: Case) -> None:
    if case.reading.watched.pop("turn", 0) and case.link.exchange is None:
        case.holds()


@rule("turn/creates-response", "@deadline")
def turn_made_no_response(case: Case) -> None:
    detail = case.entry.detail or {}
    committed = case.reading.watched.get("turn", 0)
    if committed and detail.get("silent"):
        del case.reading.watched["turn"]
        if CREATED in case.reading.unkeyed:
            case.undecided("an event that should have come was malformed")
            return
        case.violated(
            "a turn ended and no response came",
            expected=CREATED,
            actual="nothing",
            because=[committed, case.reading.session_seq],
        )


@rule("turn/creates-response", "@end")
def turn_left_open(case: Case) -> None:
    if case.reading.watched.pop("turn", 0):
        case.undecided("the capture ended before a response could come")


@rule("turn/no-response-when-disabled", COMMITTED)
def turn_owes_nothing(case: Case) -> None:
    if case.link.exchange is None and _setting(case, "create_response") is False:
        case.reading.watched["quiet-turn"] = case.entry.seq


@rule("turn/no-response-when-disabled", CREATED)
def turn_made_unwanted_response(case: Case) -> None:
    committed = case.reading.watched.pop("quiet-turn", 0)
    if not committed or (case.link.exchange is None and not case.reading.knows_asking("response.create")):
        return
    case.check(
        case.link.exchange is not None,
        "a turn created a response although create_response is false",
        expected="no response without response.create",
        actual=CREATED,
        because=[committed, case.reading.session_seq],
    )


@rule("turn/no-response-when-disabled", "@exchange", "@end")
def turn_stayed_quiet(case: Case) -> None:
    committed = case.reading.watched.get("quiet-turn", 0)
    exchange = case.exchange
    if committed and (exchange is None or (exchange.outcome == "accepted" and exchange.seq > committed)):
        del case.reading.watched["quiet-turn"]
        case.holds()


@rule("turn/response-may-fail", COMMITTED)
def response_during_turn(case: Case) -> None:
    if case.link.exchange is None and case.reading.active is not None:
        if _setting(case, "interrupt_response") is False:
            case.observed("a turn ended while a response was running")


@rule("output-buffer/not-on-websocket", "output_audio_buffer.started", "output_audio_buffer.stopped")
def output_buffer_event(case: Case) -> None:
    """Without audio deltas, this may be a call over WebRTC or SIP, listened to from aside (OB-03)."""
    case.observed(case.entry.type)
    if case.reading.audio_emitted:
        _on_websocket(case, case.entry)
    elif case.reading.of_call is None:
        case.reading.of_call = case.entry


@rule("output-buffer/not-on-websocket", "@stream")
def output_buffer_beside_audio(case: Case) -> None:
    of_call, stream = case.reading.of_call, case.link.stream
    if of_call is not None and stream is not None and stream.family == AUDIO:
        if case.entry.type.endswith(".delta") and not case.reading.audio_emitted:
            _on_websocket(case, of_call)


def _on_websocket(case: Case, entry: Entry) -> None:
    case.violated(
        f"{entry.type} came on a WebSocket",
        expected="no output_audio_buffer events",
        actual=entry.type,
        at=entry,
    )


@rule("output-buffer/not-on-websocket", "response.done")
def no_output_buffer_event(case: Case) -> None:
    if case.link.response is not None and AUDIO in case.link.response.families:
        case.holds()


@rule("output-buffer/clear-answered", "@output_audio_buffer.clear")
def output_clear(case: Case) -> None:
    if case.exchange is not None:
        case.observed(case.exchange.outcome)
