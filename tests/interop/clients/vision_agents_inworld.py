"""Three utterances, the second interrupted, with Vision Agents' plugin for Inworld; prints what it told.

`python vision_agents_inworld.py URL`, run by an interpreter that has vision-agents-plugins-inworld: with its
dependencies it is 560 MB, so it lives in an environment of its own.
"""

from __future__ import annotations

import asyncio
import json
import sys
from typing import Any

from vision_agents.core.tts.events import TTSErrorEvent
from vision_agents.plugins.inworld import TTS

_LIMIT_S = 20
_RATE = 24_000
_CUT = "This one is cut off. " * 10


async def speak(tts: Any, text: str) -> int:
    """Return how many samples of speech came for a text."""
    return sum([len(chunk.data.samples) async for chunk in tts.send_iter(text) if chunk.data is not None])


async def interrupt(tts: Any) -> int:
    """Begin to speak, interrupt at the first of it, and return how many samples came."""
    samples = 0
    async for chunk in tts.send_iter(_CUT):
        samples += 0 if chunk.data is None else len(chunk.data.samples)
        await tts.interrupt()
    return samples


async def converse(url: str) -> None:
    tts = TTS(api_key="dGVzdDp0ZXN0", ws_url=url, voice_id="Ashley", sample_rate=_RATE)
    errors: list[str] = []

    @tts.events.subscribe
    async def failed(event: TTSErrorEvent) -> None:
        errors.append(event.error_message)

    async with asyncio.timeout(_LIMIT_S):
        await tts.start()
        first = await speak(tts, "Hello there, my friend.")
        cut = await interrupt(tts)
        second = await speak(tts, "How are you today?")
        await tts.events.wait()
        await tts.close()
    print(json.dumps({"seconds": [each / _RATE for each in (first, cut, second)], "errors": errors}))


asyncio.run(converse(sys.argv[1]))
