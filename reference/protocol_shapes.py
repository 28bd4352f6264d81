"""Shapes that know a thing or two of the protocol: audio formats, pictures, and what is never accepted."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

from reference.errors import in_message, wrong
from reference.shapes import Encoded, Fields, OneOf, Shape, Tagged, Text, Whole

PCM_RATES = (8000, 16000, 24000, 32000, 44100, 48000)


@dataclass(frozen=True, slots=True)
class Format:
    """An audio format, read as a complete object; Inworld also takes names such as ``g711_ulaw``."""

    names: bool
    """Whether names are taken, and any of the six rates."""

    def suits(self, value: object) -> bool:
        return isinstance(value, dict | str)

    def read(self, value: object, at: str, *, strict: bool) -> dict[str, Any]:
        if not self.names:
            shapes = {
                "audio/pcm": Fields({"type": Text()}, {"rate": Whole(24000, 24000)}),
                "audio/pcmu": Fields({"type": Text()}),
                "audio/pcma": Fields({"type": Text()}),
            }
            read: dict[str, Any] = Tagged("type", shapes).read(value, at, strict=strict)
            return {"type": "audio/pcm", "rate": 24000} if read["type"] == "audio/pcm" else read
        if isinstance(value, str):
            name = OneOf(tuple(_FORMAT_NAMES)).read(value, at, strict=strict)
            return dict(_FORMAT_NAMES[name])
        rates = {
            "audio/pcm": PCM_RATES,
            "audio/float32": PCM_RATES,
            "audio/pcmu": (8000,),
            "audio/pcma": (8000,),
        }
        kinds = {kind: Fields({"type": Text()}, {"rate": _Rate(rates[kind])}) for kind in rates}
        read = Tagged("type", kinds).read(value, at, strict=strict)
        return {"type": read["type"], "rate": read.get("rate", 24000 if read["type"] in _LINEAR else 8000)}


_LINEAR = {"audio/pcm", "audio/float32"}
_FORMAT_NAMES: dict[str, dict[str, Any]] = {
    "pcm16": {"type": "audio/pcm", "rate": 24000},
    "float32": {"type": "audio/float32", "rate": 24000},
    "g711_ulaw": {"type": "audio/pcmu", "rate": 8000},
    "g711_alaw": {"type": "audio/pcma", "rate": 8000},
}


@dataclass(frozen=True, slots=True)
class _Rate:
    """A sample rate in Hz out of a list."""

    rates: tuple[int, ...]

    def suits(self, value: object) -> bool:
        return Whole().suits(value)

    def read(self, value: object, at: str, *, strict: bool) -> int:
        rate = Whole().read(value, at, strict=strict)
        if rate not in self.rates:
            raise wrong(at, f"{rate} Hz is not supported. Supported rates are: {self.rates}.")
        return rate


@dataclass(frozen=True, slots=True)
class Image:
    """A picture as a data URI of PNG or JPEG."""

    def suits(self, value: object) -> bool:
        return isinstance(value, str)

    def read(self, value: object, at: str, *, strict: bool) -> str:
        url = Text().read(value, at, strict=strict)
        head = re.match(r"data:image/(png|jpeg|jpg);base64,", url)
        if head is None:
            raise wrong(at, f"'{at}' must be a data URI of a PNG or JPEG image, not '{in_message(url)}'.")
        Encoded().read(url[head.end() :], at, strict=strict)
        return url


@dataclass(frozen=True, slots=True)
class NeverAccepted:
    """A kind of value that is known and never accepted."""

    reason: str

    def suits(self, value: object) -> bool:
        return isinstance(value, dict)

    def read(self, value: object, at: str, *, strict: bool) -> Any:  # noqa: ARG002
        raise wrong(f"{at}.type", self.reason)


@dataclass(frozen=True, slots=True)
class WithMember:
    """An object that has a certain member, for choosing between shapes of objects."""

    name: str
    shape: Shape

    def suits(self, value: object) -> bool:
        return isinstance(value, dict) and self.name in value

    def read(self, value: object, at: str, *, strict: bool) -> Any:
        return self.shape.read(value, at, strict=strict)
