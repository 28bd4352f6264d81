"""From a WebSocket frame to a JSON object and back, refusing all that JSON does not know.

Python's own reader is more generous than JSON: it lets NaN in, makes an infinity of ``1e999`` and
keeps lone surrogates. Each of them would come back out as a frame that a strict client cannot read,
so they are refused at the door, with one ``error`` and without closing the connection (ER-07).
"""

from __future__ import annotations

import json
import math
from typing import Any

from reference.errors import Code, RefusedError

DEEPEST_READ = 100
"""Most levels of arrays and objects inside each other; tool schemas in use have about twenty."""


def decode_frame(frame: str | bytes) -> dict[str, Any]:
    """Return the event in a frame.

    Raise ``RefusedError`` for a binary frame, for text that is not JSON, for JSON that is not an
    object, and for an object nested too deep or holding text that is not Unicode (EV-01).
    """
    if not isinstance(frame, str):
        raise _unreadable("A binary frame arrived; events are JSON objects in text frames.")
    try:
        event = json.loads(frame, parse_constant=_no_constant, parse_float=_finite)
    except RecursionError:
        raise _unreadable("The event is nested too deep.") from None
    except ValueError:
        raise _unreadable("The frame could not be parsed as JSON.") from None
    if not isinstance(event, dict):
        raise _unreadable("An event must be a JSON object.")
    _walk(event)
    return event


def encode_frame(event: dict[str, Any]) -> str:
    """Return the text frame of a server event."""
    return json.dumps(event, ensure_ascii=False, allow_nan=False, separators=(",", ":"))


def is_unicode(text: str) -> bool:
    """Tell whether a string can be sent at all: a lone surrogate cannot be written as UTF-8."""
    if text.isascii():
        return True
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True


def _walk(event: dict[str, Any]) -> None:
    """Look at everything in an event without recursion, for its depth is the client's choice."""
    pending: list[tuple[Any, int]] = [(event, 1)]
    while pending:
        value, depth = pending.pop()
        if isinstance(value, str):
            if not is_unicode(value):
                raise _unreadable("The event holds a lone surrogate, which is not Unicode text.", event)
        elif isinstance(value, dict | list):
            if depth > DEEPEST_READ:
                raise _unreadable(f"The event is nested more than {DEEPEST_READ} levels deep.", event)
            children = [*value, *value.values()] if isinstance(value, dict) else value
            pending.extend((child, depth + 1) for child in children)


class UnreadableError(RefusedError):
    """The frame holds no event that could be looked at; ``event`` is what could still be read of it."""

    def __init__(self, message: str, event: dict[str, Any] | None = None) -> None:
        super().__init__(Code.INVALID_EVENT, message)
        self.event = event


def _unreadable(message: str, event: dict[str, Any] | None = None) -> UnreadableError:
    return UnreadableError(message, event)


def _no_constant(name: str) -> None:
    raise ValueError(name)


def _finite(digits: str) -> float:
    number = float(digits)
    if not math.isfinite(number):
        raise ValueError(digits)
    return number
