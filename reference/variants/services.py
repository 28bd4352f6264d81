"""The variants of the services of the other channels, by their names, for `serve --variant NAME`."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from reference.differences import Difference, by_name
from reference.variants import stt, tts

SERVICE_VARIANTS: Mapping[str, Difference] = MappingProxyType(by_name((*tts.VARIANTS, *stt.VARIANTS)))
"""All variants of speech synthesis and of speech recognition."""
