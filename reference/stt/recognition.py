"""Which words were heard, by the shape of the level of the speech.

Utterances of which the shape is in the table are recognised, whatever the chunks and however loud. All other
speech is heard as words that depend on its length alone, so that the same audio always is the same text.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

FRAME_MS = 20
"""The length of the frames by which the level is measured."""

BIN_FRAMES = 5
_BIN_MS = FRAME_MS * BIN_FRAMES
_FEWEST_BINS = 6
"""Before so much of an utterance was heard nothing is said about it."""

_LIKE = 0.9
"""Shapes that correlate by so much are of one utterance."""

_WORD_MS = 300
_UNKNOWN_WORDS = (
    *("the", "quick", "brown", "fox", "jumps", "over", "a", "lazy", "dog", "and", "then", "it"),
    *("runs", "back", "home", "again"),
)


@dataclass(frozen=True, slots=True)
class HeardWord:
    """A word, and when it was heard within its turn, in milliseconds."""

    text: str
    start_ms: int
    end_ms: int


@dataclass(frozen=True, slots=True)
class KnownSpeech:
    """An utterance: its words with their ends in milliseconds, and its level in bins of 100 ms."""

    words: tuple[tuple[str, int], ...]
    shape: tuple[int, ...]

    def heard(self, milliseconds: int, *, whole: bool) -> list[HeardWord]:
        """Return the words that end within a time; all of them if nothing more will come."""
        found = []
        start = 0
        for text, end in self.words:
            if end <= milliseconds or whole:
                found.append(HeardWord(text, start, end))
            start = end
        return found


KNOWN_SPEECH: tuple[KnownSpeech, ...] = (
    KnownSpeech(
        (("What", 160), ("is", 380), ("one", 800), ("and", 1140), ("one?", 1440)),
        (3229, 1945, 2874, 927, 2376, 5163, 2505, 1596, 4, 2049, 1620, 740, 4413, 2512, 355),
    ),
)
"""The speech fixtures of the suite."""


def words_heard(levels: Sequence[float], *, ended: bool) -> list[HeardWord]:
    """Return the words of one turn, by the levels (root mean squares) of its frames from its beginning on.

    ``ended`` says that the turn is over; before, too little speech is heard as nothing.
    """
    shape = _bins(levels)
    if len(shape) < _FEWEST_BINS and not ended:
        return []
    length_ms = len(shape) * _BIN_MS
    for known in KNOWN_SPEECH:
        if _is_like(shape, known.shape):
            return known.heard(length_ms, whole=ended and len(shape) >= len(known.shape) - 2)
    count = max(1, length_ms // _WORD_MS)
    texts = (_UNKNOWN_WORDS[number % len(_UNKNOWN_WORDS)] for number in range(count))
    return [
        HeardWord(text, number * _WORD_MS, min((number + 1) * _WORD_MS, max(length_ms, number * _WORD_MS)))
        for number, text in enumerate(texts)
    ]


def _bins(levels: Sequence[float]) -> list[float]:
    """Return the level by bins, without the silence at the end."""
    bins = [sum(levels[i : i + BIN_FRAMES]) / BIN_FRAMES for i in range(0, len(levels), BIN_FRAMES)]
    loudest = max(bins, default=0.0)
    while bins and bins[-1] < loudest / 30:
        bins.pop()
    return bins


def _is_like(shape: Sequence[float], known: Sequence[int]) -> bool:
    """Tell whether a shape is that of a known utterance, as far as it was heard."""
    count = min(len(shape), len(known))
    if count < _FEWEST_BINS or len(shape) > len(known) + 2:
        return False
    return _correlation(shape[:count], known[:count]) >= _LIKE


def _correlation(one: Sequence[float], other: Sequence[float]) -> float:
    """Return how alike two shapes are: 1 where one is a multiple of the other and a constant."""
    mean, other_mean = sum(one) / len(one), sum(other) / len(other)
    a, b = [x - mean for x in one], [x - other_mean for x in other]
    norm = math.sqrt(sum(x * x for x in a) * sum(x * x for x in b))
    return sum(x * y for x, y in zip(a, b, strict=True)) / norm if norm else 0.0
