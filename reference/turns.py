"""Turn detection by loudness: where speech begins and where it ends.

A real server listens with a neural network; this one takes loud for speech. What follows from a
beginning or an end is the business of ``listening``.
"""

from __future__ import annotations

from array import array
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from reference.speech import loudness

if TYPE_CHECKING:
    from collections.abc import Iterator

WINDOW_MS = 20
WINDOWS_TO_START = 2
"""So much must be loud in a row: a click is not speech."""
SEMANTIC_SILENCE_MS = {"low": 1000, "medium": 500, "auto": 500, "high": 300}
"""How long ``semantic_vad`` waits; well within the documented longest waits of 8, 4 and 2 s (3.3)."""
SEMANTIC_THRESHOLD = 0.5
SEMANTIC_PADDING_MS = 300


@dataclass(frozen=True, slots=True)
class SpeechStarted:
    """Speech began at a position in the audio written, prefix padding included."""

    at_ms: int


@dataclass(frozen=True, slots=True)
class SpeechStopped:
    """Speech ended at a position in the audio written, closing silence included."""

    at_ms: int


class TurnDetector:
    """Looks at audio as it is written. ``settings`` is a complete ``turn_detection`` object (3.3)."""

    def __init__(self, settings: dict[str, Any], position_ms: int) -> None:
        self.speaking = False
        self.configure(settings)
        self._earliest_ms = position_ms
        self._loud = 0
        self._silent = 0
        self.restart(position_ms)

    def configure(self, settings: dict[str, Any]) -> None:
        """Go on with other settings; speech that is under way stays so."""
        if settings["type"] == "server_vad":
            self._threshold = float(settings["threshold"])
            self._padding_ms = int(settings["prefix_padding_ms"])
            self._silence_ms = int(settings["silence_duration_ms"])
        else:
            self._threshold = SEMANTIC_THRESHOLD
            self._padding_ms = SEMANTIC_PADDING_MS
            self._silence_ms = SEMANTIC_SILENCE_MS[settings["eagerness"]]

    def restart(self, position_ms: int) -> None:
        """Go on at a position, for the audio format has changed; half a window may be lost."""
        self._position_ms = position_ms
        self._rest: array[int] = array("h")

    def stop(self, position_ms: int) -> None:
        """End the turn from outside, for the client has committed it (IA-12)."""
        self.speaking = False
        self._loud = 0
        self._earliest_ms = position_ms

    def feed(self, samples: array[int], rate: int) -> Iterator[SpeechStarted | SpeechStopped]:
        """Look at more audio and yield what is found in it, starts and stops in turn (IA-10)."""
        self._rest += samples
        size = rate * WINDOW_MS // 1000
        count = len(self._rest) // size
        windows, self._rest = self._rest[: count * size], self._rest[count * size :]
        for index in range(count):
            level = loudness(windows[index * size : (index + 1) * size])
            self._position_ms += WINDOW_MS
            # Digital silence is never speech, not even at threshold 0.
            is_loud = level > 0 and level >= self._threshold
            found = self._in_speech(is_loud) if self.speaking else self._in_silence(is_loud)
            if found is not None:
                yield found

    def _in_silence(self, is_loud: bool) -> SpeechStarted | None:
        self._loud = self._loud + 1 if is_loud else 0
        if self._loud < WINDOWS_TO_START:
            return None
        self.speaking = True
        self._silent = 0
        began_ms = self._position_ms - self._loud * WINDOW_MS
        # A turn never begins before the end of the one before it, padding or not (IA-11).
        return SpeechStarted(max(self._earliest_ms, began_ms - self._padding_ms, 0))

    def _in_speech(self, is_loud: bool) -> SpeechStopped | None:
        self._silent = 0 if is_loud else self._silent + 1
        if self._silent == 0 or self._silent * WINDOW_MS < self._silence_ms:
            return None
        self.stop(self._position_ms)
        return SpeechStopped(self._position_ms)
