"""A conversation with the reference server without a socket, written down as a trace while it goes on."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

from protocol.dialect import DialectName
from reference.behaviour import Behaviour
from reference.profiles import OPENAI
from reference.providers import PROFILES
from reference.session import ServedSession, SessionOpening
from wire.trace import Entry, RecordedTrace

Json = dict[str, Any]
PATIENCE = {"answer": 2.0, "response": 3.0}


class _Timer:
    def __init__(self, at: float, call: Callable[[], None]) -> None:
        self.at, self.call, self.cancelled = at, call, False

    def cancel(self) -> None:
        self.cancelled = True


class Stage:
    """Say what the client says; the server's part is added by itself, time passes when told to."""

    def __init__(self, dialect: DialectName, behaviour: Behaviour | None = None) -> None:
        self.dialect = dialect
        self.entries: list[Entry] = []
        self._time = 1_800_000_000.0
        self._began = self._time
        self._streams: list[Iterator[None]] = []
        self._timers: list[_Timer] = []
        self._ids = 0
        self._note("harness", "open", None, {"url": "ws://reference", "subprotocol": "", "headers": {}})
        # What a provider makes of its events, and how it spells them, is added where a trace is replayed.
        profile = replace(PROFILES[dialect], habits=())
        model = "gpt-realtime" if profile.name == OPENAI.name else None
        self._session = ServedSession(SessionOpening(profile, model), self, behaviour)
        self._session.start()

    # --- the client ---------------------------------------------------------------------------------------

    def say(self, event_type: str, /, **members: Any) -> Json:
        """Send a client event; return the server's last word after it."""
        self._ids += 1
        self._frame(json.dumps({"type": event_type, "event_id": f"evt_{self._ids:04d}", **members}))
        return self.last

    def burst(self, *events: Json) -> None:
        """Send client events without reading in between."""
        named = []
        for event in events:
            self._ids += 1
            named.append({"event_id": f"evt_{self._ids:04d}", **event})
            self._note("client", "text", named[-1])
        for event in named:
            self._session.receive(json.dumps(event))

    def fragments(self, event_type: str, /, **members: Any) -> None:
        """Send a client event whose text comes in several WebSocket fragments."""
        text = json.dumps({"type": event_type, **members})
        self._note("client", "text", json.loads(text), {"fragments": 3})
        self._session.receive(text)

    def frame(self, text: str) -> None:
        """Send a text frame, whatever it holds."""
        self._frame(text)

    def update(self, **session: Any) -> Json:
        return self.say("session.update", session={"type": "realtime", **session})

    def item(self, text: str, role: str = "user", **members: Any) -> Json:
        kind = "output_text" if role == "assistant" else "input_text"
        item = {"type": "message", "role": role, "content": [{"type": kind, "text": text}], **members}
        return self.say("conversation.item.create", item=item)

    def respond(self, **response: Any) -> Json:
        """Ask for a response and let it run to its end."""
        self.say("response.create", **({"response": response} if response else {}))
        return self.finish()

    def finish(self) -> Json:
        """Let all streams run to their end."""
        while self._streams:
            self.tick()
        return self.last

    def tick(self, count: int = 1) -> None:
        """Let the server take some steps."""
        for _ in range(count):
            self._time += 0.002
            for steps in list(self._streams):
                try:
                    next(steps)
                except StopIteration:
                    self._streams.remove(steps)

    def wait(self, seconds: float) -> None:
        """Let the clock run."""
        end = self._time + seconds
        while due := [each for each in self._timers if not each.cancelled and each.at <= end]:
            timer = min(due, key=lambda each: each.at)
            self._timers.remove(timer)
            self._time = timer.at
            timer.call()
        self._time = end

    @property
    def last(self) -> Json:
        """The server's last event."""
        return next(each.event for each in reversed(self.entries) if each.dir == "server" and each.event)

    def fence(self) -> None:
        self.say("input_audio_buffer.clear")

    def trace(self, name: str) -> RecordedTrace:
        """Close the connection and return what was said on it."""
        self._note("client", "close", None, {"code": 1000, "reason": ""})
        self._session.stop()
        header = {"trace": 1, "name": name, "dialect": self.dialect, "attempt": "ordinary"}
        return RecordedTrace(name, self.entries, {**header, "patience": PATIENCE})

    def _frame(self, text: str) -> None:
        try:
            event = json.loads(text)
        except ValueError:
            event = None
        if isinstance(event, dict):
            self._note("client", "text", event)
        else:
            self._note("client", "text", None, {"raw": text})
        self._session.receive(text)

    def _note(self, who: Any, kind: Any, event: Json | None, detail: Json | None = None) -> None:
        self._time += 0.001
        seconds = round(self._time - self._began, 6)
        self.entries.append(Entry(len(self.entries) + 1, seconds, who, kind, event, detail))

    # --- the host of the session --------------------------------------------------------------------------

    def deliver(self, event: Json, _broken: str = "") -> None:
        self._note("server", "text", json.loads(json.dumps(event)))

    def stream(self, steps: Iterator[None]) -> None:
        self._streams.append(steps)

    def later(self, seconds: float, call: Callable[[], None]) -> _Timer:
        self._timers.append(_Timer(self._time + seconds, call))
        return self._timers[-1]

    def now(self) -> float:
        return self._time

    def close(self, code: int, reason: str) -> None:
        self._note("server", "close", None, {"code": code, "reason": reason})
