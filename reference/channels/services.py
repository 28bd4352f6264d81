"""The services of the channels beside Realtime, by name."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from reference.channels.session import ServiceMaker
from reference.stt.service import SttService
from reference.tts.service import TtsService

SERVICES: Mapping[str, ServiceMaker] = MappingProxyType({"tts": TtsService, "stt": SttService})
"""What serves each channel."""
