"""Faults of speech recognition (facts 4 and 5)."""

from __future__ import annotations

from functools import partial

from protocol.json_values import MISSING, Json
from reference.alterations import Close, Memory, Sent, SessionStep, again
from reference.differences import Difference, service_differs
from reference.edits import (
    Condition,
    Hold,
    after,
    at_path,
    before,
    both,
    drop,
    has,
    instead,
    put,
    repeat,
    unset,
    with_value,
)
from reference.faults.tts_steps import asked_otherwise, ignoring

_stt = partial(service_differs, "stt")
_FINAL = has("body.isFinal", True)
_TEXT = "transcription"
_PROFILE = {"age": [{"label": "adult", "confidence": 0.9}]}
_WORD = {"word": "What", "confidence": 0.9, "startTimeMs": 0, "endTimeMs": 160}
_VAD = "body.inworldSttV1Config.vadThreshold"


def _configured(path: str) -> Condition:
    """Tell whether a field of ``transcribeConfig`` is set and not false."""

    def holds(_event: Json, memory: Memory) -> bool:
        found = at_path(memory.last_asked("transcribeConfig"), f"body.{path}")
        return found is not MISSING and bool(found)

    return holds


def _not(condition: Condition) -> Condition:
    return lambda event, memory: not condition(event, memory)


def _said(kind: str) -> Condition:
    """Tell whether the client has sent a message of a type."""
    return lambda _event, memory: memory.last_asked(kind) != {}


def _had_final(_event: Json, memory: Memory) -> bool:
    return any(each["type"] == _TEXT and each["body"]["isFinal"] for each in memory.told)


class _Increments(SessionStep):
    """Interim texts hold only what is new."""

    def __init__(self, memory: Memory) -> None:
        super().__init__(memory)
        self._told = ""

    def outgoing(self, event: Json) -> list[Sent]:
        if event["type"] != _TEXT:
            return [event]
        if event["body"]["isFinal"]:
            self._told = ""
            return [event]
        text = event["body"]["transcript"]
        new = text.removeprefix(self._told).strip()
        self._told = text
        return [with_value(event, "body.transcript", new)]


class _StoppedFirst(SessionStep):
    """``speechStopped`` comes ahead of ``speechStarted``."""

    def outgoing(self, event: Json) -> list[Sent]:
        if event["type"] == "speechStarted":
            return [{"type": "speechStopped", "body": {}}, event]
        return [] if event["type"] == "speechStopped" else [event]


class _StartedBeside(SessionStep):
    """``speechStarted`` stands in the frame of the first text of its turn."""

    def __init__(self, memory: Memory) -> None:
        super().__init__(memory)
        self._started: Json = {}

    def outgoing(self, event: Json) -> list[Sent]:
        if event["type"] == "speechStarted":
            self._started = {"speechStarted": event["body"]}
            return []
        if event["type"] != _TEXT:
            return [event]
        started, self._started = self._started, {}
        return [{**event, **started}]


def _thanks(_event: Json, memory: Memory) -> list[Sent]:
    """Return a text that nobody has said, where nobody has said anything."""
    body = {"transcript": "Thank you.", "isFinal": True, "wordTimestamps": []}
    return [] if memory.last_told(_TEXT) else [{"type": _TEXT, "body": body}]


def _automatic(event: Json) -> Json:
    return with_value(event, _VAD, MISSING) if at_path(event, _VAD) == 0 else event


def _reversed_words(event: Json, _memory: Memory) -> list[Json]:
    return [
        {**word, "startTimeMs": word["endTimeMs"], "endTimeMs": word["startTimeMs"]}
        for word in event["body"]["wordTimestamps"]
    ]


FAULTS: tuple[Difference, ...] = (
    _stt(
        "audio-first-accepted",
        "SC-02 SO-01",
        "Audio before `transcribeConfig` is heard.",
        policy={"needs_config": False},
    ),
    _stt(
        "odd-chunk-refused",
        "SC-01",
        "A chunk that ends within a sample is refused.",
        policy={"whole_samples": True},
    ),
    _stt("final-missing", "SO-05", "Turns have no final text.", drop(_TEXT, _FINAL)),
    _stt("final-twice", "SO-05 ST-09", "The final text of a turn comes twice.", repeat(_TEXT, _FINAL)),
    _stt(
        "final-unmarked",
        "ST-08 SO-05",
        "The final text of a turn has no `isFinal`.",
        unset(_TEXT, "body.isFinal", _FINAL),
    ),
    _stt(
        "final-as-text",
        "ST-08 ST-01",
        "`isFinal` is the string `true`.",
        put(_TEXT, "body.isFinal", "true", _FINAL),
    ),
    _stt(
        "interim-after-final",
        "SO-05",
        "An interim text of a turn comes behind its final one.",
        after(
            _TEXT,
            lambda event, _memory: again(event, body={**event["body"], "isFinal": False}),
            _FINAL,
        ),
    ),
    _stt("one-turn-only", "SO-05", "Nothing is said of turns behind the first.", drop(_TEXT, _had_final)),
    _stt(
        "ends-after-first-turn",
        "SO-05 SO-10",
        "The connection ends behind the first final text.",
        after(_TEXT, lambda _event, _memory: [Close(1000)], _FINAL),
    ),
    _stt("interims-are-increments", "SO-03", "Interim texts hold only what is new.", _Increments),
    _stt("transcript-missing", "ST-01", "Texts have no `transcript`.", unset(_TEXT, "body.transcript")),
    _stt(
        "ends-at-first-text",
        "SO-10",
        "The connection is closed with 1011 in place of the first transcription.",
        instead(_TEXT, lambda _event, _memory: [Close(1011)]),
    ),
    _stt(
        "ends-at-speech",
        "SO-10",
        "The connection is closed with 1000 as soon as somebody speaks.",
        instead("speechStarted", lambda _event, _memory: [Close(1000)]),
    ),
    _stt("hears-silence", "SO-05 SO-06", "Words are heard in silence.", before("usage", _thanks)),
    _stt(
        "speech-stopped-first",
        "SO-07",
        "`speechStopped` comes ahead of `speechStarted`.",
        _StoppedFirst,
    ),
    _stt(
        "speech-started-late",
        "SO-07",
        "`speechStarted` comes behind the first text of its turn.",
        Hold("speechStarted", _TEXT),
    ),
    _stt(
        "speech-started-beside-text",
        "ST-10",
        "`speechStarted` stands in the frame of a text.",
        _StartedBeside,
    ),
    _stt("end-turn-ignored", "SO-09", "`endTurn` is ignored.", ignoring("endTurn")),
    _stt(
        "manual-turn-ends-by-itself",
        "SO-13 SC-04",
        "With `vadThreshold: 0`, silence ends a turn.",
        asked_otherwise("transcribeConfig", _automatic),
    ),
    _stt(
        "close-loses-final",
        "SO-10",
        "The final text of a turn that `closeStream` ends does not come.",
        drop(_TEXT, both(_FINAL, _said("closeStream"))),
    ),
    _stt("never-closes", "ST-07 SO-10", "The connection stays open.", policy={"closes": False}),
    _stt("usage-missing", "SO-11 ST-04", "`usage` is left out.", drop("usage")),
    _stt("usage-twice", "SO-11", "`usage` comes twice.", repeat("usage")),
    _stt(
        "usage-too-large",
        "SO-11",
        "`transcribedAudioMs` is more than the audio sent.",
        put(
            "usage",
            "body.transcribedAudioMs",
            lambda event, _memory: 2 * event["body"]["transcribedAudioMs"] + 1000,
        ),
    ),
    _stt(
        "usage-before-final",
        "SO-11 SO-10",
        "`usage` comes ahead of the last final text.",
        Hold(_TEXT, "usage", both(_FINAL, _said("closeStream"))),
    ),
    _stt(
        "words-unasked",
        "ST-02",
        "Texts have times of words though nobody has asked for them.",
        put(_TEXT, "body.wordTimestamps", [_WORD], _not(_configured("includeWordTimestamps"))),
    ),
    _stt(
        "words-missing",
        "ST-03",
        "Texts have no times of words though they were asked for.",
        put(_TEXT, "body.wordTimestamps", []),
    ),
    _stt(
        "words-end-before-they-start",
        "ST-03",
        "`endTimeMs` of a word is before its `startTimeMs`.",
        put(_TEXT, "body.wordTimestamps", _reversed_words, has("body.wordTimestamps")),
    ),
    _stt(
        "speaker-unasked",
        "SO-14 ST-03",
        "Words name a speaker without diarization.",
        put(_TEXT, "body.wordTimestamps.*.speaker", 0, _not(_configured("enableSpeakerDiarization"))),
    ),
    _stt(
        "profile-unasked",
        "SO-12",
        "Final texts have a voice profile though nobody has asked for one.",
        put(
            _TEXT,
            "body.voiceProfile",
            _PROFILE,
            both(_FINAL, _not(_configured("voiceProfileConfig.enableVoiceProfile"))),
        ),
    ),
)
