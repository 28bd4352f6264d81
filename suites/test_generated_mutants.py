"""Client events with a single fault: refused by name, without any effect, and the session goes on."""

from __future__ import annotations

import itertools
from collections.abc import Awaitable, Callable, Iterable

from generators.mutants import Mutant, few
from suites.depth import Depth
from suites.generated import WORLD, cost_of_driving, drive, made_of, mutant, sensible
from suites.scenario import scenario
from suites.stage import Stage
from suites.talk import Talk
from wire.budget import Cost, Estimate

_PROVOKED = (
    "errors/invalid-event-refused",
    "errors/event-id-echoed",
    "errors/shape",
    "errors/type-names-culprit",
    "errors/one-answer",
    "errors/session-survives",
    "payload/error",
    "robustness/turn-after-misuse",
    "robustness/mutants/choice",
)
_NAMES_FIELD = "errors/param-points-at-fault"  # where there are fields enough for a server to name one


_TURNS = 2  # one before all misuse, one after it
_REQUESTS = {"quick": 14, "standard": 17}
_OWN_TOOLS = ".providerData"  # of a tool of the server's own: where it does not mind, a response comes of it


def _cost(_depth: Depth) -> Estimate:
    return cost_of_driving(Cost(1), Cost(0, _TURNS, 0.5))


def _cost_of_responses(depth: Depth) -> Estimate:
    # Each may come about where a server does not mind the fault; most servers mind most of them.
    count = _REQUESTS.get(depth.name, 700)
    likely = cost_of_driving(Cost(1), Cost(0, _TURNS + count // 3, 1.0)).likely
    return Estimate(likely, cost_of_driving(Cost(1), Cost(0, _TURNS + count, 1.0)).most)


async def _misuse(stage: Stage, type_: str, look: Callable[[Talk], Awaitable[None]] | None = None) -> None:
    found = await made_of(stage, type_, lambda events: events.mutants(type_))
    chosen = few(found) if stage.depth.mutants == "few" else found
    if type_ == "response.create" and stage.depth.name in _REQUESTS:
        if stage.depth.name == "quick":  # what a server may well answer with a response costs one
            chosen = [each for each in chosen if each.expects == "refusal" and _OWN_TOOLS not in each.path]
        chosen = _asking(chosen, _REQUESTS[stage.depth.name])
    await drive(stage, [mutant(each) for each in chosen if sensible(each.event)], look=look, control=True)


def _asking(mutants: Iterable[Mutant], most: int) -> list[Mutant]:
    """Return those of `mutants` that are still requests for a response, but for so many, and all others."""
    left = itertools.count(most, -1)
    return [each for each in mutants if each.event.get("type") != "response.create" or next(left) > 0]


@scenario(
    *_PROVOKED,
    _NAMES_FIELD,
    own_sessions=True,
    costs=_cost,
    features=("audio-input",),
    shares="together",
    turns=_TURNS,
)
async def input_audio_buffer_append(stage: Stage) -> None:
    """Appends without audio, with text for audio, with half a sample."""
    await _misuse(stage, "input_audio_buffer.append")


@scenario(
    *_PROVOKED, own_sessions=True, costs=_cost, features=("audio-input",), shares="together", turns=_TURNS
)
async def input_audio_buffer_commit(stage: Stage) -> None:
    """Faulty commits of an empty buffer."""
    await _misuse(stage, "input_audio_buffer.commit")


@scenario(*_PROVOKED, own_sessions=True, costs=_cost, shares="together", turns=_TURNS)
async def input_audio_buffer_clear(stage: Stage) -> None:
    """Faulty clears."""
    await _misuse(stage, "input_audio_buffer.clear")


@scenario(
    *_PROVOKED,
    _NAMES_FIELD,
    "items/previous/unknown-refused",
    "items/previous/appended",
    own_sessions=True,
    costs=_cost,
    shares="together",
    turns=_TURNS,
)
async def conversation_item_create(stage: Stage) -> None:
    """Faulty items; none of them is in the conversation afterwards."""
    await _misuse(stage, "conversation.item.create")


async def _retrieve(talk: Talk) -> None:
    await talk.update()
    await talk.refused("conversation.item.retrieve", item_id=WORLD.item_ids[0])  # which it must not be


@scenario(
    *_PROVOKED,
    "items/retrieve/unknown-refused",
    "items/retrieve/full-item",
    own_sessions=True,
    costs=_cost,
    features=("retrieve",),
    shares="together",
    turns=_TURNS,
)
async def conversation_item_retrieve(stage: Stage) -> None:
    """Faulty retrievals; the item that exists is still the same."""
    await _misuse(stage, "conversation.item.retrieve", _retrieve)


@scenario(
    *_PROVOKED,
    "items/delete/unknown-refused",
    "items/retrieve/full-item",
    own_sessions=True,
    costs=_cost,
    features=("retrieve",),
    shares="together",
    turns=_TURNS,
)
async def conversation_item_delete(stage: Stage) -> None:
    """Faulty deletions; the item that exists is still there."""
    await _misuse(stage, "conversation.item.delete", _retrieve)


@scenario(
    *_PROVOKED,
    "items/truncate/unknown-refused",
    own_sessions=True,
    costs=_cost,
    features=("truncation",),
    shares="together",
    turns=_TURNS,
)
async def conversation_item_truncate(stage: Stage) -> None:
    """Faulty truncations."""
    await _misuse(stage, "conversation.item.truncate")


@scenario(
    *_PROVOKED, _NAMES_FIELD, own_sessions=True, costs=_cost_of_responses, shares="together", turns=_TURNS
)
async def response_create(stage: Stage) -> None:
    """Faulty requests for a response, out of band and cheap should one come about."""
    await _misuse(stage, "response.create")


@scenario(
    *_PROVOKED, "errors/idle-cancel-harmless", own_sessions=True, costs=_cost, shares="together", turns=_TURNS
)
async def response_cancel(stage: Stage) -> None:
    """Faulty cancellations while nothing runs."""
    await _misuse(stage, "response.cancel")


@scenario(*_PROVOKED, own_sessions=True, costs=_cost, shares="together", turns=_TURNS)
async def output_audio_buffer_clear(stage: Stage) -> None:
    """Faulty clears of the output buffer."""
    await _misuse(stage, "output_audio_buffer.clear")


@scenario(
    *_PROVOKED,
    _NAMES_FIELD,
    "session/update/refusal-changes-nothing",
    "errors/unknown-type-refused",
    own_sessions=True,
    costs=_cost,
    shares="together",
    turns=_TURNS,
)
async def session_update(stage: Stage) -> None:
    """Faulty updates; the configuration stays as it was."""
    await _misuse(stage, "session.update")
