"""Variants of speech recognition: what the facts allow, and this service does not do by itself."""

from __future__ import annotations

from functools import partial

from protocol.json_values import Json
from reference.alterations import Memory, Sent, SessionStep, again
from reference.differences import Difference, service_differs
from reference.edits import MOMENT_S, Hold, drop, has, instead, lacks, put, repeat, unset

_stt = partial(service_differs, "stt")
_TEXT = "transcription"
_FINAL, _INTERIM = has("body.isFinal", True), has("body.isFinal", False)


class _FalseAlarm(SessionStep):
    """The first turn is preceded by one in which nothing was said."""

    def __init__(self, memory: Memory) -> None:
        super().__init__(memory)
        self._rung = False

    def outgoing(self, event: Json) -> list[Sent]:
        if self._rung or event["type"] != "speechStarted":
            return [event]
        self._rung = True
        empty = {"transcript": "", "isFinal": True, "wordTimestamps": []}
        return [event, {"type": "speechStopped", "body": {}}, {"type": _TEXT, "body": empty}, again(event)]


def _other_words(event: Json, _memory: Memory) -> str:
    """Return a text as a second look would have it: a word split, another end."""
    text: str = event["body"]["transcript"]
    return text.lower().replace("and", "an d").rstrip("?.") + "."


VARIANTS: tuple[Difference, ...] = (
    _stt(
        "profile-null",
        "ST-02",
        "`voiceProfile` is null where nobody has asked for one.",
        put(_TEXT, "body.voiceProfile", None, lacks("body.voiceProfile")),
    ),
    _stt(
        "no-empty-words",
        "ST-02",
        "`wordTimestamps` is left out where it would be empty.",
        unset(_TEXT, "body.wordTimestamps", has("body.wordTimestamps", [])),
    ),
    _stt(
        "no-speech-events",
        "SO-08",
        "There are neither `speechStarted` nor `speechStopped`.",
        drop("speechStarted speechStopped"),
    ),
    _stt(
        "bare-speech-started",
        "ST-01",
        "`speechStarted` has neither a time nor a confidence.",
        put("speechStarted", "body", {}),
    ),
    _stt(
        "speech-stopped-behind-final",
        "SO-07",
        "`speechStopped` comes behind the final text.",
        Hold("speechStopped", _TEXT, until_where=_FINAL),
    ),
    _stt("empty-final", "SO-06", "A turn in which nothing was said has an empty final text.", _FalseAlarm),
    _stt(
        "interims-unmarked",
        "ST-08",
        "Interim texts have no `isFinal`.",
        unset(_TEXT, "body.isFinal", _INTERIM),
    ),
    _stt("interims-repeated", "SO-05", "Interim texts come twice.", repeat(_TEXT, _INTERIM)),
    _stt("no-interims", "SO-05", "There are final texts only.", drop(_TEXT, _INTERIM)),
    _stt(
        "final-differs",
        "SO-04",
        "The final text differs from the interim ones.",
        put(_TEXT, "body.transcript", _other_words, _FINAL),
    ),
    _stt(
        "final-late",
        "SO-05",
        "Final texts come a moment later, if nothing else happens.",
        Hold(_TEXT, "usage speechStarted", _FINAL, ahead=True, at_most=MOMENT_S),
    ),
    _stt(
        "usage-in-tenths",
        "SO-11",
        "`transcribedAudioMs` counts whole tenths of a second.",
        put(
            "usage",
            "body.transcribedAudioMs",
            lambda event, _memory: event["body"]["transcribedAudioMs"] // 100 * 100,
        ),
    ),
    _stt(
        "unknown-fields",
        "CN-11",
        "Messages have fields that no document knows.",
        put("*", "body.traceId", "trace-1"),
    ),
    _stt(
        "refusal-closes",
        "SO-01 ST-05",
        "The connection ends behind an error.",
        policy={"refusal_closes": True},
    ),
    _stt(
        "error-as-status",
        "ST-05",
        "Errors come as `result.status`.",
        instead("error", lambda event, _memory: {"type": "status", "status": event["body"]}),
    ),
    _stt(
        "patient",
        "SC-04",
        "A turn ends after 800 ms of silence where the client does not say otherwise.",
        policy={"silence_ms": 800},
    ),
)
