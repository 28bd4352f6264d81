"""Events made short enough to be shown: long values summarised, audio never dumped, nothing hidden. Pure."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import orjson

from reports.escaping import hides, visible

_AUDIO = 160  # characters that are audio, and no word
_SAFE_INTEGER = 2**53
_PER_SECOND = 48_000  # bytes of PCM16 at 24 kHz


@dataclass(frozen=True, slots=True)
class Limits:
    """How much of an event is shown.

    A `text` of so many characters is shown whole, of a longer one are left so many as `cut`; `members` are
    shown of an object or array, and so many levels as `deepest`.
    """

    text: int
    cut: int
    members: int
    deepest: int


BRIEF = Limits(text=240, cut=160, members=40, deepest=12)
"""Enough to understand a finding."""

WHOLE = Limits(text=8000, cut=4000, members=400, deepest=32)
"""Enough to read a conversation in; no event of the protocol is longer but for its audio."""


_MEMBERS = 390  # commas that are too few for more than 400 members
_LEVELS = 30  # brackets that are too few to nest more deeply than 32 levels
_HEARD = {name: f'"{name}":"'.encode() for name in ("delta", "audio")}  # what may be audio, in JSON
_LISTED = b'"delta":[', b'"audio":['


def without_audio(event: Any, type_: str) -> Any:
    """Return `event` with its audio summed up, as `short` does it; anything else is left as it is."""
    if not isinstance(event, dict):
        return event
    if isinstance(event.get("audio"), str):
        event = {**event, "audio": _text(event["audio"], WHOLE, audio=True)}
    if type_.endswith("audio.delta") and isinstance(event.get("delta"), str):
        event = {**event, "delta": _text(event["delta"], WHOLE, audio=True)}
    return event


def plain_json(rows: list[list[Any]]) -> str | None:
    """Return `rows`, each of which ends in an event, as JSON; None where `short` would change any event.

    The events come from `without_audio`. Looked at is the text of them all: most are as they are to be
    shown, and this is many times faster than walking through each.
    """
    try:
        raw = orjson.dumps(rows, option=orjson.OPT_STRICT_INTEGER)
    except (TypeError, orjson.JSONEncodeError):  # lone surrogates, integers that no double holds
        return None
    if (
        len(raw) > WHOLE.text
        or raw.count(b",") > _MEMBERS
        or raw.count(b"{") + raw.count(b"[") > _LEVELS + 2 * len(rows)
        # What has to be made visible is escaped in JSON, or stands there as it is.
        or b"\\" in raw
        or b"\x7f" in raw
        or any(field in raw for field in _LISTED)
        or any(raw.count(field) > _held(rows, name) for name, field in _HEARD.items())
    ):
        return None
    text = raw.decode()
    return None if not text.replace("…", "").isascii() and hides(text) else text


def _held(rows: list[list[Any]], name: str) -> int:
    """Return in how many of the events `name` is text at the top, where `without_audio` has seen it."""
    events = [row[-1] for row in rows]
    return sum(isinstance(event, dict) and isinstance(event.get(name), str) for event in events)


def short(value: Any, type_: str = "", limits: Limits = BRIEF) -> Any:
    """Return `value`, from an event of `type_`: what is long summarised, what is hidden made visible."""
    return _short(value, type_, "", 0, limits)


def _short(value: Any, type_: str, name: str, depth: int, limits: Limits) -> Any:
    if isinstance(value, str):
        audio = name == "audio" or (name == "delta" and type_.endswith("audio.delta"))
        return _text(value, limits, audio=audio)
    if isinstance(value, bool) or value is None:
        return value
    if isinstance(value, int):
        # A browser's numbers are floats; what they cannot hold is shown as text.
        return value if abs(value) < _SAFE_INTEGER else f"{str(value)[: limits.cut]} (integer)"
    if isinstance(value, float):
        return value if math.isfinite(value) else str(value)
    if depth >= limits.deepest:
        return "… (nested more deeply)"
    if isinstance(value, dict):
        pairs = list(value.items())
        shown = pairs[: limits.members]
        made = {_text(str(k), limits): _short(v, type_, str(k), depth + 1, limits) for k, v in shown}
        if len(pairs) > len(shown):
            made["…"] = f"{len(pairs) - len(shown)} more members"
        return made
    if isinstance(value, list):
        items = [_short(v, type_, name, depth + 1, limits) for v in value[: limits.members]]
        left = len(value) - len(items)
        return [*items, f"… {left} more"] if left else items
    return _text(str(value), limits)


def _text(text: str, limits: Limits, *, audio: bool = False) -> str:
    if audio and len(text) > _AUDIO:
        seconds = len(text) * 3 / 4 / _PER_SECOND
        return f"{visible(text[:24])}… ({len(text):,} characters of audio, about {seconds:.2f} s of PCM16)"
    if len(text) > limits.text:
        return f"{visible(text[: limits.cut])}… ({len(text):,} characters)"
    return visible(text)
