"""Each fault and each variant of the two services is another conversation than the one that obeys."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache, partial
from itertools import chain
from typing import Any

import pytest
from websockets.asyncio.client import connect
from websockets.exceptions import InvalidStatus
from websockets.typing import Subprotocol

from reference.altered_behaviour import differing
from reference.channels.doors import CHANNEL_PATHS
from reference.differences import Difference, conducted, service_differs
from reference.edits import MOMENT_S
from reference.faults.services import SERVICE_FAULTS
from reference.server import ReferenceServer, ServerOptions
from reference.variants.services import SERVICE_VARIANTS
from tests.reference.channels.channel_dialogue import (
    CLOSE_STREAM,
    END_TURN,
    ChannelChat,
    audio,
    audio_in_chunks,
    cancel,
    close,
    config,
    create,
    dial_channel,
    flush,
    hum,
    kind_of,
    kinds_of,
    pcm,
    question_at_16_khz,
    quiet,
    sound,
    spoken_words,
    text,
    texts,
    told,
)
from tests.reference.dialogue import Json

Burst = tuple[Json, ...]
Talk = tuple[Burst, ...]
"""Bursts of messages; what they bring about runs to its end before the next."""

WORDS = "Hello there, my dear old friend. How are you today?"
TIMED: Json = {"timestampType": "WORD"}
MANUAL: Json = {"inworldSttV1Config": {"vadThreshold": 0}}
PROFILE: Json = {"voiceProfileConfig": {"enableVoiceProfile": True}}


def _snake(context_id: str) -> Json:
    return {"context_id": context_id, "create": {"voice_id": "Dennis", "model_id": "inworld-tts-2"}}


def _voiceless(context_id: str) -> Json:
    return {"contextId": context_id, "create": {"modelId": "inworld-tts-2"}}


TTS_TALKS: Mapping[str, Talk] = {
    "burst": ((pcm(**TIMED), text(WORDS), close()),),
    "sets": ((create(**TIMED),), (text(WORDS), flush()), (text("And you?", flush=True),), (close(),)),
    "untimed": ((create(), text("Hello.", flush=True), close()),),
    "characters": ((create(timestampType="CHARACTER"), text("Hello.", flush=True), close()),),
    "asynchronous": ((create(**TIMED, timestampTransportStrategy="ASYNC"), text(WORDS, flush=True)),),
    "law": ((pcm(encoding="MULAW", rate=8000), text("Hello."), close()),),
    "wav": ((pcm(encoding="WAV"), text(WORDS, flush=True)),),
    "rate": ((pcm(rate=16_000), text("Hello."), close()),),
    "long": ((pcm(rate=48_000), text("word " * 200), close()),),
    "too long": ((create(),), (text("x" * 1001),), (text("Hello."), close())),
    "automatic": ((create(autoMode=True), text("Hello.")), (text("Hello again."), close())),
    "threshold": ((create(bufferCharThreshold=8), text("Hello there.")), (close(),)),
    "several": ((create("a"), create("b"), text(WORDS, "a"), text(WORDS, "b"), close("b"), close("a")),),
    "six": (tuple(create(each) for each in "abcdef"), (text("Hi.", "f"),), tuple(map(close, "abcde"))),
    "unknown": ((create(),), (text("Hello.", "z"),), (text("Hello."), close()), (text("Hi."),)),
    "voice": ((create(voiceId="Nobody"),), (create("b"), text("Hello.", "b"), close("b"))),
    "closed twice": ((create(), text(WORDS), close(), close()), (close(), cancel())),
    "cancelled": ((create(), text(WORDS, flush=True), text("More."), cancel()), (close(),)),
    "without ids": ((text("", None),), (create(),), (text("Hi.", None),), ({"close_context": {}},)),
    "long word": ((pcm(**TIMED), text("x" * 60), close()),),
    "alive": ((create(), text("")), (text("Hello."), close())),
    "misused": ((create("a"), create("b", voiceId=42)), (_voiceless("c"),), (close("a"), close("c"))),
    "fast": ((create(audioConfig={"speakingRate": 1.2}), text("Hello."), close()),),
    "snake": ((_snake("a"), {"context_id": "a", "send_text": {"text": "Hello."}}, close()),),
}
"""Conversations with speech synthesis, one for each thing that may go wrong."""

_TURN = quiet(200) + question_at_16_khz() + quiet(1000)

STT_TALKS: Mapping[str, Talk] = {
    "two turns": ((config(), *audio_in_chunks(_TURN + _TURN)), (CLOSE_STREAM,)),
    "pending": ((config(), audio(question_at_16_khz()[: 32 * 1400])), (CLOSE_STREAM,)),
    "words": ((config(includeWordTimestamps=True), audio(_TURN), CLOSE_STREAM),),
    "profile": ((config(**PROFILE), audio(_TURN), CLOSE_STREAM),),
    "silence": ((config(), audio(quiet(2050)), CLOSE_STREAM),),
    "manual": ((config(**MANUAL), audio(_TURN)), (END_TURN,), (audio(hum(600)), CLOSE_STREAM)),
    "audio first": ((audio(hum(600)),), (config(), audio(_TURN), CLOSE_STREAM)),
    "odd chunks": ((config(), *audio_in_chunks(_TURN, 3333), CLOSE_STREAM),),
    "pauses": ((config(), audio(_TURN[: -32 * 700])), (audio(quiet(100)), CLOSE_STREAM)),
    "misused": (({"transcribeConfig": {"modelId": 42}}, CLOSE_STREAM),),
    "no model": (({"transcribeConfig": {}}, CLOSE_STREAM),),
    "threshold": ((config(endOfTurnConfidenceThreshold=0.4), audio(_TURN), CLOSE_STREAM),),
    "snake": (({"transcribe_config": {"model_id": "inworld/inworld-stt-1"}}, audio(_TURN), CLOSE_STREAM),),
}
"""Conversations with speech recognition."""

TALKS = {"tts": TTS_TALKS, "stt": STT_TALKS}
HANDSHAKE = {"anybody-let-in", "subprotocol-not-echoed"}


@dataclass(frozen=True)
class Held:
    """A conversation: what was sent, how much of it at once behind each burst, and how it was closed."""

    frames: list[Json]
    at_once: tuple[int, ...]
    closed: tuple[int, str] | None


def held(talk: Talk, channel: str, *differences: Difference) -> Held:
    chat = ChannelChat(channel, *differences)
    at_once = []
    for burst in talk:
        chat.say(*burst)
        at_once.append(len(chat.finish()))
        chat.host.wait(2 * MOMENT_S)
        chat.finish()
    return Held(chat.host.events, tuple(at_once), chat.host.closed)


@cache
def obedient(channel: str, name: str) -> Held:
    return held(TALKS[channel][name], channel)


ALL = {**SERVICE_FAULTS, **SERVICE_VARIANTS}
ALTERING = [name for name, each in ALL.items() if not each.conduct.doors]


def test_there_are_as_many_as_there_should_be() -> None:
    assert len(SERVICE_FAULTS) >= 45
    assert len(SERVICE_VARIANTS) >= 25
    assert {each.channel for each in SERVICE_FAULTS.values()} == set(TALKS)
    statements = [each.statement for each in ALL.values() if each.channel == "tts"]
    assert len(set(statements)) == len(statements)


@pytest.mark.parametrize("name", ALTERING)
def test_each_difference_makes_one(name: str) -> None:
    each = ALL[name]
    talks = TALKS[each.channel]
    differing_talks = [
        talk for talk in talks if held(talks[talk], each.channel, each) != obedient(each.channel, talk)
    ]
    assert differing_talks


ABOUT = {
    ("stt-refusal-closes", "audio first"),
    ("tts-refusal-closes-context", "too long"),
    ("stt-patient", "pauses"),
}
"""Variants, and the conversations in which they speak or end otherwise than usual."""


@pytest.mark.parametrize("name", SERVICE_VARIANTS)
def test_a_variant_says_and_ends_the_same(name: str) -> None:
    each = SERVICE_VARIANTS[name]
    for talk, bursts in TALKS[each.channel].items():
        if (name, talk) in ABOUT:
            continue
        found, usual = held(bursts, each.channel, each), obedient(each.channel, talk)
        assert found.closed == usual.closed, talk
        assert set(_contexts(found.frames)) == set(_contexts(usual.frames)), talk
        assert bool(sound(found.frames)) == bool(sound(usual.frames)), talk
        assert _finals(found.frames) == _finals(usual.frames), talk


def _finals(frames: list[Json]) -> list[str]:
    """Return the letters of the final texts, without those in which nothing was said."""
    finals = (each["transcript"] for each in told(frames, "transcription") if each.get("isFinal"))
    return ["".join(filter(str.isalpha, text.lower())) for text in finals if text]


def _contexts(frames: list[Json]) -> list[str]:
    return [f["result"]["contextId"] for f in frames if kind_of(f) == "contextClosed"]


# --- what some of them do, looked at more closely -----------------------------------------------------------


def frames_with(name: str, talk: str) -> list[Json]:
    each = ALL[name]
    return held(TALKS[each.channel][talk], each.channel, each).frames


def closed_with(name: str, talk: str) -> tuple[int, str] | None:
    each = ALL[name]
    return held(TALKS[each.channel][talk], each.channel, each).closed


def _last_two(frames: list[Json]) -> list[str]:
    return kinds_of(frames)[-2:]


Look = Callable[[list[Json]], Any]

LOOKS: list[tuple[str, str, Look, Any]] = [
    ("tts-chunk-after-closed", "burst", _last_two, ["contextClosed", "audioChunk"]),
    ("tts-flush-after-closed", "burst", _last_two, ["contextClosed", "flushCompleted"]),
    ("tts-frames-no-objects", "burst", lambda f: f[1], [{"alive": True}]),
    ("stt-frames-no-objects", "words", lambda f: f[1], [{"alive": True}]),
    ("tts-closed-early", "burst", _last_two, ["contextClosed", "audioChunk"]),
    ("tts-closed-missing", "burst", lambda f: told(f, "contextClosed"), []),
    ("tts-closed-twice", "burst", _last_two, ["contextClosed", "contextClosed"]),
    ("tts-created-late", "burst", lambda f: kinds_of(f)[:3], ["audioChunk", "contextCreated", "audioChunk"]),
    ("tts-created-twice", "burst", lambda f: len(told(f, "contextCreated")), 2),
    ("tts-burst-text-lost", "burst", kinds_of, ["contextCreated", "contextClosed"]),
    ("tts-burst-text-lost", "sets", spoken_words, [*WORDS.split(), "And", "you?"]),
    ("tts-close-forgets-text", "burst", kinds_of, ["contextCreated", "contextClosed"]),
    ("tts-flush-completed-early", "sets", lambda f: _last_two(f[:-1]), ["flushCompleted", "audioChunk"]),
    ("tts-contexts-wait", "several", lambda f: [x["result"]["contextId"] for x in f[:4]], ["a"] * 4),
    ("tts-wrong-context-id", "burst", lambda f: sound(f, "a"), []),
    ("tts-header-in-pcm", "burst", lambda f: {s[:4] for s in sound(f)}, {b"RIFF"}),
    ("tts-linear16-without-header", "untimed", lambda f: {s[:4] == b"RIFF" for s in sound(f)}, {False}),
    ("tts-half-samples", "burst", lambda f: {len(s) % 2 for s in sound(f)}, {1}),
    ("tts-sixth-context-accepted", "six", lambda f: len(told(f, "contextCreated")), 6),
    ("tts-fewer-contexts", "six", lambda f: len(told(f, "contextCreated")), 4),
    ("tts-unknown-context-ignored", "unknown", lambda f: kinds_of(f).count("status"), 0),
    ("tts-unknown-context-ignored", "voice", lambda f: kinds_of(f).count("status"), 1),
    ("tts-error-in-chunk", "voice", lambda f: kinds_of(f)[:2], ["audioChunk", "contextClosed"]),
    ("tts-error-at-the-top", "voice", lambda f: kinds_of(f)[:2], ["error", "contextClosed"]),
    ("tts-any-voice-spoken", "voice", lambda f: kinds_of(f)[0], "contextCreated"),
    ("tts-cancel-ignored", "cancelled", lambda f: len(sound(f)), 4),
    ("tts-audio-of-another", "several", lambda f: f[2]["result"]["contextId"], "a"),
    ("tts-times-not-restarting", "sets", lambda f: _starts(f)[-1] > 3, True),
    ("tts-automatic-flush-untold", "automatic", lambda f: told(f, "flushCompleted"), []),
    ("tts-close-tells-flush", "burst", _last_two, ["flushCompleted", "contextClosed"]),
    ("tts-done-frames", "burst", lambda f: f[-1], {"done": True}),
    ("tts-refusal-closes-context", "too long", lambda f: kinds_of(f)[1:3], ["status", "contextClosed"]),
    ("tts-cancel-keeps-context", "cancelled", kinds_of, ["contextCreated", "contextClosed"]),
    ("stt-final-missing", "two turns", lambda f: texts(f, final=True), []),
    ("stt-final-twice", "two turns", lambda f: len(texts(f, final=True)), 4),
    (
        "stt-interims-are-increments",
        "pending",
        lambda f: texts(f, final=False)[:3],
        ["What is", "one", "and"],
    ),
    ("stt-one-turn-only", "two turns", lambda f: len(texts(f, final=True)), 1),
    ("stt-speech-stopped-first", "words", lambda f: kinds_of(f)[:2], ["speechStopped", "speechStarted"]),
    ("stt-speech-started-late", "words", lambda f: kinds_of(f)[:2], ["transcription", "speechStarted"]),
    ("stt-usage-before-final", "pending", _last_two, ["usage", "transcription"]),
    ("stt-usage-twice", "words", _last_two, ["usage", "usage"]),
    ("stt-hears-silence", "silence", lambda f: texts(f, final=True), ["Thank you."]),
    ("stt-hears-silence", "words", lambda f: len(texts(f, final=True)), 1),
    ("stt-manual-turn-ends-by-itself", "manual", lambda f: _last_two(f)[0], "transcription"),
    ("stt-end-turn-ignored", "manual", lambda f: len(texts(f, final=True)), 1),
    ("stt-close-loses-final", "pending", lambda f: texts(f, final=True), []),
    ("stt-audio-first-accepted", "audio first", lambda f: kinds_of(f)[0], "speechStarted"),
    ("stt-empty-final", "words", lambda f: texts(f, final=True)[0], ""),
    ("stt-speech-stopped-behind-final", "words", lambda f: kinds_of(f)[-2], "speechStopped"),
    ("stt-final-late", "words", _last_two, ["transcription", "usage"]),
    ("stt-error-as-status", "audio first", lambda f: kinds_of(f)[0], "status"),
]


def _starts(frames: list[Json]) -> list[float]:
    infos = (chunk["timestampInfo"]["wordAlignment"] for chunk in told(frames, "audioChunk"))
    return list(chain.from_iterable(info["wordStartTimeSeconds"] for info in infos))


@pytest.mark.parametrize(("name", "talk", "look", "expected"), LOOKS)
def test_what_it_does(name: str, talk: str, look: Look, expected: Any) -> None:
    assert look(frames_with(name, talk)) == expected


@pytest.mark.parametrize(
    ("name", "talk", "code"),
    [
        ("tts-error-ends-connection", "too long", 1011),
        ("tts-error-ends-connection", "six", None),
        ("tts-sixth-context-ends-connection", "six", 1011),
        ("tts-unknown-context-ends-connection", "unknown", 1011),
        ("tts-unknown-context-ends-connection", "voice", None),
        ("tts-text-without-id-ends-connection", "without ids", 1011),
        ("tts-close-again-ends", "closed twice", 1011),
        ("tts-ends-with-context", "several", 1000),
        ("stt-never-closes", "words", None),
        ("stt-ends-after-first-turn", "two turns", 1000),
        ("stt-refusal-closes", "audio first", 1000),
    ],
)
def test_whether_the_connection_ends(name: str, talk: str, code: int | None) -> None:
    closed = closed_with(name, talk)
    assert (closed and closed[0]) == code


# --- on a real connection -----------------------------------------------------------------------------------


def test_a_fault_over_a_websocket() -> None:
    async def run() -> list[Json]:
        async with dial_channel("tts", SERVICE_FAULTS["tts-burst-text-lost"]) as line:
            await line.say(*TTS_TALKS["burst"][0])
            await line.until("contextClosed")
            await line.say(create("b"))
            await line.until("contextCreated")
            await line.say(text("Hello.", "b"), close("b"))
            return await line.until("contextClosed")

    assert sound(asyncio.run(run()))


def test_faults_and_variants_of_both_channels_at_once() -> None:
    chosen = ["tts-closed-twice", "tts-no-usage", "stt-usage-twice", "stt-no-interims"]

    async def run(channel: str, talk: Talk, kind: str) -> list[str]:
        async with dial_channel(channel, *(ALL[name] for name in chosen)) as line:
            await line.say(*chain.from_iterable(talk))
            return kinds_of(await line.until(kind, 2))

    assert asyncio.run(run("tts", TTS_TALKS["burst"], "contextClosed"))[-2:] == ["contextClosed"] * 2
    spoken = ["speechStarted", "speechStopped", "transcription", "usage", "usage"]
    assert asyncio.run(run("stt", STT_TALKS["words"], "usage")) == spoken


def test_what_several_differences_make_of_a_service() -> None:
    one = service_differs("tts", "one", "TO-04", "One.", policy={"contexts": 1, "any_voice": True})
    two = service_differs("tts", "two", "TO-04", "Two.", lambda _memory: None, policy={"contexts": 2})  # type: ignore[arg-type, return-value]
    found = conducted([one, two])
    assert set(found) == {"tts"}
    assert found["tts"].policy == {"contexts": 2, "any_voice": True}
    assert found["tts"].changes == two.changes


@pytest.mark.parametrize("channel", CHANNEL_PATHS)
def test_faults_of_the_handshake(channel: str) -> None:
    async def run() -> None:
        faults = [SERVICE_FAULTS[f"{channel}-{name}"] for name in sorted(HANDSHAKE)]
        async with ReferenceServer(ServerOptions(pace=0), differing(faults)) as server:
            dial = partial(connect, server.channel_url(channel), proxy=None)
            async with dial() as socket:
                assert socket.response is not None
            async with dial(subprotocols=[Subprotocol("bearer_t")]) as socket:
                assert socket.subprotocol is None

    asyncio.run(run())


def test_faults_of_one_channel_leave_the_others_alone() -> None:
    async def run() -> None:
        behaviour = differing([SERVICE_FAULTS["tts-anybody-let-in"]])
        async with ReferenceServer(ServerOptions(pace=0), behaviour) as server:
            for url in (server.channel_url("stt"), server.url("inworld") + "?key=x&protocol=realtime"):
                with pytest.raises(InvalidStatus):
                    await connect(url, proxy=None)

    asyncio.run(run())
