"""The faults of the services of the other channels, by their names, for `serve --fault NAME`."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from reference.differences import Difference, by_name
from reference.faults import misuse, stt, tts_audio, tts_order, tts_refusals
from reference.faults.service_handshakes import common_faults

SERVICE_FAULTS: Mapping[str, Difference] = MappingProxyType(
    by_name(
        (
            *common_faults("tts"),
            *tts_order.FAULTS,
            *tts_audio.FAULTS,
            *tts_refusals.FAULTS,
            *common_faults("stt"),
            *stt.FAULTS,
            *misuse.FAULTS,
        )
    )
)
"""All faults of speech synthesis and of speech recognition."""
