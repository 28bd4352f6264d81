"""Plays a recorded session again, as a server with a fault or a variant would have played it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from http import HTTPStatus

from protocol.json_values import Json
from reference.alterations import FRESH, Alteration, Broken, Close, Pause, Sent, StepFactory
from reference.differences import DoorChange
from reference.errors import Code
from reference.handshake import DOORS, Admission, Rejection
from reference.profiles import Profile
from reference.providers import PROFILES
from wire.trace import Entry, RecordedTrace, Trace

_PATIENCE_S = 5.0
_IDLE_S = 30.0
_LEFT = 700  # bytes of a frame that came


def replay(trace: Trace, changes: Sequence[StepFactory] = (), *, waited: bool = True) -> RecordedTrace:
    """Return ``trace`` with ``changes`` applied and its entries numbered anew.

    What did not come any more is what the client waited for last.

    With ``waited`` the client listened for a while before it went away, so that what is owed at the end
    is known not to come. A connection that a change closes ends there.
    """
    entries = [*_altered(trace, Alteration(changes))]
    if waited:
        entries = _with_silence(entries, _unsent(trace, entries))
    numbers: dict[int, int] = {}
    numbered = []
    for seq, entry in enumerate(entries, 1):
        numbers.setdefault(entry.seq, seq)
        detail = entry.detail
        if detail is not None and "since" in detail:
            detail = {**detail, "since": numbers.get(detail["since"], seq - 1)}
        numbered.append(entry._replace(seq=seq, detail=detail))
    return RecordedTrace(trace.name, numbered, dict(trace.header))


def _altered(trace: Trace, alteration: Alteration) -> Iterator[Entry]:
    minted = iter(range(1, 1_000_000))
    last = Entry(0, 0.0, "harness", "open")
    for entry in trace:
        last = entry
        if entry.event is None:
            if entry.kind == "close":
                yield from _sent(alteration.ending(), entry, minted)
            yield entry
        elif entry.dir == "client":
            event = alteration.retold(entry.event)
            alteration.incoming(event)
            yield entry._replace(event=event)
            reactions = alteration.reactions(event)
            yield from _sent(reactions, entry, minted)
            if _is_over(reactions):
                return
        else:
            sent = alteration.outgoing(entry.event)
            yield from _sent(sent, entry, minted)
            if _is_over(sent):
                return
    if last.kind != "close":
        yield from _sent(alteration.ending(), last, minted)


def _is_over(sent: Sequence[Sent]) -> bool:
    """Tell whether nothing more comes: the server closes, or the client does, over a frame that is broken."""
    return any(isinstance(each, Close | Broken) for each in sent)


def _broken(way: str, at: Entry) -> Iterator[Entry]:
    if way == "length-too-long":
        t = None if at.t is None else at.t + _PATIENCE_S
        detail = {"awaited": "", "since": at.seq, "waited_s": _PATIENCE_S, "silent_s": _PATIENCE_S}
        detail |= {"silent": True, "unfinished_bytes": _LEFT}
        yield Entry(at.seq, t, "harness", "deadline", None, detail)
        yield Entry(at.seq, t, "client", "close", None, {"code": 1000, "unfinished_bytes": _LEFT})
    else:
        yield Entry(
            at.seq, at.t, "client", "close", None, {"code": 1002, "protocol_error": way, "by": "server"}
        )


def _sent(sent: Sequence[Sent], at: Entry, minted: Iterator[int]) -> Iterator[Entry]:
    for each in sent:
        if isinstance(each, Close):
            yield Entry(at.seq, at.t, "server", "close", None, {"code": each.code, "reason": each.reason})
            return
        if isinstance(each, Broken):
            yield from _broken(each.way, at)
            return
        assert not isinstance(each, Pause), "in a recording it is known what comes next"
        yield Entry(at.seq, at.t, "server", "text", _with_id(each, minted))


def _with_id(event: Json, minted: Iterator[int]) -> Json:
    return {**event, "event_id": f"event_x{next(minted):04d}"} if event.get("event_id") == FRESH else event


def knock(trace: Trace, door: DoorChange) -> RecordedTrace:
    """Return ``trace`` as it would have begun, and ended, at a server with another door."""
    dialect = PROFILES[trace.header["dialect"]]
    entries = []
    for entry in trace:
        if entry.kind not in ("open", "refusal"):
            entries.append(entry)
            continue
        verdict = door(_verdict(entry, dialect), _target(trace, dialect))
        if isinstance(verdict, Admission):
            subprotocol = verdict.subprotocol or ""
            opened = {**(entry.detail or {}), "subprotocol": subprotocol}
            entries.append(entry._replace(kind="open", detail=opened))
            continue
        refused = {"problem": "not a WebSocket endpoint: the connection was closed"}
        if isinstance(verdict, Rejection):
            refused = {"status": int(verdict.status), "headers": {}, "body": ""}  # type: ignore[dict-item]
        entries.append(entry._replace(kind="refusal", detail=refused))
        break
    return RecordedTrace(trace.name, entries, dict(trace.header))


def _verdict(entry: Entry, dialect: Profile) -> Admission | Rejection:
    detail = entry.detail or {}
    if entry.kind == "open":
        offered = tuple(detail.get("offered", ()))
        return Admission(dialect, subprotocol=detail.get("subprotocol") or None, offered=offered)
    return Rejection(HTTPStatus(detail["status"]), Code.INVALID_VALUE, "Refused.")


def _target(trace: Trace, dialect: Profile) -> str:
    path = next(path for path, door in DOORS.items() if door.dialect is dialect)
    return path + ("?key=k%C3%A4se" if trace.header.get("attempt") == "unusual-key" else "?key=plain")


def _unsent(trace: Trace, entries: list[Entry]) -> str:
    """Return the type of the first event that the good server sent and this one did not."""
    sent = Counter(entry.type for entry in entries if entry.dir == "server")
    for entry in trace:
        if entry.dir == "server" and entry.type:
            sent[entry.type] -= 1
            if sent[entry.type] < 0:
                return entry.type
    return "nothing more"


def _with_silence(entries: list[Entry], awaited: str) -> list[Entry]:
    """Put a deadline ahead of the client's close: it waited, and the server said nothing more."""
    end = len(entries)
    while end and entries[end - 1].kind == "close":
        end -= 1
    closing = entries[end:]
    if not any(each.kind == "open" for each in entries) or any(each.dir == "server" for each in closing):
        return entries  # there was nobody to wait for, or the server itself went away
    if any({"protocol_error", "unfinished_bytes"} & set(each.detail or {}) for each in closing):
        return entries  # it could not wait any more, or did
    last = entries[end - 1]
    patience = _IDLE_S if awaited.endswith("timeout_triggered") else _PATIENCE_S
    t = None if last.t is None else last.t + patience
    detail = {
        "awaited": awaited,
        "since": last.seq,
        "waited_s": patience,
        "silent_s": patience,
        "silent": True,
    }
    silence = Entry(last.seq, t, "harness", "deadline", None, detail)
    return [*entries[:end], silence, *(each._replace(t=t) for each in closing)]
