"""Writes conversations in the forms in which other programs do, and reads captures."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from wire.captures.capture import Capture
from wire.captures.conversion import traces_of
from wire.trace import Direction, Entry
from wire.trace_files import TraceError, TraceFile

Spoken = Sequence[tuple[Direction, dict[str, Any]]]
"""Who sent an event, and the event."""

SAMPLES = Path(__file__).parent / "samples"
START, STEP = 1795985740.5, 0.25
"""When the first frame came, in seconds since the epoch, and how long after another the next ones."""


def side_by_prefix(event: dict[str, Any]) -> Direction | None:
    """Return who sends an event of these tests: its type begins with it."""
    type_ = str(event.get("type", ""))
    return "client" if type_.startswith("client") else "server" if type_.startswith("server") else None


@dataclass
class Read:
    """What was read of a capture: its entries in each session, and what is said of it."""

    entries: list[list[Entry]]
    names: list[str]
    headers: list[dict[str, Any]]
    complete: list[bool]
    notes: list[str]
    lines_before: list[int] = field(default_factory=list)

    @property
    def spoken(self) -> list[tuple[str, Any]]:
        """Who sent which event, in the only session."""
        [entries] = self.entries
        return [(e.dir, e.event) for e in entries if e.kind == "text"]


def read_capture(path: Path, group_by: str = "", *, complete: bool = True) -> Read:
    """Read the capture at `path`. Raises `TraceError`."""
    folder = path.parent / f"{path.name}.read"
    folder.mkdir(exist_ok=True)
    capture = Capture(path, path.name, side_by_prefix, group_by, complete=complete)
    found = traces_of(capture, path.stem, lambda: folder, plain=False)
    traces = [
        TraceFile(each.path, each.name, file=each.file, lines_before=each.lines_before) for each in found
    ]
    entries = [list(trace) for trace in traces]
    return Read(
        entries,
        [each.name for each in found],
        [trace.header for trace in traces],
        [trace.complete for trace in traces],
        capture.notes,
        [trace.lines_before for trace in traces],
    )


def read_or_told(path: Path) -> Read | TraceError:
    """Read the capture at `path`; what is told where it cannot be read."""
    try:
        return read_capture(path)
    except TraceError as error:
        return error


# --- writers ----------------------------------------------------------------------------------------------


def _moments(spoken: Spoken) -> list[tuple[float, Direction, dict[str, Any]]]:
    return [(START + n * STEP, side, event) for n, (side, event) in enumerate(spoken)]


def _lines(values: Sequence[Any]) -> str:
    return "".join(json.dumps(each) + "\n" for each in values)


def _minimal(spoken: Spoken) -> list[Any]:
    return [{"dir": side, "t": t, "event": event} for t, side, event in _moments(spoken)]


def _send_receive(spoken: Spoken) -> list[Any]:
    kinds = {"client": "send", "server": "receive"}
    return [
        {"type": kinds[side], "time": t, "opcode": 1, "data": json.dumps(event)}
        for t, side, event in _moments(spoken)
    ]


def _direction_data(spoken: Spoken) -> list[Any]:
    words = {"client": "outgoing", "server": "incoming"}
    return [
        {"direction": words[side], "timestamp": t * 1000, "data": event}
        for t, side, event in _moments(spoken)
    ]


def _devtools(spoken: Spoken) -> list[Any]:
    kinds = {"client": "Sent", "server": "Received"}
    return [
        {
            "method": f"Network.webSocketFrame{kinds[side]}",
            "params": {
                "requestId": "1.1",
                "timestamp": t,
                "response": {"opcode": 1, "mask": side == "client", "payloadData": json.dumps(event)},
            },
        }
        for t, side, event in _moments(spoken)
    ]


def har(spoken: Spoken, unit: float = 1.0, **exchange: Any) -> str:
    """Return a HAR file; `unit` is what it counts in a second."""
    messages = [{**each, "time": each["time"] * unit} for each in _send_receive(spoken)]
    request = {"url": "wss://host/v1/realtime"}
    entry = {"request": request, "response": {"status": 101}, "_webSocketMessages": messages, **exchange}
    return json.dumps({"log": {"version": "1.2", "entries": [entry]}})


def _wscat(spoken: Spoken) -> str:
    signs = {"client": ">", "server": "<"}
    return "Connected (press CTRL+C to quit)\n" + "".join(
        f"{signs[side]} {json.dumps(event)}\n" for side, event in spoken
    )


def websockets_log(spoken: Spoken, *, serving: bool = False, timed: bool = False) -> str:
    """Return a log of `websockets`: of a client, or of a server."""
    logger = "websockets.server" if serving else "websockets.client"
    own = "server" if serving else "client"
    lines = ["= connection is CONNECTING", "= connection is OPEN"]
    for side, event in spoken:
        text = json.dumps(event)
        lines.append(f"{'>' if side == own else '<'} TEXT {text!r} [{len(text.encode())} bytes]")
    stamp = "2026-12-01 01:55:11,956 " if timed else ""
    return "".join(f"{stamp}DEBUG:{logger}:{line}\n" for line in lines)


@dataclass(frozen=True)
class Written:
    """A form: what writes it, and whether it has times."""

    write: Callable[[Spoken], str]
    timed: bool = True


def _array(of: Callable[[Spoken], list[Any]]) -> Callable[[Spoken], str]:
    return lambda spoken: json.dumps(of(spoken), indent=1)


def _row(of: Callable[[Spoken], list[Any]]) -> Callable[[Spoken], str]:
    return lambda spoken: "\n".join(json.dumps(each, indent=2) for each in of(spoken))


_BY_LINE = {
    "minimal": _minimal,
    "send-receive": _send_receive,
    "direction-data": _direction_data,
    "devtools": _devtools,
}

FORMS: dict[str, Written] = {
    **{name: Written(lambda spoken, of=of: _lines(of(spoken))) for name, of in _BY_LINE.items()},  # type: ignore[misc]
    **{f"{name}-array": Written(_array(of)) for name, of in _BY_LINE.items()},
    **{f"{name}-in-a-row": Written(_row(of)) for name, of in _BY_LINE.items()},
    "bare": Written(lambda spoken: _lines([event for _, event in spoken]), timed=False),
    "bare-array": Written(_array(lambda spoken: [event for _, event in spoken]), timed=False),
    "har-seconds": Written(har),
    "har-milliseconds": Written(lambda spoken: har(spoken, 1000.0)),
    "wscat": Written(_wscat, timed=False),
    "websockets": Written(websockets_log, timed=False),
    "websockets-server": Written(lambda spoken: websockets_log(spoken, serving=True), timed=False),
}
"""The forms by name."""
