"""Rules about the back-channel, which only Inworld's dialect has (inworld 6)."""

from __future__ import annotations

from dataclasses import dataclass, field

from rules.case import Case, EventCase
from rules.moments import Moment
from rules.registration import on_event, on_moment
from rules.subjects import text_of

_BACKCHANNEL_AUDIO = "response.backchannel.audio."
_BACKCHANNEL = (
    "response.backchannel.audio.delta",
    "response.backchannel.audio.done",
    "response.backchannel.skipped",
)


@on_event("backchannel/only-when-enabled", *_BACKCHANNEL)
def backchannel_unasked(case: EventCase) -> None:
    """Back-channel events are never sent unless `providerData.backchannel.enabled` is true."""
    enabled = case.reading.backchannel_enabled
    if not enabled and not case.reading.knows_provider_data:
        return
    case.check(
        enabled,
        "not-enabled",
        f"{case.entry.type} came although the back-channel was never enabled",
        expected="no back-channel",
        actual=case.entry.type,
        because=[case.reading.session_seq],
    )


@on_event("backchannel/only-when-enabled", "response.done")
def backchannel_stayed_off(case: EventCase) -> None:
    if not case.reading.backchannel_enabled:
        case.holds()


@on_event("backchannel/outside-responses", *_BACKCHANNEL)
def backchannel_without_response(case: EventCase) -> None:
    """Back-channel events carry no `response_id`; they are outside the life of responses."""
    case.check(
        not case.event.get("response_id"),
        "has-response",
        f"{case.entry.type} carries the response_id {case.event.get('response_id')}",
        path="response_id",
        expected="none",
        actual=case.event.get("response_id"),
    )


@dataclass
class _Backchannels:
    """Which back-channels have begun and not ended, and which have ended: where, by id."""

    begun: dict[str, int] = field(default_factory=dict)
    ended: dict[str, int] = field(default_factory=dict)
    heard_at: dict[str, float | None] = field(default_factory=dict)


@on_event("backchannel/done-follows", *_BACKCHANNEL)
def backchannel_ends(case: EventCase) -> None:
    """Back-channel audio that began is ended by one `response.backchannel.audio.done`, and nothing comes
    after.
    """
    known = case.memory(_Backchannels)
    id_, type_ = text_of(case.event, "backchannel_id"), case.entry.type
    if id_ in known.ended and type_.startswith(_BACKCHANNEL_AUDIO):
        case.violated(
            "goes-on",
            f"{type_} came although the back-channel audio {id_} had ended",
            expected="nothing more of it",
            actual=type_,
            because=[known.ended[id_]],
        )
    elif type_.endswith(".delta"):
        known.begun[id_], known.heard_at[id_] = case.entry.seq, case.entry.t
    elif known.begun.pop(id_, 0):
        known.ended[id_] = case.entry.seq
        case.holds()


@on_moment("backchannel/done-follows", Moment.DEADLINE)
def backchannel_left_open(case: Case) -> None:
    begun = case.memory(_Backchannels).begun
    if not case.detail.get("silent"):
        return
    for id_, seq in begun.items():
        _never_ended(case, id_, seq)
    begun.clear()


@on_moment("backchannel/done-follows", Moment.END)
def backchannel_never_ended(case: Case) -> None:
    known, reading = case.memory(_Backchannels), case.reading
    for id_, seq in known.begun.items():
        if reading.waited_since(known.heard_at[id_]) >= reading.patience["response"]:
            _never_ended(case, id_, seq)


def _never_ended(case: Case, id_: str, seq: int) -> None:
    case.violated(
        "missing",
        f"the back-channel audio {id_} was never ended",
        expected="response.backchannel.audio.done",
        actual="nothing",
        because=[seq],
    )


@on_event("backchannel/survives-cancel", *_BACKCHANNEL)
def backchannel_after_cancel(case: EventCase) -> None:
    """`response.cancel` leaves back-channel audio alone."""
    if any(e.type == "response.cancel" for e in case.reading.exchanges.open):
        case.observed("goes on after response.cancel")
