"""Where what a server says has to stand: in `result`, with keys in camelCase, or in `error`."""

from __future__ import annotations

from typing import Any

from packs.keyed.messages import CLOSE
from packs.keyed.rules import KeyedCase

_ENVELOPE = ("result", "error", "done")  # the last came from the service, and no client knows why (TS-11)


def judge_envelope(case: KeyedCase[Any]) -> None:
    """Say whether the frame of a message has its envelope."""
    event = case.message.event
    if case.message.name == CLOSE:
        return
    if not any(name in event for name in _ENVELOPE):
        said = "a frame has neither result nor error"
        case.violated("no-envelope", "result or error", ", ".join(event)[:80] or "nothing", said)
        return
    result = event.get("result")
    snake = next((key for key in result if "_" in key), "") if isinstance(result, dict) else ""
    if snake:
        case.violated("spelling", "keys in camelCase", snake, f"{snake} is in snake_case", f"result.{snake}")
    else:
        case.holds()
