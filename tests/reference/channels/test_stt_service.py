"""Speech recognition: settings first, turns, texts, the end."""

from __future__ import annotations

import asyncio
import base64
from itertools import pairwise
from typing import Any

import pytest

from tests.reference.channels.channel_dialogue import (
    CLOSE_STREAM,
    END_TURN,
    ChannelChat,
    audio,
    audio_in_chunks,
    config,
    conversation,
    dial_channel,
    hum,
    kinds_of,
    question_at_16_khz,
    quiet,
    texts,
    told,
)
from tests.reference.dialogue import Json

QUESTION = "What is one and one?"
MANUAL = {"inworldSttV1Config": {"vadThreshold": 0}}


def heard(sound: bytes, size: int = 3200, *more: Json, **settings: Any) -> list[Json]:
    """Send audio in one burst and return all answers up to the end of the connection."""
    said = (config(**settings), *audio_in_chunks(sound, size), *more, CLOSE_STREAM)
    return conversation("stt", *said)


def one_turn() -> bytes:
    return quiet(300) + question_at_16_khz() + quiet(700)


def test_a_turn() -> None:
    frames = heard(one_turn())
    kinds = kinds_of(frames)
    assert kinds[0] == "speechStarted"
    assert kinds[-3:] == ["speechStopped", "transcription", "usage"]
    assert set(kinds[1:-3]) == {"transcription"}
    assert texts(frames, final=True) == [QUESTION]
    assert told(frames, "speechStarted") == [{"startTimeMs": 300, "confidence": 0.95}]
    assert told(frames, "speechStopped") == [{}]
    assert told(frames, "usage") == [{"transcribedAudioMs": 2812, "modelId": "inworld/inworld-stt-1"}]


def test_interim_texts_hold_the_whole_turn_so_far() -> None:
    interims = texts(heard(one_turn()), final=False)
    assert len(interims) > 2
    assert all(later.startswith(earlier) for earlier, later in pairwise(interims))
    assert QUESTION.startswith(interims[0])


@pytest.mark.parametrize("size", [1, 3, 641, 3200, 3333, 100_000])
def test_chunks_may_be_cut_anywhere(size: int) -> None:
    sound = one_turn() if size > 3 else question_at_16_khz()[: 32 * 700]
    chat = ChannelChat("stt")
    chat.say(config(), *audio_in_chunks(sound, size), CLOSE_STREAM)
    whole = ChannelChat("stt")
    whole.say(config(), audio(sound), CLOSE_STREAM)
    assert chat.finish() == whole.finish()
    assert texts(whole.host.events, final=True)


def test_an_empty_chunk_is_nothing() -> None:
    assert kinds_of(heard(b"", 1, audio(b""))) == ["usage"]


def test_two_turns_have_a_final_text_each() -> None:
    frames = heard(one_turn() + one_turn())
    assert texts(frames, final=True) == [QUESTION, QUESTION]
    assert len(told(frames, "speechStarted")) == len(told(frames, "speechStopped")) == 2
    assert kinds_of(frames).count("usage") == 1


@pytest.mark.parametrize("sound", [quiet(3000), hum(20), b"\x01\x00" * 16_000])
def test_silence_and_clicks_are_nothing(sound: bytes) -> None:
    assert kinds_of(heard(sound)) == ["usage"]


def test_other_speech_is_words_by_its_length() -> None:
    short, long = (texts(heard(hum(ms) + quiet(700)), final=True) for ms in (600, 1200))
    assert [len(each.split()) for each in (*short, *long)] == [2, 4]
    assert texts(heard(quiet(500) + hum(600) + quiet(700)), final=True) == short


def test_loudness_and_what_is_around_do_not_matter() -> None:
    samples = memoryview(question_at_16_khz()).cast("h")
    for share in (0.5, 1.5):
        louder = b"".join(int(each * share).to_bytes(2, "little", signed=True) for each in samples)
        assert texts(heard(quiet(123) + louder + quiet(600)), final=True) == [QUESTION]


@pytest.mark.parametrize(("silence", "turns"), [(300, 2), (900, 1)])
def test_the_client_says_how_long_a_silence_ends_a_turn(silence: int, turns: int) -> None:
    sound = question_at_16_khz() + quiet(300) + question_at_16_khz() + quiet(1000)
    settings: Json = {
        "inworldSttV1Config": {"minEndOfTurnSilenceWhenConfident": silence, "maxTurnSilence": 2000}
    }
    assert len(texts(heard(sound, **settings), final=True)) == turns


# --- manual turns, and the end ------------------------------------------------------------------------------


def test_manual_turns_end_when_the_client_says_so() -> None:
    async def run() -> None:
        async with dial_channel("stt") as line:
            await line.say(config(**MANUAL), *audio_in_chunks(one_turn() + quiet(3000)), END_TURN)
            while not texts(line.frames, final=True):
                await line.receive()
            await line.say(END_TURN, audio(hum(400)), END_TURN, CLOSE_STREAM)
            frames = await line.rest()
            assert len(texts(frames, final=True)) == 1
            assert texts(line.frames, final=True)[0] == QUESTION
            assert not told(line.frames, "speechStarted")
            assert not told(line.frames, "speechStopped")

    asyncio.run(run())


def test_a_manual_turn_is_capped() -> None:
    chat = ChannelChat("stt")
    chat.say(config(**MANUAL), audio(hum(500) + quiet(29_400)))
    assert not texts(chat.finish(), final=True)
    chat.say(audio(quiet(200)))
    assert len(texts(chat.finish(), final=True)) == 1


def test_a_turn_that_is_detected_can_be_ended_too() -> None:
    chat = ChannelChat("stt")
    chat.say(config(), audio(hum(600)), END_TURN)
    assert kinds_of(chat.finish())[-2:] == ["speechStopped", "transcription"]
    chat.say(audio(quiet(1000)), END_TURN, CLOSE_STREAM)
    assert kinds_of(chat.finish())[-1:] == ["usage"]
    assert len(texts(chat.finish(), final=True)) == 1


def test_closing_ends_the_turn_tells_usage_and_closes() -> None:
    frames = heard(quiet(100) + question_at_16_khz()[: 32 * 1500])
    assert kinds_of(frames)[-3:] == ["speechStopped", "transcription", "usage"]
    assert texts(frames, final=True) == [QUESTION]

    async def run() -> None:
        async with dial_channel("stt") as line:
            await line.say(config(), audio(quiet(1000)), CLOSE_STREAM)
            assert kinds_of(await line.rest()) == ["usage"]
            assert line.socket.close_code == 1000

    asyncio.run(run())


def test_nothing_is_heard_behind_the_close() -> None:
    chat = ChannelChat("stt")
    chat.say(config(), CLOSE_STREAM, audio(hum(1000)), CLOSE_STREAM)
    assert kinds_of(chat.finish()) == ["usage"]
    assert chat.host.closed == (1000, "")


# --- what is asked for --------------------------------------------------------------------------------------


def test_nothing_is_told_that_nobody_asked_for() -> None:
    for each in told(heard(one_turn()), "transcription"):
        assert each == {"transcript": each["transcript"], "isFinal": each["isFinal"], "wordTimestamps": []}


def test_times_of_words() -> None:
    frames = heard(one_turn(), includeWordTimestamps=True)
    for each in told(frames, "transcription"):
        words = each["wordTimestamps"]
        assert [word["word"] for word in words] == each["transcript"].split()
        assert all(set(word) == {"word", "confidence", "startTimeMs", "endTimeMs"} for word in words)
        times = [time for word in words for time in (word["startTimeMs"], word["endTimeMs"])]
        assert times == sorted(times)
        assert 300 <= times[0] <= times[-1] <= 2812


def test_speakers() -> None:
    frames = heard(one_turn(), includeWordTimestamps=True, enableSpeakerDiarization=True)
    words = told(frames, "transcription")[-1]["wordTimestamps"]
    assert [word["speaker"] for word in words] == [0] * 5


@pytest.mark.parametrize("top", [None, 2])
def test_a_voice_profile(top: int | None) -> None:
    asked = {"enableVoiceProfile": True, **({} if top is None else {"topN": top})}
    final = told(heard(one_turn(), voiceProfileConfig=asked), "transcription")[-1]
    assert set(final["voiceProfile"]) == {"age", "gender", "emotion", "vocalStyle", "accent", "pitch"}
    for labels in final["voiceProfile"].values():
        assert len(labels) == (top or 1)
        assert all(set(label) == {"label", "confidence"} for label in labels)


def test_snake_case_is_understood() -> None:
    said = {"transcribe_config": {"model_id": "inworld/inworld-stt-1", "include_word_timestamps": True}}
    chunk = {"audio_chunk": {"content": base64.b64encode(one_turn()).decode()}}
    frames = conversation("stt", said, chunk, {"end_turn": {}}, {"close_stream": {}})
    assert told(frames, "transcription")[-1]["wordTimestamps"]


# --- what is refused ----------------------------------------------------------------------------------------


@pytest.mark.parametrize("said", [audio(hum(500)), END_TURN])
def test_settings_come_first(said: Json) -> None:
    frames = conversation("stt", said, config(), audio(hum(600)), CLOSE_STREAM)
    assert kinds_of(frames)[0] == "error"
    assert told(frames, "error")[0]["code"] == 9
    assert told(frames, "usage")[0]["transcribedAudioMs"] == 600


@pytest.mark.parametrize(
    "settings",
    [
        {"modelId": None},
        {"modelId": "nobody/model"},
        {"modelId": 1},
        {"audioEncoding": "MP3"},
        {"sampleRateHertz": 8000},
        {"sampleRateHertz": "16000"},
        {"numberOfChannels": 2},
        {"includeWordTimestamps": "yes"},
        {"endOfTurnConfidenceThreshold": "high"},
        {"prompts": [1]},
        {"inactivityTimeoutSeconds": 1.5},
        {"voiceProfileConfig": {"topN": 1.5}},
        {"inworldSttV1Config": {"maxTurnSilence": 20.5}},
        {"inworldSttV1Config": {}, "sonioxConfig": {}},
        {"inworldSttV1Config": {"vadThreshold": -1}},
        {"inworldSttV1Config": {"vadThreshold": True}},
        {"inworldSttV1Config": {"maxTurnSilence": 19}},
        {"inworldSttV1Config": {"minEndOfTurnSilenceWhenConfident": 900, "maxTurnSilence": 800}},
        {"voiceProfileConfig": {"enableVoiceProfile": 1}},
    ],
)
def test_settings_that_cannot_be_served(settings: Json) -> None:
    frames = conversation("stt", config(**settings), config(), CLOSE_STREAM)
    assert kinds_of(frames) == ["error", "usage"]
    assert told(frames, "error")[0]["code"] == 3


def test_settings_come_once() -> None:
    frames = conversation("stt", config(other=1, prompts=["x"]), config(), CLOSE_STREAM)
    assert kinds_of(frames) == ["error", "usage"]
    assert told(frames, "error")[0]["code"] == 9


@pytest.mark.parametrize("content", [None, 1, "not base64!", "AAA"])
def test_a_chunk_that_is_no_audio_costs_nothing_else(content: Any) -> None:
    said = (config(), {"audioChunk": {"content": content}}, audio(one_turn()), CLOSE_STREAM)
    frames = conversation("stt", *said)
    assert kinds_of(frames)[0] == "error"
    assert texts(frames, final=True) == [QUESTION]


def test_a_stream_without_settings_just_closes() -> None:
    assert conversation("stt", CLOSE_STREAM) == []
