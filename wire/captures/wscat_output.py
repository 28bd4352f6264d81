"""Reads what wscat shows in a terminal: `> ` and what was typed, `< ` and what came.

It says so to terminals only; into a file or a pipe it writes messages as they are, which are bare events. A
log of a terminal (`script`) has the codes for colours and for erasing the line in which one types.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator

from wire.captures.capture import Capture, Placed, SenderOf, frame_entry
from wire.captures.file_start import FileStart
from wire.frames import event_of
from wire.redaction import Redactor
from wire.trace import Direction, Entry
from wire.trace_files import LONGEST

_SIDES: dict[str, Direction] = {">": "client", "<": "server"}
_CONNECTED = "connected (press ctrl+c"
_DISCONNECTED = re.compile(r'(?i)disconnected(?: \(code: (\d+)(?:, reason: "(.*)")?\))?')
_ERROR = re.compile(r"error: ")
_CONTROL = re.compile(r"Received p[io]ng\b")
_ERASES = re.compile(r"\r|\x1b\[2K|\x1b\[1G|\x1b\[0?J")
_CODES = re.compile(r"\x1b\[[0-9;?]*[ -/]*[@-~]|\x1b[()][A-Z0-9]|\x1b[=>]|[\x00-\x08\x0b-\x1f]")
_NOTHING = Redactor()
_OF_SCRIPT = "Script "


def is_wscat(head: FileStart, _: SenderOf) -> bool:
    """Tell whether a file is the output of wscat.

    A transcript has signs like these, too; but what wscat writes behind them is the JSON of an event on one
    line, and nothing that only transcripts have.
    """
    lines = [as_shown(line) for line in head.text.split("\n")]
    lines = [line for line in lines[:-1] or lines if line.strip()]
    if any(line.lower().startswith(_CONNECTED) for line in lines):
        return True
    framed = [line[2:] for line in lines if line[:2] in ("> ", "< ")]
    return bool(framed) and len(framed) == len(lines) and all(map(_is_json, framed))


def is_piped_wscat(head: FileStart, sender_of: SenderOf) -> bool:
    """Tell whether a file is what wscat wrote to no terminal, or with `-x`.

    What the server sent has no sign then, or the one of what is typed, where something was typed before.
    """
    lines = [line for line in head.text.split("\n")[:-1] if line.strip()]
    said = [as_shown(line) for line in lines if not line.startswith(_OF_SCRIPT)]
    bare = [line.lstrip("> ") for line in said]
    if not bare or (said == bare and "\x1b" not in head.text):
        return False
    events = [event_of(line) for line in bare if line.strip()]
    return bool(events) and all(event is not None and sender_of(event) == "server" for event in events)


def read_piped_wscat(capture: Capture) -> Iterator[Placed]:
    """Read what the server sent; what the client sent is not there."""
    for number, line in _shown_lines(capture):
        text = line.lstrip("> ")
        if text.strip() and not line.startswith(_OF_SCRIPT):
            yield "", frame_entry(number, None, "server", text, _NOTHING)
    capture.notes.append(
        "wscat shows what the client sends to terminals alone, and not with -x: it is not known here "
        "(record a terminal: script -c 'wscat -c URL' call.log)"
    )


def _is_json(text: str) -> bool:
    try:
        return isinstance(json.loads(text), dict)
    except (ValueError, RecursionError):
        return False


def as_shown(line: str) -> str:
    """Return what a terminal shows of `line` in the end: without codes, and what was erased."""
    line = line.rstrip("\r\n")
    return _CODES.sub("", _ERASES.split(line)[-1]) if "\x1b" in line or "\r" in line else line


def read_wscat(capture: Capture) -> Iterator[Placed]:
    """Read frames. A message of several lines goes on up to the next line with a sign."""
    frame: tuple[int, Direction, list[str]] | None = None
    session = number = 0
    spoken = False
    for number, line in _shown_lines(capture):
        side = _SIDES.get(line[:1]) if line[1:2] in (" ", "") else None
        connected = line.lower().startswith(_CONNECTED)
        ended = _DISCONNECTED.fullmatch(line.strip())
        if side is None and not connected and ended is None and not _ERROR.match(line):
            if frame is not None:
                frame[2].append(line)
            continue
        if frame is not None:
            yield str(session), _frame(*frame)
            frame, spoken = None, True
        if connected:
            session += spoken
            yield str(session), Entry(number, None, "harness", "open", None, {"subprotocol": ""})
            spoken = True
        elif ended is not None and ended[1]:
            detail = {"code": int(ended[1]), "reason": ended[2] or ""}
            yield str(session), Entry(number, None, "server", "close", None, detail)
        elif side is not None and line[2:].strip() and not _CONTROL.match(line[2:]):
            frame = number, side, [line[2:]]
    if frame is not None:
        # Whoever copies from a terminal may have cut the last message off.
        whole = _is_json("\n".join(frame[2])) or not frame[2][0].startswith("{")
        capture.complete = capture.complete and whole
        if whole:
            yield str(session), _frame(*frame)


def _frame(number: int, side: Direction, lines: list[str]) -> Entry:
    return frame_entry(number, None, side, "\n".join(lines).rstrip(), _NOTHING)


def _shown_lines(capture: Capture) -> Iterator[tuple[int, str]]:
    try:
        with capture.path.open(encoding="utf-8-sig", errors="replace", newline="\n") as file:
            for number, line in enumerate(iter(lambda: file.readline(LONGEST), ""), 1):
                yield number, as_shown(line)
    except OSError as error:
        reason = error.strerror or type(error).__name__
        raise capture.wrong(0, f"cannot be read ({reason})", "check the path") from None
