"""How long a context has spoken, by the arithmetic of its audio."""

from __future__ import annotations

import base64
import binascii
import struct
from dataclasses import dataclass
from typing import NamedTuple

RIFF_BYTES = b"RIFF"

_HEADER_BYTES = 44
_FORMAT = struct.Struct("<HHIIHH")  # tag, channels, rate, bytes a second, bytes a sample of all, bits
_FORMAT_AT = 20
_G711_RATE = 8000
_LINEAR = ("LINEAR16", "PCM", "WAV")
_G711 = ("ALAW", "MULAW")


class WaveFormat(NamedTuple):
    """What the header of a RIFF file says of its samples: `tag` is 1 for linear ones."""

    tag: int
    channels: int
    rate: int
    bits: int


@dataclass(slots=True)
class SpokenSound:
    """How long a context has spoken: `seconds` since its last completed flush, `total` in all.

    `known` turns False with audio of which nobody can tell how long it is; `tagged` says that its text had
    more in it than is spoken.
    """

    seconds: float = 0.0
    total: float = 0.0
    known: bool = True
    tagged: bool = False

    def add(self, content: str, encoding: str, rate: int | None) -> None:
        """Take in the Base64 of a chunk, in the `encoding` and at the `rate` that were asked for."""
        data = decoded(content)
        lasts = duration(data, encoding, rate) if data is not None else None
        if lasts is None:
            self.known = False
        else:
            self.seconds += lasts
            self.total += lasts


def decoded(content: str) -> bytes | None:
    """Return the audio in Base64, None where it is none."""
    try:
        return base64.b64decode(content, validate=True)
    except (binascii.Error, ValueError):
        return None


def duration(data: bytes, encoding: str, rate: int | None) -> float | None:
    """Return how many seconds `data` lasts, None where nobody can tell.

    Where it has a RIFF header, that says at which rate.
    """
    if encoding in _G711:
        return len(data) / _G711_RATE
    if encoding not in _LINEAR:
        return None
    form = wave_format(data)
    if form is not None and form.rate and form.bits and form.channels:
        return (len(data) - _HEADER_BYTES) / (form.rate * form.channels * form.bits / 8)
    samples = len(data) - (_HEADER_BYTES if data.startswith(RIFF_BYTES) else 0)
    return samples / 2 / rate if rate else None


def wave_format(data: bytes) -> WaveFormat | None:
    """Return what the RIFF header of `data` says, None where it has none that says anything."""
    if not data.startswith(RIFF_BYTES) or data[12:16] != b"fmt " or len(data) < _HEADER_BYTES:
        return None
    tag, channels, rate, _, _, bits = _FORMAT.unpack_from(data, _FORMAT_AT)
    return WaveFormat(tag, channels, rate, bits)
