"""What the tests of the two services talk to them with: one way without a socket, one with."""

from __future__ import annotations

import asyncio
import base64
import json
from array import array
from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager
from typing import Any

from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed

from generators.audio import RATE, question
from reference.altered_behaviour import differing
from reference.channels.conduct import OBEDIENT
from reference.channels.messages import enveloped
from reference.channels.services import SERVICES
from reference.channels.session import ChannelSession
from reference.differences import Difference
from reference.server import ReferenceServer, ServerOptions
from tests.reference.dialogue import FakeHost, Json

HEADERS = {"Authorization": "Basic dGVzdDp0ZXN0"}
FAST = ServerOptions(pace=0)
PATIENCE_S = 5

# --- audio ------------------------------------------------------------------------------------------------


def question_at_16_khz() -> bytes:
    """Return the spoken question as the recognition takes it."""
    samples = array("h", question())
    count = len(samples) * 16_000 // RATE
    return array("h", (samples[i * RATE // 16_000] for i in range(count))).tobytes()


def quiet(milliseconds: int) -> bytes:
    return bytes(32 * milliseconds)


def hum(milliseconds: int) -> bytes:
    """Return something loud that is no speech that anybody knows."""
    return array("h", (6000 if i // 40 % 2 else -6000 for i in range(16 * milliseconds))).tobytes()


# --- messages ---------------------------------------------------------------------------------------------


def create(context_id: str | None = "a", /, **body: Any) -> Json:
    place = {} if context_id is None else {"contextId": context_id}
    return {**place, "create": {"voiceId": "Dennis", "modelId": "inworld-tts-2", **body}}


def pcm(context_id: str = "a", rate: int = 24_000, encoding: str = "PCM", **body: Any) -> Json:
    """Return a `create` that asks for an encoding."""
    return create(context_id, audioConfig={"audioEncoding": encoding, "sampleRateHertz": rate}, **body)


def text(words: str, context_id: str | None = "a", *, flush: bool = False) -> Json:
    place = {} if context_id is None else {"contextId": context_id}
    return {**place, "send_text": {"text": words, **({"flush_context": {}} if flush else {})}}


def flush(context_id: str = "a") -> Json:
    return {"contextId": context_id, "flush_context": {}}


def close(context_id: str = "a") -> Json:
    return {"contextId": context_id, "close_context": {}}


def cancel(context_id: str = "a") -> Json:
    return {"contextId": context_id, "cancel_context": {}}


def config(**body: Any) -> Json:
    return {"transcribeConfig": {"modelId": "inworld/inworld-stt-1", **body}}


def audio(data: bytes) -> Json:
    return {"audioChunk": {"content": base64.b64encode(data).decode()}}


def audio_in_chunks(data: bytes, size: int = 3200) -> list[Json]:
    return [audio(data[place : place + size]) for place in range(0, len(data), size)]


CLOSE_STREAM: Json = {"closeStream": {}}
END_TURN: Json = {"endTurn": {}}

# --- looking at answers -----------------------------------------------------------------------------------


def kind_of(frame: Json) -> str:
    """Return the key that a server message carries; ``status`` and ``error`` are kinds, too."""
    if "result" not in frame:
        return "error" if "error" in frame else "?"
    keys = [key for key in frame["result"] if key not in ("contextId", "status")]
    return keys[0] if keys else "status"


def kinds_of(frames: Iterable[Json]) -> list[str]:
    return [kind_of(frame) for frame in frames]


def told(frames: Iterable[Json], kind: str, context_id: str | None = None) -> list[Any]:
    """Return what stands under a key, of one context or of all."""
    return [
        frame["result"][kind] if "result" in frame else frame[kind]
        for frame in frames
        if kind_of(frame) == kind and (context_id is None or frame["result"].get("contextId") == context_id)
    ]


def sound(frames: Iterable[Json], context_id: str | None = None) -> list[bytes]:
    """Return the audio of each chunk that has any."""
    chunks = told(frames, "audioChunk", context_id)
    return [
        base64.b64decode(each["audioContent"], validate=True) for each in chunks if "audioContent" in each
    ]


def spoken_words(frames: Iterable[Json]) -> list[str]:
    """Return the words of all alignments."""
    infos = [each.get("timestampInfo", {}) for each in told(frames, "audioChunk")]
    return [word for info in infos for word in info.get("wordAlignment", {}).get("words", [])]


def texts(frames: Iterable[Json], *, final: bool) -> list[str]:
    """Return the transcripts that are final, or those that are not."""
    found = told(frames, "transcription")
    return [each["transcript"] for each in found if each["isFinal"] is final]


# --- without a socket -------------------------------------------------------------------------------------


class ChannelHost(FakeHost):
    """A host that keeps what would stand on the wire."""

    def deliver(self, event: Json, _broken: str = "") -> None:
        super().deliver(enveloped(event))


class ChannelChat:
    """A session of a channel without a server."""

    def __init__(self, channel: str, *differences: Difference, seed: int = 0) -> None:
        conduct = differing(differences).services.get(channel, OBEDIENT)
        self.host = ChannelHost()
        self.session = ChannelSession(SERVICES[channel], self.host, conduct, seed)

    def say(self, *messages: Json) -> None:
        """Send messages in one burst."""
        for message in messages:
            self.session.receive(json.dumps(message))

    def finish(self) -> list[Json]:
        """Let everything run to its end and return all that was sent since the beginning."""
        for _ in range(10_000):
            if not self.host.streams:
                break
            self.host.tick()
        return self.host.events


# --- with a socket ----------------------------------------------------------------------------------------


class ChannelSocket:
    """A client of a running server."""

    def __init__(self, socket: ClientConnection) -> None:
        self.socket = socket
        self.frames: list[Json] = []

    async def say(self, *messages: Json) -> None:
        """Send messages in one burst."""
        for message in messages:
            await self.socket.send(json.dumps(message))

    async def receive(self) -> Json:
        frame: Json = json.loads(await asyncio.wait_for(self.socket.recv(), PATIENCE_S))
        self.frames.append(frame)
        return frame

    async def until(self, kind: str, count: int = 1) -> list[Json]:
        """Return everything up to and with the message of a kind that is the ``count``-th from here on."""
        frames: list[Json] = []
        while kinds_of(frames).count(kind) < count:
            frames.append(await self.receive())
        return frames

    async def rest(self) -> list[Json]:
        """Return everything up to the end of the connection."""
        frames: list[Json] = []
        try:
            while True:
                frames.append(await self.receive())
        except ConnectionClosed:
            return frames


@asynccontextmanager
async def dial_channel(
    channel: str, *differences: Difference, options: ServerOptions = FAST
) -> AsyncIterator[ChannelSocket]:
    """Start a server and connect to one of its channels."""
    async with ReferenceServer(options, differing(differences)) as server:
        url = server.channel_url(channel)
        async with connect(url, additional_headers=HEADERS, proxy=None, max_size=2**24) as socket:
            yield ChannelSocket(socket)


def conversation(channel: str, *messages: Json, until: tuple[str, int] | None = None) -> list[Json]:
    """Send messages in one burst over a WebSocket and return the answers.

    They end with the message that ``until`` says (its kind, and which of them), else with the connection.
    """

    async def run() -> list[Json]:
        async with dial_channel(channel) as line:
            await line.say(*messages)
            return await (line.rest() if until is None else line.until(*until))

    return asyncio.run(run())
