"""What conversations with the reference server are written with: the list of them, and what they share."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from protocol.dialect import DialectName
from reference.providers import PROFILES
from suites.talk import WEATHER
from tests.rules.scripted_stage import Stage

Json = dict[str, Any]
DIALECTS: tuple[DialectName, ...] = ("openai", "inworld")

TIME = {**WEATHER, "name": "get_time", "description": "Look up the time in a city."}
MODELS = {
    **{profile.name: profile.transcription_model for profile in PROFILES.values()},
    "openai": "gpt-4o-mini-transcribe",
}
OFF = {"input": {"turn_detection": None}}
LONG = "Tell me a long story about a lighthouse."


Script = Callable[[Stage], None]
PLAYED: dict[str, tuple[Script, tuple[DialectName, ...]]] = {}


def conversation(*dialects: DialectName) -> Callable[[Script], Script]:
    """Make a conversation of a function, in both dialects or those given, and in their profiles' kin."""

    def keep(script: Script) -> Script:
        PLAYED[script.__name__] = script, dialects or DIALECTS
        return script

    return keep


def ask_for_much(stage: Stage, deltas: int, **session: Any) -> None:
    """Ask for an answer and let so many of its deltas come."""
    stage.update(audio=OFF, **session)
    stage.item(LONG)
    stage.say("response.create")
    let_come(stage, deltas)


def let_come(stage: Stage, deltas: int) -> None:
    while deltas:
        stage.tick()
        deltas -= stage.last["type"] in (
            "response.output_text.delta",
            "response.output_audio_transcript.delta",
        )
