"""The forms of the audio (TC-09, TC-10): what a chunk holds, with its header if it has one."""

from __future__ import annotations

import struct
from dataclasses import dataclass

from reference.speech import AudioFormat

G711_RATE = 8000
DEFAULT_RATE = 24_000
OFFERED = ("LINEAR16", "PCM", "WAV", "ALAW", "MULAW")
NOT_OFFERED = ("MP3", "OGG_OPUS", "FLAC")
"""What the protocol knows and this service has no encoder for: it says so (code 12)."""

_WITH_HEADER = {"LINEAR16", "WAV"}
_FORMATS = {"ALAW": "audio/pcma", "MULAW": "audio/pcmu"}
_HEADER = struct.Struct("<4sI4s4sIHHIIHH4sI")


@dataclass(frozen=True, slots=True)
class SpokenEncoding:
    """An ``audioEncoding`` at a rate in Hz."""

    name: str
    rate: int

    @property
    def audio_format(self) -> AudioFormat:
        """What the samples are encoded as."""
        return AudioFormat(_FORMATS.get(self.name, "audio/pcm"), self.rate)

    @property
    def has_header(self) -> bool:
        """Whether each chunk begins with a RIFF header (TO-16)."""
        return self.name in _WITH_HEADER

    def chunk(self, samples: bytes, *, headless: bool = False) -> bytes:
        """Return encoded samples as a chunk holds them."""
        return samples if headless or not self.has_header else riff(samples, self.rate)


def riff(samples: bytes, rate: int) -> bytes:
    """Return 16-bit mono samples as a RIFF file with a header of 44 bytes."""
    size = len(samples)
    head = (b"RIFF", size + 36, b"WAVE", b"fmt ", 16, 1, 1, rate, rate * 2, 2, 16, b"data", size)
    return _HEADER.pack(*head) + samples
