"""What speech synthesis says: encodings, lengths, alignment, usage."""

from __future__ import annotations

import asyncio
import io
import json
import time
import wave

import pytest

from reference.conditions import Conditions
from reference.server import ServerOptions
from reference.speech import AudioFormat, decode_audio, encode_audio
from reference.tts.encodings import SpokenEncoding
from reference.tts.policy import TtsPolicy
from reference.tts.utterance import Utterance
from reference.tts.voice_settings import created_settings
from reference.variants.services import SERVICE_VARIANTS
from tests.reference.channels.channel_dialogue import (
    PATIENCE_S,
    ChannelChat,
    close,
    conversation,
    create,
    dial_channel,
    flush,
    kinds_of,
    pcm,
    sound,
    text,
    told,
)
from tests.reference.dialogue import Json

SENTENCE = "The quick brown fox jumps over the lazy dog, and then it runs home again."
CHARACTER_MS = 60


def spoken(words: str, said: Json) -> list[Json]:
    return conversation("tts", said, text(words), close(), until=("contextClosed", 1))


@pytest.mark.parametrize("encoding", ["LINEAR16", "WAV"])
@pytest.mark.parametrize("rate", [8000, 22_050, 48_000])
def test_each_chunk_with_a_header_is_a_file_of_its_own(encoding: str, rate: int) -> None:
    frames = 0
    for chunk in sound(spoken(SENTENCE, pcm(encoding=encoding, rate=rate))):
        with wave.open(io.BytesIO(chunk)) as file:
            assert (file.getframerate(), file.getnchannels(), file.getsampwidth()) == (rate, 1, 2)
            frames += file.getnframes()
            assert len(chunk) == 44 + 2 * file.getnframes()
    assert frames / rate == pytest.approx(len(SENTENCE) * CHARACTER_MS / 1000, rel=0.01)


@pytest.mark.parametrize(
    ("encoding", "rate", "size"), [("PCM", 16_000, 2), ("ALAW", 8000, 1), ("MULAW", 8000, 1)]
)
def test_bare_samples(encoding: str, rate: int, size: int) -> None:
    chunks = sound(spoken(SENTENCE, pcm(encoding=encoding, rate=rate)))
    assert len(chunks) > 2
    assert not any(chunk.startswith(b"RIFF") for chunk in chunks)
    assert all(len(chunk) % size == 0 for chunk in chunks)
    seconds = sum(map(len, chunks)) / size / rate
    assert seconds == pytest.approx(len(SENTENCE) * CHARACTER_MS / 1000, rel=0.01)


@pytest.mark.parametrize(("encoding", "kind"), [("ALAW", "audio/pcma"), ("MULAW", "audio/pcmu")])
def test_g711_holds_what_pcm_holds(encoding: str, kind: str) -> None:
    bare = b"".join(sound(spoken("Hello.", pcm(rate=8000))))
    coded = b"".join(sound(spoken("Hello.", pcm(encoding=encoding, rate=8000))))
    samples = decode_audio(bare, AudioFormat("audio/pcm", 8000))
    assert coded == encode_audio(samples, AudioFormat(kind, 8000))
    assert max(samples) > 5000


def test_speaking_rate() -> None:
    slow, fast = (
        sum(
            map(
                len,
                sound(spoken(SENTENCE, create(audioConfig={"audioEncoding": "PCM", "speakingRate": rate}))),
            )
        )
        for rate in (0.5, 1.5)
    )
    assert slow / fast == pytest.approx(3, rel=0.01)


def test_voices_differ_and_repeat() -> None:
    def voice(name: str) -> list[bytes]:
        return sound(spoken("Hello.", create(voiceId=name)))

    assert voice("Dennis") == voice("Dennis")
    assert voice("Dennis") != voice("Alex")


def test_frames_are_of_a_mebibyte_at_most() -> None:
    said = create(audioConfig={"sampleRateHertz": 48_000, "speakingRate": 0.5})
    for words in ("word " * 200, "x" * 1000, (" " * 23 + "x" * 24) * 21):
        frames = spoken(words[:1000], said)
        assert max(len(json.dumps(frame)) for frame in frames) < 2**20
        assert sum(len(each) for each in sound(frames)) > 1_000_000


def test_usage_counts_the_characters_sent() -> None:
    frames = spoken(SENTENCE, create())
    usages = [chunk["usage"] for chunk in told(frames, "audioChunk")]
    assert sum(usage["processedCharactersCount"] for usage in usages) == len(SENTENCE)
    assert {usage["modelId"] for usage in usages} == {"inworld-tts-2"}


# --- alignment ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("kind", "name", "key", "parts"),
    [("WORD", "word", "words", SENTENCE.split()), ("CHARACTER", "character", "characters", list(SENTENCE))],
)
def test_alignment(kind: str, name: str, key: str, parts: list[str]) -> None:
    chunks = told(spoken(SENTENCE, pcm(timestampType=kind)), "audioChunk")
    found: list[tuple[str, float, float]] = []
    for chunk in chunks:
        [(alignment, times)] = chunk["timestampInfo"].items()
        assert alignment == f"{name}Alignment"
        columns = times[key], times[f"{name}StartTimeSeconds"], times[f"{name}EndTimeSeconds"]
        assert len({len(column) for column in columns}) == 1
        found += zip(*columns, strict=True)
    assert [part for part, _, _ in found] == parts
    assert all(start <= end for _, start, end in found)
    starts = [start for _, start, _ in found]
    assert starts == sorted(starts)
    assert starts[0] == 0
    assert found[-1][2] == pytest.approx(len(SENTENCE) * CHARACTER_MS / 1000)


def test_a_long_word_is_aligned_once() -> None:
    frames = spoken("y" * 100 + " z", pcm(timestampType="WORD"))
    words = [w for c in told(frames, "audioChunk") for w in c["timestampInfo"]["wordAlignment"]["words"]]
    assert words == ["y" * 100, "z"]
    assert len(sound(frames)) > 2


@pytest.mark.parametrize("kind", [None, "TIMESTAMP_TYPE_UNSPECIFIED", "SYLLABLE"])
def test_no_alignment_unless_asked_for(kind: str | None) -> None:
    frames = spoken("Hello.", create(**({} if kind is None else {"timestampType": kind})))
    assert all("timestampInfo" not in chunk for chunk in told(frames, "audioChunk"))


def test_times_restart_behind_each_flush() -> None:
    said = (create(timestampType="WORD"), text("One two.", flush=True), text("Three four.", flush=True))
    frames = conversation("tts", *said, until=("flushCompleted", 2))
    infos = [chunk["timestampInfo"]["wordAlignment"] for chunk in told(frames, "audioChunk")]
    assert [info["wordStartTimeSeconds"] for info in infos] == [[0.0, 0.24], [0.0, 0.36]]


def test_asynchronous_alignment_trails_the_audio() -> None:
    said = pcm(timestampType="WORD", timestampTransportStrategy="ASYNC")
    frames = conversation("tts", said, text(SENTENCE), flush(), until=("flushCompleted", 1))
    chunks = told(frames, "audioChunk")
    assert all(("audioContent" in chunk) != ("timestampInfo" in chunk) for chunk in chunks)
    first = next(i for i, chunk in enumerate(chunks) if "timestampInfo" in chunk)
    assert first == 2
    infos = [chunk["timestampInfo"]["wordAlignment"] for chunk in chunks if "timestampInfo" in chunk]
    assert [word for info in infos for word in info["words"]] == SENTENCE.split()


# --- text of all kinds --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "words", ["日本語のテキストです。", "مرحبا بالعالم", "👩‍👩‍👧 x", "\n\n a \t b ", "a" * 1000]
)
def test_texts_of_all_kinds_are_spoken_whole(words: str) -> None:
    frames = spoken(words, pcm(timestampType="CHARACTER"))
    infos = [chunk["timestampInfo"]["characterAlignment"] for chunk in told(frames, "audioChunk")]
    assert "".join(c for info in infos for c in info["characters"]) == words
    assert sum(map(len, sound(frames))) == len(words) * CHARACTER_MS * 48


def test_texts_of_one_flush_are_one_utterance() -> None:
    apart = conversation("tts", create(), text("Hel"), text("lo."), close(), until=("contextClosed", 1))
    assert sound(apart) == sound(spoken("Hello.", create()))


@pytest.mark.parametrize("about", [1, 4, 24, 120])
def test_chunks_hold_the_whole_text(about: int) -> None:
    policy = TtsPolicy(chunk_characters=about)
    settings = created_settings({"voiceId": "Dennis", "modelId": "inworld-tts-2"}, "a", policy)
    chunks = list(Utterance(SENTENCE, settings, policy, 0.0).chunks())
    assert "".join(chunk.text for chunk in chunks) == SENTENCE
    assert all(len(chunk.text) <= 2 * about for chunk in chunks)


def test_encodings_say_what_they_are() -> None:
    assert SpokenEncoding("MULAW", 8000).audio_format == AudioFormat("audio/pcmu", 8000)
    assert SpokenEncoding("LINEAR16", 16_000).chunk(b"\0\0").startswith(b"RIFF")
    assert SpokenEncoding("LINEAR16", 16_000).chunk(b"\0\0", headless=True) == b"\0\0"


def test_nothing_is_said_when_the_client_is_gone() -> None:
    chat = ChannelChat("tts")
    chat.say(create(maxBufferDelayMs=100), text(SENTENCE, flush=True), text("More."))
    chat.host.tick()
    before = kinds_of(chat.host.events)
    chat.session.stop()
    chat.host.wait(1)
    assert kinds_of(chat.finish()) == before


def test_audio_in_real_time_comes_no_faster_than_it_is_heard() -> None:
    async def run() -> float:
        options = ServerOptions(pace=0, conditions=Conditions(real_time=True))
        async with dial_channel("tts", SERVICE_VARIANTS["tts-small-chunks"], options=options) as line:
            await line.say(pcm(), text("Good day."))
            began = time.monotonic()
            await line.say(close())
            await line.until("contextClosed")
            return time.monotonic() - began

    assert 0.3 <= asyncio.run(run()) < PATIENCE_S
