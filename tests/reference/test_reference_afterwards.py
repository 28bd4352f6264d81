"""What follows from input audio without anybody asking: transcriptions and the idle timeout."""

from __future__ import annotations

from typing import Any

import pytest

from protocol.dialect import DialectName
from tests.reference.dialogue import (
    Chat,
    done,
    every,
    kinds,
    listening,
    manual,
    only,
    said,
    silence,
    tone,
    vad,
)
from tests.reference.ledger import Ledger

DIALECTS: list[DialectName] = ["openai", "inworld"]
COMMITTED = ["input_audio_buffer.committed", "conversation.item.added", "conversation.item.done"]


# Transcription.


@pytest.mark.parametrize("dialect", DIALECTS)
def test_transcription(dialect: DialectName) -> None:
    chat = manual(dialect, transcription={"model": "inworld/inworld-stt-1"})
    chat.append(tone(1200))
    item_id = chat.send("input_audio_buffer.commit")[0]["item_id"]
    events = chat.finish()
    place = "conversation.item.input_audio_transcription."
    deltas, completed = every(events, place + "delta"), only(events, place + "completed")
    assert events == [*deltas, completed]
    assert "".join(e["delta"] for e in deltas) == completed["transcript"] == "audio of 1200 milliseconds"
    assert list(completed) == ["type", "event_id", "item_id", "content_index", "transcript", "usage"]
    assert completed["usage"] == {"type": "duration", "seconds": 2}
    assert {(e["item_id"], e["content_index"]) for e in events} == {(item_id, 0)}
    part = chat.send("conversation.item.retrieve", item_id=item_id)[0]["item"]["content"][0]
    assert part["transcript"] == "audio of 1200 milliseconds"


def test_no_transcription_unless_it_is_on() -> None:
    chat = manual()
    chat.append(tone(200))
    chat.send("input_audio_buffer.commit")
    assert chat.finish() == []


def test_transcription_goes_on_beside_the_response() -> None:
    chat = listening(transcription={})
    chat.append(tone(300) + silence(700))
    events = chat.finish()
    seen = kinds(events)
    assert seen.index("response.output_item.added") < seen.index(
        "conversation.item.input_audio_transcription.completed"
    )
    assert done(events)["status"] == "completed"


def test_logprobs_only_on_request() -> None:
    chat = manual(transcription={"model": "m"})
    chat.updated(include=["item.input_audio_transcription.logprobs"])
    chat.append(tone(100))
    chat.send("input_audio_buffer.commit")
    events = chat.finish()
    assert all(e["logprobs"] for e in events)
    assert [p["token"] for p in events[-1]["logprobs"]] == ["audio", " of", " 100", " milliseconds"]
    assert bytes(events[0]["logprobs"][0]["bytes"]) == b"audio"


# The idle timeout.


def idle(**more: Any) -> Chat:
    return vad(idle_timeout_ms=5000, **more)


def test_a_silent_user_is_prompted() -> None:
    chat = idle()
    chat.updated(audio={"input": {"transcription": {"model": "m"}}})
    user = chat.user("hello")
    chat.respond()
    chat.host.wait(4.9)
    assert chat.news() == []
    chat.host.wait(0.2)
    events = chat.news() + chat.finish()
    assert kinds(events)[:5] == ["input_audio_buffer.timeout_triggered", *COMMITTED, "response.created"]
    triggered, committed, added = events[:3]
    assert triggered["audio_end_ms"] - triggered["audio_start_ms"] == 5000
    assert triggered["item_id"] == committed["item_id"] == added["item"]["id"]
    assert committed["previous_item_id"] not in {None, user["id"]}
    completed = only(events, "conversation.item.input_audio_transcription.completed")
    assert (completed["transcript"], completed["usage"]["seconds"]) == ("", 0)
    Ledger().read(chat.events)
    chat.host.wait(60)
    assert "input_audio_buffer.timeout_triggered" in kinds(chat.news())


def test_the_timeout_starts_when_the_answer_has_been_heard() -> None:
    chat = idle()
    chat.user("hello")
    spoken_ms = 60 * len(said(chat.respond(output_modalities=["audio"])))
    chat.host.wait(4.9 + spoken_ms / 1000)
    assert chat.news() == []
    chat.host.wait(0.2)
    assert kinds(chat.news())[0] == "input_audio_buffer.timeout_triggered"


def test_times_of_a_timeout_follow_the_audio_written() -> None:
    chat = idle()
    chat.append(silence(1000))
    chat.respond()
    chat.append(silence(6000))
    chat.host.wait(6)
    triggered = chat.news()[0]
    assert (triggered["audio_start_ms"], triggered["audio_end_ms"]) == (2000, 7000)


@pytest.mark.parametrize("what", ["speech", "response", "commit", "off", "no responses"])
def test_what_keeps_the_timeout_away(what: str) -> None:
    chat = idle()
    chat.respond()
    chat.host.wait(3)
    if what == "speech":
        chat.append(tone(200))
    elif what == "response":
        chat.user("count")
        chat.send("response.create")
    elif what == "commit":
        chat.append(silence(100))
        chat.send("input_audio_buffer.commit")
    elif what == "off":
        chat.updated(audio={"input": {"turn_detection": {"type": "server_vad", "idle_timeout_ms": None}}})
    else:
        chat.updated(audio={"input": {"turn_detection": {"type": "server_vad", "create_response": False}}})
    chat.news()
    chat.host.wait(60)
    assert "input_audio_buffer.timeout_triggered" not in kinds(chat.news())


def test_barge_in_keeps_the_timeout_away() -> None:
    chat = idle()
    chat.user("count")
    chat.send("response.create")
    chat.ticks(5)
    chat.append(tone(200))
    chat.host.wait(60)
    assert chat.news() == []


def test_before_the_first_answer_there_is_no_timeout() -> None:
    chat = idle()
    chat.host.wait(60)
    assert chat.news() == []


def test_a_timeout_set_afterwards_counts_from_then() -> None:
    chat = vad()
    chat.respond()
    chat.host.wait(100)
    chat.updated(audio={"input": {"turn_detection": {"type": "server_vad", "idle_timeout_ms": 5000}}})
    chat.host.wait(4.9)
    assert chat.news() == []
    chat.host.wait(0.2)
    assert chat.news()


def test_nothing_comes_after_the_end() -> None:
    chat = idle()
    chat.respond()
    chat.session.stop()
    chat.host.wait(5000)
    assert chat.news() == []
    assert chat.host.closed is None
