"""What a client of speech recognition pays for."""

from __future__ import annotations

from packs.keyed.messages import KeyedMessage
from wire.budget import Cost

_BYTES_PER_S = 32_000  # the one form of audio that the channel takes (SC-06)


def audio_costs(message: KeyedMessage) -> Cost:
    """Return what a message costs: each second of its audio, also of one that may be refused."""
    content = message.body.get("content") if message.name == "audioChunk" else None
    if not isinstance(content, str):
        return Cost()
    size = len(content) * 3 // 4 - content[-2:].count("=")
    return Cost(audio_s=max(0, size) / _BYTES_PER_S)
