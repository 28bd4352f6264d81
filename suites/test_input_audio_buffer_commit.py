"""input_audio_buffer.commit: audio becomes an item of the user, and nothing more."""

from __future__ import annotations

from generators.audio import question, silent_pcm, tone
from suites.scenario import scenario
from suites.talk import Talk

_NEEDS = ("manual-commit", "audio-input")
_TRANSCRIBED = tuple(f"conversation.item.input_audio_transcription.{end}" for end in ("completed", "failed"))


async def _by_hand(talk: Talk, **audio_input: object) -> None:
    await talk.need(
        "session.update", session=talk.patch(audio={"input": {"turn_detection": None, **audio_input}})
    )


@scenario(
    "audio/commit/acknowledged",
    "audio/commit/item-follows",
    "audio/commit/committed-first",
    "audio/commit/same-previous",
    "audio/commit/no-response",
    "turn/none-when-off",
    "payload/input_audio_buffer.committed",
    "items/added-then-done",
    "items/added/no-audio-bytes",
    "transcription/none-when-off",
    features=_NEEDS,
    audio_s=2.0,
    shares="together",
)
async def spoken_question(talk: Talk) -> None:
    """A spoken question is committed; no response follows."""
    await _by_hand(talk, transcription=None)
    await talk.append(question())
    await talk.ask("input_audio_buffer.commit")
    await talk.fence()
    await talk.say("Written after it.")


@scenario(
    "audio/commit/same-previous", "items/previous/appended", features=_NEEDS, audio_s=1.0, shares="together"
)
async def behind_a_message(talk: Talk) -> None:
    """Audio is committed behind a written message."""
    await _by_hand(talk)
    await talk.say("Written before it.")
    await talk.append(tone(500))
    await talk.ask("input_audio_buffer.commit")
    await talk.fence()


@scenario(
    "audio/commit/empty-refused",
    "errors/event-id-echoed",
    "errors/session-survives",
    features=_NEEDS,
    shares="together",
)
async def empty(talk: Talk) -> None:
    """Nothing was appended."""
    await _by_hand(talk)
    await talk.refused("input_audio_buffer.commit")
    await talk.fence()


@scenario("audio/commit/empty-refused", features=_NEEDS, audio_s=0.1, shares="together")
async def too_short(talk: Talk) -> None:
    """Less than 100 ms were appended."""
    await _by_hand(talk)
    await talk.append(silent_pcm(50))
    await talk.refused("input_audio_buffer.commit")
    await talk.fence()


@scenario(
    "audio/commit/empty-refused", "audio/commit/acknowledged", features=_NEEDS, audio_s=0.5, shares="together"
)
async def twice(talk: Talk) -> None:
    """A commit empties the buffer; a second one is refused."""
    await _by_hand(talk)
    await talk.append(tone(300))
    await talk.ask("input_audio_buffer.commit")
    await talk.refused("input_audio_buffer.commit")
    await talk.fence()


@scenario(
    "transcription/ends-once",
    "transcription/arrives",
    "transcription/completed-fields",
    "transcription/deltas-add-up",
    "transcription/deltas-before-end",
    "transcription/single-delta",
    "transcription/logprobs-on-request",
    "transcription/voice-profile",
    "payload/conversation.item.input_audio_transcription.delta",
    "payload/conversation.item.input_audio_transcription.completed",
    features=(*_NEEDS, "transcription"),
    audio_s=2.0,
    shares="together",
)
async def with_transcription(talk: Talk) -> None:
    """What was said is transcribed."""
    await _by_hand(talk, transcription={"model": talk.dialect.models["transcription"]})
    before = talk.session.sent_seq
    await talk.append(question())
    await talk.ask("input_audio_buffer.commit")
    await talk.hears(_TRANSCRIBED, after=before)
    await talk.fence()


@scenario(
    "transcription/items-in-any-order",
    "transcription/ends-once",
    features=(*_NEEDS, "transcription"),
    audio_s=4.0,
    shares="together",
)
async def two_with_transcription(talk: Talk) -> None:
    """Two questions are committed before the first of them is transcribed."""
    await _by_hand(talk, transcription={"model": talk.dialect.models["transcription"]})
    before = talk.session.sent_seq
    for _ in range(2):
        await talk.append(question())
        await talk.session.send("input_audio_buffer.commit")
    first = await talk.hears(_TRANSCRIBED, after=before)
    await talk.hears(_TRANSCRIBED, after=first.seq)
    await talk.fence()


@scenario(
    "audio/commit/acknowledged",
    "response/create/acknowledged",
    features=_NEEDS,
    responses=1,
    audio_s=2.0,
    shares="together",
)
async def answered_on_request(talk: Talk) -> None:
    """A spoken question is committed, and answered when a response is asked for."""
    await talk.by_text(audio={"input": {"turn_detection": None, "transcription": None}})
    await talk.append(question())
    await talk.ask("input_audio_buffer.commit")
    await talk.respond()
