"""The pack of speech recognition."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from packs.keyed.keyed_pack import KeyedChannel
from packs.keyed.messages import KeyedMessage
from packs.stt import rules
from packs.stt.final_times import FinalTimes
from packs.stt.turns import TurnReading
from wire.budget import Cost

_BYTES_PER_S = 32_000  # the one form of audio that the channel takes (SC-06)

if TYPE_CHECKING:
    from packs.scenario import PackScenario


def _scenarios() -> tuple[PackScenario, ...]:
    from packs.stt.scenarios import SCENARIOS  # noqa: PLC0415 - who judges captures opens no connection

    return SCENARIOS.all


def _costs(message: KeyedMessage) -> Cost:
    """Return what a message costs: each second of its audio."""
    content = message.body.get("content") if message.name == "audioChunk" else None
    if not isinstance(content, str):
        return Cost()
    size = len(content) * 3 // 4 - content[-2:].count("=")
    return Cost(audio_s=max(0, size) / _BYTES_PER_S)


SPEECH_TO_TEXT = KeyedChannel(
    name="stt",
    title="speech recognition",
    folder=Path(__file__).parent,
    rules=rules.STT_RULES,
    reading=TurnReading,
    client=frozenset(("transcribeConfig", "audioChunk", "endTurn", "closeStream")),
    server=frozenset(("transcription", "speechStarted", "speechStopped", "usage")),
    stopwatch=FinalTimes,
    core=(("stt/final/once-per-turn",),),
    load_scenarios=_scenarios,
    costs=_costs,
).pack()
