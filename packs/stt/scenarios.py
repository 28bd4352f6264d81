"""Conversations with speech recognition: a spoken question, sent in many ways.

At the usual depth they have fewer than 120 seconds of audio heard.
"""

from __future__ import annotations

import asyncio
from typing import Any

from generators.audio import encode_pcm, question
from packs.keyed.talk import KeyedTalk
from packs.scenario import Scenarios

MODEL, RATE = "inworld/inworld-stt-1", 16_000

_SECOND = 2 * RATE  # bytes
_QUESTION_S = len(question(RATE)) / _SECOND
_PAUSE_S = 1.5  # of silence, after which a turn is over
TURN_S = _QUESTION_S + _PAUSE_S
_ENDS = (
    *("stt/usage/once-and-last", "stt/usage/not-more-than-sent"),
    *("stt/close/connection-closes", "stt/connection/goes-on"),
)
_TURN = ("stt/final/once-per-turn", "stt/final/says-so", "stt/interim/cumulative", "stt/speech/started-first")

SCENARIOS = Scenarios("stt")


def config(**settings: Any) -> dict[str, Any]:
    """Return what says which audio comes, with settings in camelCase."""
    usual = {"modelId": MODEL, "audioEncoding": "LINEAR16", "sampleRateHertz": RATE, "numberOfChannels": 1}
    return {"transcribeConfig": {**usual, **settings}}


def spoken() -> bytes:
    """Return the question and the silence behind it."""
    return question(RATE) + bytes(int(_PAUSE_S * RATE) * 2)


async def speak(talk: KeyedTalk, audio: bytes, *, size: int = _SECOND // 10, pace_s: float = 0.0) -> None:
    """Send `audio` in chunks of `size` bytes, one every `pace_s` seconds."""
    for start in range(0, len(audio), size):
        await talk.say({"audioChunk": {"content": encode_pcm(audio[start : start + size])}})
        if pace_s:
            await asyncio.sleep(pace_s)


async def a_final(talk: KeyedTalk, after: int = 0) -> int:
    """Wait for a final transcription; return its `seq`."""
    found = await talk.hear(
        "transcription", after=after, where=lambda m: m.body.get("isFinal") is True, streaming=True
    )
    return found.seq


async def stream_closed(talk: KeyedTalk, *, usage: bool = True) -> None:
    """Close the stream, and wait for what still comes."""
    await talk.say({"closeStream": {}})
    if usage:
        await talk.hear("usage", streaming=True)
    await talk.end()


@SCENARIOS.add(*_TURN, *_ENDS, "stt/frames/json", "stt/messages/taken", audio_s=TURN_S)
async def in_real_time(talk: KeyedTalk) -> None:
    """A question is spoken as fast as people speak."""
    await talk.say(config())
    await speak(talk, spoken(), pace_s=0.1)
    await a_final(talk)
    await stream_closed(talk)


@SCENARIOS.add(*_TURN, *_ENDS, audio_s=TURN_S)
async def in_one_burst(talk: KeyedTalk) -> None:
    """A question is sent as fast as the line takes it."""
    await talk.say(config())
    await speak(talk, spoken())
    await a_final(talk)
    await stream_closed(talk)


@SCENARIOS.add(*_TURN, audio_s=TURN_S, least="standard")
async def in_chunks_of_any_size(talk: KeyedTalk) -> None:
    """Chunks end within samples: of 1001 bytes each."""
    await talk.say(config())
    await speak(talk, spoken(), size=1001)
    await a_final(talk)
    await stream_closed(talk)


@SCENARIOS.add("stt/config/first", audio_s=0.1)
async def audio_first(talk: KeyedTalk) -> None:
    """Audio comes before the config."""
    await speak(talk, bytes(_SECOND // 10))
    await talk.hear("status", "error", "transcription", streaming=True)


@SCENARIOS.add(*_ENDS, audio_s=2.0, least="standard")
async def silence(talk: KeyedTalk) -> None:
    """Nobody speaks."""
    await talk.say(config())
    await speak(talk, bytes(2 * _SECOND))
    await stream_closed(talk, usage=False)


@SCENARIOS.add(*_TURN, *_ENDS, audio_s=2 * TURN_S, least="standard")
async def two_utterances(talk: KeyedTalk) -> None:
    """Two questions are spoken, with a pause between them."""
    await talk.say(config())
    last = 0
    for _ in range(2):
        await speak(talk, spoken(), pace_s=0.05)
        last = await a_final(talk, last)
    await stream_closed(talk)


@SCENARIOS.add("stt/turn/end-turn-finalises", "stt/turn/manual", *_ENDS, audio_s=_QUESTION_S)
async def a_manual_turn(talk: KeyedTalk) -> None:
    """The client ends the turn."""
    await talk.say(config(inworldSttV1Config={"vadThreshold": 0}))
    await speak(talk, question(RATE), pace_s=0.05)
    await talk.say({"endTurn": {}})
    await a_final(talk)
    await stream_closed(talk)


@SCENARIOS.add("stt/close/finals-come", *_ENDS, audio_s=_QUESTION_S)
async def closed_with_audio_pending(talk: KeyedTalk) -> None:
    """The stream is closed at once behind the last word."""
    await talk.say(config())
    await speak(talk, question(RATE), pace_s=0.05)
    await stream_closed(talk)


@SCENARIOS.add("stt/words/in-order", audio_s=TURN_S)
async def with_times_of_words(talk: KeyedTalk) -> None:
    """Times of the words are asked for."""
    await talk.say(config(includeWordTimestamps=True))
    await speak(talk, spoken())
    await a_final(talk)
    await stream_closed(talk)


@SCENARIOS.add("stt/profile/only-if-asked", "stt/words/only-if-asked", audio_s=TURN_S, least="standard")
async def with_a_voice_profile(talk: KeyedTalk) -> None:
    """A profile of the voice is asked for, and no times."""
    await talk.say(config(voiceProfileConfig={"enableVoiceProfile": True, "topN": 3}))
    await speak(talk, spoken())
    await a_final(talk)
    await stream_closed(talk)


@SCENARIOS.add(*_TURN, "stt/messages/taken", audio_s=TURN_S, least="standard")
async def in_snake_case(talk: KeyedTalk) -> None:
    """All keys are in snake_case."""
    usual = {
        "model_id": MODEL,
        "audio_encoding": "LINEAR16",
        "sample_rate_hertz": RATE,
        "number_of_channels": 1,
    }
    await talk.say({"transcribe_config": usual})
    for start in range(0, len(spoken()), _SECOND // 10):
        content = encode_pcm(spoken()[start : start + _SECOND // 10])
        await talk.say({"audio_chunk": {"content": content}})
    await a_final(talk)
    await talk.say({"close_stream": {}})
    await talk.hear("usage", streaming=True)
    await talk.end()
