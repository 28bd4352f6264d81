"""Rules about what nobody asked for: responses, items, keys of a telephone (facts 4.3, 4.4, 4.6, 4.8; inworld
5.4, 5.7).
"""

from __future__ import annotations

from dataclasses import dataclass

from protocol.event_types import (
    COMMIT,
    COMMITTED,
    CONVERSATION_ADDED,
    ITEM_CREATE,
    RESPONSE_CREATED,
    TIMEOUT_TRIGGERED,
)
from rules.case import EventCase
from rules.reading_view import ReadingView
from rules.registration import on_event
from rules.subjects import dict_of


@dataclass
class _Turns:
    """How many turns may still be answered by a response that nobody has to ask for."""

    unanswered: int = 0


@on_event("response/create/asked-for", COMMITTED, TIMEOUT_TRIGGERED)
def turn_may_be_answered(case: EventCase) -> None:
    """A response is created for a `response.create`, for a turn that the server detected, or for an idle
    timeout; nothing else creates one.
    """
    if case.reading.may_listen:
        case.memory(_Turns).unanswered += 1


@on_event("response/create/asked-for", RESPONSE_CREATED)
def response_was_asked_for(case: EventCase) -> None:
    reading, turns = case.reading, case.memory(_Turns)
    if case.link.exchange is not None:
        case.holds()
        return
    detected = turns.unanswered or reading.turn_seq or reading.speech or reading.stopped_speech
    turns.unanswered = max(0, turns.unanswered - 1)
    if detected or not reading.knows_asking("response.create") or _perhaps_asked_for(reading):
        return
    follows_call = reading.called_seq or reading.conversation_follow_up
    if follows_call and case.dialect.switches.answers_calls_by_itself:
        return
    case.violated(
        "unasked",
        f"response {case.response.id} was created without a response.create and without a turn",
        path="response",
        expected="response.create, or a turn, first",
        actual=RESPONSE_CREATED,
        because=[reading.last_seq],
    )


@on_event("items/added-for-a-reason", CONVERSATION_ADDED)
def item_has_a_reason(case: EventCase) -> None:
    """An item of the user is announced only where the client created it, or where audio was heard."""
    reading, item = case.reading, case.item
    if dict_of(case.event, "item").get("role") != "user":
        return
    if (
        case.link.exchange is not None
        or item.origin
        or item.audio_start_seq
        or TIMEOUT_TRIGGERED in item.seen
    ):
        case.holds()
        return
    heard = reading.appended_ms or reading.turn_seq or reading.speech or reading.timed_out_seq
    create = "conversation.item.create"
    committing = any(e.type == COMMIT for e in (*reading.exchanges.open, *reading.exchanges.settled))
    refused = any(
        e.type == create for e in reading.exchanges.refused
    )  # perhaps it is carried out all the same
    if (
        heard
        or committing
        or refused
        or not reading.knows_asking(create)
        or _perhaps_asked_for(reading, create)
    ):
        return
    case.violated(
        "unasked",
        f"item {item.id} of the user was added, and the client had neither created it nor sent audio",
        path="item",
        expected=f"{ITEM_CREATE}, or audio, first",
        actual=CONVERSATION_ADDED,
        because=[reading.last_seq],
    )


@on_event("sip/dtmf-only-in-calls", "input_audio_buffer.dtmf_event_received")
def key_was_pressed_in_a_call(case: EventCase) -> None:
    """`input_audio_buffer.dtmf_event_received` comes only in telephone calls."""
    reading = case.reading
    if reading.of_call is not None:
        case.holds()
        return
    if not (reading.measured or reading.audio_emitted):
        return  # perhaps the connection listens to a call from aside, which sees no audio
    case.violated(
        "no-call",
        f"{case.entry.type} came on a WebSocket that belongs to no telephone call",
        expected="no such event on a WebSocket of its own",
        actual=case.entry.type,
    )


def _perhaps_asked_for(reading: ReadingView, request: str = "response.create") -> bool:
    """Tell whether something may have asked for what came, of which that is not certain."""
    given_up = any(
        e.type in ("", request) and (e.outcome in ("silent", "lost") or e.guessed)
        for e in reading.exchanges.settled
    )
    raw = any(not e.type for e in reading.exchanges.open)  # a frame that a server may have understood
    of_mcp = any(item.type.startswith("mcp_") for item in reading.items.values())
    lost = {COMMITTED, TIMEOUT_TRIGGERED} & set(reading.unkeyed)
    return bool(given_up or raw or of_mcp or lost or reading.of_call is not None or reading.forgot)
