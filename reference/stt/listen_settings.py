"""What `transcribeConfig` asks for, checked (SC-03 to SC-07)."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

from protocol.json_values import Json
from reference.channels.status import GrpcCode, StatusError

LISTENING_RATE = 16_000
"""Samples a second, of 16 bits, one channel: all that the socket takes (SC-06)."""

_MODELS = ("inworld/", "assemblyai/", "soniox/", "groq/", "deepgram/")
_SHORTEST_SILENCE_MS, _LONGEST_SILENCE_MS = 20, 5000
_DEFAULT_THRESHOLD = 0.5
_VENDOR_CONFIGS = ("inworldSttV1Config", "assemblyaiConfig", "sonioxConfig", "groqConfig")
_TYPES: dict[str, tuple[type, ...]] = {
    "modelId": (str,),
    "audioEncoding": (str,),
    "sampleRateHertz": (int,),
    "numberOfChannels": (int,),
    "language": (str,),
    "inactivityTimeoutSeconds": (int,),
    "endOfTurnConfidenceThreshold": (int, float),
    "prompts": (list,),
    "includeWordTimestamps": (bool,),
    "enableSpeakerDiarization": (bool,),
    "voiceProfileConfig": (dict,),
    **dict.fromkeys(_VENDOR_CONFIGS, (dict,)),
}


@dataclass(frozen=True, slots=True)
class ListenSettings:
    """How a client wants to be heard.

    ``vad_threshold`` 0 is for manual turns (SC-04); ``profile_labels`` are how many labels of each kind a
    voice profile has, 0 where none is asked for.
    """

    model: str
    vad_threshold: float = _DEFAULT_THRESHOLD
    silence_ms: int | None = None
    word_times: bool = False
    diarization: bool = False
    profile_labels: int = 0

    @property
    def manual(self) -> bool:
        return self.vad_threshold == 0


def listen_settings(asked: Json) -> ListenSettings:
    """Return the settings that a client asks for.

    Raise ``StatusError`` for what is missing, has the wrong type or is out of bounds. Unknown fields are
    ignored (CN-11).
    """
    known = {name: value for name, value in asked.items() if name in _TYPES and value is not None}
    for name, value in known.items():
        if not _has_type(value, _TYPES[name]):
            raise _wrong(name)
    model = known.get("modelId")
    if not model or not model.startswith(_MODELS):
        raise _wrong("modelId")
    _check_audio(known)
    if not all(isinstance(each, str) for each in known.get("prompts", ())):
        raise _wrong("prompts")
    if sum(name in known for name in _VENDOR_CONFIGS) > 1:
        raise _wrong("one of the model's configurations")
    own = known.get("inworldSttV1Config", {})
    profile = known.get("voiceProfileConfig", {})
    return ListenSettings(
        model,
        vad_threshold=_within(own, "vadThreshold", 0, 1, _DEFAULT_THRESHOLD),
        silence_ms=_silence(own),
        word_times=known.get("includeWordTimestamps", False),
        diarization=known.get("enableSpeakerDiarization", False),
        profile_labels=_labels(profile),
    )


def _check_audio(known: Json) -> None:
    """Raise ``StatusError`` for audio that this socket does not take (SC-06)."""
    takes = {
        "audioEncoding": ("LINEAR16", "AUTO_DETECT", "AUDIO_ENCODING_UNSPECIFIED"),
        "sampleRateHertz": (LISTENING_RATE, 0),
        "numberOfChannels": (1, 0),
    }
    for name, values in takes.items():
        if name in known and known[name] not in values:
            raise _wrong(name)


def _silence(own: Json) -> int | None:
    """Return the silence that ends a turn; None where the client does not say (SC-04)."""
    shortest, longest = (
        _whole_within(own, name, _SHORTEST_SILENCE_MS, _LONGEST_SILENCE_MS)
        for name in ("minEndOfTurnSilenceWhenConfident", "maxTurnSilence")
    )
    if shortest is not None and longest is not None and shortest > longest:
        raise _wrong("minEndOfTurnSilenceWhenConfident")
    # This service is always confident that what it hears as an end is one.
    return shortest if shortest is not None else longest


def _labels(profile: Json) -> int:
    if not _has_type(profile.get("enableVoiceProfile", False), (bool,)):
        raise _wrong("enableVoiceProfile")
    count = _whole_within(profile, "topN", -math.inf, math.inf)
    return max(1, count or 1) if profile.get("enableVoiceProfile") else 0


def _whole_within(values: Json, name: str, least: float, most: float) -> int | None:
    found = _within(values, name, least, most, None)
    if found is not None and found % 1:
        raise _wrong(name)
    return found if found is None else int(found)


def _within(values: Json, name: str, least: float, most: float, default: Any) -> Any:
    value = values.get(name)
    if value is None:
        return default
    if not _has_type(value, (int, float)) or not least <= value <= most:
        raise _wrong(name)
    return value


def _has_type(value: Any, types: tuple[type, ...]) -> bool:
    """Tell whether a value has one of some types; True and False are no numbers."""
    return isinstance(value, types) and (bool in types or not isinstance(value, bool))


def _wrong(name: str) -> StatusError:
    return StatusError(GrpcCode.INVALID_ARGUMENT, f"{name} is missing or has an invalid value.")
