"""The names of channels, and where those besides the realtime one are. Read before anything else is."""

from __future__ import annotations

from urllib.parse import urlsplit

REALTIME = "realtime"
"""The channel that is judged where nothing says otherwise."""

PATHS = {
    "tts": "/tts/v1/voice:streamBidirectional",
    "stt": "/stt/v1/transcribe:streamBidirectional",
}
"""What the path of an address ends in, by the name of the channel."""


def channel_at(url: str) -> str:
    """Return the name of the channel that an address at `url` names, empty where it names none."""
    path = urlsplit(url).path
    return next((name for name, each in PATHS.items() if path.endswith(each)), "")
