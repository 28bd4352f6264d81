"""Two utterances and a question, with LiveKit's plugin for Inworld as it is; prints what it told of them.

`python livekit_inworld_python.py BASE_URL PCM_FILE`, run by an interpreter that has livekit-plugins-inworld:
with its dependencies it is 400 MB, so it lives in an environment of its own. The file is 16 kHz LINEAR16.
"""

from __future__ import annotations

import asyncio
import json
import sys
from pathlib import Path

import aiohttp
from livekit import rtc
from livekit.plugins import inworld

_LIMIT_S = 20
_RATE = 16_000
_CHUNK_BYTES = 3200
_KEY = "dGVzdDp0ZXN0"


async def speak(tts: inworld.TTS, text: str) -> int:
    """Return how many samples of speech came for a text."""
    samples = 0
    async with tts.stream() as stream:
        for word in text.split(" "):
            stream.push_text(f"{word} ")
        stream.end_input()
        async for event in stream:
            samples += event.frame.samples_per_channel
    return samples


async def interrupt(tts: inworld.TTS, text: str) -> None:
    """Begin to speak a text, and go when the first of it has come."""
    async with tts.stream() as stream:
        stream.push_text(text)
        stream.flush()
        async for _ in stream:
            return


async def listen(stt: inworld.STT, pcm: bytes) -> list[tuple[str, str]]:
    """Return what the plugin says was heard: kind and text of each event that has one."""
    heard = []
    async with stt.stream() as stream:
        for place in range(0, len(pcm), _CHUNK_BYTES):
            chunk = pcm[place : place + _CHUNK_BYTES]
            stream.push_frame(rtc.AudioFrame(chunk, _RATE, 1, len(chunk) // 2))
        stream.end_input()
        async for event in stream:
            heard += [(event.type.value, each.text) for each in event.alternatives[:1]]
    return heard


async def converse(base: str, pcm: bytes) -> None:
    async with aiohttp.ClientSession() as http, asyncio.timeout(_LIMIT_S):
        tts = inworld.TTS(api_key=_KEY, ws_url=base, voice="Ashley", http_session=http)
        first = await speak(tts, "Hello there, my friend.")
        await interrupt(tts, "This one is cut off. " * 10)
        second = await speak(tts, "How are you today?")
        rate = tts.sample_rate
        await tts.aclose()
        stt = inworld.STT(api_key=_KEY, base_url=base, http_session=http)
        heard = await listen(stt, pcm)
    print(json.dumps({"seconds": [first / rate, second / rate], "heard": heard}))


asyncio.run(converse(sys.argv[1], Path(sys.argv[2]).read_bytes()))
