"""Rules about responses that speech cuts off, or must not cut off (facts 4.5; inworld 5.5)."""

from __future__ import annotations

from protocol.event_types import RESPONSE_DONE
from rules.areas.cancellation import had_time_to_see, was_cut_short
from rules.case import EventCase
from rules.registration import on_event
from rules.subjects import dict_of


@on_event("barge-in/ends-turn-detected", RESPONSE_DONE)
def barge_in_cancels(case: EventCase) -> None:
    """With `interrupt_response`, speech that starts ends the running response as cancelled."""
    known, response = case.response, dict_of(case.event, "response")
    detection = case.reading.turn_detection
    if not known.speech_seq or not isinstance(detection, dict):
        return
    if detection.get("interrupt_response") is not True or known.out_of_band or known.cancelled_by is not None:
        return
    status = response.get("status")
    if status == "cancelled":
        case.holds()
    elif was_cut_short(response):
        case.violated(
            "called-completed",
            f"speech cut response {known.id} short, and its status is {status}",
            path="response.status",
            expected="cancelled",
            actual=status,
            because=[known.speech_seq, known.created_seq],
        )
    elif not had_time_to_see(case, known.speech_seq):
        case.undecided("the response had almost ended when speech started")
    else:
        case.violated(
            "not-cut-off",
            f"speech started while response {known.id} was active, and its status is {status}",
            path="response.status",
            expected="cancelled",
            actual=status,
            because=[known.speech_seq, known.created_seq],
        )


@on_event("barge-in/reason-turn-detected", RESPONSE_DONE)
def speech_is_the_reason(case: EventCase) -> None:
    """A response that speech cut off gives `turn_detected` as its reason."""
    known, response = case.response, dict_of(case.event, "response")
    reason = dict_of(response, "status_details").get("reason")
    if not known.speech_seq or known.cancelled_by is not None:
        return
    if response.get("status") == "cancelled":
        case.check(
            reason == "turn_detected",
            "missing" if reason is None else "other",
            f"a response that speech cut off gives {'no' if reason is None else 'another'} reason",
            path="response.status_details.reason",
            expected="turn_detected",
            actual=reason,
            because=[known.speech_seq],
        )


@on_event("barge-in/not-when-disabled", RESPONSE_DONE)
def no_barge_in_when_disabled(case: EventCase) -> None:
    """Without `interrupt_response`, a running response goes on to its normal end when speech starts."""
    known, response = case.response, dict_of(case.event, "response")
    detection = case.reading.turn_detection
    if not known.speech_seq or known.cancelled_by is not None or known.out_of_band:
        return
    if isinstance(detection, dict) and detection.get("interrupt_response") is False:
        case.check(
            response.get("status") != "cancelled",
            "cut-off",
            "speech cut off a response although interrupt_response is false",
            path="response.status",
            expected="completed",
            actual=response.get("status"),
            because=[known.speech_seq],
        )


@on_event("barge-in/spares-out-of-band", RESPONSE_DONE)
def out_of_band_goes_on(case: EventCase) -> None:
    """Speech cuts off only the response of the default conversation, no out-of-band one."""
    known, response = case.response, dict_of(case.event, "response")
    if not known.out_of_band or not known.speech_seq or known.cancelled_by is not None:
        return
    case.check(
        response.get("status") != "cancelled",
        "cut-off",
        "speech cut off an out-of-band response",
        path="response.status",
        expected="completed",
        actual=response.get("status"),
        because=[known.speech_seq],
    )
