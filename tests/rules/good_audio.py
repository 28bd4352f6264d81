"""Good conversations about input audio, turns and transcription."""

from __future__ import annotations

import base64
from typing import Any

from generators.audio import question, silent_pcm
from tests.rules.scripted_stage import Stage
from tests.rules.scripts import LONG, MODELS, OFF, conversation, let_come


def append(stage: Stage, audio: bytes) -> None:
    for start in range(0, len(audio), 4800):
        chunk = base64.b64encode(audio[start : start + 4800]).decode()
        stage.say("input_audio_buffer.append", audio=chunk)


@conversation()
def short_commit(stage: Stage) -> None:
    """A fifth of a second is committed by hand, in a session whose responses are text."""
    stage.update(audio=OFF, output_modalities=["text"])
    append(stage, question()[:9_600])
    stage.say("input_audio_buffer.commit")
    stage.fence()


@conversation()
def cleared_then_committed(stage: Stage) -> None:
    """Audio that was cleared is committed, in vain."""
    stage.update(audio=OFF)
    append(stage, question())
    stage.say("input_audio_buffer.clear")
    stage.say("input_audio_buffer.commit")
    stage.fence()


def detecting(**settings: Any) -> Any:
    return {"input": {"turn_detection": {"type": "server_vad", **settings}}}


@conversation()
def barge_in(stage: Stage) -> None:
    """Speech cuts off the response that is running, and is answered."""
    detection = detecting(create_response=True, interrupt_response=True)
    stage.update(audio=detection, output_modalities=["text"])
    stage.item(LONG)
    stage.say("response.create")
    let_come(stage, 2)
    append(stage, question())
    append(stage, silent_pcm(1500))
    stage.finish()
    stage.fence()


@conversation()
def no_barge_in(stage: Stage) -> None:
    """Speech while a response runs does not disturb it, and is not answered."""
    detection = detecting(create_response=False, interrupt_response=False)
    stage.update(audio=detection, output_modalities=["text"])
    stage.item(LONG)
    stage.say("response.create")
    let_come(stage, 2)
    append(stage, question())
    append(stage, silent_pcm(1500))
    stage.finish()
    stage.fence()


@conversation()
def speech_beside_out_of_band(stage: Stage) -> None:
    """Speech while an out-of-band response runs does not disturb it."""
    detection = detecting(create_response=False, interrupt_response=True)
    stage.update(audio=detection, output_modalities=["text"])
    stage.item(LONG)
    stage.say("response.create", response={"conversation": "none"})
    let_come(stage, 2)
    append(stage, question())
    append(stage, silent_pcm(1500))
    stage.finish()
    stage.fence()


@conversation()
def two_turns(stage: Stage) -> None:
    """Two spoken turns with transcription; each is answered by itself."""
    detection = {"type": "server_vad", "create_response": True, "interrupt_response": True}
    transcription = {"model": MODELS[stage.dialect]}
    stage.update(
        audio={"input": {"turn_detection": detection, "transcription": transcription}},
        output_modalities=["text"],
    )
    for _ in range(2):
        append(stage, question())
        append(stage, silent_pcm(1500))
        stage.finish()
    stage.fence()


@conversation()
def two_commits(stage: Stage) -> None:
    """Audio is committed twice before the first of it is transcribed."""
    listening = {"turn_detection": None, "transcription": {"model": MODELS[stage.dialect]}}
    stage.update(audio={"input": listening}, output_modalities=["text"])
    for _ in range(2):
        append(stage, question())
        stage.say("input_audio_buffer.commit")
    stage.finish()
    stage.fence()


@conversation()
def idle_user(stage: Stage) -> None:
    """Nobody speaks for as long as the idle timeout allows; with transcription on."""
    detection = {"type": "server_vad", "idle_timeout_ms": 5000}
    stage.update(
        audio={"input": {"turn_detection": detection, "transcription": {"model": MODELS[stage.dialect]}}},
        output_modalities=["text"],
    )
    stage.item("Good morning.")
    stage.respond()
    stage.wait(6)
    stage.finish()
    stage.fence()


@conversation()
def logprobs_wanted(stage: Stage) -> None:
    """Transcription comes with log probabilities because they were asked for."""
    stage.update(
        audio={"input": {"turn_detection": None, "transcription": {"model": MODELS[stage.dialect]}}},
        include=["item.input_audio_transcription.logprobs"],
    )
    append(stage, question())
    stage.say("input_audio_buffer.commit")
    stage.finish()
    stage.fence()
