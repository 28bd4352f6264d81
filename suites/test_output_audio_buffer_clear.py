"""output_audio_buffer.clear: Inworld answers it, GA knows it on WebRTC and SIP only."""

from __future__ import annotations

from suites.scenario import scenario
from suites.talk import Talk


@scenario(
    "output-buffer/clear-answered", "errors/every-event-answered", "payload/output_audio_buffer.cleared"
)
async def nothing_playing(talk: Talk) -> None:
    """Nothing is being played."""
    await talk.opened()
    await talk.refused("output_audio_buffer.clear")  # or answered, or neither
    await talk.fence()
