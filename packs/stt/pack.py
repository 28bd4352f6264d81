"""The pack of speech recognition."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from packs.keyed.keyed_pack import KeyedChannel
from packs.stt import misuse_rules, request_rules, rules
from packs.stt.costs import audio_costs
from packs.stt.final_times import FinalTimes
from packs.stt.turns import TurnReading

if TYPE_CHECKING:
    from packs.scenario import PackScenario

_AREAS = (rules, misuse_rules, request_rules)  # each registers its rules where it is read


def _scenarios() -> tuple[PackScenario, ...]:
    from packs.stt import made_scenarios, scenarios  # noqa: PLC0415 - who judges captures opens no connection

    _ = made_scenarios  # it adds to them
    return scenarios.SCENARIOS.all


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
    costs=audio_costs,
).pack()
