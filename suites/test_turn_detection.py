"""Turns that the server makes by itself out of what it hears."""

from __future__ import annotations

from generators.audio import question, silent_pcm
from suites.scenario import scenario
from suites.talk import Talk
from wire.frames import Received

_NEEDS = ("server-vad", "audio-input")
_COMMITTED = "input_audio_buffer.committed"
_IDLE_MS = 5000  # the shortest idle timeout that may be asked for
_TRANSCRIBED = tuple(f"conversation.item.input_audio_transcription.{end}" for end in ("completed", "failed"))


async def _listening(talk: Talk, kind: str = "server_vad", **detection: object) -> None:
    settings = {"type": kind, "create_response": True, "interrupt_response": True, **detection}
    await talk.by_text(audio={"input": {"turn_detection": settings}})


async def _idles(talk: Talk, after: int) -> Received:
    """Wait for the idle timeout: twice as long as it is at the least, however short other waits are."""
    patience = max(_IDLE_MS / 1000, talk.session.timeouts.silence)
    return await talk.session.wait_for(
        "input_audio_buffer.timeout_triggered", after=after, within=_IDLE_MS / 1000 + patience
    )


@scenario(
    "turn/stopped-after-started",
    "turn/ends-in-commit",
    "turn/speech-stops",
    "turn/same-item",
    "turn/alternate",
    "turn/start-not-after-end",
    "turn/times-within-audio",
    "turn/times-grow",
    "turn/creates-response",
    "audio/commit/item-follows",
    "audio/commit/committed-first",
    "audio/commit/same-previous",
    "payload/input_audio_buffer.speech_started",
    "payload/input_audio_buffer.speech_stopped",
    features=_NEEDS,
    responses=1,
    audio_s=4.0,
)
async def spoken_turn(talk: Talk) -> None:
    """A question is spoken; the server notices its end and answers."""
    await _listening(talk)
    before = await talk.speak(question())
    await talk.noticed(after=before)
    await talk.hears(_COMMITTED, after=before)
    created = await talk.hears("response.created", after=before)
    await talk.finish(created)
    await talk.fence()


@scenario(
    "turn/creates-response",
    "turn/same-item",
    features=("semantic-vad", "audio-input"),
    regards=("server-vad",),
    responses=1,
    audio_s=8.0,
    least="standard",
)
async def semantic_turn(talk: Talk) -> None:
    """The same with detection by meaning."""
    await _listening(talk, "semantic_vad", eagerness="high")
    before = await talk.speak(question(), pause_ms=5000)
    await talk.noticed(after=before)
    created = await talk.hears("response.created", after=before)
    await talk.finish(created)
    await talk.fence()


@scenario("turn/no-response-when-disabled", "turn/alternate", "turn/times-grow", features=_NEEDS, audio_s=8.0)
async def turn_without_response(talk: Talk) -> None:
    """The server makes a turn and another one, and waits to be asked for the answer."""
    await _listening(talk, create_response=False)
    for _ in range(2):
        before = await talk.speak(question())
        await talk.noticed(after=before)
        await talk.hears(_COMMITTED, after=before)
    await talk.fence()
    await talk.say("Never mind.")
    await talk.fence()


@scenario(
    "transcription/ends-once",
    "transcription/arrives",
    "transcription/asynchronous",
    features=(*_NEEDS, "transcription"),
    audio_s=4.0,
)
async def transcribed_turn(talk: Talk) -> None:
    """What was said in a turn is transcribed, perhaps while it is still being said."""
    detection = {"type": "server_vad", "create_response": False}
    await talk.by_text(
        audio={
            "input": {
                "turn_detection": detection,
                "transcription": {"model": talk.dialect.models["transcription"]},
            }
        }
    )
    before = await talk.speak(question())
    await talk.noticed(after=before)
    await talk.hears(_TRANSCRIBED, after=before)
    await talk.fence()


@scenario(
    "barge-in/ends-turn-detected",
    "barge-in/reason-turn-detected",
    "cancel/closes-what-is-open",
    features=_NEEDS,
    responses=1,
    audio_s=4.0,
)
async def barge_in(talk: Talk) -> None:
    """The user speaks while a response is told; it is cut off."""
    await _listening(talk, create_response=False)
    await talk.say("Tell me a long story about a lighthouse.")
    created = await talk.start(instructions="Answer at length.")
    await talk.streaming(created)
    await talk.speak(question())
    await talk.finish(created)
    await talk.fence()


@scenario("barge-in/not-when-disabled", "turn/response-may-fail", features=_NEEDS, responses=1, audio_s=4.0)
async def speech_that_does_not_interrupt(talk: Talk) -> None:
    """The user speaks while a response is told; it goes on."""
    await _listening(talk, create_response=False, interrupt_response=False)
    await talk.say("Tell me a long story about a lighthouse.")
    created = await talk.start(instructions="Answer at length.")
    await talk.streaming(created)
    await talk.speak(question())
    await talk.finish(created)
    await talk.fence()


@scenario("barge-in/spares-out-of-band", features=(*_NEEDS, "out-of-band"), responses=1, audio_s=4.0)
async def speech_beside_an_out_of_band_response(talk: Talk) -> None:
    """The user speaks while an out-of-band response is told; it goes on."""
    await _listening(talk, create_response=False)
    await talk.say("Tell me a long story about a lighthouse.")
    created = await talk.start(conversation="none", instructions="Answer at length.")
    await talk.streaming(created)
    await talk.speak(question())
    await talk.finish(created)
    await talk.fence()


@scenario("turn/client-commit-in-speech", features=_NEEDS, audio_s=3.0)
async def commit_during_speech(talk: Talk) -> None:
    """The client commits while the user is speaking."""
    await _listening(talk, create_response=False)
    before = talk.session.sent_seq
    await talk.append(question()[: 48 * 1000])
    await talk.noticed(after=before)
    await talk.ask("input_audio_buffer.commit")
    await talk.append(silent_pcm(1000))
    await talk.fence()


@scenario("turn/none-when-off", features=("manual-commit", "audio-input"), audio_s=6.0)
async def nothing_when_off(talk: Talk) -> None:
    """Turn detection is off; speech and silence change nothing until the commit."""
    await talk.by_text()
    await talk.speak(question())
    await talk.fence()
    await talk.append(question())
    await talk.ask("input_audio_buffer.commit")
    await talk.fence()


@scenario(
    "idle/timeout-triggered",
    "idle/then-committed",
    "idle/no-speech-events",
    "idle/length",
    "payload/input_audio_buffer.timeout_triggered",
    features=("idle-timeout", "audio-input"),
    responses=2,
    audio_s=2.0,
    serial=True,
)
async def idle_timeout(talk: Talk) -> None:
    """Nobody speaks for as long as the idle timeout allows."""
    await _listening(talk, idle_timeout_ms=_IDLE_MS)
    await talk.say("Say yes.")
    turn = await talk.respond()
    triggered = await _idles(talk, after=turn.done.seq)
    created = await talk.hears("response.created", after=triggered.seq)
    await talk.finish(created)


@scenario(
    "idle/empty-transcription",
    features=("idle-timeout", "audio-input", "transcription"),
    responses=2,
    audio_s=2.0,
    serial=True,
)
async def idle_timeout_transcribed(talk: Talk) -> None:
    """Nobody speaks for as long as the idle timeout allows, and what is committed is transcribed."""
    detection = {"type": "server_vad", "idle_timeout_ms": _IDLE_MS}
    await talk.by_text(
        audio={
            "input": {
                "turn_detection": detection,
                "transcription": {"model": talk.dialect.models["transcription"]},
            }
        }
    )
    await talk.say("Say yes.")
    turn = await talk.respond()
    triggered = await _idles(talk, after=turn.done.seq)
    await talk.hears(_TRANSCRIBED, after=triggered.seq)
    created = await talk.hears("response.created", after=triggered.seq)
    await talk.finish(created)
