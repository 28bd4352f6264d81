"""Rules about responses that are cut off, by the client or by speech (facts 4.5; inworld 5.5)."""

from __future__ import annotations

from dataclasses import replace

from rules.areas.answers import SPECIAL, Special, blamed, excused, owed_refusal
from rules.areas.lifecycle import CUT, FAILED, ITEM_ADDED, ITEM_DONE, PART_ADDED, PART_DONE
from rules.areas.responses import announced
from rules.case import Case, rule
from rules.order import Automaton, Bound, Effect, followed_by_one
from rules.subjects import DELTAS, FINAL_FIELD, STREAM_DONES, dict_of, list_of, text_of

DONE = "response.done"


def _closed(first: str | tuple[str, ...], then: str | tuple[str, ...]) -> Automaton:
    ends = (DONE, FAILED)
    return followed_by_one(first, then, before=CUT, unless=ends, or_more=True, by_deadline=False)


_LEFT_OPEN = replace(
    followed_by_one(
        CUT, "conversation.item.done", before="@settled", or_more=True, or_earlier=True, by_deadline=False
    ),
    words={Effect.MISSING: "conversation.item.done for an item that was cut off as well"},
)
"""The conversation's item is closed too; that it comes late is the business of response/order."""

ORDER = [
    Bound("cancel/closes-what-is-open", "stream", _closed(DELTAS, STREAM_DONES)),
    Bound("cancel/closes-what-is-open", "part", _closed(PART_ADDED, PART_DONE)),
    Bound("cancel/closes-what-is-open", "item", _closed(ITEM_ADDED, ITEM_DONE)),
    Bound("cancel/closes-what-is-open", "item", _LEFT_OPEN),
]


@rule("cancel/idle-refused", "@response.cancel")
def idle_cancel_refused(case: Case) -> None:
    exchange = case.exchange
    if exchange is None or exchange.expectation.reason != "no-active-response":
        return
    ended = case.reading.responses.get(text_of(dict_of(exchange.answer, "response"), "id"))
    if exchange.outcome == "accepted" and ended is not None and ended.created_seq > exchange.seq:
        case.undecided("a response was created while the cancellation was under way")  # CB-12
    else:
        owed_refusal(case, exchange)


@rule("cancel/active-ends-cancelled", "@response.cancel")
def cancel_ends_response(case: Case) -> None:
    exchange = case.exchange
    if exchange is None or exchange.expectation.kind != "accept":
        return
    response = case.reading.responses.get(exchange.target)
    if exchange.outcome == "accepted":
        status = dict_of(exchange.answer, "response").get("status")
        if status == "cancelled":
            case.holds()
        else:
            _ran_on(case)
    elif exchange.outcome == "silent":
        # No response.done at all is the business of response/lifecycle/done-exactly-once.
        case.undecided("response.done never came")
    elif exchange.outcome == "refused" and (response is None or (response.active and not response.quiet)):
        case.violated(
            "the cancellation of a running response was refused",
            expected="response.done with status cancelled",
            actual=text_of(dict_of(exchange.answer, "error"), "message"),
            because=[exchange.seq],
        )
    else:
        case.undecided("the response ended before the cancellation could take effect")


_RAN_ON_DELTAS, _RAN_ON_S = 20, 0.5
"""A server that reads while it streams has seen a cancellation after so many deltas, or seconds."""


def _had_time(case: Case, since: int) -> bool:
    """Tell whether a response went on so long after entry `since` that the server must have seen it."""
    began = case.reading.times.get(since)
    took = case.entry.t - began if began is not None and case.entry.t is not None else 0.0
    return took > _RAN_ON_S or case.reading.deltas_since(since) >= _RAN_ON_DELTAS


def _ran_on(case: Case) -> None:
    """Take note of a response that ended otherwise than cancelled; perhaps it was only over too soon."""
    since = case.exchange.seq if case.exchange is not None else 0
    if not _had_time(case, since):
        case.undecided("the response was all but over when it was cancelled")
        return
    case.reading.ran_on = since, case.entry, case.reading.deltas_since(since)


@rule("cancel/active-ends-cancelled", "error")
def cancel_came_too_late(case: Case) -> None:
    """The server says that there is nothing to cancel: so it has read the cancellation only after the end."""
    ran_on, exchange = case.reading.ran_on, case.link.exchange
    if ran_on is not None and exchange is not None and exchange.seq == ran_on[0]:
        case.reading.ran_on = None
        case.undecided("the response ended before the cancellation could take effect")


@rule("cancel/active-ends-cancelled", "@exchange", "@deadline")
def cancel_was_ignored(case: Case) -> None:
    """Once something sent later is answered, or nothing comes, the cancellation was read and ignored."""
    ran_on, later = case.reading.ran_on, case.exchange
    if ran_on is None:
        return
    since, done, deltas = ran_on
    silent = later is None and bool((case.entry.detail or {}).get("silent"))
    if silent or (later is not None and later.answer_seq and later.seq > since):
        case.reading.ran_on = None
        status = dict_of(done.event, "response").get("status")
        case.violated(
            f"a cancelled response ran on to its end: {deltas} more deltas",
            path="response.status",
            expected="cancelled",
            actual=status,
            because=[since],
            at=done,
        )


@rule("cancel/active-ends-cancelled", "@end")
def cancel_left_open(case: Case) -> None:
    if case.reading.ran_on is not None:
        case.undecided("the capture ended before the server could say that the cancellation came too late")


@rule("cancel/reason-client", DONE)
def client_is_the_reason(case: Case) -> None:
    known, response = case.link.response, dict_of(case.event, "response")
    if known is None or known.cancelled_by is None or response.get("status") != "cancelled":
        return
    if known.speech_seq or known.created is None or case.reading.speech is not None:
        return  # either reason is true
    reason = dict_of(response, "status_details").get("reason")
    if response.get("status_details") is None:
        return  # the business of response/done/status-details-given
    case.check(
        reason == "client_cancelled",
        "a response that the client cancelled gives another reason",
        path="response.status_details.reason",
        expected="client_cancelled",
        actual=reason,
        because=[known.cancelled_by.seq],
    )


@rule("cancel/finals-are-what-was-streamed", DONE)
def finals_were_streamed(case: Case) -> None:
    known, response = case.link.response, dict_of(case.event, "response")
    if known is None or response.get("status") != "cancelled" or not case.reading.whole:
        return
    for item in known.items:
        if item.arguments is not None and item.done is not None:
            _was_streamed(case, item.arguments.whole, item.done.get("arguments"), item.done_seq)
        for part in item.parts.values():
            for family, stream in part.streams.items():
                if part.done is not None and family in FINAL_FIELD:
                    _was_streamed(case, stream.whole, part.done.get(FINAL_FIELD[family]), part.done_seq)


def _was_streamed(case: Case, streamed: str, final: object, seq: int) -> None:
    # Other words are other rules' business; and without any delta nobody can tell.
    if streamed and isinstance(final, str) and final.startswith(streamed):
        case.check(
            final == streamed,
            "the final text of a response that was cut off holds more than was streamed",
            expected=streamed,
            actual=final,
            because=[seq],
        )


@rule("cancel/cut-item-incomplete", DONE)
def cut_item_incomplete(case: Case) -> None:
    known, response = case.link.response, dict_of(case.event, "response")
    if known is None or response.get("status") not in ("cancelled", "incomplete"):
        return
    for index, listed in enumerate(list_of(response, "output")):
        item = case.reading.items.get(text_of(listed, "id"))
        if item is None or item.done is None or item.done.get("status") == "completed":
            continue  # completed in time, or the business of cancel/closes-what-is-open
        status = listed.get("status")
        if status in ("in_progress", "completed", "incomplete"):
            case.check(
                status == "incomplete",
                "an item that was cut off is not incomplete",
                path=f"response.output[{index}].status",
                expected="incomplete",
                actual=status,
                because=[item.added_seq],
            )


@rule("cancel/keeps-items", DONE)
def cancelled_keeps_items(case: Case) -> None:
    known, response = case.link.response, dict_of(case.event, "response")
    if known is None or response.get("status") != "cancelled" or not known.items:
        return
    listed = [text_of(i, "id") for i in list_of(response, "output")]
    lost = [i for i in announced(known) if i not in listed]
    case.check(
        not lost,
        "an item that was announced before the cancellation is not in the output",
        path="response.output",
        expected=announced(known),
        actual=listed,
        because=[i.added_seq for i in known.items if i.id in lost],
    )


@rule("barge-in/ends-turn-detected", DONE)
def barge_in_cancels(case: Case) -> None:
    known, response = case.link.response, dict_of(case.event, "response")
    detection = case.reading.turn_detection
    if known is None or not known.speech_seq or not isinstance(detection, dict):
        return
    if detection.get("interrupt_response") is not True or known.out_of_band or known.cancelled_by is not None:
        return
    status = response.get("status")
    if status == "cancelled":
        case.holds()
    elif not _had_time(case, known.speech_seq):
        case.undecided("the response was all but over when speech started")
    else:
        case.violated(
            "speech started and the running response was not cut off",
            path="response.status",
            expected="cancelled",
            actual=status,
            because=[known.speech_seq, known.created_seq],
        )


@rule("barge-in/reason-turn-detected", DONE)
def speech_is_the_reason(case: Case) -> None:
    known, response = case.link.response, dict_of(case.event, "response")
    details = dict_of(response, "status_details")
    if known is None or not known.speech_seq or known.cancelled_by is not None or not details:
        return
    if response.get("status") == "cancelled":
        case.check(
            details.get("reason") == "turn_detected",
            "a response that speech cut off gives another reason",
            path="response.status_details.reason",
            expected="turn_detected",
            actual=details.get("reason"),
            because=[known.speech_seq],
        )


@rule("barge-in/not-when-disabled", DONE)
def no_barge_in_when_disabled(case: Case) -> None:
    known, response = case.link.response, dict_of(case.event, "response")
    detection = case.reading.turn_detection
    if known is None or not known.speech_seq or known.cancelled_by is not None or known.out_of_band:
        return
    if isinstance(detection, dict) and detection.get("interrupt_response") is False:
        case.check(
            response.get("status") != "cancelled",
            "speech cut off a response although interrupt_response is false",
            path="response.status",
            expected="completed",
            actual=response.get("status"),
            because=[known.speech_seq],
        )


@rule("barge-in/spares-out-of-band", DONE)
def out_of_band_goes_on(case: Case) -> None:
    known, response = case.link.response, dict_of(case.event, "response")
    if known is None or not known.out_of_band or not known.speech_seq or known.cancelled_by is not None:
        return
    case.check(
        response.get("status") != "cancelled",
        "speech cut off an out-of-band response",
        path="response.status",
        expected="completed",
        actual=response.get("status"),
        because=[known.speech_seq],
    )


@rule("cancel/no-cancelled-event", "response.cancelled")
def cancelled_event(case: Case) -> None:
    case.observed("response.cancelled beside response.done")


@rule("cancel/no-truncation-by-server", "conversation.item.truncated")
def truncation_was_asked_for(case: Case) -> None:
    in_call = case.reading.of_call is not None and not case.reading.audio_emitted
    if case.reading.knows_asking("conversation.item.truncate") and not in_call:
        case.check(
            case.link.exchange is not None,
            "an item was truncated although the client did not ask for it",
            expected="conversation.item.truncate first",
            actual="conversation.item.truncated",
        )


@rule("cancel/before-created", "@response.cancel")
def cancel_before_created(case: Case) -> None:
    exchange = case.exchange
    if exchange is not None and exchange.expectation.reason == "response-under-way":
        case.observed(exchange.outcome)


@rule("cancel/late-deltas", DONE)
def late_deltas(case: Case) -> None:
    known = case.link.response
    if known is not None and known.cancelled_by is not None:
        came = case.reading.deltas_since(known.cancelled_by.seq)
        case.observed("deltas after the cancellation" if came else "no delta after the cancellation")


SPECIAL["response.create"].append(
    Special("cancel/then-create", lambda _case, exchange: bool(exchange.notes.get("after_cancelled")))
)


@rule("cancel/then-create", "@response.create")
def create_after_cancelled(case: Case) -> None:
    exchange = case.exchange
    if exchange is None or exchange.expectation.kind != "accept":
        return
    before = exchange.notes.get("after_cancelled")
    if before and not (exchange.outcome == "refused" and excused(case, exchange)):
        if exchange.outcome == "refused" and blamed(case, exchange) != "cancel/then-create":
            return
        if exchange.outcome in ("accepted", "refused"):
            case.check(
                exchange.outcome == "accepted",
                "after a cancelled response was done, a new one was refused",
                expected="response.created",
                actual="error",
                because=[before, exchange.seq],
            )
        else:
            case.undecided("the new response was not answered")
