"""Rules about the session: its opening, its configuration, its updates (facts 4.2; inworld 2, 5.1)."""

from __future__ import annotations

from dataclasses import dataclass

from rules.case import Case, EventCase
from rules.moments import Moment
from rules.order import Bound, at_most_one
from rules.registration import on_event, on_moment
from rules.subjects import dict_of

ORDER = [Bound("session/created/once", "connection", at_most_one("session.created"))]

_HARMLESS = frozenset(("session.created", "conversation.created", "ping", "error"))


@on_event("session/created/first", Moment.FIRST)
def created_first(case: EventCase) -> None:
    """The first server event of a connection is `session.created`, and it needs no client event."""
    if case.entry.type == "error":
        case.undecided("an error came in place of session.created")  # quota, or the beta's header
    elif case.reading.whole:
        case.check(
            case.entry.type == "session.created",
            "other-first",
            "the connection does not begin with session.created",
            expected="session.created",
            actual=case.entry.type,
        )


@dataclass
class _Mute:
    """Whether it was reported that nothing comes."""

    reported: bool = False


@on_moment("session/created/first", Moment.DEADLINE)
def nothing_came(case: Case) -> None:
    mute = case.memory(_Mute)
    if case.reading.whole and not case.reading.last_seq:
        if not mute.reported and case.detail.get("silent"):
            mute.reported = True
            message = "the connection is open and nothing comes"
            case.violated("silent", message, expected="session.created", actual="nothing")


@on_moment("session/created/first", Moment.CLOSE)
def closed_before_created(case: Case) -> None:
    """A close that says why (4001, 1013) turned the session down; one that says nothing is no beginning."""
    code = case.detail.get("code")
    ordinary = case.header.get("attempt", "ordinary") == "ordinary"
    unheard = case.reading.whole and not case.reading.last_seq
    if case.entry.dir != "server" or not unheard or not ordinary or case.memory(_Mute).reported:
        return
    if isinstance(code, int) and code <= 1003:
        message = "the server closed the connection before session.created"
        case.violated("closed", message, expected="session.created", actual=f"close {code}")
    elif code != 1006:
        case.undecided(f"close {code} came in place of session.created")


@on_moment("session/created/then-quiet", Moment.FIRST_ACT)
def quiet_until_client_acts(case: Case) -> None:
    """After `session.created` the server sends nothing more before the client acts (`conversation.created`
    and keep-alive excepted).
    """
    heard = [t for t in case.reading.opening if t not in _HARMLESS]
    if not case.reading.measured and heard[:1] == ["session.updated"]:
        return  # the session.update before it is not in the capture
    if any(t.startswith("input_audio_buffer.") for t in heard):
        return  # audio comes by other ways than this, as in a telephone call
    if case.reading.created_seq:
        case.check(
            not heard,
            "spoke",
            f"{', '.join(heard[:3])} came before the client sent anything",
            expected="nothing after session.created",
            actual=", ".join(heard[:3]),
        )


# What is left of a session that somebody has shortened; no capture that is ours, or says what it holds, is.
_IDENTITY = frozenset(("id", "object", "type"))


@on_event("session/created/full-configuration", "session.created")
def created_is_full(case: EventCase) -> None:
    """`session.created` shows the whole default configuration, `audio` and `output_modalities` included."""
    session = dict_of(case.event, "session")
    if session and session.keys() <= _IDENTITY and not {"trace", "measured"} & case.header.keys():
        case.undecided("in this capture, session.created shows only id, object and type")
        return
    needed = ("audio",) if session.get("type") == "transcription" else ("output_modalities", "audio")
    missing = [n for n in needed if n not in session]
    case.check(
        not missing,
        "left-out",
        f"session.created does not show {', '.join(missing)}",
        path=f"session.{missing[0]}" if missing else "",
        expected="the whole default configuration",
        actual=f"the fields {', '.join(sorted(session))}",
    )
