"""Forms with a JSON object for each frame: on a line of its own, in an array, or one after the other.

A form names the fields that say who sent a frame, what is in it, and when. Bare events say nothing but
themselves: whose they are, their type tells.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from protocol.json_values import MISSING, value_at
from wire.captures.capture import (
    BINARY_OPCODE,
    CONTROL_OPCODES,
    Capture,
    Clock,
    Placed,
    SenderOf,
    base64_size,
    binary_entry,
    frame_entry,
    named_few,
)
from wire.captures.file_start import FileStart
from wire.captures.values import values_in
from wire.frames import dump
from wire.redaction import Redactor
from wire.trace import TRACE_VERSION, Direction, Entry
from wire.trace_files import entry_of, entry_of_minimal_line

_NOTHING = Redactor()
_LONGEST_KEY = 64  # characters of a session's key that stand in the name of its trace

_SENT, _CAME = (
    ("send", "sent", "out", "outgoing", "outbound", "up", "tx"),
    (
        "receive",
        "received",
        "recv",
        "in",
        "incoming",
        "inbound",
        "down",
        "rx",
    ),
)
_SIDES: Mapping[str, Direction] = {
    **dict.fromkeys(("client", "clienttoserver", "clientserver", "c2s", "request", *_SENT), "client"),
    **dict.fromkeys(
        ("server", "servertoclient", "serverclient", "s2c", "response", "down", "rx", *_CAME), "server"
    ),
    **dict.fromkeys(("receive", "received", "recv"), "server"),
}
"""Words for a direction, without what is no letter or digit."""

_TIMES = ("t", "time", "timestamp", "ts")


@dataclass(frozen=True, slots=True)
class FrameForm:
    """The fields in which a form has the direction of a frame, and its content (the first that is there)."""

    direction: str
    contents: tuple[str, ...]
    words: Mapping[str, Direction]

    def side(self, line: Any) -> Direction | None:
        """Return who sent the frame in `line`; None where it is no line of this form."""
        if not isinstance(line, dict) or not any(name in line for name in self.contents):
            return None
        said = line.get(self.direction)
        return self.words.get("".join(filter(str.isalnum, said.lower()))) if isinstance(said, str) else None


SEND_RECEIVE = FrameForm("type", ("data",), {"send": "client", "receive": "server"})
DIRECTION_DATA = FrameForm("direction", ("data", "message", "payload", "event", "frame"), _SIDES)


def frames_of(form: FrameForm) -> Callable[[Capture], Iterator[Placed]]:
    """Return what reads captures of `form`."""

    def read(capture: Capture) -> Iterator[Placed]:
        clock, looks = Clock(), f'{{"{form.direction}": …, "{form.contents[0]}": …}}'
        for number, line, value in values_in(capture):
            side = form.side(value)
            if side is None:
                raise capture.wrong(line, "has no frame", f"each is {looks}, and says who sent it")
            content = next(value[name] for name in form.contents if name in value)
            session = session_of(capture, line, value)
            at = next((value[name] for name in _TIMES if name in value), None)
            entry = _frame(number, clock.since(session, at), side, content, value.get("opcode"))
            if entry is not None:
                yield session, entry

    return read


def _frame(number: int, t: float | None, side: Direction, content: Any, opcode: Any) -> Entry | None:
    if opcode in CONTROL_OPCODES:
        return None
    if opcode in (BINARY_OPCODE, "binary"):
        return binary_entry(number, t, side, base64_size(content if isinstance(content, str) else ""))
    return frame_entry(number, t, side, content if isinstance(content, str) else dump(content), _NOTHING)


def is_of(form: FrameForm) -> Callable[[FileStart, SenderOf], bool]:
    """Return what tells whether a file that begins so is of `form`."""
    return lambda head, _: bool(head.objects) and form.side(head.objects[0]) is not None


def is_minimal(head: FileStart, _: SenderOf) -> bool:
    """Tell whether a file is of the minimal form: `dir` and `event`."""
    return bool(head.objects) and entry_of_minimal_line(1, head.objects[0]) is not None


def read_minimal(capture: Capture) -> Iterator[Placed]:
    """Read the minimal form where it is no plain JSONL, or holds several sessions."""
    for number, line, value in values_in(capture):
        entry = entry_of_minimal_line(number, value)
        if entry is None:
            raise capture.wrong(line, "is not an entry", 'write {"dir": "client"|"server", "event": {…}}')
        yield session_of(capture, line, value), entry


def is_own_array(head: FileStart, _: SenderOf) -> bool:
    """Tell whether a file has the lines of our own form as the elements of an array."""
    return bool(head.objects) and head.objects[0].get("trace") == TRACE_VERSION


def read_own_array(capture: Capture) -> Iterator[Placed]:
    """Read the lines of our own form where they are not one a line."""
    cut_off = True
    for number, line, value in values_in(capture):
        if number == 1 or not isinstance(value, dict):
            capture.headers[""] = {k: v for k, v in value.items() if k not in ("trace", "name")}
        elif "end" in value:
            cut_off = False
        elif (entry := entry_of(value)) is not None:
            yield "", entry
        else:
            raise capture.wrong(line, "is not an entry", "record the trace again")
    capture.complete = capture.complete and not cut_off


def is_bare_events(head: FileStart, sender_of: SenderOf) -> bool:
    """Tell whether a file has events, and nothing around them."""
    return any(sender_of(each) is not None for each in head.objects)


def read_bare_events(capture: Capture) -> Iterator[Placed]:
    """Read events without anything around them; those that may be of either side are left out."""
    untold: Counter[str] = Counter()
    first, sides = 0, set[Direction]()
    for number, line, value in values_in(capture):
        if not isinstance(value, dict):
            raise capture.wrong(line, "is not an event", "write one JSON object for each event")
        side = capture.sender_of(value)
        if side is None:
            untold[str(value.get("type", "no type"))[:_LONGEST_KEY]] += 1
            first = first or line
            continue
        sides.add(side)
        yield session_of(capture, line, value), Entry(number, None, side, "text", value)
    if sides == {"server"}:
        capture.notes.append("holds nothing that the client sent")
    if untold:
        count = untold.total()
        capture.notes.append(
            f"{count} of its events {'is' if count == 1 else 'are'} left out, the first in line {first}: "
            f'nothing says who sent {named_few(list(untold))}; write {{"dir": …, "event": …}}'
        )


def session_of(capture: Capture, line: int, value: Any) -> str:
    """Return the key of the session to which a line belongs. Raises `TraceError` where it has none."""
    if not capture.group_by:
        return ""
    found = value_at(value, capture.group_by, MISSING)
    if found is MISSING or isinstance(found, dict | list):
        problem = f"has no {capture.group_by}, by which sessions are to be told apart"
        raise capture.wrong(line, problem, "name a field of every line with --group-by")
    return str(found)
