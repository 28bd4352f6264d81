"""session.providerData: Inworld's extension, branch by branch."""

from __future__ import annotations

from typing import Any

from generators.audio import question
from suites.scenario import scenario
from suites.talk import Talk

BRANCHES: dict[str, dict[str, Any]] = {
    "stt": {
        "prompt": "Names of ships",
        "voice_profile": False,
        "language_hints": ["en"],
        "vad_threshold": 0.5,
    },
    "tts": {"segmenter_strategy": "balanced", "steering_handling": "emit_once", "delivery_mode": "BALANCED"},
    "memory": {"enabled": False, "turn_interval": 5},
    "backchannel": {"enabled": False, "max_per_turn": 3, "min_gap_ms": 4000},
    "responsiveness": {"enabled": False, "initial_wait_timeout_ms": 1200},
}
_NEEDS = ("provider-data",)
_MURMUR = "response.backchannel.audio"


async def _one_branch(talk: Talk, branch: str) -> None:
    await talk.opened()
    await talk.update(providerData={branch: BRANCHES[branch]})


@scenario(
    "provider-data/accepted",
    "provider-data/echoed",
    where="has_extensions",
    features=_NEEDS,
    shares="together",
)
async def stt(talk: Talk) -> None:
    """The branch for speech recognition."""
    await _one_branch(talk, "stt")


@scenario(
    "provider-data/accepted",
    "provider-data/echoed",
    where="has_extensions",
    features=_NEEDS,
    shares="together",
)
async def tts(talk: Talk) -> None:
    """The branch for speech synthesis."""
    await _one_branch(talk, "tts")


@scenario(
    "provider-data/accepted",
    "provider-data/echoed",
    where="has_extensions",
    features=_NEEDS,
    shares="together",
)
async def memory(talk: Talk) -> None:
    """The branch for long-term memory, switched off."""
    await _one_branch(talk, "memory")


@scenario(
    "provider-data/accepted",
    "provider-data/echoed",
    where="has_extensions",
    features=_NEEDS,
    shares="together",
)
async def backchannel(talk: Talk) -> None:
    """The branch for the back-channel, switched off."""
    await _one_branch(talk, "backchannel")


@scenario(
    "provider-data/accepted",
    "provider-data/echoed",
    where="has_extensions",
    features=_NEEDS,
    shares="together",
)
async def responsiveness(talk: Talk) -> None:
    """The branch for responsiveness, switched off."""
    await _one_branch(talk, "responsiveness")


@scenario(
    "provider-data/merged",
    "provider-data/accepted",
    where="has_extensions",
    features=_NEEDS,
    shares="together",
)
async def one_branch_after_another(talk: Talk) -> None:
    """Each branch is sent alone; those sent before stay."""
    await talk.opened()
    for branch, fields in BRANCHES.items():
        await talk.update(providerData={branch: fields})
    await talk.update(providerData={"tts": {"language": "en-US"}})


@scenario("provider-data/exact-key", where="has_extensions", shares="together")
async def snake_case_key(talk: Talk) -> None:
    """The key in snake case, which some clients send, has no effect and does no harm."""
    await talk.opened()
    await talk.ask(
        "session.update",
        session={"instructions": "Be brief.", "provider_data": {"metadata": {"sdk": "conformance"}}},
    )


@scenario(
    "backchannel/outside-responses",
    "backchannel/done-follows",
    "payload/response.backchannel.audio.delta",
    "payload/response.backchannel.audio.done",
    where="has_extensions",
    features=(*_NEEDS, "backchannel", "server-vad", "audio-input"),
    audio_s=4.0,
)
async def backchannel_switched_on(talk: Talk) -> None:
    """The user speaks, and the server may murmur meanwhile: what it begins, it ends."""
    detection = {"type": "server_vad", "create_response": False}
    await talk.by_text(
        audio={"input": {"turn_detection": detection}}, providerData={"backchannel": {"enabled": True}}
    )
    before = await talk.speak(question())
    await talk.noticed(after=before)
    await talk.hears("input_audio_buffer.committed", after=before)
    await talk.fence()
    murmur = next((r for r in talk.session.since(before) if r.type == f"{_MURMUR}.delta"), None)
    if murmur is not None:
        await talk.hears(f"{_MURMUR}.done", after=murmur.seq)


@scenario(
    "memory/state-grows",
    where="has_extensions",
    features=(*_NEEDS, "memory"),
    responses=1,
)
async def memory_switched_on(talk: Talk) -> None:
    """Memory begins with a state that the client gives, and a turn follows."""
    state = {"version": 1, "facts": [], "summary": "", "context_text": "", "total_turns": 0}
    await talk.by_text(providerData={"memory": {"enabled": True, "turn_interval": 1, "state": state}})
    await talk.say("My name is Ada.")
    await talk.respond()
    await talk.update()
