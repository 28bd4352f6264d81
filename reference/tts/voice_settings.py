"""What `create` and `update_config` ask for: checked, and completed with defaults (TC-01, TS-01)."""

from __future__ import annotations

import copy
import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from protocol.json_values import Json
from reference.channels.status import GrpcCode, StatusError
from reference.tts.encodings import DEFAULT_RATE, G711_RATE, NOT_OFFERED, OFFERED, SpokenEncoding
from reference.tts.policy import MOST_CHARACTERS, TtsPolicy

TTS_MODELS = (
    *("inworld-tts-2", "inworld-tts-2-flash", "inworld-tts-1.5-max", "inworld-tts-1.5-mini"),
    *("inworld-tts-1", "inworld-tts-1-max"),
)
"""The models that there are (TC-17)."""

TTS_VOICES = frozenset(
    "Alex Ashley Clive Craig Deborah Dennis Diego Edward Elizabeth Hades Julia Lore Luna Mark Olivia Pixie "
    "Priya Ronald Sarah Shaun Theodore Timothy Wendy".split()
)
"""The voices that there are; the live service has more, and those that its users have cloned."""

_G711 = ("ALAW", "MULAW")

Check = Callable[[Any], bool]


def _number(least: float, most: float, *, above: bool = False) -> Check:
    """Return a check for a number within bounds, above the lower one if that is not allowed itself."""

    def holds(value: Any) -> bool:
        if not isinstance(value, int | float) or isinstance(value, bool):
            return False
        return (least < value if above else least <= value) and value <= most

    return holds


def _whole(least: float, most: float) -> Check:
    within = _number(least, most)
    return lambda value: within(value) and not value % 1


def _is(*types: type) -> Check:
    return lambda value: isinstance(value, types)


def _named(value: Any) -> bool:
    return isinstance(value, str) and value != ""


_CHECKS: dict[str, Check] = {
    "voiceId": _named,
    "modelId": _named,
    "audioConfig": _is(dict),
    "temperature": _number(0, 2, above=True),
    "timestampType": _is(str),
    "maxBufferDelayMs": _whole(-math.inf, math.inf),
    "bufferCharThreshold": _whole(-math.inf, MOST_CHARACTERS),
    "applyTextNormalization": _is(str),
    "autoMode": _is(bool),
    "autoModeStrategy": _is(str),
    "timestampTransportStrategy": _is(str),
    "language": _is(str),
    "deliveryMode": _is(str),
}
_AUDIO_CHECKS: dict[str, Check] = {
    "audioEncoding": _is(str),
    "sampleRateHertz": _whole(8000, 48_000),
    "bitRate": _whole(-math.inf, math.inf),
    "speakingRate": _number(0.5, 1.5),
}
_ENUMS = {
    "timestampType": ("TIMESTAMP_TYPE_UNSPECIFIED", "WORD", "CHARACTER"),
    "timestampTransportStrategy": ("SYNC", "ASYNC"),
    "applyTextNormalization": ("APPLY_TEXT_NORMALIZATION_UNSPECIFIED", "ON", "OFF"),
    "autoModeStrategy": ("CLIENT_SEGMENTED", "SENTENCE_BOUNDARY"),
    "deliveryMode": ("BALANCED", "STABLE", "CREATIVE", "DELIVERY_MODE_UNSPECIFIED"),
}
"""Enumerations, their defaults first: an unknown value is ignored, as if it were not there (CN-11)."""

_DEFAULTS: Json = {
    "temperature": 1.0,
    "maxBufferDelayMs": 3000,
    "bufferCharThreshold": MOST_CHARACTERS,
    "autoMode": False,
    **{name: values[0] for name, values in _ENUMS.items()},
}


@dataclass(frozen=True, slots=True)
class VoiceSettings:
    """The settings of a context, in the shape in which ``contextCreated`` shows them."""

    shown: Json

    def echo(self) -> Json:
        """Return the settings with their defaults filled in (TS-01)."""
        return copy.deepcopy(self.shown)

    def changed(self, asked: Json, context_id: str, policy: TtsPolicy) -> VoiceSettings:
        """Return the settings after `update_config`. Raise ``StatusError``: the model stays (TC-07)."""
        asked = _checked(asked, context_id)
        if asked.get("modelId", self.shown["modelId"]) != self.shown["modelId"]:
            raise StatusError(
                GrpcCode.INVALID_ARGUMENT, "The model of a context cannot be changed.", context_id
            )
        audio = _changed_audio(self.shown["audioConfig"], asked.pop("audioConfig", {}))
        return _settled({**self.shown, **asked, "audioConfig": audio}, context_id, policy)

    @property
    def encoding(self) -> SpokenEncoding:
        audio = self.shown["audioConfig"]
        return SpokenEncoding(audio["audioEncoding"], int(audio["sampleRateHertz"]))

    @property
    def speaking_rate(self) -> float:
        return float(self.shown["audioConfig"]["speakingRate"])

    @property
    def alignment(self) -> str | None:
        """``WORD``, ``CHARACTER``, or None where no times are asked for (TO-11)."""
        kind: str = self.shown["timestampType"]
        return None if kind.endswith("UNSPECIFIED") else kind

    def __getitem__(self, name: str) -> Any:
        return self.shown[name]


def created_settings(asked: Json, context_id: str, policy: TtsPolicy) -> VoiceSettings:
    """Return the settings that `create` asks for.

    Raise ``StatusError`` for what is missing, has the wrong type or is out of bounds, for a voice or a model
    that does not exist (TO-17), and for an encoding that is not offered.
    """
    asked = _checked(asked, context_id)
    for name in ("voiceId", "modelId"):
        if name not in asked:
            raise StatusError(GrpcCode.INVALID_ARGUMENT, f"{name} is required.", context_id)
    return _settled({**asked, "audioConfig": asked.get("audioConfig", {})}, context_id, policy)


def _checked(asked: Json, context_id: str) -> Json:
    """Return what is known of what was asked for. Raise ``StatusError`` where it is wrong (CN-11)."""
    known = {name: value for name, value in asked.items() if name in _CHECKS and value is not None}
    _check(known, _CHECKS, context_id)
    if "audioConfig" in known:
        audio = {
            name: v for name, v in known["audioConfig"].items() if name in _AUDIO_CHECKS and v is not None
        }
        _check(audio, _AUDIO_CHECKS, context_id)
        known["audioConfig"] = audio
    return {name: v for name, v in known.items() if name not in _ENUMS or v in _ENUMS[name]}


def _check(values: Json, checks: dict[str, Check], context_id: str) -> None:
    for name, value in values.items():
        if not checks[name](value):
            raise StatusError(GrpcCode.INVALID_ARGUMENT, f"{name} has an invalid value.", context_id)


def _settled(asked: Json, context_id: str, policy: TtsPolicy) -> VoiceSettings:
    """Return settings completed with defaults, of a voice, a model and an encoding that there are."""
    for kind, known in (("voiceId", TTS_VOICES), ("modelId", TTS_MODELS)):
        if asked[kind] not in known and not policy.any_voice:
            text = f"{kind} {asked[kind][:100]!r} was not found."
            raise StatusError(GrpcCode.NOT_FOUND, text, context_id)
    audio = _settled_audio(asked["audioConfig"], context_id)
    head = {name: asked[name] for name in ("voiceId", "modelId")}
    return VoiceSettings({**head, **_DEFAULTS, **asked, "audioConfig": audio})


def _changed_audio(old: Json, asked: Json) -> Json:
    """Return an ``audioConfig`` after a change; to or from G.711, the rate changes unless it is named."""
    encodings = {old["audioEncoding"], asked.get("audioEncoding", old["audioEncoding"])}
    rate_stays = len(encodings) == 1 or not encodings & set(_G711)
    kept = old if rate_stays else {name: v for name, v in old.items() if name != "sampleRateHertz"}
    return {**kept, **asked}


def _settled_audio(asked: Json, context_id: str) -> Json:
    name = asked.get("audioEncoding", OFFERED[0])
    if name in NOT_OFFERED:
        raise StatusError(GrpcCode.UNIMPLEMENTED, f"{name} is not offered here.", context_id)
    name = name if name in OFFERED else OFFERED[0]
    is_g711 = name in _G711
    rate = asked.get("sampleRateHertz", G711_RATE if is_g711 else DEFAULT_RATE)
    if is_g711 and rate != G711_RATE:
        raise StatusError(GrpcCode.INVALID_ARGUMENT, f"{name} is {G711_RATE} Hz.", context_id)
    return {"speakingRate": 1.0, **asked, "audioEncoding": name, "sampleRateHertz": int(rate)}
