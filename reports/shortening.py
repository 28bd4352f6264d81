"""Events made short enough to be shown: long values summarised, audio never dumped, nothing hidden. Pure."""

from __future__ import annotations

import json
import math
import re
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


_PLAIN = 800  # bytes of JSON that are too few for more than 400 members, or a text that is cut
_FLAT = 32  # brackets that are too few to nest more deeply
_LONG_INTEGER = re.compile(rb"[0-9]{16}")


def short_json(event: Any, type_: str) -> str:
    """Return `short(event, type_, WHOLE)` as JSON; most events are as they are to be shown."""
    heard = "delta" if type_.endswith("audio.delta") else "audio"
    shortened = isinstance(event, dict) and isinstance(event.get(heard), str)
    if shortened:
        event = {**event, heard: _text(event[heard], WHOLE, audio=True)}
    try:
        raw = orjson.dumps(event)
    except (TypeError, orjson.JSONEncodeError):  # lone surrogates, integers beyond 64 bits
        raw = b""
    if 0 < len(raw) <= _PLAIN and raw.count(b"{") + raw.count(b"[") <= _FLAT:
        text = raw.decode()
        # What has to be made visible is escaped in JSON, or stands there as it is.
        hidden = b"\\" in raw or b"\x7f" in raw or (not raw.isascii() and hides(text))
        audio = raw.count(b'"audio"') + (raw.count(b'"delta"') if heard == "delta" else 0) - shortened
        if not (hidden or _LONG_INTEGER.search(raw) or (audio and len(raw) > _AUDIO)):
            return text
    return json.dumps(short(event, type_, WHOLE), ensure_ascii=False, separators=(",", ":"))


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
