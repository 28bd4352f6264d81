"""Rules about the idle timeout of server_vad (facts 4.10)."""

from __future__ import annotations

from rules.case import Case, rule
from rules.order import Bound, followed_by_one, nothing_after
from rules.subjects import dict_of, int_of

TRIGGERED, COMMITTED = "input_audio_buffer.timeout_triggered", "input_audio_buffer.committed"
STARTED, STOPPED = "input_audio_buffer.speech_started", "input_audio_buffer.speech_stopped"
_EARLY, _LATE = 0.8, 1.5  # parts of the timeout within which its length must lie

ORDER = [
    Bound("idle/then-committed", "item", followed_by_one(TRIGGERED, COMMITTED, or_more=True)),
    Bound("idle/no-speech-events", "item", nothing_after((STARTED, STOPPED), TRIGGERED)),
]


def _timeout(case: Case) -> int | None:
    return int_of(case.reading.turn_detection, "idle_timeout_ms")


@rule("idle/timeout-triggered", TRIGGERED)
def triggered(case: Case) -> None:
    if not case.reading.shows("audio", "input", "turn_detection"):
        return
    case.check(
        _timeout(case) is not None,
        "timeout_triggered came although no idle_timeout_ms is set",
        expected="no timeout",
        actual=TRIGGERED,
        because=[case.reading.session_seq],
    )


@rule("idle/timeout-triggered", "@deadline")
def not_triggered(case: Case) -> None:
    detail, timeout = case.entry.detail or {}, _timeout(case)
    if TRIGGERED in str(detail.get("awaited")) and timeout is not None and detail.get("silent"):
        if float(detail.get("silent_s", 0.0)) * 1000 > timeout * _LATE:
            case.violated(
                "the idle timeout passed and nothing was triggered",
                expected=f"{TRIGGERED} after {timeout} ms",
                actual="nothing",
                because=[case.reading.session_seq],
            )


@rule("idle/then-committed", "response.created")
def response_after_idle(case: Case) -> None:
    if case.link.exchange is None and case.reading.watched.pop("idle", 0):
        case.holds()


@rule("idle/length", TRIGGERED)
def length_is_the_timeout(case: Case) -> None:
    start, end = int_of(case.event, "audio_start_ms"), int_of(case.event, "audio_end_ms")
    timeout = _timeout(case)
    case.reading.watched["idle"] = case.entry.seq
    if start is None or end is None or timeout is None:
        return
    case.check(
        timeout * _EARLY <= end - start <= timeout * _LATE,
        "the times of timeout_triggered are not about the timeout apart",
        path="audio_end_ms",
        expected=f"about {start + timeout}",
        actual=end,
        because=[case.reading.session_seq],
    )


@rule("idle/system-message", "conversation.item.added")
def system_message(case: Case) -> None:
    if case.link.exchange is None and dict_of(case.event, "item").get("role") == "system":
        if case.reading.watched.get("idle"):
            case.observed("system message of the server")


@rule("idle/empty-transcription", "conversation.item.input_audio_transcription.completed")
def empty_transcription(case: Case) -> None:
    if case.link.item is not None and TRIGGERED in case.link.item.seen:
        case.observed("empty" if case.event.get("transcript") == "" else "not empty")
