"""The pack of speech synthesis."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from packs.keyed.keyed_pack import KeyedChannel
from packs.keyed.messages import KeyedMessage
from packs.tts import audio_rules, error_rules, rules
from packs.tts.contexts import ContextReading
from packs.tts.first_audio import FirstAudio
from wire.budget import Cost

if TYPE_CHECKING:
    from packs.scenario import PackScenario

_AREAS = (rules, audio_rules, error_rules)  # each registers its rules where it is read


def _scenarios() -> tuple[PackScenario, ...]:
    from packs.tts.scenarios import SCENARIOS  # noqa: PLC0415 - who judges captures opens no connection

    return SCENARIOS.all


def _costs(message: KeyedMessage) -> Cost:
    """Return what a message costs: each character of a text, also of one that may not be spoken at all."""
    text = message.body.get("text") if message.name == "sendText" else None
    return Cost(characters=len(text)) if isinstance(text, str) else Cost()


TEXT_TO_SPEECH = KeyedChannel(
    name="tts",
    title="speech synthesis",
    folder=Path(__file__).parent,
    rules=rules.TTS_RULES,
    reading=ContextReading,
    client=frozenset(("create", "sendText", "flushContext", "closeContext", "cancelContext", "updateConfig")),
    server=frozenset(("contextCreated", "audioChunk", "flushCompleted", "contextClosed", "contextUpdated")),
    shared=frozenset(("audioChunk",)),  # a client of speech recognition sends it
    stopwatch=FirstAudio,
    core=(("tts/context/acknowledged", "tts/context/closed"), ("tts/audio/within-context",)),
    load_scenarios=_scenarios,
    costs=_costs,
).pack()
