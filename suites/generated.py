"""Sends what the generators make: many events on one session, a new one only after one died.

Behind each event comes a fence, something harmless that has to be answered: so every event is followed by a
proof that the session lives. At the end of each session a full turn is asked for, with the shortest answer.
Nothing is judged here; the labels in the trace tell the rules what was sent.
"""

from __future__ import annotations

import asyncio
import contextlib
import functools
import threading
from collections import deque
from collections.abc import Awaitable, Callable, Iterable
from dataclasses import dataclass
from typing import Any, TypeVar

from generators.events import Events, events_by
from generators.field_meanings import World
from generators.frames import Frame
from generators.mutants import Mutant
from protocol.catalogue import dialect_of
from protocol.dialect import DialectName
from protocol.event_types import Event
from suites.stage import Stage
from suites.talk import SUCCESS, NotSaid, Talk, Unmet, answers, user
from wire.budget import Cost, Estimate
from wire.failures import Ended, Stalled
from wire.frames import Received, dump

WORLD = World(item_ids=("item_generated_1",), call_ids=("call_generated_1",))
"""What is created at the beginning of each session, for generated events to name."""

DEATHS = 3
"""Sessions that may die before a scenario gives up."""

_NOTHING = Cost()


def cost_of_driving(each: Cost, once: Cost = _NOTHING) -> Estimate:
    """Return what it costs to `drive` something: `each` session with its turns, and `once` what is sent."""
    return Estimate(each + once, each.times(1 + DEATHS) + once)


CHEAP: Event = {"conversation": "none", "output_modalities": ["text"], "max_output_tokens": 16}
"""What a response gets that should not come about at all, in case it does."""

_APPEND, _CLEAR = "input_audio_buffer.append", "input_audio_buffer.clear"


@functools.cache
def events_of(dialect: DialectName) -> Events:
    """Return what a client may say in `dialect`, by the document that it brings along."""
    spoken = dialect_of(dialect)
    return events_by(spoken.document, WORLD, spoken.overlays)


_ONE_AT_A_TIME = threading.Lock()
_T = TypeVar("_T")


async def made(stage: Stage, make: Callable[[Events], _T]) -> _T:
    """Return what `make` makes of what a client may say, without holding up the other conversations."""

    def work() -> _T:
        with _ONE_AT_A_TIME:
            return make(stage.events or events_of(stage.endpoint.dialect))

    return await asyncio.to_thread(work)


async def made_of(stage: Stage, type_: str, make: Callable[[Events], _T]) -> _T:
    """Return what `make` makes of events of `type_`. Raises `NotSaid` where the document has none such."""

    def work(events: Events) -> _T:
        if type_ not in events.types:
            raise NotSaid(f"the AsyncAPI document has no {type_}")
        return make(events)

    return await made(stage, work)


@dataclass(frozen=True, slots=True)
class Shot:
    """One thing to send: how, the type of event it is taken for, and whether some answer is to come."""

    type: str
    send: Callable[[Talk], Awaitable[None]]
    owed: bool = True


def mutant(made: Mutant, *, foreign: bool = False) -> Shot:
    """Return a mutant, ready to be sent: with an `event_id`, unless that is what is wrong.

    A `foreign` one is sent as it is, and nobody waits for an answer.
    """

    async def send(talk: Talk) -> None:
        event = _cheap(made.event)
        if made.operator != "event-id" and not foreign:
            event = {"event_id": talk.session.fresh_id(), **event}
        label = {**made.label, "expects": made.expects}
        await talk.session.send_text(dump(event), stimulus=label)

    return Shot(made.type, send, not foreign and (made.type != _APPEND or made.expects == "refusal"))


def sensible(event: Any) -> bool:
    """Tell whether `event` leaves the session what it is: another kind of session is another protocol."""
    session = event.get("session") if isinstance(event, dict) else None
    return not (isinstance(session, dict) and session.get("type") == "transcription")


def _cheap(event: Event) -> Event:
    if event.get("type") != "response.create" or not isinstance(event.get("response", {}), dict):
        return event
    return {**event, "response": {**CHEAP, **event.get("response", {})}}


def frame(made: Frame) -> Shot:
    """Return a broken frame, ready to be sent."""

    async def send(talk: Talk) -> None:
        label = {"frame": made.name, "expects": made.expects}
        session = talk.session
        if made.form == "text" and isinstance(made.payload, str):
            await session.send_text(made.payload, fragments=made.fragments, stimulus=label)
        elif isinstance(made.payload, bytes):
            await session.send_bytes(made.payload, as_text=made.form != "binary", stimulus=label)

    return Shot(_CLEAR, send, made.expects != "either")


def valid(event: Event, *, foreign: bool = False) -> Shot:
    """Return a valid event, ready to be sent: with ids that nothing has yet.

    A `foreign` one is sent as it is, and nobody waits for an answer.
    """

    async def send(talk: Talk) -> None:
        await talk.session.send_text(dump(event if foreign else _unused(event, talk)))

    type_ = str(event.get("type", ""))
    return Shot(type_, send, not foreign and type_ != _APPEND)


def _unused(event: Event, talk: Talk) -> Event:
    made = {"event_id": talk.session.fresh_id(), **event}
    item = made.get("item")
    if isinstance(item, dict):
        fresh: Event = {}
        if _taken(item.get("id"), talk):
            fresh["id"] = talk.session.fresh_id("item")
        if item.get("type") == "function_call" and "call_id" in item:
            fresh["call_id"] = talk.session.fresh_id("call")
        made["item"] = {**item, **fresh}
    return made


def _taken(id_: Any, talk: Talk) -> bool:
    return isinstance(id_, str) and any(_item_id(r.event) == id_ for r in talk.session.received)


def _item_id(event: Event) -> Any:
    item = event.get("item")
    return item.get("id") if isinstance(item, dict) else None


async def drive(
    stage: Stage,
    shots: Iterable[Shot],
    *,
    before: Callable[[Talk], Awaitable[None]] | None = None,
    look: Callable[[Talk], Awaitable[None]] | None = None,
    every: int = 10,
    turn: bool = True,
    control: bool = False,
) -> None:
    """Send `shots`, each behind a fence, on as few sessions as the server allows.

    `before` prepares each shot, `look` looks around after `every` few and at the end; at the very end comes
    a full `turn`. As a `control` the first session begins with one: that turns fail anyway is not to be
    blamed on `shots`. Scenarios that share a session share both. Raises `Unmet` where too many sessions die,
    `Stalled` where a fence is not answered.
    """
    left = deque(shots)
    for number in range(1 + DEATHS):
        guest = stage.guest
        lent = guest is not None and number == 0
        async with contextlib.nullcontext(guest.talk) if guest and lent else stage.open() as talk:
            with contextlib.suppress(Ended):  # what it died of is in the trace, for the rules
                if not (guest and lent and guest.prepared):
                    await prepare(talk)
                    if control and number == 0 and not (guest and guest.later):
                        with contextlib.suppress(Stalled, Unmet):
                            await full_turn(talk)
                if guest and lent:
                    guest.prepared = True
                await _volley(talk, left, before, look or _look, every)
                if turn and (guest is None or guest.last):
                    await full_turn(talk)
        if not left:
            return
    raise Unmet(f"the server ended {1 + DEATHS} sessions; {len(left)} events were not sent")


async def _volley(
    talk: Talk,
    left: deque[Shot],
    before: Callable[[Talk], Awaitable[None]] | None,
    look: Callable[[Talk], Awaitable[None]],
    every: int,
) -> None:
    sent = silent = 0
    while left:
        shot = left.popleft()
        if before is not None:
            await before(talk)
        seq = talk.session.recorder.count
        await shot.send(talk)
        await fence(talk, shot.type)
        await quiet(talk, seq)
        silent += shot.owed and not _answered(talk, shot, seq)
        sent += 1
        if sent % every == 0 or not left:
            await look(talk)
    if silent:
        # Once for all of them: the trace shows that they were waited for.
        await talk.refusal_of("what came before an event that was answered")
        await fence(talk, "")  # and that the session outlived the wait


def _answered(talk: Talk, shot: Shot, seq: int) -> bool:
    wanted = ("error", *(answers(shot.type) or ("response.done",)))
    return any(received.type in wanted for received in talk.session.since(seq))


async def prepare(talk: Talk) -> None:
    """Open the conversation: short text answers, no turn detection, and what `WORLD` says exists."""
    await talk.opened()
    await talk.by_text()
    await talk.create(user("My name is Ada.", id=WORLD.item_ids[0]))
    call = {"type": "function_call", "call_id": WORLD.call_ids[0], "name": "get_weather", "arguments": "{}"}
    await talk.ask("conversation.item.create", item=call)


async def fence(talk: Talk, type_: str) -> None:
    """Ask for something harmless that cannot be taken for the answer to an event of `type_`.

    An error that names nobody is that event's. Raises `Unmet` where the fence itself is refused.
    """
    request, fields = (_CLEAR, {}) if type_ != _CLEAR else ("session.update", {"session": talk.patch()})
    sent = await talk.session.send(request, **fields)
    answer = await talk.session.wait(
        SUCCESS[request],
        lambda r: r.type == SUCCESS[request] or (r.type == "error" and _named(r.event) == sent),
    )
    if answer.type == "error":
        raise Unmet(f"{request} was refused")


def _named(event: Event) -> Any:
    error = event.get("error")
    return error.get("event_id") if isinstance(error, dict) else None


async def _look(talk: Talk) -> None:
    """Have the whole configuration shown: the rules compare it with what it was."""
    await talk.update()


async def quiet(talk: Talk, seq: int) -> None:
    """Wait until every response that was created after `seq` is done."""
    heard = talk.session.since(seq)
    done = {_response_id(r) for r in heard if r.type == "response.done"}
    for created in heard:
        if created.type == "response.created" and _response_id(created) not in done:
            await talk.finish(created)


def created_id(received: Received) -> str:
    """Return the id of a response that was created. Raises `Unmet` where it has none."""
    found = _response_id(received)
    if not isinstance(found, str):
        raise Unmet("response.created has no id of a response")
    return found


def _response_id(received: Received) -> Any:
    response = received.event.get("response")
    return response.get("id") if isinstance(response, dict) else None


async def full_turn(talk: Talk) -> None:
    """Complete a full turn with the shortest answer, whatever the session was set to."""
    await talk.by_text(tools=[], tool_choice="auto", max_output_tokens="inf")
    await talk.say("Say yes.")
    await talk.respond()
