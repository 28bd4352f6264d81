"""Valid client events, each constraint of the contract once, then by chance: all of them are accepted."""

from __future__ import annotations

from generators.audio import silent_pcm
from generators.events import Events
from protocol.event_types import Event
from suites.depth import Depth
from suites.generated import (
    Shot,
    cost_of_driving,
    created_id,
    drive,
    made_of,
    prepare,
    sensible,
    valid,
)
from suites.scenario import scenario
from suites.stage import Stage
from suites.talk import Talk, user
from wire.budget import Cost, Estimate
from wire.frames import dump

_APPEND_MS = 120
_RESPONSES = {"standard": 10}
_CANCELLED = {"standard": 4}


def _some(events: Events, type_: str, depth: Depth) -> list[Event]:
    """Return what to send: a covering few when in a hurry, else the whole walk, at the deepest chance too."""
    if depth.name == "quick":
        return events.examples(type_, 2 * depth.examples, depth.seed)
    walked = [step.event for step in events.walk(type_)]
    if depth.mutants == "few":
        return walked
    return walked + events.examples(type_, 2 * depth.examples, depth.seed)


def _responses(depth: Depth) -> int:
    return _RESPONSES.get(depth.name, 60)


_TURN = Cost(0, 1)  # at the end of all


def _cost(_depth: Depth) -> Estimate:
    return cost_of_driving(Cost(1), _TURN)


def _cost_of_audio(depth: Depth) -> Estimate:
    return cost_of_driving(Cost(1), Cost(0, 1, 10.0 if depth.mutants == "few" else 300.0))


def _cost_of_commits(depth: Depth) -> Estimate:
    count = 2 * depth.examples + 8
    return cost_of_driving(Cost(1), Cost(0, 1, count * _APPEND_MS / 1000))


def _cost_of_responses(depth: Depth) -> Estimate:
    # Each is cancelled as soon as it has begun; one that may be spoken says little by then.
    count = _responses(depth)
    return Estimate(Cost(1, count, 0.5 * count), Cost(1, count, 2.0 * count))


async def _send(stage: Stage, type_: str) -> None:
    depth = stage.depth
    events = await made_of(stage, type_, lambda known: _some(known, type_, depth))
    await drive(stage, [valid(each) for each in events if sensible(each)])


@scenario(
    "audio/append/no-answer",
    own_sessions=True,
    costs=_cost_of_audio,
    features=("audio-input",),
    shares="together",
    turns=1,
)
async def input_audio_buffer_append(stage: Stage) -> None:
    """Appends from one sample to a second."""
    await _send(stage, "input_audio_buffer.append")


async def _speak(talk: Talk) -> None:
    await talk.append(silent_pcm(_APPEND_MS))


@scenario(
    "audio/commit/acknowledged",
    "audio/commit/item-follows",
    "audio/commit/committed-first",
    own_sessions=True,
    costs=_cost_of_commits,
    features=("audio-input", "manual-commit"),
    shares="together",
    turns=1,
)
async def input_audio_buffer_commit(stage: Stage) -> None:
    """Commits with and without ids of their own."""
    depth = stage.depth
    type_ = "input_audio_buffer.commit"
    events = await made_of(stage, type_, lambda known: _some(known, type_, depth))
    await drive(stage, [valid(each) for each in events], before=_speak)


@scenario(
    "audio/clear/acknowledged",
    own_sessions=True,
    costs=_cost,
    regards=("audio-input",),
    shares="together",
    turns=1,
)
async def input_audio_buffer_clear(stage: Stage) -> None:
    """Clears with and without ids of their own."""
    await _send(stage, "input_audio_buffer.clear")


@scenario(
    "items/create/acknowledged",
    "items/added/full-content",
    "items/create/keeps-client-id",
    "items/previous/appended",
    "items/previous/root",
    "items/previous/inserted",
    "payload/conversation.item.added",
    own_sessions=True,
    costs=_cost_of_audio,
    shares="together",
    turns=1,
)
async def conversation_item_create(stage: Stage) -> None:
    """Items of every kind and role, with every kind of content, anywhere in the conversation."""
    await _send(stage, "conversation.item.create")


@scenario(
    "items/retrieve/acknowledged",
    own_sessions=True,
    costs=_cost,
    features=("retrieve",),
    shares="together",
    turns=1,
)
async def conversation_item_retrieve(stage: Stage) -> None:
    """Retrievals of an item that exists."""
    await _send(stage, "conversation.item.retrieve")


@scenario(
    "items/delete/acknowledged",
    "items/delete/names-item",
    own_sessions=True,
    costs=_cost,
    shares="together",
    turns=1,
)
async def conversation_item_delete(stage: Stage) -> None:
    """Deletions of items that exist."""
    depth = stage.depth
    type_ = "conversation.item.delete"
    events = await made_of(stage, type_, lambda known: _some(known, type_, depth))
    await drive(stage, [_deleting(each) for each in events])


def _deleting(event: Event) -> Shot:
    async def send(talk: Talk) -> None:
        item_id = await talk.create(user("To be deleted."))
        await valid({**event, "item_id": item_id}).send(talk)

    return Shot("conversation.item.delete", send)


@scenario("errors/every-event-answered", own_sessions=True, costs=_cost, shares="together", turns=1)
async def output_audio_buffer_clear(stage: Stage) -> None:
    """Clears of the output buffer, which a WebSocket need not have."""
    await _send(stage, "output_audio_buffer.clear")


@scenario(
    "session/update/acknowledged",
    "session/update/echoes-values",
    "session/update/keeps-the-rest",
    "session/update/keeps-nested-fields",
    "session/updated/full-configuration",
    "payload/session.updated",
    own_sessions=True,
    costs=_cost,
    shares="together",
    turns=1,
    apart="standard",
)
async def session_update(stage: Stage) -> None:
    """Every field of the session, every value of every enum, both ends of every range."""
    await _send(stage, "session.update")


@scenario(
    "items/truncate/acknowledged",
    "items/truncate/echoes-request",
    own_sessions=True,
    costs=lambda _depth: Cost(1, 1, 5.0),
    least="standard",
    features=("audio-output", "truncation"),
)
async def conversation_item_truncate(stage: Stage) -> None:
    """Truncations of a spoken item, to nothing."""
    type_ = "conversation.item.truncate"
    steps = await made_of(stage, type_, lambda known: list(known.walk(type_)))
    async with stage.open() as talk:
        await prepare(talk)
        await talk.by_voice()
        await talk.say("Say yes.")
        turn = await talk.respond()
        spoken = [item for item in turn.items if item.get("type") == "message"]
        if not spoken:
            return
        for step in steps:
            event = {**step.event, "item_id": spoken[0].get("id"), "content_index": 0, "audio_end_ms": 0}
            await talk.ask(event.pop("type"), **event)


@scenario(
    "response/create/acknowledged",
    "response/created/in-progress",
    "cancel/active-ends-cancelled",
    "payload/response.created",
    own_sessions=True,
    costs=_cost_of_responses,
    least="standard",
)
async def response_create(stage: Stage) -> None:
    """Requests with every field of a response, each cancelled as soon as it has begun."""
    type_, depth, count = "response.create", stage.depth, _responses(stage.depth)
    events = await made_of(stage, type_, lambda known: known.examples(type_, count, depth.seed))
    async with stage.open() as talk:
        await prepare(talk)
        for event in events:
            await _begin_and_cancel(talk, {k: v for k, v in event.items() if k != "type"})


async def _begin_and_cancel(talk: Talk, fields: Event) -> None:
    created = await talk.ask("response.create", **fields)
    if created.type == "error":
        return
    await talk.session.send("response.cancel", response_id=created_id(created))
    await talk.finish(created)


def _cancelled(depth: Depth) -> int:
    return _CANCELLED.get(depth.name, 7)


@scenario(
    "cancel/active-ends-cancelled",
    own_sessions=True,
    costs=lambda depth: Cost(1, _cancelled(depth), 0.0),
    least="standard",
)
async def response_cancel(stage: Stage) -> None:
    """Cancellations of a response that runs."""
    type_ = "response.cancel"
    steps = await made_of(stage, type_, lambda known: list(known.walk(type_)))
    async with stage.open() as talk:
        await prepare(talk)
        await talk.by_text(instructions="Answer at length.")
        for step in steps[: _cancelled(stage.depth)]:
            created = await talk.start()
            event = dict(step.event)
            if "response_id" in event:
                event["response_id"] = created_id(created)
            await talk.session.send_text(dump({"event_id": talk.session.fresh_id(), **event}))
            await talk.finish(created)
