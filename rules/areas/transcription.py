"""Rules about transcribing what the user said (facts 4.7; inworld 4.2)."""

from __future__ import annotations

from rules.case import Case, rule
from rules.order import Bound, nothing_after
from rules.subjects import int_of, text_of

_STEM = "conversation.item.input_audio_transcription."
DELTA, COMPLETED, FAILED = f"{_STEM}delta", f"{_STEM}completed", f"{_STEM}failed"
SEGMENT = f"{_STEM}segment"

ORDER = [
    Bound("transcription/deltas-before-end", "transcription", nothing_after(DELTA, (COMPLETED, FAILED))),
]


@rule("transcription/ends-once", COMPLETED, FAILED)
def transcription_ends_once(case: Case) -> None:
    transcription = case.link.transcription
    if transcription is None:
        return
    if transcription.ended_seq:
        case.observed("repeated")
        case.violated(
            "the transcription of an item ended a second time",
            expected="one completed or failed",
            actual=case.entry.type,
            because=[transcription.ended_seq],
        )
    elif case.reading.untranscribed.get(transcription.item_id):
        case.holds()


@rule("transcription/arrives", COMPLETED, FAILED)
def transcription_arrived(case: Case) -> None:
    transcription = case.link.transcription
    if transcription is not None and case.reading.untranscribed.get(transcription.item_id):
        case.holds()


def _missing(case: Case) -> None:
    detail = case.entry.detail or {}
    if not detail.get("silent"):
        return
    if {COMPLETED, FAILED} & case.reading.unkeyed:
        case.undecided("an event that should have come was malformed")
        return
    for item_id, seq in case.reading.untranscribed.items():
        case.violated(
            f"the audio of item {item_id} was not transcribed",
            expected=f"{COMPLETED} or failed",
            actual="nothing",
            because=[seq, case.reading.session_seq],
        )


def _open(case: Case) -> None:
    for _ in case.reading.untranscribed:
        case.undecided("the capture ended before the transcription did")


rule("transcription/ends-once", "@deadline")(_missing)
rule("transcription/arrives", "@deadline")(_missing)
rule("transcription/ends-once", "@end")(_open)
rule("transcription/arrives", "@end")(_open)


@rule("transcription/none-when-off", DELTA, COMPLETED, FAILED, SEGMENT)
def none_when_off(case: Case) -> None:
    item = case.link.item
    owed = item is not None and (item.transcript_seq or not (case.reading.whole or item.committed_seq))
    if case.reading.transcribing is False and not owed:
        case.violated(
            f"{case.entry.type} came although transcription is off",
            expected="no transcription",
            actual=case.entry.type,
            because=[case.reading.session_seq],
        )


@rule("transcription/none-when-off", "response.done", "@end")
def stayed_off(case: Case) -> None:
    if case.reading.silent_commits:
        case.reading.silent_commits = 0
        case.holds()


@rule("transcription/asynchronous", COMPLETED)
def when_completed(case: Case) -> None:
    active = case.reading.active
    if active is not None:
        case.observed("during a response")
    else:
        ran = any(r.done_seq for r in case.reading.responses.values())
        case.observed("after a response" if ran else "before the response")


@rule("transcription/items-in-any-order", COMPLETED)
def order_of_items(case: Case) -> None:
    waiting = list(case.reading.untranscribed)
    transcription = case.link.transcription
    if transcription is not None and len(waiting) > 1 and transcription.item_id in waiting:
        case.observed("in order" if waiting[0] == transcription.item_id else "out of order")


@rule("transcription/deltas-add-up", COMPLETED)
def transcript_adds_up(case: Case) -> None:
    transcription = case.link.transcription
    if transcription is None or not transcription.chunks or transcription.ended_seq:
        return
    if not case.reading.whole or not isinstance(case.event.get("transcript"), str):
        return  # may have begun before the capture, or the business of transcription/completed-fields
    joined, said = "".join(transcription.chunks), text_of(case.event, "transcript")
    if transcription.chunks[-1].strip() == said.strip() and len(transcription.chunks) > 1:
        case.observed("rolling")
    ok = joined.strip() == said.strip()
    if ok:
        case.observed("incremental")
    case.check(
        ok,
        "the transcription's deltas do not add up to its transcript",
        path="transcript",
        expected=joined.strip(),
        actual=said,
        because=[transcription.first_seq],
    )


@rule("transcription/single-delta", COMPLETED)
def single_delta(case: Case) -> None:
    transcription = case.link.transcription
    if transcription is not None:
        count = len(transcription.chunks)
        case.observed("no delta" if not count else "one delta" if count == 1 else "several deltas")


@rule("transcription/before-commit", DELTA)
def delta_before_commit(case: Case) -> None:
    if case.link.item is not None and not case.link.item.committed_seq:
        case.observed("before the commit")


@rule("transcription/completed-fields", COMPLETED)
def completed_fields(case: Case) -> None:
    index, event = int_of(case.event, "content_index"), case.event
    fits = {
        "content_index": index is not None and index >= 0,
        "transcript": isinstance(event.get("transcript"), str),
        "usage": isinstance(event.get("usage"), dict) or case.dialect != "openai",
    }
    wrong = [name for name, ok in fits.items() if not ok]
    case.check(
        not wrong,
        f"{COMPLETED} has no {' and no '.join(wrong)} as it should be",
        path=wrong[0] if wrong else "",
        expected="a value",
        actual=event.get(wrong[0]) if wrong else "",
    )


@rule("transcription/failure-is-local", "@exchange", "response.done")
def session_went_on(case: Case) -> None:
    if case.reading.watched.get("transcription-failed"):
        exchange = case.exchange
        if exchange is None or exchange.outcome == "accepted":
            del case.reading.watched["transcription-failed"]
            case.holds()


@rule("transcription/failure-is-local", FAILED)
def transcription_failed(case: Case) -> None:
    case.reading.watched["transcription-failed"] = case.entry.seq


@rule("transcription/failure-is-local", "@close")
def ended_after_failure(case: Case) -> None:
    failed = case.reading.watched.pop("transcription-failed", 0)
    if failed and case.entry.dir == "server":
        case.violated(
            "the connection ended after a transcription had failed",
            expected="the session goes on",
            actual="close",
            because=[failed],
        )


@rule("transcription/logprobs-on-request", DELTA, COMPLETED)
def logprobs_on_request(case: Case) -> None:
    asked = case.reading.setting("include") or []
    if (
        case.reading.session
        and case.reading.settled
        and "item.input_audio_transcription.logprobs" not in asked
    ):
        case.check(
            not case.event.get("logprobs"),
            "logprobs came although the session does not include them",
            path="logprobs",
            expected="none",
            actual="logprobs",
            because=[case.reading.session_seq],
        )


@rule("transcription/session-without-responses", "response.created")
def no_responses(case: Case) -> None:
    if text_of(case.reading.session, "type") == "transcription":
        case.violated(
            "a transcription session created a response", expected="no response", actual=case.entry.type
        )


@rule("transcription/session-without-responses", COMPLETED)
def transcription_session(case: Case) -> None:
    if text_of(case.reading.session, "type") == "transcription":
        case.holds()
