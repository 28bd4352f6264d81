"""The pack of speech recognition."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from packs.keyed.engine import KeyedRulebook
from packs.keyed.messages import message_of
from packs.pack import Judge, Pack, channel_contract
from packs.paths import PATHS
from packs.stt import rules
from packs.stt.final_times import FinalTimes
from packs.stt.turns import TurnReading
from rules.requirements import Registry
from rules.yields import Uncounted, Yields
from wire.trace import Entry

if TYPE_CHECKING:
    from packs.scenario import PackScenario

_OWN = frozenset(("transcribeConfig", "audioChunk", "endTurn", "closeStream"))
_SERVER = frozenset(("transcription", "speechStarted", "speechStopped", "usage"))


def _judge(entries: Registry, dialect: str, uncounted: Uncounted | None) -> Judge:
    return KeyedRulebook(
        rules.STT_RULES,
        TurnReading,
        Yields(entries, dialect),
        contract=channel_contract("stt"),
        names=_OWN | _SERVER,
        frames="stt/frames/json",
        payloads="stt/payload/as-documented",
        uncounted=uncounted,
    )


def _scenarios() -> tuple[PackScenario, ...]:
    from packs.stt.scenarios import SCENARIOS  # noqa: PLC0415 - who judges captures opens no connection

    return SCENARIOS.all


def _speaks(entry: Entry) -> bool:
    message = message_of(entry, _OWN | _SERVER)
    if message is None or "type" in message.event:
        return False
    return message.name in (_OWN if message.side == "client" else _SERVER)


SPEECH_TO_TEXT = Pack(
    name="stt",
    title="speech recognition",
    path=PATHS["stt"],
    folder=Path(__file__).parent,
    make=_judge,
    speaks=_speaks,
    load_scenarios=_scenarios,
    names=_OWN | _SERVER,
    stopwatch=FinalTimes,
    functions=rules.STT_RULES.functions,
    core=(("stt/final/once-per-turn",),),
)
