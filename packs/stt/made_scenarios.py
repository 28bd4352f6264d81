"""Conversations with speech recognition that are made up from the document: settings, and faults.

A stream has one config, and nobody knows whether it outlives a fault: each message has a connection of its
own, which is closed at once behind it. No speech is sent but in the last.
"""

from __future__ import annotations

import contextlib
import functools
from collections.abc import Sequence

from packs.keyed.made_messages import MadeMessage, MessageMaker
from packs.keyed.messages import ERROR, STATUS
from packs.keyed.talk import KeyedTalk
from packs.scenario import PackAct, Round
from packs.stt.costs import audio_costs
from packs.stt.scenarios import SCENARIOS, TURN_S, a_final, config, speak, spoken, stream_closed
from suites.depth import Depth
from wire.failures import Ended

_OF_OTHERS = tuple(f"transcribeConfig.{name}Config" for name in ("assemblyai", "soniox", "groq"))
"""Settings of models that are not the one asked for."""

STREAM_MESSAGES = MessageMaker("stt", frozenset(("transcribeConfig.modelId",)), _OF_OTHERS)

_FAULTY = ("transcribeConfig", "audioChunk", "endTurn", "closeStream")
_A_MOMENT_S = 1.0


@SCENARIOS.several("stt/settings/taken")
@functools.cache
def generated_streams(depth: Depth) -> Sequence[Round]:
    """Streams with settings of every kind are opened and closed, and nothing is heard."""
    made = STREAM_MESSAGES.valid("transcribeConfig", depth, (*_OF_OTHERS, "transcribeConfig.modelId"))
    return tuple(Round(_configured(each)) for each in made)


def _configured(made: MadeMessage) -> PackAct:
    async def act(talk: KeyedTalk) -> None:
        with contextlib.suppress(Ended):
            await talk.say(made.frame, stimulus=dict(made.label))
            await talk.say({"closeStream": {}})
            await talk.listen_on(_A_MOMENT_S)

    return act


@SCENARIOS.several("stt/misuse/refused", "stt/misuse/choice")
@functools.cache
def generated_faults(depth: Depth) -> Sequence[Round]:
    """Messages with a single fault, each on a stream of its own, which is closed at once."""
    types = _FAULTY[:2] if depth.name == "quick" else _FAULTY
    made = [each for type_ in types for each in STREAM_MESSAGES.mutants(type_, depth)]
    return tuple(Round(_refused(each), audio_s=each.cost(audio_costs).audio_s) for each in made)


def _refused(made: MadeMessage) -> PackAct:
    async def act(talk: KeyedTalk) -> None:
        with contextlib.suppress(Ended):  # for the rules to judge
            if made.type != "transcribeConfig":
                await talk.say(config())
            await talk.say(made.frame, stimulus=dict(made.label))
            await talk.say({"closeStream": {}})
            await talk.hear(STATUS, ERROR, "usage")
            await talk.listen_on(_A_MOMENT_S)

    return act


@SCENARIOS.several("stt/misuse/survived", "stt/final/once-per-turn", least="standard")
@functools.cache
def a_turn_after_a_fault(depth: Depth) -> Sequence[Round]:
    """A question is spoken behind a message with a fault; the connection may have ended by then."""
    chunks = [
        each for each in STREAM_MESSAGES.mutants("audioChunk", depth) if each.label["expects"] == "refusal"
    ]

    async def act(talk: KeyedTalk) -> None:
        with contextlib.suppress(Ended):
            await talk.say(config())
            await talk.say(chunks[0].frame, stimulus=dict(chunks[0].label))
            await speak(talk, spoken())
            await a_final(talk)
            await stream_closed(talk)

    return (Round(act, audio_s=TURN_S + chunks[0].cost(audio_costs).audio_s),)
