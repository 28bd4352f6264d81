"""Faults of what a chunk holds: audio, alignment, usage (facts 2 and 3)."""

from __future__ import annotations

import base64
from functools import partial
from typing import Any

from protocol.json_values import Json
from reference.alterations import Memory, StepFactory
from reference.differences import Difference, service_differs
from reference.edits import Condition, at_path, both, drop, has, lacks, put, unset, with_value
from reference.faults.tts_steps import asked_otherwise, has_setting, setting
from reference.tts.encodings import riff

_tts = partial(service_differs, "tts")
_CONTENT = "body.audioContent"
_ENCODING, _RATE = "audioConfig.audioEncoding", "audioConfig.sampleRateHertz"
_INFO = "body.timestampInfo"
_WORDS, _CHARACTERS = f"{_INFO}.wordAlignment", f"{_INFO}.characterAlignment"
_UNASKED = has_setting("timestampType", "TIMESTAMP_TYPE_UNSPECIFIED")
_RIFF_HEADER_BYTES = 44


def _audio(event: Json) -> bytes:
    return base64.b64decode(event["body"]["audioContent"])


def _told(audio: bytes) -> str:
    return base64.b64encode(audio).decode()


def _in(encoding: str) -> Condition:
    """Tell whether a chunk has audio in an encoding."""
    return both(has(_CONTENT), has_setting(_ENCODING, encoding))


def _with_header(event: Json, memory: Memory) -> str:
    return _told(riff(_audio(event), setting(event, memory, _RATE)))


def _alignments(change: Any) -> tuple[StepFactory, ...]:
    """Return changes of the start and end times of both kinds of alignment."""

    def changed(kind: str) -> Any:
        def value(event: Json, _memory: Memory) -> Json:
            times = at_path(event, f"{_INFO}.{kind}Alignment")
            start, end = f"{kind}StartTimeSeconds", f"{kind}EndTimeSeconds"
            starts, ends = change(times[start], times[end])
            return {**times, start: starts, end: ends}

        return value

    return (
        put("audioChunk", _WORDS, changed("word"), has(_WORDS)),
        put("audioChunk", _CHARACTERS, changed("character"), has(_CHARACTERS)),
    )


def _as_characters(event: Json, _memory: Memory) -> Json:
    """Return the alignment of words under the names of one of characters."""
    words = at_path(event, _WORDS)
    return {
        "characterAlignment": {
            "characters": words["words"],
            "characterStartTimeSeconds": words["wordStartTimeSeconds"],
            "characterEndTimeSeconds": words["wordEndTimeSeconds"],
        }
    }


def _another_encoding(event: Json) -> Json:
    """Return a `create` that asks for PCM where it asked for G.711."""
    asked = at_path(event, "body.audioConfig.audioEncoding")
    if asked not in ("ALAW", "MULAW"):
        return event
    return with_value(event, "body.audioConfig", {"audioEncoding": "PCM", "sampleRateHertz": 8000})


def _another_rate(event: Json) -> Json:
    """Return a `create` that asks for 24 kHz where it asked for another rate of PCM."""
    audio = at_path(event, "body.audioConfig")
    g711 = isinstance(audio, dict) and audio.get("audioEncoding") in ("ALAW", "MULAW")
    return event if g711 else with_value(event, "body.audioConfig.sampleRateHertz", 24_000)


FAULTS: tuple[Difference, ...] = (
    _tts("nothing-spoken", "TO-04 TS-03", "No text is spoken.", drop("audioChunk")),
    _tts(
        "header-in-pcm",
        "TO-16",
        "Chunks of `PCM` begin with a RIFF header.",
        put("audioChunk", _CONTENT, _with_header, _in("PCM")),
    ),
    _tts(
        "linear16-without-header",
        "TO-16",
        "Chunks of `LINEAR16` have no RIFF header.",
        put(
            "audioChunk",
            _CONTENT,
            lambda event, _memory: _told(_audio(event)[_RIFF_HEADER_BYTES:]),
            _in("LINEAR16"),
        ),
    ),
    _tts(
        "linear16-header-once",
        "TO-16 TC-09",
        "Of the chunks of `LINEAR16`, only the first of a flush has a RIFF header.",
        policy={"header_once": frozenset({"LINEAR16"})},
    ),
    _tts(
        "half-samples",
        "TO-16",
        "Chunks of `PCM` end within a sample.",
        put("audioChunk", _CONTENT, lambda event, _memory: _told(_audio(event)[:-1]), _in("PCM")),
    ),
    _tts(
        "broken-base64",
        "CN-07 TS-03",
        "`audioContent` is a letter short of Base64.",
        put("audioChunk", _CONTENT, lambda event, _memory: event["body"]["audioContent"][:-1], has(_CONTENT)),
    ),
    _tts(
        "encoding-ignored",
        "TC-09",
        "Who asks for G.711 gets 16-bit samples.",
        asked_otherwise("create", _another_encoding),
    ),
    _tts(
        "rate-ignored",
        "TC-10",
        "Audio has 24 kHz, whatever was asked for.",
        asked_otherwise("create", _another_rate),
    ),
    _tts(
        "speaks-too-fast",
        "TS-03",
        "Audio is far too short for its text.",
        policy={"character_ms": 2.0},
    ),
    _tts(
        "speaks-too-slowly",
        "TS-03",
        "Audio is far too long for its text.",
        policy={"character_ms": 600.0, "chunk_characters": 12},
    ),
    _tts(
        "frames-too-large",
        "CN-16",
        "A flush is one chunk, and may be of more than 1 MiB.",
        policy={"chunk_characters": 4000},
    ),
    _tts(
        "alignment-lengths-differ",
        "TS-04",
        "The end times of an alignment are one less than its starts.",
        *_alignments(lambda starts, ends: (starts, ends[:-1])),
    ),
    _tts(
        "times-not-restarting",
        "TO-07",
        "Times go on behind `flushCompleted`.",
        policy={"restarts_times": False},
    ),
    _tts(
        "times-decreasing",
        "TO-07",
        "The times of a chunk are in reverse order.",
        *_alignments(lambda starts, ends: (starts[::-1], ends[::-1])),
    ),
    _tts(
        "start-after-end",
        "TO-07",
        "Words and characters start after they end.",
        *_alignments(lambda starts, ends: (ends, starts)),
    ),
    _tts(
        "alignment-unasked",
        "TO-11",
        "Chunks have times though nobody has asked for them.",
        put(
            "audioChunk",
            _INFO,
            {"wordAlignment": {"words": ["a"], "wordStartTimeSeconds": [0.0], "wordEndTimeSeconds": [0.1]}},
            both(_UNASKED, lacks(_INFO)),
        ),
    ),
    _tts(
        "alignment-missing",
        "TC-12 TS-04",
        "No chunk has times though they were asked for.",
        unset("audioChunk", _INFO),
    ),
    _tts(
        "another-alignment",
        "TC-12",
        "Who asks for times of words gets times of characters.",
        put("audioChunk", _INFO, _as_characters, has(_WORDS)),
    ),
    _tts(
        "usage-wrong",
        "TO-13",
        "`processedCharactersCount` is twice what was spoken.",
        put(
            "audioChunk",
            "body.usage.processedCharactersCount",
            lambda event, _memory: 2 * event["body"]["usage"]["processedCharactersCount"],
            has("body.usage"),
        ),
    ),
    _tts(
        "null-status",
        "CN-14",
        "`status` is null where there is none.",
        put("*", "status", None, lacks("status")),
    ),
    _tts(
        "null-keys",
        "CN-14",
        "Beside `audioChunk` stands `flushCompleted: null`.",
        put("audioChunk", "flushCompleted", None),
    ),
    _tts(
        "null-alignment",
        "CN-14",
        "`timestampInfo` is null where nobody has asked for times.",
        put("audioChunk", _INFO, None, _UNASKED),
    ),
)
