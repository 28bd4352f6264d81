"""What is known of a connection of speech recognition: its settings, what was sent, the turn under way."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from packs.keyed.messages import KeyedMessage

OF_TURN = "turn"
"""What is owed for the turn under way is about this; what is owed by the connection is about nothing."""

_WAV_HEADER = b"RIFF"
_HEADER_BYTES = 44
_MOST_INTERIMS = 200  # of a turn, that are remembered


@dataclass(slots=True)
class TranscribedTurn:
    """One turn: its `interims` so far, the entries of its first transcription and of its speech events.

    `audio` says whether audio was sent since it began.
    """

    interims: list[str] = field(default_factory=list)
    first: int = 0
    started: int = 0
    stopped: int = 0
    audio: bool = False

    @property
    def heard(self) -> bool:
        """Whether the server has said anything of it."""
        return bool(self.first or self.started or self.stopped)


class TurnReading:
    """One connection: `settings` of its `transcribeConfig`, and what came since.

    `configured`, `early`, `ending`, `closing` and `used` are entries: of the config, of audio before it, of
    an `endTurn` that is not answered, of `closeStream`, and of `usage`. `sent_ms` is how much audio was sent,
    None where that is not known; `final` is the last final transcription, `turns` counts them. `made` is a
    message that the suite has made up and that had no answer so far, `misused` the last one with a fault.
    """

    def __init__(self) -> None:
        self.settings: Mapping[str, Any] = {}
        self.configured = self.early = self.ending = self.closing = self.used = 0
        self.turn = TranscribedTurn()
        self.final = self.turns = 0
        self.speech_events = False
        self.made: KeyedMessage | None = None
        self.misused = 0
        self._bytes = 0
        self._unknown = False

    def keys(self, message: KeyedMessage) -> tuple[str, ...]:
        """Return the turn, which everything is about that is transcribed, and the connection."""
        return (OF_TURN, "") if message.side == "server" else ()

    @property
    def manual(self) -> bool:
        """Whether the client ends the turns (`vadThreshold: 0`, SC-04)."""
        own = self.settings.get("inworldSttV1Config")
        threshold = own.get("vadThreshold") if isinstance(own, Mapping) else None
        return type(threshold) in (int, float) and threshold == 0

    @property
    def sent_ms(self) -> float | None:
        """Milliseconds of audio that were sent; None where nobody can tell."""
        rate = self.settings.get("sampleRateHertz")
        channels = self.settings.get("numberOfChannels", 1)
        if not (self._bytes or self._unknown):
            return 0.0
        known = self.settings.get("audioEncoding", "LINEAR16") == "LINEAR16" and not self._unknown
        if not known or type(rate) is not int or type(channels) is not int or rate <= 0 or channels <= 0:
            return None
        return self._bytes / (2 * channels) / rate * 1000

    def take_in(self, message: KeyedMessage) -> None:
        """Take in a message that was judged."""
        if message.side == "client":
            self._sent(message)
        else:
            self._came(message)

    def _sent(self, message: KeyedMessage) -> None:
        if message.stimulus:
            self.made = message
        if message.is_misuse:
            self.misused = message.seq
            return
        if message.name == "transcribeConfig":
            self.configured = self.configured or message.seq
            self.settings = message.body
        elif message.name == "audioChunk":
            self.early = self.early or (0 if self.configured else message.seq)
            self.turn.audio = True
            self._count(message)
        elif message.name == "endTurn":
            self.ending = message.seq
        elif message.name == "closeStream":
            self.closing = self.closing or message.seq

    def _count(self, message: KeyedMessage) -> None:
        content = message.body.get("content")
        try:
            data = base64.b64decode(content, validate=True) if isinstance(content, str) else None
        except (binascii.Error, ValueError):
            data = None
        if data is None:
            self._unknown = True
        else:
            self._bytes += len(data) - (_HEADER_BYTES if data.startswith(_WAV_HEADER) else 0)

    def _came(self, message: KeyedMessage) -> None:
        turn = self.turn
        self.made = None
        if message.name == "transcription":
            turn.first = turn.first or message.seq
            text = message.body.get("transcript")
            if message.body.get("isFinal") is True:
                self.final, self.turns, self.ending = message.seq, self.turns + 1, 0
                self.turn = TranscribedTurn()
            elif isinstance(text, str) and len(turn.interims) < _MOST_INTERIMS:
                turn.interims.append(text)
        elif message.name == "speechStarted":
            self.speech_events = True
            turn.started = turn.started or message.seq
        elif message.name == "speechStopped":
            self.speech_events = True
            turn.stopped = turn.stopped or message.seq
        elif message.name == "usage":
            self.used = self.used or message.seq
