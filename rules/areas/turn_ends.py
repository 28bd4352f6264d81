"""Rules about turns that begin and do not end as they must (facts 4.6; inworld 5.3).

Speech that was told of is owed its end, and a turn that stopped its commit: not by the server's next event,
but because the client went on long enough for it.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from protocol.event_types import (
    CLEARED,
    COMMITTED,
    RESPONSE_DONE,
    SESSION_UPDATED,
    SPEECH_STARTED,
    SPEECH_STOPPED,
    TIMEOUT_TRIGGERED,
)
from rules.case import Case, EventCase, ExchangeCase
from rules.moments import Moment
from rules.registration import on_event, on_exchange, on_moment
from rules.subjects import dict_of
from wire.trace import Entry


@dataclass
class _Stopped:
    """Turns that have stopped and were not committed: where, and when, by item."""

    turns: dict[str, tuple[int, float | None]] = field(default_factory=dict)
    passed_over: set[str] = field(default_factory=set)  # while a later clear was answered
    refused: bool = False  # a commit of the client since speech began: whose turn it is now, nobody knows


@on_event("turn/ends-in-commit", SPEECH_STOPPED)
def turn_stopped(case: EventCase) -> None:
    """After `speech_stopped`, the audio of the turn is committed."""
    stopped = case.memory(_Stopped)
    if not case.item.committed_seq and not stopped.refused:
        stopped.turns[case.item.id] = case.entry.seq, case.entry.t


@on_event("turn/ends-in-commit", SPEECH_STARTED)
def turn_began(case: EventCase) -> None:
    case.memory(_Stopped).refused = False


@on_exchange("turn/ends-in-commit", "input_audio_buffer.commit")
def turn_was_not_the_clients_to_commit(case: ExchangeCase) -> None:
    stopped = case.memory(_Stopped)
    if case.exchange.outcome == "refused":
        stopped.refused = True
        stopped.turns.clear()


@on_event("turn/ends-in-commit", COMMITTED)
def turn_was_committed(case: EventCase) -> None:
    stopped = case.memory(_Stopped)
    if case.item.id in stopped.turns:
        case.holds()
    stopped.turns.clear()  # whatever item it names, it took all the audio there was


@on_event("turn/ends-in-commit", "conversation.item.added", "conversation.item.created")
def turn_became_an_item(case: EventCase) -> None:
    """The turn was taken, if without its commit: `audio/commit/committed-first` speaks of that."""
    case.memory(_Stopped).turns.pop(case.item.id, None)


@on_event("turn/ends-in-commit", SESSION_UPDATED, TIMEOUT_TRIGGERED)
def turn_was_let_go(case: EventCase) -> None:
    """Other turn detection is not bound to what was begun before it."""
    _judge_stopped(case)
    case.memory(_Stopped).turns.clear()


@on_event("turn/ends-in-commit", CLEARED)
def turn_was_cleared(case: EventCase) -> None:
    """A turn that `server_vad` ended is committed at once (FB-02), ahead of answers to what was sent later.

    Other turn detection may still think about it; what is cleared then is never committed.
    """
    _judge_stopped(case)
    stopped, cleared = case.memory(_Stopped), case.link.exchange
    if _of_server_vad(case) and cleared is not None:
        stopped.passed_over |= {id_ for id_, (seq, _) in stopped.turns.items() if seq < cleared.seq}
    for id_ in set(stopped.turns) - stopped.passed_over:
        del stopped.turns[id_]


@on_moment("turn/ends-in-commit", Moment.DEADLINE)
def turn_was_waited_for(case: Case) -> None:
    patience = case.reading.patience["answer"]
    if case.detail.get("silent") and float(case.detail.get("silent_s", 0.0)) >= patience:
        _judge_stopped(case, waited=True)


@on_moment("turn/ends-in-commit", Moment.END)
def turn_was_never_committed(case: Case) -> None:
    _judge_stopped(case, ended=True)
    for _ in case.memory(_Stopped).turns:
        case.undecided("the capture ended before it came")


def _of_server_vad(case: Case) -> bool:
    detection = case.reading.setting("audio", "input", "turn_detection")
    return isinstance(detection, dict) and detection.get("type") == "server_vad"


def _judge_stopped(case: Case, *, waited: bool = False, ended: bool = False) -> None:
    """Report the turns that have stopped so long ago that their commit would have come."""
    stopped, reading = case.memory(_Stopped), case.reading
    if COMMITTED in reading.unkeyed:
        return
    for item_id, (seq, since) in list(stopped.turns.items()):
        never = waited or (ended and item_id in stopped.passed_over)
        if never or reading.waited_since(since) >= reading.patience["answer"]:
            del stopped.turns[item_id]
            case.violated(
                "never-committed",
                f"the turn of {item_id} stopped, and its audio was never committed",
                expected=COMMITTED,
                actual="nothing",
                because=[seq],
                of=reading.items.get(item_id),
            )


@on_event("turn/speech-stops", SPEECH_STOPPED)
def speech_stopped(case: EventCase) -> None:
    """Under `server_vad`, speech that was told of stops once the client sends silence."""
    if case.reading.speech is not None:
        case.holds()


@on_event("turn/speech-stops", CLEARED, SESSION_UPDATED, COMMITTED, SPEECH_STARTED)
def speech_was_let_go(case: EventCase) -> None:
    """What ends speech in another way shows that until then it did not stop."""
    _judge_speech(case)


@on_moment("turn/speech-stops", Moment.END)
def speech_never_stopped(case: Case) -> None:
    _judge_speech(case)


def _judge_speech(case: Case) -> None:
    """Report speech that goes on although the client has sent silence for long enough, and waited."""
    reading = case.reading
    speech, quiet, now = reading.speech, reading.quiet_since, case.entry.t
    if speech is None or reading.unfinished or SPEECH_STOPPED in reading.unkeyed or not _of_server_vad(case):
        return
    began = reading.times.get(speech.audio_start_seq)
    if quiet is None or began is None or now is None or not reading.measures_sent:
        return
    if now - max(quiet, began) >= reading.patience["answer"]:
        case.violated(
            "goes-on",
            f"the speech of {speech.id} goes on although the client has been silent for "
            f"{reading.quiet_ms:.0f} ms of audio",
            expected=SPEECH_STOPPED,
            actual="nothing",
            because=[speech.audio_start_seq],
            of=speech,
        )


@dataclass
class _Speech:
    """The last speech told of, until its turn is committed; a response that says another cut it off."""

    seq: int = 0
    untold: Entry | None = None
    created_seq: int = 0


@on_event("barge-in/reason-turn-detected", SPEECH_STARTED, SESSION_UPDATED)
def speech_began(case: EventCase) -> None:
    """A response may also be cut off as other turn detection takes over."""
    case.memory(_Speech).seq = case.entry.seq


@on_event("barge-in/reason-turn-detected", SPEECH_STOPPED)
def speech_ended(case: EventCase) -> None:
    """That speech stops which never began is another requirement's finding, and the same defect."""
    if case.reading.speech is None:
        case.memory(_Speech).untold = None


@on_event("barge-in/reason-turn-detected", COMMITTED)
def speech_was_committed(case: EventCase) -> None:
    """So it is with a turn that is committed and was never told of."""
    speech = case.memory(_Speech)
    speech.seq = 0
    if case.link.exchange is None and case.reading.knows_asking("input_audio_buffer.commit"):
        speech.untold = None


@on_event("barge-in/reason-turn-detected", RESPONSE_DONE)
def detected_turn_was_told(case: EventCase) -> None:
    """A turn that is given as the reason began with `speech_started`, at which clients stop the playback."""
    known, response, reading = case.response, dict_of(case.event, "response"), case.reading
    if dict_of(response, "status_details").get("reason") != "turn_detected" or known.cancelled_by is not None:
        return
    speech = case.memory(_Speech)
    told = known.speech_seq or speech.seq or reading.timed_out_seq
    if not told and reading.whole and known.created is not None and SPEECH_STARTED not in reading.unkeyed:
        speech.untold, speech.created_seq = case.entry, known.created_seq


@on_moment("barge-in/reason-turn-detected", Moment.END)
def detected_turn_was_never_told(case: Case) -> None:
    speech = case.memory(_Speech)
    if speech.untold is not None:
        case.violated(
            "no-speech",
            f"a response gives turn_detected as its reason, and no {SPEECH_STARTED} came before",
            path="response.status_details.reason",
            expected=f"{SPEECH_STARTED} first",
            actual="turn_detected",
            because=[speech.created_seq],
            at=speech.untold,
        )
