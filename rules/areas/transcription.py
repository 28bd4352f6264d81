"""Rules about transcribing what the user said (facts 4.7; inworld 4.2)."""

from __future__ import annotations

from dataclasses import dataclass

from protocol.event_types import TRANSCRIPTION_COMPLETED, TRANSCRIPTION_DELTA, TRANSCRIPTION_FAILED
from rules.case import Case, EventCase, ExchangeCase
from rules.moments import Moment
from rules.order import Bound, nothing_after
from rules.registration import on_event, on_exchange, on_moment
from rules.subjects import int_of, text_of

_STEM = "conversation.item.input_audio_transcription."
SEGMENT = f"{_STEM}segment"

ORDER = [
    Bound(
        "transcription/deltas-before-end",
        "transcription",
        nothing_after(TRANSCRIPTION_DELTA, (TRANSCRIPTION_COMPLETED, TRANSCRIPTION_FAILED)),
    ),
]


class _Strays(set[str]):
    """Items that nobody has heard of, and that were transcribed: each may stand for another."""


def _note_strays(case: EventCase) -> None:
    item = case.link.item
    if item is not None and not (item.committed_seq or item.announced or item.audio_start_seq):
        case.memory(_Strays).add(item.id)


@on_event("transcription/ends-once", TRANSCRIPTION_COMPLETED, TRANSCRIPTION_FAILED)
def transcription_ends_once(case: EventCase) -> None:
    """With transcription on, each committed audio item ends in exactly one `completed` or one `failed`."""
    transcription = case.transcription
    _note_strays(case)
    if transcription.ended_seq:
        case.observed("repeated")
        case.violated(
            "again",
            f"the transcription of {transcription.item_id} ended a second time",
            expected="one completed or failed",
            actual=case.entry.type,
            because=[transcription.ended_seq],
        )
    elif case.reading.untranscribed.get(transcription.item_id):
        case.holds()


@on_event("transcription/arrives", TRANSCRIPTION_COMPLETED, TRANSCRIPTION_FAILED)
def transcription_arrived(case: EventCase) -> None:
    """With transcription on, each committed audio item gets a `completed` or a `failed`."""
    _note_strays(case)
    if case.reading.untranscribed.get(case.transcription.item_id):
        case.holds()


def _missing(case: Case) -> None:
    if not case.detail.get("silent"):
        return
    if {TRANSCRIPTION_COMPLETED, TRANSCRIPTION_FAILED} & set(case.reading.unkeyed):
        case.undecided("an event of the type that was awaited came and was malformed")
        return
    for item_id, seq in case.reading.untranscribed.items():
        if not _may_be_gone(case, item_id):
            _never_came(case, item_id, seq)


def _may_be_gone(case: Case, item_id: str) -> bool:
    """Tell whether the client has asked to delete an item, and nobody said that this was not done."""
    exchanges = case.reading.exchanges
    return any(
        e.type == "conversation.item.delete" and e.item_id == item_id and e.outcome != "refused"
        for e in (*exchanges.open, *exchanges.settled)
    )


def _never_came(case: Case, item_id: str, seq: int) -> None:
    strays = case.memory(_Strays)
    if strays:
        strays.pop()
        case.undecided(
            "a transcription came for an item that was never announced, and may have been meant for this one"
        )
        return
    case.violated(
        "missing",
        f"the audio of item {item_id} was not transcribed",
        expected=f"{TRANSCRIPTION_COMPLETED} or failed",
        actual="nothing",
        because=[seq, case.reading.session_seq],
    )


def _open(case: Case) -> None:
    reading = case.reading
    readable = not {TRANSCRIPTION_COMPLETED, TRANSCRIPTION_FAILED} & set(reading.unkeyed)
    for item_id, seq in reading.untranscribed.items():
        waited = reading.waited_since(reading.times.get(seq))
        if readable and waited >= reading.patience["response"] and not _may_be_gone(case, item_id):
            _never_came(case, item_id, seq)
        else:
            case.undecided("the capture ended before the transcription did")


for _requirement in ("transcription/ends-once", "transcription/arrives"):
    on_moment(_requirement, Moment.DEADLINE)(_missing)
    on_moment(_requirement, Moment.END)(_open)


@on_event(
    "transcription/none-when-off", TRANSCRIPTION_DELTA, TRANSCRIPTION_COMPLETED, TRANSCRIPTION_FAILED, SEGMENT
)
def none_when_off(case: EventCase) -> None:
    """With transcription off, there are no transcription events."""
    item = case.link.item
    owed = item is not None and (item.transcript_seq or not (case.reading.whole or item.committed_seq))
    if case.reading.transcribing is False and not owed:
        case.violated(
            "unasked",
            f"{case.entry.type} came although transcription is off",
            expected="no transcription",
            actual=case.entry.type,
            because=[case.reading.session_seq],
        )


@dataclass
class _Silent:
    """How many turns that were committed without transcription have been counted."""

    commits: int = 0


@on_event("transcription/none-when-off", "response.done")
@on_moment("transcription/none-when-off", Moment.END)
def stayed_off(case: Case) -> None:
    silent = case.memory(_Silent)
    if case.reading.silent_commits > silent.commits:
        silent.commits = case.reading.silent_commits
        case.holds()


@on_event("transcription/asynchronous", TRANSCRIPTION_COMPLETED)
def when_completed(case: EventCase) -> None:
    """A transcription may end before, during or after the response to what was said."""
    active = case.reading.active
    if active is not None:
        case.observed("during a response")
    else:
        ran = any(r.done_seq for r in case.reading.responses.values())
        case.observed("after a response" if ran else "before the response")


@on_event("transcription/items-in-any-order", TRANSCRIPTION_COMPLETED)
def order_of_items(case: EventCase) -> None:
    """Transcriptions of different items may end in any order."""
    waiting = list(case.reading.untranscribed)
    if len(waiting) > 1 and case.transcription.item_id in waiting:
        case.observed("in order" if waiting[0] == case.transcription.item_id else "out of order")


@on_event("transcription/deltas-add-up", TRANSCRIPTION_COMPLETED)
def transcript_adds_up(case: EventCase) -> None:
    """Transcription deltas, joined and trimmed, are the transcript of `completed`."""
    transcription = case.transcription
    if not transcription.chunks or transcription.ended_seq:
        return
    if not case.reading.whole or not isinstance(case.event.get("transcript"), str):
        return  # it may have begun before the capture, or is nothing that could be compared
    joined, said = "".join(transcription.chunks), text_of(case.event, "transcript")
    if transcription.chunks[-1].strip() == said.strip() and len(transcription.chunks) > 1:
        case.observed("rolling")
    ok = joined.strip() == said.strip()
    if ok:
        case.observed("incremental")
    case.check(
        ok,
        "differ",
        "the transcription's deltas do not add up to its transcript",
        path="transcript",
        expected=joined.strip(),
        actual=said,
        because=[transcription.first_seq],
    )


@on_event("transcription/single-delta", TRANSCRIPTION_COMPLETED)
def single_delta(case: EventCase) -> None:
    """A model may send the whole transcript as one delta."""
    count = len(case.transcription.chunks)
    case.observed("no delta" if not count else "one delta" if count == 1 else "several deltas")


@on_event("transcription/before-commit", TRANSCRIPTION_DELTA)
def delta_before_commit(case: EventCase) -> None:
    """Deltas may come before the turn is committed, with the item id announced by `speech_started`."""
    if not case.item.committed_seq:
        case.observed("before the commit")


@on_event(
    "transcription/completed-fields",
    TRANSCRIPTION_COMPLETED,
    malformed=("usage", "content_index", "transcript"),
)
def completed_fields(case: EventCase) -> None:
    """`completed` has `content_index`, `transcript` (perhaps empty) and, in GA, `usage`."""
    index, event = int_of(case.event, "content_index"), case.event
    fits = {
        "content_index": index is not None and index >= 0,
        "transcript": isinstance(event.get("transcript"), str),
        "usage": isinstance(event.get("usage"), dict) or not case.dialect.switches.transcribes_surely,
    }
    wrong = [name for name, ok in fits.items() if not ok]
    case.check(
        not wrong,
        "missing",
        f"{TRANSCRIPTION_COMPLETED} has no valid {' and no valid '.join(wrong)}",
        path=wrong[0] if wrong else "",
        expected="a value",
        actual=event.get(wrong[0]) if wrong else "",
    )


@dataclass
class _Failed:
    """The last transcription that failed, until the session is seen to go on."""

    seq: int = 0


@on_event("transcription/failure-is-local", TRANSCRIPTION_FAILED)
def transcription_failed(case: EventCase) -> None:
    """A transcription that fails concerns its item only; response and session go on."""
    case.memory(_Failed).seq = case.entry.seq


@on_exchange("transcription/failure-is-local")
def answers_go_on(case: ExchangeCase) -> None:
    if case.exchange.outcome == "accepted":
        _went_on(case)


@on_event("transcription/failure-is-local", "response.done")
def responses_go_on(case: EventCase) -> None:
    _went_on(case)


def _went_on(case: Case) -> None:
    failed = case.memory(_Failed)
    if failed.seq:
        failed.seq = 0
        case.holds()


@on_moment("transcription/failure-is-local", Moment.CLOSE)
def ended_after_failure(case: Case) -> None:
    failed = case.memory(_Failed)
    if failed.seq and case.entry.dir == "server":
        case.violated(
            "ended",
            "the connection ended after a transcription had failed",
            expected="the session goes on",
            actual="close",
            because=[failed.seq],
        )
    failed.seq = 0


@on_event("transcription/logprobs-on-request", TRANSCRIPTION_DELTA, TRANSCRIPTION_COMPLETED)
def logprobs_on_request(case: EventCase) -> None:
    """Transcriptions carry `logprobs` only when `include` asks for them."""
    asked = case.reading.setting("include") or []
    if (
        case.reading.session
        and case.reading.settled
        and "item.input_audio_transcription.logprobs" not in asked
    ):
        case.check(
            not case.event.get("logprobs"),
            "unasked",
            "logprobs came although session.include does not ask for them",
            path="logprobs",
            expected="none",
            actual="logprobs",
            because=[case.reading.session_seq],
        )


@on_event("transcription/session-without-responses", "response.created")
def no_responses(case: EventCase) -> None:
    """A transcription session never produces responses."""
    if text_of(case.reading.session, "type") == "transcription":
        case.violated(
            "response",
            "a transcription session created a response",
            expected="no response",
            actual=case.entry.type,
        )


@on_event("transcription/session-without-responses", TRANSCRIPTION_COMPLETED)
def transcription_session(case: EventCase) -> None:
    if text_of(case.reading.session, "type") == "transcription":
        case.holds()
