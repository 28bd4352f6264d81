"""Rules about the idle timeout of server_vad (facts 4.10)."""

from __future__ import annotations

from dataclasses import dataclass

from protocol.event_types import COMMITTED, SPEECH_STARTED, SPEECH_STOPPED, TIMEOUT_TRIGGERED
from rules.case import Case, EventCase
from rules.moments import Moment
from rules.order import Bound, followed_by_one, nothing_after
from rules.registration import on_event, on_moment
from rules.subjects import dict_of, int_of
from rules.views import ItemView

_EARLY, _LATE = 0.8, 1.5  # parts of the timeout within which its length must lie

ORDER = [
    Bound("idle/then-committed", "item", followed_by_one(TIMEOUT_TRIGGERED, COMMITTED, or_more=True)),
    Bound(
        "idle/no-speech-events", "item", nothing_after((SPEECH_STARTED, SPEECH_STOPPED), TIMEOUT_TRIGGERED)
    ),
]


def _timeout(case: Case) -> int | None:
    return int_of(case.reading.turn_detection, "idle_timeout_ms")


@on_event("idle/timeout-triggered", TIMEOUT_TRIGGERED)
def triggered(case: EventCase) -> None:
    """With `idle_timeout_ms`, silence of that length after a response triggers `timeout_triggered`."""
    if not case.reading.shows("audio", "input", "turn_detection"):
        return
    case.check(
        _timeout(case) is not None,
        "without-setting",
        "timeout_triggered came although no idle_timeout_ms is set",
        expected="no timeout",
        actual=TIMEOUT_TRIGGERED,
        because=[case.reading.session_seq],
    )


@on_moment("idle/timeout-triggered", Moment.DEADLINE)
def not_triggered(case: Case) -> None:
    detail, timeout = case.detail, _timeout(case)
    if TIMEOUT_TRIGGERED in str(detail.get("awaited")) and timeout is not None and detail.get("silent"):
        if float(detail.get("silent_s", 0.0)) * 1000 > timeout * _LATE:
            case.violated(
                "not-triggered",
                "the idle timeout passed and nothing was triggered",
                expected=f"{TIMEOUT_TRIGGERED} after {timeout} ms",
                actual="nothing",
                because=[case.reading.session_seq],
            )


@dataclass
class _Idle:
    """When the last response was done, what of it was to be played, and what the client had sent by then."""

    seq: int = 0
    t: float | None = None
    plays_ms: float = 0.0
    sent_ms: float = 0.0


@on_event("idle/timeout-triggered", "response.done")
def idle_from_now(case: EventCase) -> None:
    plays = sum(item.audio_ms or 0.0 for item in case.response.items)
    before = case.memory(_Idle)
    before.seq, before.t = case.entry.seq, case.entry.t
    before.plays_ms, before.sent_ms = plays, case.reading.appended_ms


@on_event(
    "idle/timeout-triggered", TIMEOUT_TRIGGERED, SPEECH_STARTED, "session.updated", "conversation.item.added"
)
def idle_no_more(case: EventCase) -> None:
    case.memory(_Idle).seq = 0


@on_event("idle/timeout-triggered", "response.created")
@on_moment("idle/timeout-triggered", Moment.END)
def silence_passed(case: Case) -> None:
    """In a recording, the silence that the client sent tells how long nobody spoke."""
    since, reading, timeout = case.memory(_Idle), case.reading, _timeout(case)
    seq, since.seq = since.seq, 0
    now = case.entry.t
    if not seq or timeout is None or now is None or since.t is None or not reading.measures_sent:
        return
    sent_ms = reading.appended_ms - since.sent_ms
    passed_ms = min(sent_ms, (now - since.t) * 1000) - since.plays_ms
    if reading.quiet_ms >= sent_ms and passed_ms > timeout * _LATE and not reading.running:
        case.violated(
            "not-triggered",
            f"nobody spoke for longer than idle_timeout_ms, {timeout} ms, and no {TIMEOUT_TRIGGERED} came",
            expected=f"{TIMEOUT_TRIGGERED} after {timeout} ms",
            actual=f"no {TIMEOUT_TRIGGERED}",
            because=[seq, reading.session_seq],
        )


@on_event("idle/then-committed", "response.created")
def response_after_idle(case: EventCase) -> None:
    """After `timeout_triggered`, audio with the same `item_id` is committed, and then a response is
    created.
    """
    if case.link.exchange is None and case.reading.timed_out_seq:
        case.holds()


@dataclass
class _Timeout:
    """The last idle timeout: the item that it named, and when its turn was committed."""

    item_id: str = ""
    seq: int = 0
    committed_seq: int = 0
    committed_at: float | None = None
    committed: ItemView | None = None


@on_event("idle/then-committed", TIMEOUT_TRIGGERED)
def timeout_names_item(case: EventCase) -> None:
    last = case.memory(_Timeout)
    if last.item_id:
        case.violated(
            "twice",
            f"{TIMEOUT_TRIGGERED} came again before {COMMITTED} for {last.item_id}, the item of the last one",
            expected=COMMITTED,
            actual=TIMEOUT_TRIGGERED,
            because=[last.seq],
        )
    if case.item.committed_seq:
        case.violated(
            "committed-before",
            f"{TIMEOUT_TRIGGERED} names {case.item.id}, an item that was committed before",
            path="item_id",
            expected="an item of its own",
            actual=case.item.id,
            because=[case.item.committed_seq],
        )
        return
    last.item_id, last.seq = case.item.id, case.entry.seq
    last.committed_seq, last.committed_at = 0, None


@on_event("idle/then-committed", COMMITTED)
def timeout_commits_its_item(case: EventCase) -> None:
    last = case.memory(_Timeout)
    if not last.item_id or case.link.exchange is not None or case.reading.speech is not None:
        return
    if case.item.id != last.item_id:
        case.violated(
            "other-item",
            f"{COMMITTED} names {case.item.id}; the timeout_triggered before it names {last.item_id}",
            path="item_id",
            expected=last.item_id,
            actual=case.item.id,
            because=[last.seq],
        )
    last.item_id = ""
    last.committed_seq, last.committed_at, last.committed = case.entry.seq, case.entry.t, case.item


@on_moment("idle/then-committed", Moment.END)
def timeout_made_no_response(case: Case) -> None:
    last, reading = case.memory(_Timeout), case.reading
    detection = dict_of({"detection": reading.turn_detection}, "detection")
    if not last.committed_seq or not reading.timed_out_seq or detection.get("create_response") is False:
        return
    waited = reading.waited_since(last.committed_at)
    if waited >= reading.patience["response"] and reading.active is None:
        case.violated(
            "no-response",
            "after the idle timeout no response was created",
            expected="response.created",
            actual="nothing",
            because=[last.seq, last.committed_seq],
            of=last.committed,
        )


@on_event("idle/length", TIMEOUT_TRIGGERED)
def length_is_the_timeout(case: EventCase) -> None:
    """`audio_end_ms` less `audio_start_ms` of `timeout_triggered` is about the timeout."""
    start, end = int_of(case.event, "audio_start_ms"), int_of(case.event, "audio_end_ms")
    timeout = _timeout(case)
    if start is None or end is None or timeout is None:
        return
    case.check(
        timeout * _EARLY <= end - start <= timeout * _LATE,
        "other-length",
        "the times of timeout_triggered are not about the timeout apart",
        path="audio_end_ms",
        expected=f"about {start + timeout}",
        actual=end,
        because=[case.reading.session_seq],
    )


@on_event("idle/system-message", "conversation.item.added")
def system_message(case: EventCase) -> None:
    """The server may insert a system message of its own between `timeout_triggered` and `committed`."""
    if case.link.exchange is None and dict_of(case.event, "item").get("role") == "system":
        if case.reading.timed_out_seq:
            case.observed("system message of the server")


@on_event("idle/empty-transcription", "conversation.item.input_audio_transcription.completed")
def empty_transcription(case: EventCase) -> None:
    """With transcription on, an idle turn is transcribed as the empty text."""
    if TIMEOUT_TRIGGERED in case.item.seen:
        case.observed("empty" if case.event.get("transcript") == "" else "not empty")
