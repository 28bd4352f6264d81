"""The pack of speech synthesis."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from packs.keyed.engine import KeyedRulebook
from packs.keyed.messages import message_of
from packs.pack import Judge, Pack, channel_contract
from packs.paths import PATHS
from packs.tts import audio_rules, error_rules, rules
from packs.tts.contexts import ContextReading
from packs.tts.first_audio import FirstAudio
from rules.requirements import Registry
from rules.yields import Uncounted, Yields
from wire.trace import Entry

if TYPE_CHECKING:
    from packs.scenario import PackScenario

_OWN = frozenset(("create", "sendText", "flushContext", "closeContext", "cancelContext", "updateConfig"))
_SERVER = frozenset(("contextCreated", "audioChunk", "flushCompleted", "contextClosed", "contextUpdated"))

_SHARED = frozenset(("audioChunk",))  # with speech recognition, whose client sends it

_AREAS = (rules, audio_rules, error_rules)  # each registers its rules where it is read


def _judge(entries: Registry, dialect: str, uncounted: Uncounted | None) -> Judge:
    return KeyedRulebook(
        rules.TTS_RULES,
        ContextReading,
        Yields(entries, dialect),
        contract=channel_contract("tts"),
        names=_OWN | _SERVER,
        frames="tts/frames/json",
        payloads="tts/payload/as-documented",
        uncounted=uncounted,
    )


def _scenarios() -> tuple[PackScenario, ...]:
    from packs.tts.scenarios import SCENARIOS  # noqa: PLC0415 - who judges captures opens no connection

    return SCENARIOS.all


def _speaks(entry: Entry) -> bool:
    message = message_of(entry, _OWN | _SERVER)
    if message is None or "type" in message.event:
        return False
    return message.name in (_OWN if message.side == "client" else _SERVER - _SHARED)


TEXT_TO_SPEECH = Pack(
    name="tts",
    title="speech synthesis",
    path=PATHS["tts"],
    folder=Path(__file__).parent,
    make=_judge,
    speaks=_speaks,
    load_scenarios=_scenarios,
    names=_OWN | _SERVER,
    stopwatch=FirstAudio,
    functions=rules.TTS_RULES.functions,
    core=(("tts/context/acknowledged", "tts/context/closed"), ("tts/audio/within-context",)),
)
