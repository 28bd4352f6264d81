"""The input audio buffer: bytes, and where in the stream of all audio ever written they stand."""

from __future__ import annotations

from reference.speech import AudioFormat, convert


class InputAudio:
    """Audio that was appended and not yet committed or cleared.

    Positions are milliseconds of audio written since the session began (IA-11), whatever was taken
    out in between and however long it took in real time.
    """

    def __init__(self, audio_format: AudioFormat) -> None:
        self.audio_format = audio_format
        self._data = bytearray()
        self._base_ms = 0
        self._written = 0

    @property
    def position_ms(self) -> int:
        """How much audio was written so far."""
        return self._base_ms + self.audio_format.milliseconds(self._written)

    @property
    def duration_ms(self) -> int:
        """How much audio waits to be committed."""
        return self.audio_format.milliseconds(len(self._data))

    @property
    def start_ms(self) -> int:
        """The position of the first byte that waits."""
        return self._base_ms + self.audio_format.milliseconds(self._written - len(self._data))

    def append(self, data: bytes) -> None:
        """Write audio in the current format."""
        self._data += data
        self._written += len(data)

    def take(self, start_ms: int, end_ms: int) -> bytes:
        """Return the audio between two positions and forget all before the later one."""
        head = self._written - len(self._data)
        first, last = (max(0, self.audio_format.size(at - self._base_ms) - head) for at in (start_ms, end_ms))
        taken = bytes(self._data[first:last])
        del self._data[:last]
        return taken

    def take_all(self) -> bytes:
        """Return everything that waits and empty the buffer (IA-05)."""
        taken = bytes(self._data)
        self._data.clear()
        return taken

    def clear(self) -> None:
        """Forget everything that waits (IA-07); the position stays."""
        self._data.clear()

    def reformat(self, audio_format: AudioFormat) -> None:
        """Go on in another format; what waits is converted."""
        if audio_format == self.audio_format:
            return
        position_ms = self.position_ms
        self._data = bytearray(convert(bytes(self._data), self.audio_format, audio_format))
        self.audio_format = audio_format
        self._written = len(self._data)
        self._base_ms = position_ms - audio_format.milliseconds(self._written)
