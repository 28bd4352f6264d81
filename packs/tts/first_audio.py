"""How long speech synthesis takes from a text to the first sound of it, by context."""

from __future__ import annotations

from packs.keyed.messages import KeyedMessage
from packs.tts.contexts import speaks

FIRST_SOUND = "first audio"
"""From the text that a silent context was sent to its first `audioChunk` with sound."""

_WAITING = 64  # contexts that are awaited at once


class FirstAudio:
    """Measures contexts of one trace after another."""

    def __init__(self) -> None:
        self._asked: dict[str, float] = {}

    def begin(self) -> None:
        """Get ready for the next trace."""
        self._asked.clear()

    def times(self, message: KeyedMessage) -> list[tuple[str, float]]:
        """Return the kinds of times that end with `message`, in seconds."""
        id_, t = message.context, message.t
        if id_ is None or t is None:
            return []
        if message.name == "sendText" and speaks(message.body.get("text")):
            if len(self._asked) < _WAITING:
                self._asked.setdefault(id_, t)
        elif message.name == "audioChunk" and message.side == "server" and message.body.get("audioContent"):
            asked = self._asked.pop(id_, None)
            return [(FIRST_SOUND, t - asked)] if asked is not None else []
        elif message.name in ("contextClosed", "status"):
            self._asked.pop(id_, None)
        return []
