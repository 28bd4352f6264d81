"""The words a scenario talks in: client events sent, and their answers awaited."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from generators.audio import chunks, silent_pcm
from protocol.dialect import Dialect
from protocol.event_types import Event
from suites.depth import STANDARD, Depth
from wire.failures import Stalled
from wire.frames import Received
from wire.session import Session

SUCCESS: dict[str, str] = {
    "session.update": "session.updated",
    "conversation.item.create": "conversation.item.added",
    "conversation.item.retrieve": "conversation.item.retrieved",
    "conversation.item.delete": "conversation.item.deleted",
    "conversation.item.truncate": "conversation.item.truncated",
    "input_audio_buffer.commit": "input_audio_buffer.committed",
    "input_audio_buffer.clear": "input_audio_buffer.cleared",
    "output_audio_buffer.clear": "output_audio_buffer.cleared",
    "response.create": "response.created",
}

ANNOUNCED = ("conversation.item.added", "conversation.item.created")
"""What announces an item: the protocol's event, and the one by which servers of the retired beta do it. That
the second is wrong is for the rules to say; a scenario goes on with either."""


def answers(type_: str) -> tuple[str, ...]:
    """Return the types of what may answer a client event of `type_` with success; empty for none."""
    success = SUCCESS.get(type_)
    if success == ANNOUNCED[0]:
        return ANNOUNCED
    return () if success is None else (success,)


class Unmet(Exception):
    """The server answered, but not so that the scenario can go on; why is for the rules to say."""


class NotSaid(Exception):
    """By the AsyncAPI document in use, a client says nothing of what the scenario is about."""


class Undecided(Exception):
    """What the scenario wanted to see depends on a judgement of the server's own, which no rule can blame."""


@dataclass(frozen=True, slots=True)
class Turn:
    """One response from `response.created` to `response.done`."""

    created: Received
    done: Received

    @property
    def id(self) -> str:
        """The response's id."""
        return _id(self.created.event.get("response"))

    @property
    def status(self) -> str:
        """The status it ended with."""
        response = self.done.event.get("response")
        return str(response.get("status")) if isinstance(response, dict) else ""

    @property
    def items(self) -> list[Event]:
        """Its output items."""
        response = self.done.event.get("response")
        output = response.get("output") if isinstance(response, dict) else None
        return [i for i in output if isinstance(i, dict)] if isinstance(output, list) else []

    def call(self) -> Event:
        """Return its first function call. Raises `Unmet` where it has none."""
        for item in self.items:
            if item.get("type") == "function_call":
                return item
        raise Unmet("the response called no function")


def _id(value: Any) -> str:
    found = value.get("id") if isinstance(value, dict) else None
    return found if isinstance(found, str) else ""


def user(text: str, **fields: Any) -> Event:
    """Return a user message item."""
    return {"type": "message", "role": "user", "content": [{"type": "input_text", "text": text}], **fields}


def assistant(text: str, **fields: Any) -> Event:
    """Return an assistant message item."""
    content = [{"type": "output_text", "text": text}]
    return {"type": "message", "role": "assistant", "content": content, **fields}


def system(text: str, **fields: Any) -> Event:
    """Return a system message item."""
    return {"type": "message", "role": "system", "content": [{"type": "input_text", "text": text}], **fields}


WEATHER: Event = {
    "type": "function",
    "name": "get_weather",
    "description": "Look up the weather for a city.",
    "parameters": {
        "type": "object",
        "properties": {"city": {"type": "string"}},
        "required": ["city"],
    },
}


class Talk:
    """A conversation on one open session, in the protocol's own verbs."""

    def __init__(self, session: Session, dialect: Dialect) -> None:
        self.session = session
        self.dialect = dialect
        self.names: Mapping[str, str] = {}  # what only the target knows, see `Stage`
        self.depth: Depth = STANDARD
        self.offers: Mapping[str, bool] = {}  # what is taken to be offered

    # --- asking -----------------------------------------------------------------------------------------

    async def ask(
        self,
        type_: str,
        /,
        *,
        where: Callable[[Event], bool] = lambda _: True,
        meanwhile: bool = False,
        idle: bool = False,
        about: str = "",
        **fields: Any,
    ) -> Received:
        """Send a client event and return what answers it: its success event (`where` it holds) or the error.

        With `meanwhile`, a response is running: a server may tell it to its end first. An `idle` one is about
        responses, of which there is none to wait for. `about` is for
        `Session.wait`. Raises `Stalled` where neither comes in time, `Ended` where the connection does.
        """
        success, right = SUCCESS.get(type_), answers(type_)
        sent = await self.session.send(type_, **fields)
        return await self.session.wait(
            f"{success} or error" if success else "error",
            lambda r: (r.type in right and where(r.event)) or _is_error_for(r, sent),
            streaming=meanwhile or (type_.startswith("response.") and not idle),
            about=about,
        )

    async def need(self, type_: str, /, **fields: Any) -> Received:
        """Send a client event and return its success event. Raises `Unmet` for an error."""
        received = await self.ask(type_, **fields)
        if received.type == "error":
            raise Unmet(f"{type_} was refused: {_message(received.event)}")
        return received

    async def refused(self, type_: str, /, *, idle: bool = False, **fields: Any) -> Received | None:
        """Send a client event that is to be refused; return the answer, whichever it is, None for silence."""
        with contextlib.suppress(Stalled):  # the trace says so; what comes after it is worth seeing too
            return await self.ask(type_, idle=idle, about=f"a refusal of {type_}", **fields)
        return None

    async def refused_text(self, text: str) -> None:
        """Send a text frame that is no client event, and wait for the error as long as for any answer."""
        await self.session.send_text(text)
        await self.refusal_of("what is no client event")

    async def refusal_of(self, what: str) -> None:
        """Wait for an error as long as for any answer; where none comes, the trace says so."""
        with contextlib.suppress(Stalled):
            await self.session.wait_for("error", about=f"a refusal of {what}")

    async def fence(self) -> None:
        """Ask for something harmless and wait for the answer: what came before it was sent before it.

        A refusal is an answer, too. Where none comes, another harmless event is asked for one.
        """
        try:
            await self.ask("input_audio_buffer.clear")
        except Stalled:
            await self.update()

    # --- the session ------------------------------------------------------------------------------------

    async def opened(self) -> Received:
        """Return session.created."""
        return await self.session.wait_for("session.created", after=0, began=self.session.began)

    def patch(self, **session: Any) -> Event:
        """Return the session object of an update."""
        return {"type": "realtime", **session}

    async def update(self, *, meanwhile: bool = False, **session: Any) -> Received:
        """Update the session; return session.updated or the error."""
        return await self.ask("session.update", meanwhile=meanwhile, session=self.patch(**session))

    async def by_text(self, **session: Any) -> Received:
        """Set the session up for short text answers and commits by hand."""
        session = {"output_modalities": ["text"], "instructions": "Answer in one word.", **session}
        session.setdefault("audio", {"input": {"turn_detection": None}})
        return await self.need("session.update", session=self.patch(**session))

    async def by_voice(self, **session: Any) -> Received:
        """Set the session up for short spoken answers and commits by hand."""
        return await self.by_text(**{"output_modalities": ["audio"], **session})

    # --- items ------------------------------------------------------------------------------------------

    async def create(self, item: Event, **fields: Any) -> str:
        """Create an item; return its id. Raises `Unmet` for an error."""
        received = await self.need("conversation.item.create", item=item, **fields)
        return _id(received.event.get("item"))

    async def say(self, text: str) -> str:
        """Create a message of the user; return its id."""
        return await self.create(user(text))

    # --- responses --------------------------------------------------------------------------------------

    async def start(self, **response: Any) -> Received:
        """Ask for a response; return response.created. Raises `Unmet` for an error."""
        fields = {"response": response} if response else {}
        return await self.need("response.create", **fields)

    async def finish(self, created: Received) -> Turn:
        """Wait for the response.done of a response that was created."""
        wanted = _id(created.event.get("response"))
        done = await self.session.wait_for(
            "response.done",
            where=lambda e: _id(e.get("response")) == wanted,
            after=created.seq,
            streaming=True,
        )
        return Turn(created, done)

    async def respond(self, **response: Any) -> Turn:
        """Ask for a response and wait for its end."""
        return await self.finish(await self.start(**response))

    async def streaming(self, created: Received, deltas: int = 2) -> None:
        """Wait until a response has sent `deltas` deltas, or is done."""
        wanted = _id(created.event.get("response"))

        def well_under_way(received: Received) -> bool:
            if received.type == "response.done":
                return True
            seen = [r for r in self.session.since(created.seq) if _is_delta(r, wanted)]
            return len(seen) >= deltas

        await self.session.wait("deltas", well_under_way, after=created.seq, streaming=True)

    # --- audio ------------------------------------------------------------------------------------------

    async def append(self, audio: bytes) -> None:
        """Append PCM16 to the input buffer, in chunks."""
        for chunk in chunks(audio):
            await self.session.send("input_audio_buffer.append", audio=chunk)

    async def speak(self, audio: bytes, pause_ms: int = 1500) -> int:
        """Append speech and the silence that ends a turn; return the `seq` of the last frame before it."""
        before = self.session.sent_seq
        await self.append(audio)
        await self.append(silent_pcm(pause_ms))
        return before

    async def hears(self, types: str | Iterable[str], after: int) -> Received:
        """Wait for an event of one of `types` that comes after `seq` `after`, as long as for a response."""
        return await self.session.wait_for(types, after=after, streaming=True)

    async def noticed(self, after: int) -> Received:
        """Wait for speech_started. What is speech is the server's to say: raises `Undecided` without it.

        It has to go on answering, though.
        """
        try:
            return await self.hears("input_audio_buffer.speech_started", after)
        except Stalled:
            await self.fence()
            raise Undecided("the server noticed no speech in what was played to it") from None


def _is_delta(received: Received, response_id: str) -> bool:
    return received.type.endswith(".delta") and received.event.get("response_id") == response_id


def _is_error_for(received: Received, event_id: str) -> bool:
    if received.type != "error":
        return False
    error = received.event.get("error")
    named = error.get("event_id") if isinstance(error, dict) else None
    return not named or named == event_id


def _message(event: Event) -> str:
    error = event.get("error")
    return str(error.get("message")) if isinstance(error, dict) else str(error)
