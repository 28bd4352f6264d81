"""The line of a session of another channel than Realtime."""

from __future__ import annotations

from typing import Any

from reference.channels.messages import enveloped
from reference.frames import encode_frame
from reference.line import PCM_BYTES_PER_S, SessionLine


class ChannelLine(SessionLine):
    """A queue of frames out, a pacemaker, a clock; each message leaves in its envelope."""

    def deliver(self, event: dict[str, Any], broken: str = "") -> None:
        """Send a message; where audio comes no faster than it is heard, it counts as 24 kHz PCM."""
        if self._real_time and event["type"] == "audioChunk":
            audio = (event.get("body") or {}).get("audioContent") or ""
            self._sounded += len(audio) * 3 / 4 / PCM_BYTES_PER_S
        self._write_frame(encode_frame(enveloped(event)), broken)
