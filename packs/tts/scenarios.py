"""Conversations with speech synthesis: contexts, flushes, limits, encodings, times.

At the usual depth they have fewer than 6,000 characters spoken.
"""

from __future__ import annotations

from typing import Any

from packs.keyed.talk import KeyedTalk
from packs.scenario import PackAct, Scenarios
from packs.tts.contexts import LONGEST_TEXT, MOST_OPEN

VOICE, MODEL = "Dennis", "inworld-tts-2"

_SAID = "The lamp turns all night."
_MORE = " Nobody has counted."
_SENTENCE = "The lighthouse keeper writes down every ship that passes."
_SCRIPTS = "Добрый вечер. おはようございます。 مساء الخير. 1,000 λόγοι, déjà vu!"
_LONG = (f"{_SENTENCE} " * 20)[:LONGEST_TEXT]

_CONTEXT = ("tts/context/created-first", "tts/context/acknowledged", "tts/context/closed")
_SPEECH = ("tts/audio/within-context", "tts/context/spoken-before-closed", "tts/context/id-carried")
_FLUSH = ("tts/flush/completed",)

SCENARIOS = Scenarios("tts")


def create(context: str = "a", *, snake: bool = False, **settings: Any) -> dict[str, Any]:
    """Return what opens a context, with settings in camelCase."""
    if snake:
        return {"create": {"voice_id": VOICE, "model_id": MODEL}, "context_id": context}
    return {"create": {"voiceId": VOICE, "modelId": MODEL, **settings}, "contextId": context}


def text(said: str = _SAID, context: str = "a", *, flush: bool = False) -> dict[str, Any]:
    """Return what sends text to a context."""
    body: dict[str, Any] = {"text": said}
    if flush:
        body["flush_context"] = {}
    return {"send_text": body, "contextId": context}


def to(key: str, context: str = "a") -> dict[str, Any]:
    """Return a message without fields: `flush_context`, `close_context`, `cancel_context`."""
    return {key: {}, "contextId": context}


async def opened(talk: KeyedTalk, context: str = "a", **settings: Any) -> None:
    """Open a context and wait until it is there."""
    await talk.say(create(context, **settings))
    await talk.hear("contextCreated", context=context)


async def closed(talk: KeyedTalk, context: str = "a") -> None:
    """Close a context and wait until it is."""
    await talk.say(to("close_context", context))
    await talk.hear("contextClosed", context=context, streaming=True)


# --- contexts -----------------------------------------------------------------------------------------------


@SCENARIOS.add(*_CONTEXT, *_SPEECH, "tts/frames/json", "tts/fields/left-out", characters=len(_SAID))
async def one_context(talk: KeyedTalk) -> None:
    """A context is created, sent a text and closed, each step when the one before is answered."""
    await opened(talk)
    await talk.say(text())
    await closed(talk)


@SCENARIOS.add("tts/context/burst", *_CONTEXT, *_SPEECH, characters=len(_SAID + _MORE))
async def in_one_burst(talk: KeyedTalk) -> None:
    """Create, two texts and close go out at once, and nobody waits for contextCreated."""
    for message in (create(), text(), text(_MORE), to("close_context")):
        await talk.say(message)
    await talk.hear("contextClosed", streaming=True)


@SCENARIOS.add(*_CONTEXT, *_SPEECH, "tts/context/id-carried", characters=2 * len(_SAID))
async def interleaved(talk: KeyedTalk) -> None:
    """Two contexts speak at once, and the second is closed first."""
    for context in ("a", "b"):
        await opened(talk, context)
    for context in ("a", "b"):
        await talk.say(text(context=context))
    await talk.say(to("close_context", "b"))
    await talk.say(to("close_context", "a"))
    for context in ("b", "a"):
        await talk.hear("contextClosed", context=context, streaming=True)


@SCENARIOS.add("tts/limits/five-contexts", *_CONTEXT, characters=len(_SAID))
async def five_and_six(talk: KeyedTalk) -> None:
    """Five contexts are open, a sixth is refused, and the first still speaks."""
    names = [f"c{number}" for number in range(MOST_OPEN)]
    for name in names:
        await opened(talk, name)
    sixth = await talk.say(create("c6"))
    await talk.hear("status", "error", "contextCreated", after=sixth)
    await talk.say(text(context=names[0]))
    await closed(talk, names[0])


@SCENARIOS.add("tts/context/nothing-after-closed", *_CONTEXT, characters=2 * len(_SAID), least="standard")
async def an_id_again(talk: KeyedTalk) -> None:
    """The id of a closed context is used again."""
    for _ in range(2):
        seq = await talk.say(create())
        await talk.hear("contextCreated", after=seq)
        await talk.say(text())
        seq = await talk.say(to("close_context"))
        await talk.hear("contextClosed", after=seq, streaming=True)


@SCENARIOS.add(
    "tts/context/closed", "tts/context/nothing-after-closed", characters=len(_SAID), least="standard"
)
async def closed_twice(talk: KeyedTalk) -> None:
    """A context is closed twice, as an interrupted client does; there is one contextClosed."""
    await opened(talk)
    for message in (text(), to("close_context"), to("close_context")):
        await talk.say(message)
    await talk.hear("contextClosed", streaming=True)
    await talk.listen_on(0.3)


@SCENARIOS.add(
    "tts/context/spoken-before-closed", "tts/context/closed", characters=4 * len(_SAID), least="standard"
)
async def closed_while_speaking(talk: KeyedTalk) -> None:
    """A context is closed while it speaks: what is left is spoken first."""
    await opened(talk)
    for _ in range(4):
        await talk.say(text(flush=True))
    await talk.hear("audioChunk", streaming=True)
    await closed(talk)


@SCENARIOS.add("tts/context/nothing-after-closed", characters=4 * len(_SAID), least="standard")
async def cancelled(talk: KeyedTalk) -> None:
    """A context is cancelled while it speaks, and another one then speaks."""
    await opened(talk)
    for _ in range(3):
        await talk.say(text(flush=True))
    await talk.hear("audioChunk", streaming=True)
    await talk.say(to("cancel_context"))
    await opened(talk, "b")
    await talk.say(text(context="b"))
    await closed(talk, "b")


@SCENARIOS.add("tts/context/burst", *_CONTEXT, *_SPEECH, characters=len(_SAID))
async def in_snake_case(talk: KeyedTalk) -> None:
    """All keys are in snake_case."""
    await talk.say(create(snake=True))
    await talk.say({"send_text": {"text": _SAID}, "context_id": "a"})
    await talk.say({"close_context": {}, "context_id": "a"})
    await talk.hear("contextClosed", streaming=True)


@SCENARIOS.add(*_CONTEXT, *_FLUSH, characters=len(_SAID), least="standard")
async def in_camel_case(talk: KeyedTalk) -> None:
    """All keys are in camelCase, those of messages too."""
    await opened(talk)
    await talk.say({"sendText": {"text": _SAID, "flushContext": {}}, "contextId": "a"})
    await talk.hear("flushCompleted", streaming=True)
    await talk.say({"closeContext": {}, "contextId": "a"})
    await talk.hear("contextClosed", streaming=True)


@SCENARIOS.add(*_CONTEXT, "tts/text/taken", "tts/context/id-optional", characters=len(_SAID))
async def without_an_id(talk: KeyedTalk) -> None:
    """Where there is one context, messages need not name it."""
    await opened(talk)
    await talk.say({"send_text": {"text": _SAID, "flush_context": {}}})
    await talk.hear("audioChunk", streaming=True)
    await talk.say({"close_context": {}})
    await talk.hear("contextClosed", streaming=True)


@SCENARIOS.add("tts/errors/connection-lives")
async def a_sign_of_life_without_a_context(talk: KeyedTalk) -> None:
    """An idle client sends an empty text of no context: it is refused, and the connection lives on."""
    seq = await talk.say({"send_text": {"text": ""}})
    await talk.hear("status", "error", after=seq)
    await opened(talk)
    await closed(talk)


# --- flushes and texts --------------------------------------------------------------------------------------


@SCENARIOS.add(*_FLUSH, characters=2 * len(_SAID), least="standard")
async def flushed_by_itself(talk: KeyedTalk) -> None:
    """A text is flushed by a message of its own, twice."""
    await opened(talk)
    for _ in range(2):
        await talk.say(text())
        seq = await talk.say(to("flush_context"))
        await talk.hear("flushCompleted", after=seq, streaming=True)
    await closed(talk)


@SCENARIOS.add(*_FLUSH, characters=2 * len(_SAID))
async def flushed_with_its_text(talk: KeyedTalk) -> None:
    """A text is flushed by the message that sends it, twice."""
    await opened(talk)
    for _ in range(2):
        seq = await talk.say(text(flush=True))
        await talk.hear("flushCompleted", after=seq, streaming=True)
    await closed(talk)


@SCENARIOS.add(
    "tts/flush/by-itself",
    "tts/context/spoken-before-closed",
    characters=6 * len(_SAID),
    least="standard",
)
async def flushed_by_its_length(talk: KeyedTalk) -> None:
    """More text comes than the buffer may hold, and is spoken; then the context is closed."""
    await opened(talk, bufferCharThreshold=50, maxBufferDelayMs=3000)
    for _ in range(6):
        await talk.say(text())
    await talk.hear("audioChunk", streaming=True)
    await closed(talk)


@SCENARIOS.add("tts/context/closed", least="standard")
async def kept_alive_by_an_empty_text(talk: KeyedTalk) -> None:
    """An empty text, which is a sign of life, costs nothing and changes nothing."""
    await opened(talk)
    await talk.say(text(""))
    await talk.listen_on(0.2)
    await closed(talk)


@SCENARIOS.add("tts/frames/size", "tts/context/closed", characters=len(_LONG), least="standard")
async def a_long_text(talk: KeyedTalk) -> None:
    """A text has as many characters as one may have."""
    await opened(talk)
    await talk.say(text(_LONG))
    await closed(talk)


@SCENARIOS.add("tts/errors/then-closed", characters=len(_LONG) + 1, least="standard")
async def a_text_too_long(talk: KeyedTalk) -> None:
    """A text has one character more than it may have: it is spoken or refused, and another context speaks."""
    await opened(talk)
    seq = await talk.say(text(_LONG + "."))
    await talk.say(to("close_context"))
    await talk.hear("contextClosed", "status", "error", after=seq, streaming=True)
    await opened(talk, "b")
    await closed(talk, "b")


@SCENARIOS.add(*_SPEECH, characters=len(_SCRIPTS), least="standard")
async def many_scripts(talk: KeyedTalk) -> None:
    """A text is written in several scripts."""
    await opened(talk)
    await talk.say(text(_SCRIPTS))
    await closed(talk)


# --- refusals -----------------------------------------------------------------------------------------------


@SCENARIOS.add("tts/errors/unknown-context", "tts/status/integer-code", characters=len(_SAID))
async def text_to_nobody(talk: KeyedTalk) -> None:
    """Text goes to a context that was never created; then a context is created."""
    seq = await talk.say(text(context="nobody"))
    await talk.refused("nobody", seq)
    await opened(talk)
    await closed(talk)


@SCENARIOS.add(
    "tts/errors/unknown-context", "tts/context/nothing-after-closed", characters=len(_SAID), least="standard"
)
async def text_to_a_closed_context(talk: KeyedTalk) -> None:
    """Text goes to a context that is closed; then another is created."""
    await opened(talk)
    await closed(talk)
    seq = await talk.say(text())
    await talk.refused("a", seq)
    await opened(talk, "b")
    await closed(talk, "b")


@SCENARIOS.add(
    "tts/context/acknowledged", "tts/errors/then-closed", "tts/errors/alone", "tts/errors/in-their-context"
)
async def an_unknown_voice(talk: KeyedTalk) -> None:
    """A voice is asked for that does not exist."""
    seq = await talk.say(create(voiceId="conformance-nobody"))
    refused = await talk.hear("status", "error", "contextCreated", after=seq)
    if refused.code:
        await talk.hear("contextClosed", context="a", after=seq)
    await opened(talk, "b")
    await closed(talk, "b")


@SCENARIOS.add(
    "tts/context/acknowledged",
    "tts/errors/then-closed",
    "tts/errors/alone",
    "tts/errors/unknown-voice",
    least="standard",
)
async def an_unknown_model(talk: KeyedTalk) -> None:
    """A model is asked for that does not exist."""
    seq = await talk.say(create(modelId="conformance-none"))
    refused = await talk.hear("status", "error", "contextCreated", after=seq)
    if refused.code:
        await talk.hear("contextClosed", context="a", after=seq)
    await opened(talk, "b")
    await closed(talk, "b")


# --- encodings and times ------------------------------------------------------------------------------------


def _encoded(encoding: str, rate: int) -> PackAct:
    async def act(talk: KeyedTalk) -> None:
        audio = {"audioEncoding": encoding, "sampleRateHertz": rate}
        await talk.say(create(audioConfig=audio, timestampType="WORD"))
        await talk.say(text(_SENTENCE))
        await talk.say(to("close_context"))
        await talk.hear("contextClosed", streaming=True)

    return act


for _encoding, _rate in (
    ("LINEAR16", 16_000),
    ("PCM", 48_000),
    ("WAV", 24_000),
    ("MULAW", 8_000),
    ("ALAW", 8_000),
):
    SCENARIOS.made(
        f"encoded_as_{_encoding.lower()}",
        f"Speech is asked for as {_encoding} at {_rate} Hz, with times of its words.",
        _encoded(_encoding, _rate),
        ("tts/audio/header", "tts/audio/whole-samples", "tts/audio/as-asked", "tts/audio/plausible-length"),
        characters=len(_SENTENCE),
        least="quick" if _encoding in ("LINEAR16", "PCM") else "standard",
    )


def _timed(kind: str, transport: str) -> PackAct:
    async def act(talk: KeyedTalk) -> None:
        await opened(talk, timestampType=kind, timestampTransportStrategy=transport)
        for _ in range(2):
            seq = await talk.say(text(flush=True))
            await talk.hear("flushCompleted", after=seq, streaming=True)
        await closed(talk)

    return act


for _kind, _transport in (("WORD", "SYNC"), ("CHARACTER", "SYNC"), ("WORD", "ASYNC")):
    SCENARIOS.made(
        f"{_kind.lower()}_times_{_transport.lower()}",
        f"Times of each {_kind.lower()} are asked for, {_transport}, and two texts are flushed.",
        _timed(_kind, _transport),
        ("tts/times/in-order", "tts/times/restart", "tts/alignment/one-length", *_FLUSH),
        characters=2 * len(_SAID),
        least="quick" if (_kind, _transport) == ("WORD", "SYNC") else "standard",
    )
