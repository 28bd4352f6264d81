"""Audio formats as the rules count them."""

from __future__ import annotations

import base64
import binascii
import functools
from array import array
from typing import Any

from rules.subjects import int_of, text_of

ALIASES: dict[str, dict[str, Any]] = {
    "pcm16": {"type": "audio/pcm", "rate": 24000},
    "g711_ulaw": {"type": "audio/pcmu"},
    "g711_alaw": {"type": "audio/pcma"},
    "float32": {"type": "audio/float32"},
}
"""String forms of audio formats and the objects they stand for (inworld 2.3)."""

_SAMPLE_BYTES = {"audio/pcm": 2, "audio/pcmu": 1, "audio/pcma": 1, "audio/float32": 4}


def _object(format_: Any) -> Any:
    return ALIASES.get(format_, {}) if isinstance(format_, str) else format_


def sample_bytes(format_: Any) -> int:
    """Return how many bytes one sample of `format_` has; PCM16 where it is not known."""
    return _SAMPLE_BYTES.get(text_of(_object(format_), "type"), 2)


def bytes_per_ms(format_: Any) -> float:
    """Return how many bytes of `format_` last one millisecond; by default 24 kHz, or 8 kHz for G.711."""
    shown = _object(format_)
    usual = 8_000 if text_of(shown, "type") in ("audio/pcmu", "audio/pcma") else 24_000
    return sample_bytes(shown) * (int_of(shown, "rate") or usual) / 1000


def is_quiet(audio: str, format_: Any) -> bool:
    """Tell whether `audio`, in Base64, is silence, or so little above it that nobody speaks."""
    return _quiet(audio, text_of(_object(format_), "type"))


@functools.lru_cache(maxsize=256)  # callers say the same again and again
def _quiet(audio: str, type_: str) -> bool:
    try:
        data = base64.b64decode(audio, validate=True)
    except (binascii.Error, ValueError):
        return False
    if not data.strip(b"\0"):
        return True
    match type_:
        case "audio/pcmu":
            return min(each | 0x80 for each in data) >= _QUIET_ULAW
        case "audio/pcma":
            return max((each ^ 0x55) & 0x7F for each in data) <= _QUIET_ALAW
        case "audio/float32":
            return False
        case _:
            samples = array("h", data[: len(data) // 2 * 2])
            return bool(samples) and max(samples) <= _QUIET_PCM and min(samples) >= -_QUIET_PCM


_QUIET_PCM, _QUIET_ULAW, _QUIET_ALAW = 300, 0xF0, 0x0F
"""About 40 dB below the loudest that can be said."""
