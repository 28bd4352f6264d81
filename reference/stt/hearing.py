"""From audio to turns: where speech begins and ends, and what was heard of it so far."""

from __future__ import annotations

import math
from array import array
from collections.abc import Iterator
from dataclasses import dataclass, field
from operator import mul

from reference.speech import AudioFormat, decode_audio
from reference.stt.listen_settings import LISTENING_RATE, ListenSettings
from reference.stt.policy import SttPolicy
from reference.stt.recognition import FRAME_MS, HeardWord, words_heard
from reference.turns import SpeechStarted, TurnDetector

INTERIM_MS = 200
"""Time of audio between two interim texts."""
LONGEST_MANUAL_TURN_MS = 30_000
"""A turn that the client does not end is ended then (SC-04)."""

_FORMAT = AudioFormat("audio/pcm", LISTENING_RATE)
_FRAME_SAMPLES = LISTENING_RATE * FRAME_MS // 1000
_NEVER_MS = 10**9


@dataclass(frozen=True, slots=True)
class HeardEvent:
    """Something that is heard: ``kind`` is ``started``, ``interim``, ``stopped`` or ``final``.

    ``at_ms`` is the position in the audio at which its turn began; times of words count from there.
    """

    kind: str
    at_ms: int
    words: tuple[HeardWord, ...] = ()


@dataclass(slots=True)
class _Turn:
    at_ms: int
    levels: list[float] = field(default_factory=list)
    told: tuple[HeardWord, ...] = ()

    def words(self, *, ended: bool) -> tuple[HeardWord, ...]:
        return tuple(words_heard(self.levels, ended=ended))


class Hearing:
    """Takes audio in chunks of any size, cut anywhere, and yields what is heard in it.

    What is heard depends on the audio alone, not on how it was cut. With manual turns the detector only finds
    the beginning; ``end_turn`` makes the end (SC-04, SO-13).
    """

    def __init__(self, settings: ListenSettings, policy: SttPolicy) -> None:
        self.received_bytes = 0
        self._manual = settings.manual
        self._rest = b""
        self._position_ms = 0
        self._before: list[float] = []  # levels of the last frames before a turn
        self._turn: _Turn | None = None
        silence = settings.silence_ms or policy.silence_ms
        detection = {
            "type": "server_vad",
            "threshold": settings.vad_threshold or 0.5,
            "prefix_padding_ms": 0,
            "silence_duration_ms": _NEVER_MS if self._manual else silence,
        }
        self._detector = TurnDetector(detection, 0)

    @property
    def received_ms(self) -> int:
        """How much audio has come, in whole milliseconds."""
        return _FORMAT.milliseconds(self.received_bytes)

    def feed(self, data: bytes) -> Iterator[HeardEvent]:
        """Take more audio; a part of a sample waits for the rest of it."""
        self.received_bytes += len(data)
        data = self._rest + data
        size = _FRAME_SAMPLES * _FORMAT.sample_bytes
        whole = len(data) - len(data) % size
        self._rest = data[whole:]
        for place in range(0, whole, size):
            yield from self._frame(decode_audio(data[place : place + size], _FORMAT))

    def end_turn(self) -> Iterator[HeardEvent]:
        """End the turn that is under way, if there is one (SO-09)."""
        if self._turn is not None:
            self._detector.stop(self._position_ms)
            yield from self._ended(self._turn)

    def _frame(self, samples: array[int]) -> Iterator[HeardEvent]:
        level = math.sqrt(sum(map(mul, samples, samples)) / len(samples))
        self._position_ms += FRAME_MS
        found = list(self._detector.feed(samples, LISTENING_RATE))
        self._before = [*self._before[-1:], level]
        if self._turn is None:
            for event in found:
                if isinstance(event, SpeechStarted):
                    yield from self._began(event.at_ms)
            return
        self._turn.levels.append(level)
        if found or self._is_too_long(self._turn):
            self._detector.stop(self._position_ms)
            yield from self._ended(self._turn)
        elif len(self._turn.levels) * FRAME_MS % INTERIM_MS == 0:
            yield from self._interim(self._turn)

    def _began(self, at_ms: int) -> Iterator[HeardEvent]:
        self._turn = _Turn(at_ms, self._before)
        if not self._manual:
            yield HeardEvent("started", at_ms)

    def _interim(self, turn: _Turn) -> Iterator[HeardEvent]:
        """Say what was heard of the whole turn so far, where that is more than was said (SO-03)."""
        words = turn.words(ended=False)
        if len(words) > len(turn.told):
            turn.told = words
            yield HeardEvent("interim", turn.at_ms, words)

    def _ended(self, turn: _Turn) -> Iterator[HeardEvent]:
        """Say that the turn is over, then its one final text (SO-05, SO-07)."""
        self._turn = None
        if not self._manual:
            yield HeardEvent("stopped", turn.at_ms)
        yield HeardEvent("final", turn.at_ms, turn.words(ended=True))

    def _is_too_long(self, turn: _Turn) -> bool:
        return self._manual and self._position_ms - turn.at_ms >= LONGEST_MANUAL_TURN_MS
