"""Contexts of speech synthesis: create, text, flush, close, cancel, update, and many at once."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from reference.server import ServerOptions
from tests.reference.channels.channel_dialogue import (
    ChannelChat,
    cancel,
    close,
    conversation,
    create,
    dial_channel,
    flush,
    kind_of,
    kinds_of,
    pcm,
    sound,
    spoken_words,
    text,
    told,
)
from tests.reference.dialogue import Json

Burst = tuple[Json, ...]
WHOLE = ["contextCreated", "audioChunk", "contextClosed"]


def one_of_each(frames: list[Json]) -> list[str]:
    """Return the kinds of messages, several chunks in a row as one."""
    kinds = kinds_of(frames)
    return [kind for i, kind in enumerate(kinds) if i == 0 or (kind, kinds[i - 1]) != ("audioChunk",) * 2]


def statuses(frames: list[Json]) -> list[tuple[Any, int]]:
    """Return context and code of each status."""
    found = [frame["result"] for frame in frames if kind_of(frame) == "status"]
    return [(each.get("contextId"), each["status"]["code"]) for each in found]


def test_one_burst() -> None:
    said = (create(timestampType="WORD"), text("Hello there,"), text(" my friend."), close())
    frames = conversation("tts", *said, until=("contextClosed", 1))
    assert one_of_each(frames) == WHOLE
    assert spoken_words(frames) == ["Hello", "there,", "my", "friend."]
    assert {frame["result"]["contextId"] for frame in frames} == {"a"}


@pytest.mark.parametrize(
    "said",
    [
        (
            {"context_id": "a", "create": {"voice_id": "Dennis", "model_id": "inworld-tts-2"}},
            {"context_id": "a", "send_text": {"text": "Hello.", "flush_context": {}}},
            {"context_id": "a", "close_context": {}},
        ),
        (
            {"contextId": "a", "create": {"voiceId": "Dennis", "modelId": "inworld-tts-2"}},
            {"contextId": "a", "sendText": {"text": "Hello.", "flushContext": {}}},
            {"contextId": "a", "closeContext": {}},
        ),
        (create(), text("Hello.", flush=True), close()),
    ],
)
def test_any_spelling(said: tuple[Json, ...]) -> None:
    frames = conversation("tts", *said, until=("contextClosed", 1))
    assert one_of_each(frames) == ["contextCreated", "audioChunk", "flushCompleted", "contextClosed"]


def test_settings_are_echoed_with_their_defaults() -> None:
    [echo] = told(conversation("tts", create(), until=("contextCreated", 1)), "contextCreated")
    assert echo == {
        "voiceId": "Dennis",
        "modelId": "inworld-tts-2",
        "audioConfig": {"audioEncoding": "LINEAR16", "sampleRateHertz": 24000, "speakingRate": 1.0},
        "temperature": 1.0,
        "timestampType": "TIMESTAMP_TYPE_UNSPECIFIED",
        "maxBufferDelayMs": 3000,
        "bufferCharThreshold": 1000,
        "applyTextNormalization": "APPLY_TEXT_NORMALIZATION_UNSPECIFIED",
        "autoMode": False,
        "autoModeStrategy": "CLIENT_SEGMENTED",
        "timestampTransportStrategy": "SYNC",
        "deliveryMode": "BALANCED",
    }


def test_what_was_asked_is_echoed_and_the_unknown_ignored() -> None:
    asked = {"language": "en-US", "temperature": 0.5, "autoMode": True, "deliveryMode": "FAST", "other": 1}
    audio = {"audioEncoding": "ALAW", "speakingRate": 1.25, "bitRate": 64000, "bitrate": 1}
    frames = conversation("tts", create(**asked, audioConfig=audio), until=("contextCreated", 1))
    [echo] = told(frames, "contextCreated")
    assert (echo["language"], echo["temperature"], echo["autoMode"]) == ("en-US", 0.5, True)
    assert echo["deliveryMode"] == "BALANCED"
    assert echo["audioConfig"] == {
        "audioEncoding": "ALAW",
        "sampleRateHertz": 8000,
        "speakingRate": 1.25,
        "bitRate": 64000,
    }
    assert "other" not in echo


# --- flushes ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "said",
    [
        (create(), text("Hello."), flush()),
        (create(), text("Hello.", flush=True)),
        (create(bufferCharThreshold=4), text("Hello.")),
        (create(autoMode=True), text("Hello.")),
        (create(autoMode=True, autoModeStrategy="SENTENCE_BOUNDARY"), text("Hel"), text("lo. You")),
        (create(maxBufferDelayMs=10), text("Hello.")),
        (create(), text("x" * 999), text("yy")),
    ],
)
def test_each_way_of_flushing_ends_in_flush_completed(said: tuple[Json, ...]) -> None:
    frames = conversation("tts", *said, until=("flushCompleted", 1))
    assert one_of_each(frames) == ["contextCreated", "audioChunk", "flushCompleted"]


def test_what_is_buffered_waits() -> None:
    chat = ChannelChat("tts")
    chat.say(create(maxBufferDelayMs=500), text("x" * 1000))
    assert kinds_of(chat.finish()) == ["contextCreated"]
    chat.host.wait(0.4)
    assert kinds_of(chat.finish()) == ["contextCreated"]
    chat.host.wait(0.2)
    assert one_of_each(chat.finish()) == ["contextCreated", "audioChunk", "flushCompleted"]


def test_a_delay_ends_with_its_buffer() -> None:
    chat = ChannelChat("tts")
    chat.say(create(maxBufferDelayMs=500), text("One."))
    chat.host.wait(0.4)
    chat.say(flush(), text("Two."))
    chat.host.wait(0.4)
    assert kinds_of(chat.finish()).count("flushCompleted") == 1
    chat.host.wait(0.2)
    assert kinds_of(chat.finish()).count("flushCompleted") == 2


def test_a_sentence_boundary_leaves_the_rest() -> None:
    chat = ChannelChat("tts")
    settings = {"autoMode": True, "autoModeStrategy": "SENTENCE_BOUNDARY", "timestampType": "WORD"}
    chat.say(create(**settings), text("One. Two"))
    assert spoken_words(chat.finish()) == ["One."]
    chat.say(close())
    assert spoken_words(chat.finish()) == ["One.", "Two"]


def test_a_flush_of_nothing_is_completed() -> None:
    frames = conversation("tts", create(), flush(), text(" \n", flush=True), until=("flushCompleted", 2))
    assert kinds_of(frames) == ["contextCreated", "flushCompleted", "flushCompleted"]


# --- the end ------------------------------------------------------------------------------------------------


def test_closing_speaks_what_is_buffered_and_frees_the_id() -> None:
    said = (create(), text("One."), close(), close())
    frames = conversation("tts", *said, close("b"), until=("contextClosed", 1))
    assert one_of_each([f for f in frames if kind_of(f) != "status"]) == WHOLE
    assert statuses(frames) == [("b", 5)]

    async def again() -> None:
        async with dial_channel("tts") as line:
            for _ in range(2):
                await line.say(*said)
                assert one_of_each(await line.until("contextClosed")) == WHOLE

    asyncio.run(again())


def test_closing_or_cancelling_what_has_closed_is_told_and_harmless() -> None:
    async def run() -> None:
        async with dial_channel("tts") as line:
            await line.say(create(), close())
            await line.until("contextClosed")
            await line.say(close(), cancel())
            assert statuses(await line.until("status", 2)) == [("a", 5), ("a", 5)]
            await line.say(create("b"), text("Hi.", "b"), close("b"))
            assert one_of_each(await line.until("contextClosed")) == WHOLE

    asyncio.run(run())


@pytest.mark.parametrize("closing", [(), (close(),)])
def test_cancelling_ends_the_speech(closing: tuple[Json, ...]) -> None:
    async def run() -> None:
        async with dial_channel("tts", options=ServerOptions(pace=0.02)) as line:
            await line.say(create(), text("word " * 100, flush=True), text("And more."), *closing)
            await line.until("audioChunk")
            await line.say(cancel())
            frames = await line.until("contextClosed")
            assert len(sound(line.frames)) < 10
            assert "flushCompleted" not in kinds_of(frames)
            await line.say(create("b"), text("Hi.", "b"), close("b"))
            assert {f["result"]["contextId"] for f in await line.until("contextClosed")} == {"b"}

    asyncio.run(run())


# --- several contexts ---------------------------------------------------------------------------------------


def test_contexts_speak_in_turn() -> None:
    said = [each for id_ in "ab" for each in (create(id_), text("word " * 20, id_), close(id_))]
    frames = conversation("tts", *said, until=("contextClosed", 2))
    order = [f["result"]["contextId"] for f in frames if kind_of(f) == "audioChunk"]
    assert order == ["a", "b"] * (len(order) // 2)
    assert len(order) > 4


def test_a_sixth_context_is_refused_and_the_others_live_on() -> None:
    ids = "abcdef"
    said = [*(create(each) for each in ids), *(text("Hi.", each) for each in ids), *(close(i) for i in ids)]
    frames = conversation("tts", *said, until=("contextClosed", 6))
    assert statuses(frames) == [("f", 8), ("f", 5), ("f", 5)]
    for each in ids[:5]:
        assert one_of_each([f for f in frames if f["result"]["contextId"] == each]) == WHOLE
    of_sixth = [f for f in frames if f["result"]["contextId"] == "f"]
    assert kinds_of(of_sixth) == ["status", "contextClosed", "status", "status"]


def test_there_is_room_again_when_one_has_closed() -> None:
    async def run() -> None:
        async with dial_channel("tts") as line:
            await line.say(*(create(each) for each in "abcde"), close("a"))
            await line.until("contextClosed")
            await line.say(create("f"))
            assert kinds_of(await line.until("contextCreated")) == ["contextCreated"]

    asyncio.run(run())


def test_an_id_is_of_one_context_at_a_time() -> None:
    frames = conversation("tts", create(), create(), text("Hi."), close(), until=("contextClosed", 1))
    assert statuses(frames) == [("a", 6)]
    assert kinds_of(frames).count("contextCreated") == 1
    assert sound(frames)


# --- without an id, and without a context -------------------------------------------------------------------


def test_the_only_context_needs_no_id() -> None:
    said: Burst = (create(), text("Hi.", None), {"close_context": {}})
    assert one_of_each(conversation("tts", *said, until=("contextClosed", 1))) == WHOLE


def test_a_context_without_an_id_is_given_one() -> None:
    said: Burst = (create(None), text("Hi.", None), {"close_context": {}})
    frames = conversation("tts", *said, until=("contextClosed", 1))
    [context_id] = {frame["result"]["contextId"] for frame in frames}
    assert context_id


@pytest.mark.parametrize(("contexts", "says"), [("", "no open context"), ("ab", "context id is required")])
def test_a_text_of_no_context_is_told_so(contexts: str, says: str) -> None:
    said = [*(create(each) for each in contexts), text("", None)]
    frames = conversation("tts", *said, create("z"), until=("contextCreated", len(contexts) + 1))
    [refusal] = [frame["result"] for frame in frames if kind_of(frame) == "status"]
    assert "contextId" not in refusal
    assert refusal["status"]["code"] == 3
    assert says in refusal["status"]["message"]


def test_an_empty_text_is_a_sign_of_life() -> None:
    frames = conversation("tts", create(), text(""), text("", None), flush(), until=("flushCompleted", 1))
    assert kinds_of(frames) == ["contextCreated", "flushCompleted"]


@pytest.mark.parametrize("said", [text("Hi.", "z"), flush("z"), close("z"), cancel("z")])
def test_an_unknown_context_is_not_found(said: Json) -> None:
    frames = conversation("tts", create(), said, flush(), until=("flushCompleted", 1))
    assert statuses(frames) == [("z", 5)]
    [refusal] = [frame["result"]["status"] for frame in frames if kind_of(frame) == "status"]
    assert "not found" in refusal["message"]


# --- what is refused ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("said", "code"),
    [
        (create(voiceId="Nobody"), 5),
        (create(modelId="inworld-tts-9"), 5),
        (create(voiceId=None), 3),
        (create(modelId=7), 3),
        (create(temperature=0), 3),
        (create(temperature=True), 3),
        (create(bufferCharThreshold=1001), 3),
        (create(maxBufferDelayMs="3000"), 3),
        (create(maxBufferDelayMs=0.5), 3),
        (create(audioConfig=[]), 3),
        (create(audioConfig={"speakingRate": 1.6}), 3),
        (create(audioConfig={"sampleRateHertz": 7999}), 3),
        (pcm(encoding="MULAW", rate=16_000), 3),
        (pcm(encoding="MP3"), 12),
        (pcm(encoding="OGG_OPUS"), 12),
        (pcm(encoding="FLAC"), 12),
    ],
)
def test_a_create_that_cannot_be_served(said: Json, code: int) -> None:
    frames = conversation("tts", said, create("b"), until=("contextCreated", 1))
    assert kinds_of(frames) == ["status", "contextClosed", "contextCreated"]
    assert statuses(frames) == [("a", code)]
    assert [f["result"]["contextId"] for f in frames] == ["a", "a", "b"]


@pytest.mark.parametrize("body", [{"text": "x" * 1001}, {}, {"text": 1}, {"text": "Hi.", "flush_context": 1}])
def test_a_text_that_cannot_be_taken_costs_nothing_else(body: Json) -> None:
    said = (create(), create("b"), {"contextId": "a", "send_text": body}, text("Hi."), close(), close("b"))
    frames = conversation("tts", *said, until=("contextClosed", 2))
    assert statuses(frames) == [("a", 3)]
    of_a = [f for f in frames if f["result"]["contextId"] == "a" and kind_of(f) != "status"]
    assert one_of_each(of_a) == WHOLE


def test_text_behind_the_close_is_not_spoken() -> None:
    said = (create(timestampType="WORD"), text("One."), close(), text(" Two."), flush())
    frames = conversation("tts", *said, until=("contextClosed", 1))
    assert statuses(frames) == [("a", 5), ("a", 5)]
    assert spoken_words(frames) == ["One."]


# --- other settings on the way ------------------------------------------------------------------------------


def test_an_update_speaks_the_buffer_with_the_old_settings() -> None:
    update = {"contextId": "a", "update_config": {"audioConfig": {"sampleRateHertz": 16_000}}}
    said = (pcm(), text("One."), update, text("One.", flush=True))
    frames = conversation("tts", *said, until=("flushCompleted", 2))
    kinds = ["contextCreated", "audioChunk", "flushCompleted", "contextUpdated", "audioChunk"]
    assert one_of_each(frames) == [*kinds, "flushCompleted"]
    before, after = sound(frames)
    assert len(before) / len(after) == 24 / 16
    assert told(frames, "contextUpdated")[0]["audioConfig"]["audioEncoding"] == "PCM"


@pytest.mark.parametrize("body", [{"modelId": "inworld-tts-1"}, {"voiceId": "Nobody"}, {"temperature": 9}])
def test_an_update_that_is_refused_changes_nothing(body: Json) -> None:
    said = (create(), {"contextId": "a", "update_config": body}, text("Hi."), close())
    frames = conversation("tts", *said, until=("contextClosed", 1))
    assert [context_id for context_id, _ in statuses(frames)] == ["a"]
    assert "contextUpdated" not in kinds_of(frames)
    assert sound(frames)


@pytest.mark.parametrize(
    ("before", "asked", "after"),
    [
        (pcm(rate=16_000), {"audioEncoding": "ALAW"}, ("ALAW", 8000)),
        (pcm(rate=8000, encoding="MULAW"), {"audioEncoding": "PCM"}, ("PCM", 24_000)),
        (pcm(rate=16_000), {"audioEncoding": "WAV"}, ("WAV", 16_000)),
        (pcm(rate=8000, encoding="MULAW"), {"speakingRate": 1.5}, ("MULAW", 8000)),
    ],
)
def test_an_update_to_or_from_g711_changes_the_rate(
    before: Json, asked: Json, after: tuple[str, int]
) -> None:
    update = {"contextId": "a", "update_config": {"audioConfig": asked}}
    [echo] = told(conversation("tts", before, update, until=("contextUpdated", 1)), "contextUpdated")
    assert (echo["audioConfig"]["audioEncoding"], echo["audioConfig"]["sampleRateHertz"]) == after


@pytest.mark.parametrize(
    "never", [{"maxBufferDelayMs": 0}, {"maxBufferDelayMs": -1}, {"bufferCharThreshold": 0}]
)
def test_a_limit_of_nothing_is_none(never: Json) -> None:
    chat = ChannelChat("tts")
    chat.say(create(**never), text("Hello."))
    chat.host.wait(2)
    assert kinds_of(chat.finish()) == ["contextCreated"]


def test_two_runs_with_one_seed_are_alike() -> None:
    said: Burst = (create(None, timestampType="WORD"), text("Hello there.", None), {"close_context": {}})
    first, second = (conversation("tts", *said, until=("contextClosed", 1)) for _ in range(2))
    assert first == second
