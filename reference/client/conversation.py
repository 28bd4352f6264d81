"""What the reference client does in a conversation: it configures, speaks, listens, and tidies up."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from protocol.json_values import Json
from reference.client.speaker import SILENCE, Manner, Speaker, speaking

ClientStep = Callable[[Speaker], Awaitable[None]]


async def no_step(_speaker: Speaker) -> None:
    """Do nothing more than the conversation has."""


async def converse(
    url: str, manner: Manner | None = None, early: ClientStep = no_step, late: ClientStep = no_step
) -> list[Json]:
    """Hold a conversation at `url`; do `early` before the first turn, and `late` after the last.

    Returns what was heard. Raises `TimeoutError` where an answer does not come.
    """
    async with speaking(url, manner or Manner()) as speaker:
        await speaker.hear("session.created")
        listening = {"input": {"turn_detection": None}}
        session = {"type": "realtime", "audio": listening}
        await speaker.ask("session.update", "session.updated", session=session)
        await early(speaker)
        item = await _say_hello(speaker)
        await _speak(speaker)
        await speaker.ask("conversation.item.delete", "conversation.item.deleted", item_id=item)
        await late(speaker)
    return speaker.heard


async def _say_hello(speaker: Speaker) -> str:
    """Hold a turn in text; return the id of the user's item."""
    content = [{"type": "input_text", "text": "Hello."}]
    item = {"type": "message", "role": "user", "content": content}
    added = await speaker.ask("conversation.item.create", "conversation.item.done", item=item)
    await speaker.ask("response.create", "response.done")
    id_: str = added["item"]["id"]
    return id_


async def _speak(speaker: Speaker) -> None:
    """Hold a turn in audio, which the client ends itself."""
    await speaker.say("input_audio_buffer.append", audio=SILENCE)
    await speaker.ask("input_audio_buffer.commit", "input_audio_buffer.committed")
    await speaker.hear("conversation.item.done")
    await speaker.ask("response.create", "response.done")
