"""What is known of a connection of speech recognition: its settings, what was sent, the turn under way."""

from __future__ import annotations

import base64
import binascii
import hashlib
import sys
from array import array
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from packs.keyed.messages import ERROR, STATUS, KeyedMessage

OF_TURN = "turn"
"""What is owed for the turn under way is about this; what is owed by the connection is about nothing."""

_WAV_HEADER = b"RIFF"
_HEADER_BYTES = 44
_QUIET = 300  # samples as small as this are silence
_SHORTEST_SPEECH = 8000  # bytes: less of it tells no two turns apart
_MOST_INTERIMS = 200  # of a turn, that are remembered


class SentSpeech:
    """All chunks of a turn that are more than silence, so that the same turn is known again."""

    def __init__(self) -> None:
        self._digest = hashlib.blake2b(digest_size=16)
        self._size = 0

    def add(self, data: bytes) -> None:
        """Take in a chunk."""
        if loud(data):
            self._digest.update(data)
            self._size += len(data)

    @property
    def name(self) -> bytes:
        """What tells it from other speech, empty where there is too little of it."""
        return self._digest.digest() if self._size >= _SHORTEST_SPEECH else b""


@dataclass(slots=True)
class TranscribedTurn:
    """One turn: its `interims` so far, the entries of its first transcription and of its speech events.

    `audio` says whether audio was sent since it began; `speech` is what was sent of it that is no silence.
    """

    interims: list[str] = field(default_factory=list)
    first: int = 0
    started: int = 0
    stopped: int = 0
    audio: bool = False
    speech: SentSpeech = field(default_factory=SentSpeech)

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
    None where that is not known; `final` is the last final transcription, `turns` counts them.

    `odd` is a chunk that ends within a sample, `heard_odd` what was transcribed after it; `untold` a message
    that nobody knows, `refused` the first error, `silent` whether nothing but silence was sent.
    """

    def __init__(self) -> None:
        self.settings: Mapping[str, Any] = {}
        self.configured = self.early = self.ending = self.closing = self.used = 0
        self.turn = TranscribedTurn()
        self.final = self.turns = 0
        self.speech_events = False
        self.made: KeyedMessage | None = None
        self.misused = 0
        self.odd = self.heard_odd = self.untold = self.refused = 0
        self.silent = False
        self.owed_again = False
        self._finals: set[bytes] = set()
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
    def said_again(self) -> bool:
        """Whether all that was sent of this turn is what became final before."""
        return self.turn.speech.name in self._finals

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
        self.owed_again = self.said_again
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
        else:
            self.untold = self.untold or message.seq

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
            self.odd = self.odd or (message.seq if len(data) % 2 else 0)
            self.silent = (self.silent or self._bytes == len(data)) and not any(data)
            self.turn.speech.add(data)

    def _came(self, message: KeyedMessage) -> None:
        turn = self.turn
        self.made = None
        if message.name == "transcription":
            turn.first = turn.first or message.seq
            text = message.body.get("transcript")
            self.heard_odd = self.heard_odd or (message.seq if self.odd else 0)
            if message.body.get("isFinal") is True:
                if text and turn.speech.name and len(self._finals) < _MOST_INTERIMS:
                    self._finals.add(turn.speech.name)
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
        elif message.name in (ERROR, STATUS) and message.code:
            self.refused = self.refused or message.seq


def loud(data: bytes) -> bool:
    """Tell whether samples of 16 bits are more than silence."""
    samples = array("h", data[: len(data) // 2 * 2])
    if sys.byteorder == "big":
        samples.byteswap()
    return bool(samples) and (max(samples) > _QUIET or min(samples) < -_QUIET)
