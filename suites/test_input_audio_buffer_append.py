"""input_audio_buffer.append: the one client event without an answer."""

from __future__ import annotations

from generators.audio import encode_pcm, silent_pcm, tone
from suites.scenario import scenario
from suites.talk import Talk

_NEEDS = ("audio-input",)


async def _by_hand(talk: Talk) -> None:
    await talk.update(audio={"input": {"turn_detection": None}})


@scenario("audio/append/no-answer", features=_NEEDS, audio_s=1.0, shares="together")
async def a_second(talk: Talk) -> None:
    """A second of a tone, in chunks of 100 ms."""
    await _by_hand(talk)
    await talk.append(tone(1000))
    await talk.fence()


@scenario("audio/append/no-answer", features=_NEEDS, audio_s=0.2, shares="together")
async def tiny_pieces(talk: Talk) -> None:
    """Pieces of 10 ms, one of a single sample."""
    await _by_hand(talk)
    for _ in range(10):
        await talk.session.send("input_audio_buffer.append", audio=encode_pcm(silent_pcm(10)))
    await talk.session.send("input_audio_buffer.append", audio=encode_pcm(b"\x00\x00"))
    await talk.fence()


@scenario(
    "errors/invalid-event-refused",
    "errors/event-id-echoed",
    "errors/session-survives",
    features=_NEEDS,
    audio_s=0.01,
    shares="together",
)
async def not_base64(talk: Talk) -> None:
    """The audio is not Base64."""
    await _by_hand(talk)
    await talk.refused("input_audio_buffer.append", audio="*** not Base64 ***")
    await talk.fence()


@scenario("errors/invalid-event-refused", "errors/session-survives", features=_NEEDS, shares="together")
async def without_audio(talk: Talk) -> None:
    """The audio is missing."""
    await _by_hand(talk)
    await talk.refused("input_audio_buffer.append")
    await talk.fence()
