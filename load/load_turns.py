"""The turns that callers hold: a question in writing, a spoken one, one that calls a function."""

from __future__ import annotations

import asyncio
import functools
import time
from collections.abc import Awaitable, Callable, Mapping
from typing import Any

from generators.audio import chunks, question, silent_pcm
from load.load_plan import SPEECH_S, PaceName, TurnKind
from protocol.event_types import Event
from suites.talk import WEATHER, Talk
from wire.frames import Received

_FRAME_S = 0.1  # of audio in one frame
_BYTES_A_SECOND = 48_000  # of PCM16 at 24 kHz, which every dialect speaks where nothing else was said
_MILLISECONDS = round(SPEECH_S * 1000)


class Caller:
    """Somebody who holds turns in one session, at a pace."""

    def __init__(self, talk: Talk, pace: PaceName) -> None:
        self.talk, self._live = talk, pace == "conversational"
        self._spoken = 0

    async def greet(self) -> None:
        """Wait for the session, and set it up so that every kind of turn can be held in it.

        Raises what `Talk` raises.
        """
        await self.talk.opened()
        detection: Event | None = {"type": "server_vad"} if self._detects else None
        await self.talk.by_voice(audio={"input": {"turn_detection": detection}}, tools=[WEATHER])

    async def hold(self, kind: TurnKind) -> None:
        """Hold one turn to its end; at conversational pace, until the answer was heard. Raises as `Talk`."""
        await _TURNS[kind](self)

    @property
    def _detects(self) -> bool:
        return self.talk.offers.get("server-vad", True)

    async def write(self) -> None:
        """Ask in writing."""
        await self.talk.say("What is the capital of France?")
        await self._answered(await self.talk.start(output_modalities=["text"]))

    async def speak(self) -> None:
        """Ask aloud, as fast as one speaks at conversational pace; the server notices the end."""
        session = self.talk.session
        # What came since the last frame was sent belongs to the turn before.
        before, began = session.recorder.count, time.monotonic()
        for number, chunk in enumerate(spoken_turn()):
            if self._live:
                await until(began + number * _FRAME_S)
            await session.send("input_audio_buffer.append", audio=chunk)
        if self._detects:
            # What was said before may still be answered: the answer to this comes once its end was heard.
            heard = await self.talk.hears("input_audio_buffer.committed", after=before)
            created = await self.talk.hears("response.created", after=heard.seq)
        else:
            await self.talk.need("input_audio_buffer.commit")
            created = await self.talk.start()
        await self._answered(created)

    async def call(self) -> None:
        """Have a function called, give its output, and hear what comes of it."""
        await self.talk.say("What is the weather in Paris? Use get_weather.")
        choice = {"type": "function", "name": "get_weather"}
        turn = await self.talk.respond(output_modalities=["text"], tool_choice=choice)
        output = {
            "type": "function_call_output",
            "call_id": turn.call().get("call_id"),
            "output": '{"celsius": 21}',
        }
        await self.talk.create(output)
        await self._answered(await self.talk.start(output_modalities=["text"], tool_choice="none"))

    async def _answered(self, created: Received) -> None:
        """Wait for the end of an answer; at conversational pace, until its sound would have been heard."""
        await self.talk.streaming(created, deltas=1)
        began = time.monotonic()
        await self.talk.finish(created)
        if self._live:
            heard = sum(_seconds(each.event) for each in self.talk.session.since(created.seq))
            await until(began + heard)


_TURNS: Mapping[TurnKind, Callable[[Caller], Awaitable[Any]]] = {
    "text": Caller.write,
    "speech": Caller.speak,
    "tool": Caller.call,
}


async def until(when: float) -> None:
    """Wait until `when`, by the monotonic clock: callers speak and hear as fast as people do."""
    await asyncio.sleep(max(0.0, when - time.monotonic()))


@functools.cache
def spoken_turn() -> tuple[str, ...]:
    """Return the speech of a turn, and the silence that ends it, in Base64 frames of 100 ms."""
    said = question()
    pause = _MILLISECONDS - 1000 * len(said) // _BYTES_A_SECOND
    return tuple(chunks(said + silent_pcm(pause)))


def _seconds(event: Event) -> float:
    delta = event.get("delta")
    if event.get("type") != "response.output_audio.delta" or not isinstance(delta, str):
        return 0.0
    return len(delta) * 3 / 4 / _BYTES_A_SECOND
