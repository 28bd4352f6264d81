"""How long speech synthesis takes, by context: to the first sound of a text, and for a second of sound."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from packs.keyed.messages import KeyedMessage
from packs.tts.contexts import asked_encoding, asked_rate, speaks
from packs.tts.sound import SpokenSound

FIRST_SOUND = "first audio"
"""From the text that a silent context was sent to its first `audioChunk` with sound."""

PACE = "a second of speech"
"""From the first text to the last `audioChunk` before the flush is completed, or the context closed, for each
second of speech: the real-time factor. Below 1, speech comes faster than it is heard."""

_WAITING = 64  # contexts that are awaited at once
_SHORTEST_S = 0.1  # of speech of which a pace is told


@dataclass(slots=True)
class _Speaking:
    """A context that was sent text: when first, and when while it was `silent`; when it was heard last."""

    asked: float
    silent: float | None
    last: float | None = None
    sound: SpokenSound = field(default_factory=SpokenSound)


class SpeechTimes:
    """Measures contexts of one trace after another."""

    def __init__(self) -> None:
        self._speaking: dict[str, _Speaking] = {}
        self._settings: dict[str, Mapping[str, Any]] = {}

    def begin(self) -> None:
        """Get ready for the next trace."""
        self._speaking.clear()
        self._settings.clear()

    def times(self, message: KeyedMessage) -> list[tuple[str, float]]:
        """Return the kinds of times that end with `message`, in seconds (of speech, for `PACE`)."""
        id_, t = message.context, message.t
        if id_ is None or t is None:
            return []
        if message.name == "create" and len(self._settings) < _WAITING:
            self._settings[id_] = message.body
        elif message.name == "sendText" and speaks(message.body.get("text")):
            self._asked(id_, t)
        elif message.name == "audioChunk" and message.side == "server":
            return self._heard(id_, t, message.body.get("audioContent"))
        elif message.name in ("flushCompleted", "contextClosed", "status"):
            return self._ended(id_, whole=message.name != "status")
        return []

    def _asked(self, id_: str, t: float) -> None:
        speaking = self._speaking.get(id_)
        if speaking is not None:
            speaking.silent = t if speaking.silent is None else speaking.silent
        elif len(self._speaking) < _WAITING:
            self._speaking[id_] = _Speaking(t, t)

    def _heard(self, id_: str, t: float, content: Any) -> list[tuple[str, float]]:
        speaking = self._speaking.get(id_)
        if speaking is None or not isinstance(content, str) or not content:
            return []
        settings = self._settings.get(id_, {})
        silent, speaking.silent, speaking.last = speaking.silent, None, t
        speaking.sound.add(content, asked_encoding(settings), asked_rate(settings))
        return [(FIRST_SOUND, t - silent)] if silent is not None else []

    def _ended(self, id_: str, *, whole: bool) -> list[tuple[str, float]]:
        speaking = self._speaking.pop(id_, None)
        if speaking is None or speaking.last is None or not whole:
            return []
        seconds = speaking.sound.seconds
        if not speaking.sound.known or seconds < _SHORTEST_S:
            return []
        return [(PACE, (speaking.last - speaking.asked) / seconds)]
