"""Audio without codecs of others: formats, G.711, loudness, and a voice made of tones.

Times are milliseconds; samples are 16-bit signed integers in an ``array('h')`` inside, whatever the
format on the wire.
"""

from __future__ import annotations

import math
import sys
from array import array
from dataclasses import dataclass
from functools import lru_cache
from operator import mul
from typing import TYPE_CHECKING, Any
from zlib import crc32

if TYPE_CHECKING:
    from collections.abc import Mapping

CHARACTER_MS = 60
"""How long one character of a transcript lasts at speed 1: about 16 characters a second, as people speak."""

_SAMPLE_BYTES = {"audio/pcm": 2, "audio/pcmu": 1, "audio/pcma": 1, "audio/float32": 4}
_FULL_SCALE = 32767


@dataclass(frozen=True, slots=True)
class AudioFormat:
    """An encoding (``audio/pcm``, ``audio/pcmu``, ``audio/pcma``, ``audio/float32``) at a rate in Hz."""

    type: str
    rate: int

    @classmethod
    def of(cls, wire: Mapping[str, Any]) -> AudioFormat:
        """Return the format of a wire object; G.711 is 8 kHz and all else 24 kHz where no rate is given."""
        return cls(
            wire["type"], wire.get("rate", 8000 if wire["type"] in {"audio/pcmu", "audio/pcma"} else 24000)
        )

    @property
    def sample_bytes(self) -> int:
        """Bytes of one sample; there is one channel."""
        return _SAMPLE_BYTES[self.type]

    def milliseconds(self, size: int) -> int:
        """Return the whole milliseconds that ``size`` bytes last."""
        return size // self.sample_bytes * 1000 // self.rate

    def size(self, milliseconds: float) -> int:
        """Return the bytes of the whole samples within a time."""
        return int(milliseconds * self.rate / 1000) * self.sample_bytes


def decode_audio(data: bytes, audio_format: AudioFormat) -> array[int]:
    """Return the samples in wire bytes; a partial sample at the end is left out."""
    data = data[: len(data) - len(data) % audio_format.sample_bytes]
    if audio_format.type == "audio/pcmu":
        return array("h", map(_MULAW.__getitem__, data))
    if audio_format.type == "audio/pcma":
        return array("h", map(_ALAW.__getitem__, data))
    samples: array[Any] = array("h" if audio_format.type == "audio/pcm" else "f", data)
    if sys.byteorder == "big":
        samples.byteswap()
    if audio_format.type == "audio/float32":
        # A client may send NaN and infinities in here, which no JSON check sees.
        return array("h", (_clip(x) if math.isfinite(x) else 0 for x in samples))
    return samples


def encode_audio(samples: array[int], audio_format: AudioFormat) -> bytes:
    """Return samples as wire bytes."""
    if audio_format.type == "audio/pcmu":
        return bytes(_mulaw_code(x) for x in samples)
    if audio_format.type == "audio/pcma":
        return bytes(_alaw_code(x) for x in samples)
    wire: array[Any] = samples[:]
    if audio_format.type == "audio/float32":
        wire = array("f", (x / _FULL_SCALE for x in samples))
    if sys.byteorder == "big":
        wire.byteswap()
    return wire.tobytes()


def convert(data: bytes, source: AudioFormat, target: AudioFormat) -> bytes:
    """Return audio in another format, by taking the nearest samples; nobody will listen to it."""
    samples = decode_audio(data, source)
    count = len(samples) * target.rate // source.rate
    return encode_audio(array("h", (samples[i * source.rate // target.rate] for i in range(count))), target)


def loudness(samples: array[int]) -> float:
    """Return how likely this is speech, by its level alone: 0 at -60 dBFS and below, 1 from -20 dBFS on."""
    if not samples:
        return 0.0
    mean = sum(map(mul, samples, samples)) / len(samples)
    if mean == 0:
        return 0.0
    decibels = 10 * math.log10(mean / _FULL_SCALE**2)
    return min(1.0, max(0.0, (decibels + 60) / 40))


def character_ms(speed: float) -> float:
    """Return how long one character lasts, in milliseconds, when speaking at a speed of 0.25 to 1.5."""
    return CHARACTER_MS / speed


def speak(text: str, audio_format: AudioFormat, voice: str, speed: float) -> bytes:
    """Return ``text`` spoken: a tone for each character, silence for white space, the same every time.

    The length is ``character_ms(speed)`` for each character, in whole samples (RS-35).
    """
    count = round(audio_format.rate * character_ms(speed) / 1000)
    base = 12 + crc32(voice.encode()) % 5
    return b"".join(_tone(0 if c.isspace() else base + 2 * (ord(c) % 8), count, audio_format) for c in text)


@lru_cache(maxsize=512)
def _tone(cycles: int, count: int, audio_format: AudioFormat) -> bytes:
    """Return ``count`` samples with whole cycles of a sine, so that characters join without a click."""
    turn = 2 * math.pi * cycles / count
    return encode_audio(
        array("h", (int(0.3 * _FULL_SCALE * math.sin(turn * i)) for i in range(count))), audio_format
    )


def _clip(value: float) -> int:
    return int(max(-1.0, min(1.0, value)) * _FULL_SCALE)


# G.711 in its textbook form. Mu-law: 33 is the bias that makes the logarithm start at zero.


def _mulaw_sample(code: int) -> int:
    code = ~code & 0xFF
    magnitude = ((((code & 0x0F) << 3) + 0x84) << ((code & 0x70) >> 4)) - 0x84
    return -magnitude if code & 0x80 else magnitude


def _mulaw_code(sample: int) -> int:
    sign = 0x80 if sample < 0 else 0
    magnitude = min(abs(sample), 32635) + 0x84
    exponent = magnitude.bit_length() - 8
    return ~(sign | exponent << 4 | (magnitude >> (exponent + 3)) & 0x0F) & 0xFF


def _alaw_sample(code: int) -> int:
    code ^= 0x55
    exponent = (code & 0x70) >> 4
    magnitude = ((code & 0x0F) << 4) + 8
    if exponent:
        magnitude = (magnitude + 0x100) << (exponent - 1)
    return magnitude if code & 0x80 else -magnitude


def _alaw_code(sample: int) -> int:
    sign = 0x80 if sample >= 0 else 0
    magnitude = min(sample if sample >= 0 else -sample - 1, _FULL_SCALE)
    exponent = max(0, magnitude.bit_length() - 8)
    mantissa = (magnitude >> (exponent + 3 if exponent else 4)) & 0x0F
    return (sign | exponent << 4 | mantissa) ^ 0x55


_MULAW = [_mulaw_sample(code) for code in range(256)]
_ALAW = [_alaw_sample(code) for code in range(256)]
