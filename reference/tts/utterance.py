"""Text on its way to audio: cut into chunks, spoken, and aligned (TS-03, TS-04)."""

from __future__ import annotations

import base64
import re
from collections.abc import Iterator
from dataclasses import dataclass

from protocol.json_values import Json
from reference.speech import CHARACTER_MS, character_ms, speak
from reference.tts.policy import TtsPolicy
from reference.tts.voice_settings import VoiceSettings

_WORD = re.compile(r"\S+")


@dataclass(frozen=True, slots=True)
class SpokenChunk:
    """One chunk: its text, where in the utterance that begins, its audio, and what is said in it when."""

    text: str
    audio: bytes
    alignment: Json | None


class Utterance:
    """What one flush speaks. ``begins_at`` is what its times count from, in seconds (TO-07)."""

    def __init__(self, text: str, settings: VoiceSettings, policy: TtsPolicy, begins_at: float) -> None:
        self._text = text
        self._settings = settings
        self._policy = policy
        self._begins_at = begins_at
        self._speed = settings.speaking_rate * CHARACTER_MS / policy.character_ms
        self._character_s = character_ms(self._speed) / 1000

    @property
    def seconds(self) -> float:
        """How long it lasts."""
        return len(self._text) * self._character_s

    def chunks(self) -> Iterator[SpokenChunk]:
        """Yield the chunks in order; nothing is said where there is nothing but white space."""
        if not self._text.strip():
            return
        place = 0
        for text in _pieces(self._text, self._policy.chunk_characters):
            yield SpokenChunk(text, self._audio(text, first=place == 0), self._alignment(place, text))
            place += len(text)

    def _audio(self, text: str, *, first: bool) -> bytes:
        encoding = self._settings.encoding
        samples = speak(text, encoding.audio_format, self._settings["voiceId"], self._speed)
        return encoding.chunk(samples, headless=not first and encoding.name in self._policy.header_once)

    def _alignment(self, place: int, text: str) -> Json | None:
        """Return ``timestampInfo`` of a piece: the words that begin in it, or its characters."""
        kind = self._settings.alignment
        if kind is None:
            return None
        if kind == "CHARACTER":
            spans = [(place + i, place + i + 1) for i in range(len(text))]
        else:
            words = (found.span() for found in _WORD.finditer(self._text))
            spans = [(start, end) for start, end in words if place <= start < place + len(text)]
        name, key = ("character", "characters") if kind == "CHARACTER" else ("word", "words")
        times = {
            key: [self._text[start:end] for start, end in spans],
            f"{name}StartTimeSeconds": [self._time(start) for start, _ in spans],
            f"{name}EndTimeSeconds": [self._time(end) for _, end in spans],
        }
        return {f"{name}Alignment": times}

    def _time(self, character: int) -> float:
        return round(self._begins_at + character * self._character_s, 3)


def _pieces(text: str, about: int) -> Iterator[str]:
    """Yield a text in pieces of whole words as far as these are not longer than ``about`` characters."""
    piece = ""
    for part in re.findall(rf"\S{{1,{about}}}\s{{0,{about}}}|\s{{1,{about}}}", text):
        if piece and len(piece) + len(part) > about:
            yield piece
            piece = ""
        piece += part
    yield piece


def chunk_body(chunk: SpokenChunk, model: str, *, aligned: bool) -> Json:
    """Return the body of the ``audioChunk`` for a chunk, with its alignment or without."""
    body: Json = {
        "audioContent": base64.b64encode(chunk.audio).decode(),
        "usage": {"processedCharactersCount": len(chunk.text), "modelId": model},
    }
    return {**body, "timestampInfo": chunk.alignment} if aligned and chunk.alignment else body
