"""Rules about responses that nobody asked for (facts 4.4, 4.6, 4.8; inworld 5.4, 5.7)."""

from __future__ import annotations

from dataclasses import dataclass

from rules.case import EventCase
from rules.reading_view import ReadingView
from rules.registration import on_event

CREATED, COMMITTED = "response.created", "input_audio_buffer.committed"
TRIGGERED = "input_audio_buffer.timeout_triggered"


@dataclass
class _Turns:
    """How many turns may still be answered by a response that nobody has to ask for."""

    unanswered: int = 0


@on_event("response/create/asked-for", COMMITTED, TRIGGERED)
def turn_may_be_answered(case: EventCase) -> None:
    """A response is created for a `response.create`, for a turn that the server detected, or for an idle
    timeout; nothing else creates one.
    """
    if case.reading.may_listen:
        case.memory(_Turns).unanswered += 1


@on_event("response/create/asked-for", CREATED)
def response_was_asked_for(case: EventCase) -> None:
    reading, turns = case.reading, case.memory(_Turns)
    if case.link.exchange is not None:
        case.holds()
        return
    detected = turns.unanswered or reading.turn_seq or reading.speech or reading.stopped_speech
    turns.unanswered = max(0, turns.unanswered - 1)
    if detected or not reading.knows_asking("response.create") or _perhaps_asked_for(reading):
        return
    if case.dialect != "openai" and (reading.called_seq or reading.conversation_follow_up):
        return  # the server may answer the results of calls by itself (inworld 5.7)
    case.violated(
        "unasked",
        f"the response {case.response.id} was created, and nothing had asked for it",
        path="response",
        expected="response.create, or a turn, first",
        actual=CREATED,
        because=[reading.last_seq],
    )


def _perhaps_asked_for(reading: ReadingView) -> bool:
    """Tell whether something may have asked for a response of which that is not certain."""
    given_up = any(
        e.type in ("", "response.create") and (e.outcome in ("silent", "lost") or e.guessed)
        for e in reading.exchanges.settled
    )
    raw = any(not e.type for e in reading.exchanges.open)  # a frame that a server may have understood
    of_mcp = any(item.type.startswith("mcp_") for item in reading.items.values())
    lost = {COMMITTED, TRIGGERED} & set(reading.unkeyed)
    return bool(given_up or raw or of_mcp or lost or reading.of_call is not None or reading.forgot)
