"""Input audio: the buffer and the turns in it."""

from __future__ import annotations

import base64
from array import array
from typing import Any

import pytest

from protocol.dialect import DialectName
from reference.speech import AudioFormat, decode_audio, encode_audio
from tests.reference.dialogue import (
    Chat,
    done,
    kinds,
    listening,
    manual,
    only,
    refused,
    said,
    silence,
    tone,
    vad,
)
from tests.reference.ledger import Ledger

DIALECTS: list[DialectName] = ["openai", "inworld"]
TURN = [
    "input_audio_buffer.speech_started",
    "input_audio_buffer.speech_stopped",
    "input_audio_buffer.committed",
    "conversation.item.added",
    "conversation.item.done",
    "response.created",
]


# The buffer.


@pytest.mark.parametrize("dialect", DIALECTS)
def test_commit(dialect: DialectName) -> None:
    chat = manual(dialect)
    first = chat.user("hello")
    assert chat.append(tone(150)) == []
    events = chat.send("input_audio_buffer.commit")
    assert kinds(events) == TURN[2:5]
    committed, added, done_ = events
    assert list(committed) == ["type", "event_id", "previous_item_id", "item_id"]
    assert committed["item_id"] == added["item"]["id"] == done_["item"]["id"]
    assert committed["previous_item_id"] == added["previous_item_id"] == first["id"]
    assert added["item"] == {
        "id": committed["item_id"],
        "type": "message",
        "status": "completed",
        "role": "user",
        "content": [{"type": "input_audio", "transcript": None}],
    }
    assert chat.finish() == []
    [retrieved] = chat.send("conversation.item.retrieve", item_id=committed["item_id"])
    assert base64.b64decode(retrieved["item"]["content"][0]["audio"]) == tone(150)


@pytest.mark.parametrize("dialect", DIALECTS)
def test_a_commit_needs_100_ms(dialect: DialectName) -> None:
    chat = manual(dialect)
    error = refused(chat.send("input_audio_buffer.commit", event_id="e"), "input_audio_buffer_commit_empty")
    assert error["event_id"] == "e"
    chat.append(tone(99))
    error = refused(chat.send("input_audio_buffer.commit"), "input_audio_buffer_commit_empty")
    assert "99ms" in error["message"]
    chat.append(tone(1))
    assert kinds(chat.send("input_audio_buffer.commit")) == TURN[2:5]
    refused(chat.send("input_audio_buffer.commit"), "input_audio_buffer_commit_empty")


@pytest.mark.parametrize("dialect", DIALECTS)
def test_clear(dialect: DialectName) -> None:
    chat = manual(dialect)
    assert kinds(chat.send("input_audio_buffer.clear")) == ["input_audio_buffer.cleared"]
    chat.append(tone(500))
    [cleared] = chat.send("input_audio_buffer.clear")
    assert list(cleared) == ["type", "event_id"]
    refused(chat.send("input_audio_buffer.commit"), "input_audio_buffer_commit_empty")


@pytest.mark.parametrize("audio", ["*", "AAA", "AA=A", "AAAA\n", "_-8=", 5, None, ["AAAA"]])
@pytest.mark.parametrize("dialect", DIALECTS)
def test_bad_audio_is_refused_and_not_kept(dialect: DialectName, audio: Any) -> None:
    chat = manual(dialect)
    chat.append(tone(60))
    error = refused(
        chat.send("input_audio_buffer.append", event_id="a", audio=audio), "invalid_value", "audio"
    )
    assert error["event_id"] == "a"
    chat.append(tone(40))
    assert kinds(chat.send("input_audio_buffer.commit")) == TURN[2:5]


def test_an_append_has_a_longest_length_and_needs_audio() -> None:
    chat = manual()
    too_much = "A" * (15 * 1024 * 1024 + 4)
    refused(chat.send("input_audio_buffer.append", audio=too_much), "string_above_max_length", "audio")
    assert chat.send("input_audio_buffer.append", audio=too_much[:-4]) == []
    assert chat.send("input_audio_buffer.append", audio="") == []
    refused(chat.send("input_audio_buffer.append"), "missing_required_parameter", "audio")


def test_samples_may_be_split_between_appends() -> None:
    chat = manual()
    sound = tone(100)
    assert chat.append(sound[:1001]) == chat.append(sound[1001:]) == []
    item_id = only(chat.send("input_audio_buffer.commit"), "input_audio_buffer.committed")["item_id"]
    part = chat.send("conversation.item.retrieve", item_id=item_id)[0]["item"]["content"][0]
    assert base64.b64decode(part["audio"]) == sound


@pytest.mark.parametrize(
    ("audio_format", "size"),
    [
        ({"type": "audio/pcm", "rate": 8000}, 1600),
        ({"type": "audio/pcm", "rate": 48000}, 9600),
        ("float32", 9600),
        ("g711_alaw", 800),
    ],
)
def test_lengths_depend_on_the_format(audio_format: Any, size: int) -> None:
    chat = manual("inworld", format=audio_format)
    chat.append(bytes(size - 4))
    refused(chat.send("input_audio_buffer.commit"), "input_audio_buffer_commit_empty")
    chat.append(bytes(4))
    assert kinds(chat.send("input_audio_buffer.commit")) == TURN[2:5]


def test_audio_that_waits_survives_a_change_of_format() -> None:
    chat = manual()
    chat.append(tone(90))
    chat.updated(audio={"input": {"format": {"type": "audio/pcmu"}}})
    chat.append(bytes(80))
    item_id = chat.send("input_audio_buffer.commit")[0]["item_id"]
    part = chat.send("conversation.item.retrieve", item_id=item_id)[0]["item"]["content"][0]
    assert len(base64.b64decode(part["audio"])) == 100 * 8


# Turns.


@pytest.mark.parametrize("dialect", DIALECTS)
@pytest.mark.parametrize("kind", ["server_vad", "semantic_vad"])
def test_a_spoken_turn(dialect: DialectName, kind: str) -> None:
    chat = listening(dialect, turn_detection={"type": kind})
    first = chat.user("hello")
    assert chat.append(silence(500)) == []
    [started] = chat.append(tone(600))
    assert kinds(chat.append(silence(1200))) == TURN[1:]
    turn = chat.events[-6:]
    stopped, committed, added, _, created = turn[1:]
    assert kinds(turn) == TURN
    assert list(started) == ["type", "event_id", "audio_start_ms", "item_id"]
    assert started["audio_start_ms"] == 500 - 300
    assert stopped["audio_end_ms"] == 500 + 600 + 500
    assert started["item_id"] == stopped["item_id"] == committed["item_id"] == added["item"]["id"]
    assert committed["previous_item_id"] == first["id"]
    assert created["response"]["metadata"] is None
    assert said(chat.finish()) == "I heard audio of 1400 milliseconds."


def test_turn_detection_is_on_by_default() -> None:
    for dialect in DIALECTS:
        assert kinds(Chat(dialect).append(tone(300) + silence(900))) == TURN


@pytest.mark.parametrize("chunk", [20, 333, 4800, 1_000_000])
def test_it_does_not_matter_how_audio_is_cut_up(chunk: int) -> None:
    chat = vad(create_response=False)
    sound = (silence(130) + tone(333) + silence(400)) * 3
    for at in range(0, len(sound), chunk):
        chat.append(sound[at : at + chunk])
    whole = vad(create_response=False)
    whole.append(sound)
    told = every_turn(chat)
    assert told == every_turn(whole)
    assert len(told) == 6
    Ledger().read(chat.events)


def every_turn(chat: Chat) -> list[dict[str, Any]]:
    return [
        {
            key: value
            for key, value in event.items()
            if key in {"type", "audio_start_ms", "audio_end_ms", "item_id"}
        }
        for event in chat.events
        if "speech" in event["type"]
    ]


def test_times_never_run_backwards() -> None:
    chat = vad(create_response=False, prefix_padding_ms=1000)
    for _ in range(3):
        chat.append(tone(300) + silence(300))
    times = [event[key] for event in every_turn(chat) for key in event if key.endswith("_ms")]
    assert times == sorted(times)
    assert times[0] == 0


def test_without_turn_detection_nothing_happens_by_itself() -> None:
    chat = manual()
    assert chat.append(tone(1000) + silence(3000)) == []
    assert chat.finish() == []


def test_create_response_false() -> None:
    chat = vad(create_response=False)
    assert kinds(chat.append(tone(300) + silence(300))) == TURN[:5]
    assert chat.finish() == []


def test_clicks_and_noise_are_not_speech() -> None:
    chat = vad()
    quiet = bytes([4, 0, 250, 255]) * 24000
    assert chat.append(tone(15) + silence(500) + quiet) == []


def test_the_threshold_counts() -> None:
    pcm = AudioFormat("audio/pcm", 24000)
    softer = encode_audio(array("h", (sample // 30 for sample in decode_audio(tone(400), pcm))), pcm)
    assert vad(threshold=0.9).append(softer) == []
    assert kinds(vad(threshold=0.3).append(softer)) == TURN[:1]
    assert vad(threshold=0.0).append(silence(400)) == []


@pytest.mark.parametrize("name", ["audio/pcmu", "audio/pcma"])
def test_turns_in_telephone_audio(name: str) -> None:
    audio_format = AudioFormat(name, 8000)
    sound = decode_audio(tone(400, 8000) + silence(800, 8000), AudioFormat("audio/pcm", 8000))
    assert kinds(listening(format={"type": name}).append(encode_audio(sound, audio_format))) == TURN


def test_barge_in() -> None:
    chat = vad(interrupt_response=True)
    chat.user("count")
    chat.send("response.create")
    [band] = chat.send("response.create", response={"conversation": "none"})
    chat.ticks(8)
    events = chat.append(tone(200))
    assert kinds(events)[0] == "input_audio_buffer.speech_started"
    response = done(events)
    assert response["status"] == "cancelled"
    assert response["status_details"] == {"type": "cancelled", "reason": "turn_detected"}
    assert "conversation.item.truncated" not in kinds(events)
    assert done(chat.finish())["id"] == band["response"]["id"]
    assert kinds(chat.append(silence(300)))[-1] == "response.created"
    ledger = Ledger()
    chat.finish()
    ledger.read(chat.events)
    ledger.close()


def test_without_interrupt_response_the_answer_goes_on() -> None:
    chat = vad(interrupt_response=False)
    chat.user("count")
    chat.send("response.create")
    chat.ticks(8)
    # A second answer beside the first one is impossible, so there is none for this turn (IA-16).
    assert kinds(chat.append(tone(200) + silence(300))) == TURN[:5]
    assert done(chat.finish())["status"] == "completed"


def test_a_client_may_commit_while_the_user_speaks() -> None:
    chat = vad()
    [started] = chat.append(tone(300))
    events = chat.send("input_audio_buffer.commit")
    assert kinds(events) == TURN[1:5]
    assert {e.get("item_id", started["item_id"]) for e in events} == {started["item_id"]}
    assert chat.append(silence(500)) == []
    [again] = chat.append(tone(100))
    assert again["item_id"] != started["item_id"]
    assert again["audio_start_ms"] >= events[0]["audio_end_ms"]


def test_clearing_while_the_user_speaks_leaves_only_the_rest_of_the_turn() -> None:
    chat = vad(create_response=False)
    chat.append(tone(300))
    assert kinds(chat.send("input_audio_buffer.clear")) == ["input_audio_buffer.cleared"]
    events = chat.append(tone(100) + silence(300))
    assert kinds(events) == TURN[1:5]
    item_id = only(events, "input_audio_buffer.committed")["item_id"]
    part = chat.send("conversation.item.retrieve", item_id=item_id)[0]["item"]["content"][0]
    assert len(base64.b64decode(part["audio"])) == (100 + 200) * 48


def test_switching_turn_detection_off_while_the_user_speaks() -> None:
    chat = vad()
    [started] = chat.append(tone(300))
    events = chat.update(audio={"input": {"turn_detection": None}})
    assert kinds(events) == ["input_audio_buffer.speech_stopped", "session.updated"]
    assert chat.append(silence(1000)) == []
    assert chat.send("input_audio_buffer.commit")[0]["item_id"] == started["item_id"]
    chat.updated(audio={"input": {"turn_detection": {"type": "server_vad"}}})
    assert kinds(chat.append(tone(300) + silence(700))) == TURN
    Ledger().read(chat.events)


def test_changing_turn_detection_while_the_user_speaks() -> None:
    chat = vad()
    chat.append(tone(300))
    chat.updated(audio={"input": {"turn_detection": {"type": "semantic_vad", "eagerness": "low"}}})
    assert chat.append(silence(900)) == []
    assert kinds(chat.append(silence(200))) == TURN[1:]
