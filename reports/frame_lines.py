"""One line for each entry of a trace: when, who, what, about what, how large. Pure."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any

from reports.escaping import plain

_ARROWS = {"client": ">", "server": "<", "harness": "-"}
_SHOWN = 400  # characters of a payload
_LONG = 80  # characters of a text within it
_HOLDERS = ("item", "response", "session", "error")


def frame_line(at: float, trace: str, line: Mapping[str, Any], *, payload: bool = False) -> str:
    """Return the line for an entry of a trace, as the trace has it: redacted. With `payload`, what is in it.

    `at` is in seconds since the run began: sessions that go on at once have one clock.

    `12.345 < response.done  event_9 resp_1  812 B  scenario-name`
    """
    event = line.get("event")
    arrow = _ARROWS[line["dir"]]
    if isinstance(event, Mapping):
        what, ids, size = (
            str(event.get("type", "?")),
            " ".join(_ids(event)),
            f"{_size(event)} B",
        )
    else:
        what, ids, size = str(line["kind"]), "", ""
    said = "  ".join(part for part in (f"{at:.3f} {arrow} {what}", ids, size, trace) if part)
    shown = event if event is not None else line.get("detail")
    if payload and shown is not None:
        text = _text(_shortened(shown))
        said += f"  {text if len(text) <= _SHOWN else f'{text[:_SHOWN]}…'}"
    return plain(said)


def _size(event: Any) -> int:
    # A lone surrogate is no UTF-8, and JSON all the same.
    return len(_text(event).encode("utf-8", "surrogatepass"))


def _text(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"), default=str)


def _ids(event: Mapping[str, Any]) -> Iterator[str]:
    """Yield what the event is about: ids at its top, and those of the objects that it shows."""
    for name, value in event.items():
        if name.endswith("_id") and isinstance(value, str):
            yield value
        elif name in _HOLDERS and isinstance(value, Mapping):
            inner = value.get("event_id" if name == "error" else "id")
            if isinstance(inner, str):
                yield inner


def _shortened(value: Any) -> Any:
    """Return `value` with its long texts cut: audio says nothing to a reader."""
    if isinstance(value, str):
        return value if len(value) <= _LONG else f"{value[:_LONG]}… ({len(value)} characters)"
    if isinstance(value, Mapping):
        return {name: _shortened(each) for name, each in value.items()}
    return [_shortened(each) for each in value] if isinstance(value, list) else value
