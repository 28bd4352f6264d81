"""How long speech recognition takes from the last audio of a turn to its final transcription."""

from __future__ import annotations

from packs.keyed.messages import KeyedMessage

FINAL = "turn"
"""From the end of the speech, as the server tells it, or else of the audio sent, to the final text."""


class FinalTimes:
    """Measures turns of one trace after another."""

    def __init__(self) -> None:
        self._spoken: float | None = None
        self._stopped: float | None = None

    def begin(self) -> None:
        """Get ready for the next trace."""
        self._spoken = self._stopped = None

    def times(self, message: KeyedMessage) -> list[tuple[str, float]]:
        """Return the kinds of times that end with `message`, in seconds."""
        t = message.t
        if t is None:
            return []
        if message.name == "audioChunk":
            self._spoken = t
        elif message.name == "speechStopped":
            self._stopped = t
        elif message.name == "transcription" and message.body.get("isFinal") is True:
            ended = self._stopped if self._stopped is not None else self._spoken
            self._stopped = None
            return [(FINAL, t - ended)] if ended is not None else []
        return []
