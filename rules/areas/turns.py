"""Rules about the turns that a server makes of speech (facts 4.6; inworld 5.3)."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from protocol.event_types import COMMITTED, RESPONSE_CREATED, SPEECH_STARTED, SPEECH_STOPPED
from rules.areas.audio import LOOSE
from rules.case import Case, EventCase, ExchangeCase
from rules.moments import Moment
from rules.order import Bound, Effect, alternating
from rules.reading_view import ReadingView
from rules.registration import on_event, on_exchange, on_moment
from rules.subjects import int_of

_ROUNDING_MS = 200  # between audio as sent and audio as the server counts it in its frames


def _starts_anew(reading: ReadingView) -> str:
    """Say why turns need not alternate: under semantic_vad, several may start, and one is committed."""
    detection = reading.turn_detection
    kind = detection.get("type") if isinstance(detection, dict) else None
    if kind == "server_vad":
        return ""
    return f"under {kind or 'a turn detection that is not known'}, speech may start anew"


ORDER = [
    Bound(
        "turn/alternate",
        "connection",
        alternating(SPEECH_STARTED, SPEECH_STOPPED, or_end=LOOSE),
        undecided_if=_starts_anew,
        undecided_only=Effect.REPEATED,
    )
]


def _setting(case: Case, name: str) -> Any:
    detection = case.reading.turn_detection
    return detection.get(name) if isinstance(detection, dict) else None


@on_event("turn/stopped-after-started", SPEECH_STOPPED)
def stopped_after_started(case: EventCase) -> None:
    """`speech_stopped` comes after `speech_started`, and `committed` after both."""
    if SPEECH_STARTED in case.reading.unkeyed or not case.reading.whole:
        return
    case.check(
        bool(case.item.audio_start_seq) or case.reading.speech is not None,
        "not-started",
        f"{SPEECH_STOPPED} came for {case.item.id}, and no {SPEECH_STARTED} before it",
        expected=SPEECH_STARTED,
        actual=SPEECH_STOPPED,
        because=[case.reading.session_seq],
    )


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
        f"the server committed {item.id}, and no speech_started and speech_stopped came for it",
        expected=SPEECH_STARTED,
        actual=COMMITTED,
        because=[case.reading.session_seq],
    ) and case.check(
        open_ is None,
        "before-stopped",
        f"the server committed {item.id} before speech_stopped",
        expected=SPEECH_STOPPED,
        actual=COMMITTED,
        because=[open_.audio_start_seq] if open_ is not None else [],
    )


def _hears_all(case: EventCase) -> bool:
    """Tell whether speech that came before a commit would be known, and a client's commit as well."""
    reading = case.reading
    lost = {SPEECH_STARTED, SPEECH_STOPPED} & set(reading.unkeyed) or reading.timed_out_seq
    return reading.knows_asking("input_audio_buffer.commit") and not lost


def _idle(case: EventCase) -> bool:
    return case.link.item is not None and "input_audio_buffer.timeout_triggered" in case.link.item.seen


@on_event("turn/same-item", SPEECH_STOPPED, COMMITTED)
def turn_keeps_item(case: EventCase) -> None:
    """The `item_id` of `speech_started` is the one of `speech_stopped`, of `committed` and of the user's
    item.
    """
    item, reading = case.item, case.reading
    turn = reading.speech if case.entry.type == SPEECH_STOPPED else reading.stopped_speech
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


@on_event("turn/same-item", SPEECH_STARTED)
def turn_has_item_of_its_own(case: EventCase) -> None:
    item = case.item
    if item.committed_seq:
        case.violated(
            "item-of-another-turn",
            f"speech_started names {item.id}, the item of a turn that was committed before",
            path="item_id",
            expected="an item of its own",
            actual=item.id,
            because=[item.committed_seq],
        )


@on_event("turn/start-not-after-end", SPEECH_STOPPED)
def start_before_end(case: EventCase) -> None:
    """`audio_start_ms` of a turn is not after its `audio_end_ms`."""
    start, end = case.item.audio_start_ms, int_of(case.event, "audio_end_ms")
    if start is not None and end is not None:
        case.check(
            start <= end,
            "end-before-start",
            f"audio_end_ms is {end}, less than the audio_start_ms {start} of the same turn",
            path="audio_end_ms",
            expected=f"at least {start}",
            actual=end,
            because=[case.item.audio_start_seq],
        )


@on_event("turn/times-within-audio", SPEECH_STARTED, SPEECH_STOPPED)
def times_within_audio(case: EventCase) -> None:
    """`audio_start_ms` and `audio_end_ms` count audio written since the session began; they never pass what
    was sent.
    """
    name = "audio_start_ms" if case.entry.type == SPEECH_STARTED else "audio_end_ms"
    time = int_of(case.event, name)
    sent = case.reading.appended_ms
    # Whoever is heard without having sent anything here is heard by other ways, as in a telephone call.
    # Of a capture that does not say that it holds all audio, such a time says that it does not.
    if (
        time is not None
        and sent
        and case.reading.measured
        and case.reading.measures_sent
        and case.reading.whole
    ):
        case.check(
            time <= sent + _ROUNDING_MS,
            "beyond-audio",
            f"{name} is {time}, and the client has sent {sent:.0f} ms of audio",
            path=name,
            expected=f"at most {sent:.0f}",
            actual=time,
        )


@dataclass
class _Times:
    """The last time that each field named, and the entry that did."""

    ms: dict[str, int] = field(default_factory=dict)
    seq: dict[str, int] = field(default_factory=dict)


@on_event("turn/times-grow", SPEECH_STARTED, SPEECH_STOPPED)
def times_grow(case: EventCase) -> None:
    """The times of turns do not decrease over a session."""
    name = "audio_start_ms" if case.entry.type == SPEECH_STARTED else "audio_end_ms"
    time, last = int_of(case.event, name), case.memory(_Times)
    if time is None:
        return
    before, since = last.ms.get(name, 0), last.seq.get(name, 0)
    last.ms[name], last.seq[name] = time, case.entry.seq
    case.check(
        time >= before,
        "goes-back",
        f"{name} is {time}, less than {before}, that of the turn before",
        path=name,
        expected=f"at least {before}",
        actual=time,
        because=[since],
    )


@on_exchange("turn/client-commit-in-speech", "input_audio_buffer.commit")
def client_commits_in_speech(case: ExchangeCase) -> None:
    # A server may close the speech before it answers.
    """A client's commit during speech ends the turn; `speech_stopped` may then be missing."""
    if case.reading.speech is not None or case.reading.stopped_speech is not None:
        case.observed(case.exchange.outcome)


@on_event("turn/creates-response", RESPONSE_CREATED)
def turn_made_response(case: EventCase) -> None:
    """With `create_response`, a turn that ends is answered by a response without the client asking."""
    if case.reading.owes_response and case.link.exchange is None:
        case.holds()


@on_moment("turn/creates-response", Moment.DEADLINE)
def turn_made_no_response(case: Case) -> None:
    committed = case.reading.owes_response
    if committed and case.detail.get("silent"):
        if RESPONSE_CREATED in case.reading.unkeyed:
            case.undecided("an event of the type that was awaited came and was malformed")
            return
        _no_response(case, committed)


def _no_response(case: Case, committed: int) -> None:
    case.violated(
        "missing",
        "a turn was committed with create_response true, and no response.created came",
        expected=RESPONSE_CREATED,
        actual="no response.created",
        because=[committed, case.reading.session_seq],
        of=next((i for i in case.reading.items.values() if i.committed_seq == committed), None),
    )


@on_moment("turn/creates-response", Moment.END)
def turn_left_open(case: Case) -> None:
    reading = case.reading
    committed = reading.owes_response
    if not committed:
        return
    waited = reading.waited_since(reading.times.get(committed))
    if waited >= reading.patience["response"] and RESPONSE_CREATED not in reading.unkeyed:
        _no_response(case, committed)
    else:
        case.undecided("the capture ended before a response could come")


@dataclass
class _QuietTurn:
    """The last turn for which no response is to be created, until that is seen."""

    seq: int = 0


@on_event("turn/no-response-when-disabled", COMMITTED)
def turn_owes_nothing(case: EventCase) -> None:
    """Without `create_response`, a turn that ends creates no response."""
    if case.link.exchange is None and _setting(case, "create_response") is False:
        case.memory(_QuietTurn).seq = case.entry.seq


@on_event("turn/no-response-when-disabled", RESPONSE_CREATED)
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
        actual=RESPONSE_CREATED,
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
    """With a response still running and `interrupt_response` false, the automatic response may not come
    about.
    """
    if case.link.exchange is None and case.reading.active is not None:
        if _setting(case, "interrupt_response") is False:
            case.observed("a turn ended while a response was running")
