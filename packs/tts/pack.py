"""The pack of speech synthesis."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from packs.keyed.keyed_pack import KeyedChannel
from packs.tts import (
    audio_rules,
    choice_rules,
    error_rules,
    length_rules,
    misuse_rules,
    request_rules,
    rules,
)
from packs.tts.contexts import ContextReading
from packs.tts.costs import text_costs
from packs.tts.speech_times import SpeechTimes

if TYPE_CHECKING:
    from packs.scenario import PackScenario

_AREAS = (rules, audio_rules, error_rules, length_rules, misuse_rules, request_rules, choice_rules)
"""Each registers its rules where it is read."""


def _scenarios() -> tuple[PackScenario, ...]:
    from packs.tts import made_scenarios, scenarios  # noqa: PLC0415 - who judges captures opens no connection

    _ = made_scenarios  # it adds to them
    return scenarios.SCENARIOS.all


TEXT_TO_SPEECH = KeyedChannel(
    name="tts",
    title="speech synthesis",
    folder=Path(__file__).parent,
    rules=rules.TTS_RULES,
    reading=ContextReading,
    client=frozenset(("create", "sendText", "flushContext", "closeContext", "cancelContext", "updateConfig")),
    server=frozenset(("contextCreated", "audioChunk", "flushCompleted", "contextClosed", "contextUpdated")),
    shared=frozenset(("audioChunk",)),  # a client of speech recognition sends it
    stopwatch=SpeechTimes,
    core=(("tts/context/acknowledged", "tts/context/closed"), ("tts/audio/within-context",)),
    load_scenarios=_scenarios,
    costs=text_costs,
).pack()
