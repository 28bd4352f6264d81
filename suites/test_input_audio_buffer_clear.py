"""input_audio_buffer.clear: what was said is unsaid."""

from __future__ import annotations

from generators.audio import tone
from suites.scenario import scenario
from suites.talk import Talk


@scenario("audio/clear/acknowledged", features=("audio-input",), shares="together")
async def empty(talk: Talk) -> None:
    """The buffer is empty already."""
    await talk.opened()
    await talk.ask("input_audio_buffer.clear")


@scenario(
    "audio/clear/acknowledged",
    "audio/clear/audio-is-gone",
    "audio/commit/empty-refused",
    features=("audio-input", "manual-commit"),
    audio_s=1.0,
    shares="together",
)
async def then_commit(talk: Talk) -> None:
    """Audio is cleared and then committed: there is nothing left to commit."""
    await talk.update(audio={"input": {"turn_detection": None}})
    await talk.refused("input_audio_buffer.commit")  # who takes this tells nothing by taking the other
    await talk.append(tone(500))
    await talk.ask("input_audio_buffer.clear")
    await talk.refused("input_audio_buffer.commit")
    await talk.fence()
