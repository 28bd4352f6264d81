"""Conversations with speech synthesis that are made up from the document: settings, and faults.

Each message with a fault is of a context of its own. Behind it a further context is created and closed: what
answers that has outlived the fault. One more context stands by all the while, and speaks in the end.
"""

from __future__ import annotations

import functools
from collections.abc import Iterator, Sequence
from typing import Any

from packs.keyed.made_messages import MadeMessage, MessageMaker
from packs.keyed.messages import ERROR, STATUS
from packs.keyed.talk import KeyedTalk
from packs.scenario import PackAct, Round
from packs.tts.contexts import LONGEST_TEXT
from packs.tts.costs import text_costs
from packs.tts.scenarios import MODEL, SCENARIOS, VOICE, closed, opened, text, to
from suites.depth import Depth

SPEECH_MESSAGES = MessageMaker("tts", frozenset(("create.voiceId", "create.modelId")))

_FAULTY = ("create", "send_text", "flush_context", "close_context", "cancel_context")
"""What `update_config` does is disputed (TC-07): nobody is sent a wrong one."""

_SAID_AFTERWARDS = "Nothing has changed."
_AT_ONCE = 40  # messages of one connection
_BYSTANDER = "bystander"
_CREATED = ("tts/context/acknowledged", "tts/context/closed")


def _parts(messages: Sequence[MadeMessage]) -> Iterator[Sequence[MadeMessage]]:
    return (messages[start : start + _AT_ONCE] for start in range(0, len(messages), _AT_ONCE))


@SCENARIOS.several("tts/settings/taken", *_CREATED)
@functools.cache
def generated_contexts(depth: Depth) -> Sequence[Round]:
    """Contexts with settings of every kind are created and closed, one after another."""
    made = SPEECH_MESSAGES.valid("create", depth, ("contextId", "create.voiceId", "create.modelId"))
    return tuple(Round(_created(part)) for part in _parts(made))


def _created(messages: Sequence[MadeMessage]) -> PackAct:
    async def act(talk: KeyedTalk) -> None:
        for number, each in enumerate(messages):
            context = f"s{number}"
            seq = await talk.say(_with_voice({**each.frame, "contextId": context}), stimulus=dict(each.label))
            answer = await talk.hear("contextCreated", STATUS, ERROR, after=seq)
            if answer.name == "contextCreated":
                await closed(talk, context)

    return act


def _with_voice(frame: dict[str, Any]) -> dict[str, Any]:
    """Return a `create` with a voice and a model that there are, in the spelling that it has."""
    snake = "voice_id" in frame["create"]
    known = {"voice_id": VOICE, "model_id": MODEL} if snake else {"voiceId": VOICE, "modelId": MODEL}
    return {**frame, "create": {**frame["create"], **known}}


@SCENARIOS.several("tts/text/taken", "tts/context/spoken-before-closed", *_CREATED, least="standard")
@functools.cache
def generated_texts(depth: Depth) -> Sequence[Round]:
    """Texts of many kinds are sent, each to a context of its own, and spoken."""
    found = SPEECH_MESSAGES.valid_values("send_text", depth, ("contextId",))
    made = [each for each in found if each.cost(text_costs).characters < LONGEST_TEXT]
    return (Round(_spoken(made), sum(each.cost(text_costs).characters for each in made)),)


def _spoken(messages: Sequence[MadeMessage]) -> PackAct:
    async def act(talk: KeyedTalk) -> None:
        for number, each in enumerate(messages):
            context = f"t{number}"
            await opened(talk, context)
            await talk.say({**each.frame, "contextId": context}, stimulus=dict(each.label))
            await closed(talk, context)

    return act


@SCENARIOS.several(
    "tts/misuse/refused",
    "tts/misuse/survived",
    "tts/misuse/others-live",
    "tts/misuse/choice",
    "tts/errors/connection-lives",
    "tts/context/closed",
    "tts/context/spoken-before-closed",
)
@functools.cache
def generated_mutants(depth: Depth) -> Sequence[Round]:
    """Messages with a single fault: refused or not, the connection lives, and so do the other contexts."""
    types = _FAULTY[:2] if depth.name == "quick" else _FAULTY
    made = [part for type_ in types for part in _parts(SPEECH_MESSAGES.mutants(type_, depth))]
    return tuple(Round(_misused(part), _characters(part)) for part in made)


def _characters(messages: Sequence[MadeMessage]) -> int:
    return len(_SAID_AFTERWARDS) + sum(each.cost(text_costs).characters for each in messages)


def _misused(messages: Sequence[MadeMessage]) -> PackAct:
    async def act(talk: KeyedTalk) -> None:
        await opened(talk, _BYSTANDER)
        owed: list[tuple[str, int]] = []
        for number, each in enumerate(messages):
            owed += await _one(talk, each, f"m{number}", f"f{number}")
        if not talk.heard("contextClosed", context=_BYSTANDER):
            await talk.say(text(_SAID_AFTERWARDS, _BYSTANDER))
            await closed(talk, _BYSTANDER)
        for context, seq in owed:  # all at once: the first wait in vain is one for all
            await talk.refused(context, seq)

    return act


async def _one(talk: KeyedTalk, made: MadeMessage, context: str, fence: str) -> list[tuple[str, int]]:
    """Send a message with a fault, and let go what came of it; return what was to be refused and was not."""
    if made.type != "create":
        await opened(talk, context)
    before = talk.session.recorder.count
    seq = await talk.say(_aimed(made, context), stimulus=dict(made.label))
    await opened(talk, fence)
    await closed(talk, fence)
    created = {m.context for m in talk.heard("contextCreated") if m.seq > before} - {fence}
    ended = {m.context for m in talk.heard("contextClosed")}
    for each in (created if made.type == "create" else {context}) - ended:
        end = await talk.say(to("close_context", each or ""))
        await talk.hear("contextClosed", STATUS, ERROR, after=end, streaming=True)
    answers = talk.heard(STATUS, ERROR, "contextCreated", "contextClosed")
    answered = any(m.seq > before and m.context in {context, None} for m in answers)
    return [] if answered or made.label["expects"] != "refusal" else [(context, seq)]


def _aimed(made: MadeMessage, context: str) -> dict[str, Any]:
    """Return a message of `context`, unless which context it is of is what is wrong with it."""
    if made.path in ("contextId", "context_id"):
        return dict(made.frame)
    rest = {key: value for key, value in made.frame.items() if key not in ("contextId", "context_id")}
    return {**rest, "contextId": context}
