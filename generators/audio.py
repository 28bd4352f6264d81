"""Audio to send: a spoken question, tones and silence, in chunks for `input_audio_buffer.append`."""

from __future__ import annotations

import base64
import functools
import math
from array import array
from collections.abc import Iterator
from pathlib import Path

RATE = 24_000
"""Samples a second of PCM16, the one rate every server takes."""

_SPEECH = Path(__file__).parent / "speech" / "question.ulaw"
_SPEECH_RATE = 8_000
_CHUNK_MS = 100  # what Inworld advises, and what its samples send (inworld 3)


def _linear(code: int) -> int:
    """Return the 14-bit sample of a G.711 µ-law byte, scaled to 16 bits."""
    code = ~code & 0xFF
    magnitude = (((code & 0x0F) << 3) + 0x84) << ((code & 0x70) >> 4)
    return (0x84 - magnitude) if code & 0x80 else (magnitude - 0x84)


@functools.cache
def question(rate: int = RATE) -> bytes:
    """Return a spoken question of a second and a half as PCM16, at 24 kHz or another multiple of 8 kHz."""
    samples = [_linear(code) for code in _SPEECH.read_bytes()]
    factor = rate // _SPEECH_RATE
    out = array("h")
    for before, after in zip(samples, [*samples[1:], 0], strict=True):
        out.extend(before + (after - before) * step // factor for step in range(factor))
    return _little_endian(out)


def question_as_g711() -> bytes:
    """Return the same question as G.711 µ-law at 8 kHz."""
    return _SPEECH.read_bytes()


def silent_pcm(milliseconds: int) -> bytes:
    """Return silence as PCM16 at 24 kHz."""
    return bytes(2 * RATE * milliseconds // 1000)


def tone(milliseconds: int, hertz: float = 440.0) -> bytes:
    """Return a soft sine tone as PCM16 at 24 kHz; no speech to any detector worth the name."""
    count = RATE * milliseconds // 1000
    samples = (int(3000 * math.sin(2 * math.pi * hertz * n / RATE)) for n in range(count))
    return _little_endian(array("h", samples))


def _little_endian(samples: array[int]) -> bytes:
    if array("H", b"\x01\x00")[0] != 1:
        samples.byteswap()
    return samples.tobytes()


def chunks(audio: bytes, *, bytes_per_ms: int = 2 * RATE // 1000) -> Iterator[str]:
    """Yield `audio` in Base64 chunks of 100 ms, each of whole samples."""
    size = bytes_per_ms * _CHUNK_MS
    for start in range(0, len(audio), size):
        yield encode_pcm(audio[start : start + size])


def encode_pcm(audio: bytes) -> str:
    """Return `audio` in Base64."""
    return base64.b64encode(audio).decode("ascii")
