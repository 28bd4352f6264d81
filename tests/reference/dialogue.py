"""What the tests of the reference server talk to it with: one way without a socket, one with."""

from __future__ import annotations

import asyncio
import base64
import itertools
import json
import math
from array import array
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Any

from websockets.asyncio.client import ClientConnection, connect

from protocol.dialect import DialectName
from reference.behaviour import Behaviour
from reference.frames import encode_frame
from reference.profiles import DIALECTS
from reference.session import ServedSession, SessionOpening

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Iterator, Sequence

    from reference.server import ReferenceServer

Json = dict[str, Any]
QUERY = {"openai": "?model=gpt-realtime", "inworld": "?key=test&protocol=realtime"}
OPENING = ["response.created", "response.output_item.added", "conversation.item.added"]
"""What a response with one item begins with."""
WEATHER = {
    "type": "function",
    "name": "get_weather",
    "description": "Look up the weather.",
    "parameters": {"type": "object", "properties": {"city": {"type": "string"}}, "required": ["city"]},
}


class FakeTimer:
    """A call at a time of a made-up clock."""

    def __init__(self, at: float, call: Callable[[], None]) -> None:
        self.at = at
        self.call = call
        self.cancelled = False

    def cancel(self) -> None:
        self.cancelled = True


class FakeHost:
    """A host without sockets and without waiting: the test turns the crank."""

    def __init__(self) -> None:
        self.events: list[Json] = []
        self.streams: list[Iterator[None]] = []
        self.timers: list[FakeTimer] = []
        self.time = 1_000_000.0
        self.closed: tuple[int, str] | None = None

    def deliver(self, event: Json, _broken: str = "") -> None:
        # Through text and back: what is kept is what would have been sent, at that moment.
        self.events.append(json.loads(encode_frame(event)))

    def stream(self, steps: Iterator[None]) -> None:
        self.streams.append(steps)

    def later(self, seconds: float, call: Callable[[], None]) -> FakeTimer:
        timer = FakeTimer(self.time + seconds, call)
        self.timers.append(timer)
        return timer

    def now(self) -> float:
        return self.time

    def close(self, code: int, reason: str) -> None:
        self.closed = (code, reason)

    def tick(self) -> None:
        for steps in list(self.streams):
            try:
                next(steps)
            except StopIteration:
                self.streams.remove(steps)

    def wait(self, seconds: float) -> None:
        """Let the clock run, making the calls that fall due."""
        end = self.time + seconds
        while due := [timer for timer in self.timers if not timer.cancelled and timer.at <= end]:
            timer = min(due, key=lambda each: each.at)
            self.timers.remove(timer)
            self.time = timer.at
            timer.call()
        self.time = end


class Chat:
    """A session without a server. ``send`` returns the direct answers, ``finish`` all that still comes."""

    def __init__(
        self, dialect: DialectName = "openai", *, behaviour: Behaviour | None = None, **opening: Any
    ) -> None:
        opening.setdefault("model", "gpt-realtime" if dialect == "openai" else None)
        self.host = FakeHost()
        self.session = ServedSession(SessionOpening(DIALECTS[dialect], **opening), self.host, behaviour)
        self.dialect = dialect
        self._read = 0
        self.session.start()
        self.created = self.news()[0]["session"]

    @property
    def events(self) -> list[Json]:
        """Everything sent since the beginning."""
        return self.host.events

    def news(self) -> list[Json]:
        """Return what was sent since the last look."""
        fresh = self.host.events[self._read :]
        self._read = len(self.host.events)
        return fresh

    def raw(self, frame: str | bytes) -> list[Json]:
        self.news()
        self.session.receive(frame)
        return self.news()

    def send(self, event_type: str, /, **members: Any) -> list[Json]:
        return self.raw(json.dumps({"type": event_type, **members}))

    def finish(self) -> list[Json]:
        """Let all streams run to their end."""
        self.news()
        for _ in range(10_000):
            if not self.host.streams:
                break
            self.host.tick()
        return self.news()

    def ticks(self, count: int) -> list[Json]:
        self.news()
        for _ in range(count):
            self.host.tick()
        return self.news()

    # What tests say again and again.

    def update(self, **session: Any) -> list[Json]:
        if self.dialect == "openai":
            session.setdefault("type", "realtime")
        return self.send("session.update", session=session)

    def updated(self, **session: Any) -> Json:
        """Return the session after an update that must succeed."""
        [answer] = [e for e in self.update(**session) if e["type"] in {"session.updated", "error"}]
        assert answer["type"] == "session.updated", answer
        return dict(answer["session"])

    def user(self, text: str, **members: Any) -> Json:
        """Create a user message and return its item."""
        item = {"type": "message", "role": "user", "content": [{"type": "input_text", "text": text}]}
        added, done = self.send("conversation.item.create", item=item, **members)
        assert (added["type"], done["type"]) == ("conversation.item.added", "conversation.item.done")
        return dict(added["item"])

    def respond(self, **response: Any) -> list[Json]:
        """Create a response, run it to its end and return all events of it."""
        first = self.send("response.create", **({"response": response} if response else {}))
        return first + self.finish()

    def append(self, sound: bytes) -> list[Json]:
        return self.send("input_audio_buffer.append", audio=base64.b64encode(sound).decode())


def kinds(events: Sequence[Json]) -> list[str]:
    return [event["type"] for event in events]


def only(events: Sequence[Json], event_type: str) -> Json:
    """Return the one event of a type."""
    [event] = [event for event in events if event["type"] == event_type]
    return event


def every(events: Sequence[Json], event_type: str) -> list[Json]:
    return [event for event in events if event["type"] == event_type]


def done(events: Sequence[Json]) -> Json:
    """Return the response of the one ``response.done``."""
    return dict(only(events, "response.done")["response"])


def refused(events: Sequence[Json], code: str | None = None, param: str | None = None) -> Json:
    """Return the error of an event that was answered by one ``error`` and nothing else."""
    assert kinds(events) == ["error"], events
    error = events[0]["error"]
    assert list(error) == ["type", "code", "message", "param", "event_id"]
    assert error["message"]
    assert error["type"] in {"invalid_request_error", "server_error"}
    if code is not None:
        assert (error["code"], error["param"]) == (code, param)
    return dict(error)


def said(events: Sequence[Json]) -> str:
    """Return the text of the only message of a response."""
    [item] = done(events)["output"]
    [part] = item["content"]
    return str(part.get("text", part.get("transcript")))


def tone(milliseconds: int, rate: int = 24000) -> bytes:
    """Return something loud, as PCM16."""
    count = milliseconds * rate // 1000
    return array("h", (int(9000 * math.sin(i / 8)) for i in range(count))).tobytes()


def silence(milliseconds: int, rate: int = 24000) -> bytes:
    return bytes(2 * (milliseconds * rate // 1000))


def listening(dialect: DialectName = "openai", **audio_input: Any) -> Chat:
    """Return a chat that hears what the test says about its input."""
    chat = Chat(dialect)
    chat.updated(output_modalities=["text"], audio={"input": audio_input})
    return chat


def manual(dialect: DialectName = "openai", **audio_input: Any) -> Chat:
    return listening(dialect, turn_detection=None, **audio_input)


def vad(**turn_detection: Any) -> Chat:
    return listening(turn_detection={"type": "server_vad", "silence_duration_ms": 200, **turn_detection})


class Line:
    """A client of a running server."""

    def __init__(self, socket: ClientConnection) -> None:
        self.socket = socket
        self.events: list[Json] = []

    async def send(self, event_type: str, /, **members: Any) -> None:
        await self.socket.send(json.dumps({"type": event_type, **members}))

    async def receive(self) -> Json:
        event: Json = json.loads(await asyncio.wait_for(self.socket.recv(), 5))
        self.events.append(event)
        return event

    async def until(self, event_type: str) -> list[Json]:
        """Return everything up to and with an event of a type."""
        events = [await self.receive()]
        while events[-1]["type"] != event_type:
            events.append(await self.receive())
        return events


@asynccontextmanager
async def dial(server: ReferenceServer, dialect: DialectName = "openai") -> AsyncIterator[Line]:
    """Open a session with a running server and read its ``session.created``."""
    async with connect(
        server.url(dialect) + QUERY[dialect],
        additional_headers={"Authorization": "Bearer test"},
        compression=None,
        proxy=None,
        max_size=None,
    ) as socket:
        line = Line(socket)
        assert (await line.receive())["type"] == "session.created"
        yield line


def squeezed(events: list[dict[str, Any]]) -> list[str]:
    """Return the kinds of events with repetitions left out."""
    return [kind for kind, _ in itertools.groupby(kinds(events))]


def every_but(events: list[dict[str, Any]], event_type: str) -> list[dict[str, Any]]:
    return [event for event in events if event["type"] != event_type]
