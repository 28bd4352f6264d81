"""The rules of speech synthesis about what a client may leave out, and what it need not ask for."""

from __future__ import annotations

from packs.keyed.messages import ERROR, STATUS
from packs.tts.contexts import LONGEST_TEXT
from packs.tts.rules import TTS_RULES, TtsCase, context_of, is_refusal

_ABOUT_A_MESSAGE = (3, 5, 6, 9, 12)
"""Codes of gRPC that are about what a client asked for: its arguments, what is not found, is there already,
is not so yet, or is not offered."""

_BY_ITSELF = "tts/flush/by-itself"


@TTS_RULES.on("tts/context/id-optional", "server", STATUS, ERROR)
def refused_for_its_id(case: TtsCase) -> None:
    """Where there is one context, a message need not name it."""
    lone, message = case.at.lone, case.message
    if lone is None or message.context not in (None, lone.id) or message.code not in _ABOUT_A_MESSAGE:
        return
    said = f"a message without contextId was refused, and context {lone.id} is the only one"
    case.violated("refused", "it is of that context", f"code {message.code}", said, about=lone.id)


@TTS_RULES.on("tts/context/id-optional", "server", "audioChunk", "flushCompleted", "contextClosed")
def taken_without_id(case: TtsCase) -> None:
    """Where there is one context, a message need not name it."""
    if case.at.lone is not None and case.at.lone is context_of(case):
        case.holds()


@TTS_RULES.on(_BY_ITSELF, "client", "sendText")
def full_buffer_owes(case: TtsCase) -> None:
    """More text than the buffer may hold is spoken without being flushed."""
    context, body = context_of(case), case.message.body
    text = body.get("text")
    if context is None or not context.is_open or context.closing or context.unsure or context.segmented:
        return
    if not isinstance(text, str) or isinstance(body.get("flushContext"), dict) or len(text) > LONGEST_TEXT:
        return
    before = context.buffered
    if before <= context.threshold < before + len(text):
        said = f"context {context.id} was sent {before + len(text)} characters, and speaks none of them"
        case.owes(context.id, "the text is spoken: audioChunk", said, "unspoken")


@TTS_RULES.on(_BY_ITSELF, "client", "flushContext", "closeContext", "cancelContext", "sendText")
def flushed_by_the_client(case: TtsCase) -> None:
    """More text than the buffer may hold is spoken without being flushed."""
    context = context_of(case)
    asks = case.message.name != "sendText" or isinstance(case.message.body.get("flushContext"), dict)
    if context is not None and asks:
        case.forgive(context.id, _BY_ITSELF)


@TTS_RULES.on(_BY_ITSELF, "server", "audioChunk", STATUS, ERROR)
def full_buffer_paid(case: TtsCase) -> None:
    """More text than the buffer may hold is spoken without being flushed."""
    context = context_of(case)
    if context is None:
        for id_ in case.at.contexts:
            case.forgive(id_, _BY_ITSELF)
    elif is_refusal(case):
        case.forgive(context.id, _BY_ITSELF)
    elif case.message.body.get("audioContent"):
        case.paid(context.id)


@TTS_RULES.on("tts/errors/in-their-context", "server", ERROR)
def at_the_top(case: TtsCase) -> None:
    """An error that is about a context is a status with its `contextId`."""
    asked = case.at.asking
    if asked is None or not asked.name or not asked.context or case.at.nameless:
        return
    if case.message.code in _ABOUT_A_MESSAGE:
        said = f"the error about {asked.name} of context {asked.context} is a frame with error"
        case.violated(
            "at-the-top", "result.status", "error", said, "error", because=(asked.seq,), about=asked.context
        )


@TTS_RULES.on("tts/errors/in-their-context", "server", STATUS)
def in_its_context(case: TtsCase) -> None:
    """An error that is about a context is a status with its `contextId`."""
    if case.message.code and case.message.context:
        case.holds()
