"""Judged by somebody else's document: where it and the facts disagree, nothing is owed, whatever comes."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Any

import pytest

from rules.engine import Rulebook
from rules.rulebook import rulebook
from rules.verdicts import Tally
from schemas.contract import contract_of
from schemas.loader import load
from tests.rules.said import VAD, audio, created
from wire.trace import Entry, RecordedTrace

Json = dict[str, Any]

CREATED = created(audio=VAD)[1]
DOCUMENT = Path(__file__).parents[1] / "generators" / "somebody_elses.yaml"


@cache
def _book(dialect: str) -> Rulebook:
    return rulebook(dialect, contract_of(load(DOCUMENT)))


def _judged(dialect: str, *said: tuple[str, Json]) -> dict[str, Tally]:
    """Judge what was said; at the end, somebody has waited long enough."""
    entries = [Entry(1, 0.0, "harness", "open")]
    for who, event in (("server", CREATED), *said):
        seq = len(entries) + 1
        named = {"event_id": f"e{seq}"} if who == "server" else {}
        entries.append(Entry(seq, seq / 10, who, "text", {**named, **event}))  # type: ignore[arg-type]
    waited = {"awaited": "anything", "silent_s": 60.0, "since": len(entries)}
    entries.append(Entry(len(entries) + 1, 99.0, "harness", "deadline", detail=waited))
    return _book(dialect).judge(RecordedTrace("two documents", entries, {"measured": True}))


def _wrong(tallies: dict[str, Tally]) -> set[str]:
    beside = ("payload/", "session/created/full", "session/updated/full", "output-buffer/")
    return {id_ for id_, tally in tallies.items() if tally.violations and not id_.startswith(beside)}


def _error(culprit: str | None, code: str, param: str | None = None) -> tuple[str, Json]:
    body = {
        "type": "invalid_request_error",
        "code": code,
        "message": "No.",
        "param": param,
        "event_id": culprit,
    }
    return "server", {"type": "error", "error": body}


def _updated(**session: Any) -> tuple[str, Json]:
    return "server", {"type": "session.updated", "session": {**CREATED["session"], **session}}


@pytest.mark.parametrize("dialect", ["inworld", "openai"])
def test_an_event_of_its_own_may_meet_with_silence_or_with_an_error(dialect: str) -> None:
    wave = ("client", {"type": "client.wave", "event_id": "mine"})
    assert _wrong(_judged(dialect, wave)) == set()
    assert _wrong(_judged(dialect, wave, _error("mine", "whatever"))) == set()
    assert "errors/unknown-type-refused" in _wrong(_judged(dialect, ("client", {"type": "client.nod"})))


def test_an_event_that_it_lacks_is_still_answered() -> None:
    retrieve = ("client", {"type": "conversation.item.retrieve", "item_id": "item_1"})
    assert "errors/every-event-answered" in _wrong(_judged("inworld", retrieve))


@pytest.mark.parametrize("dialect", ["inworld", "openai"])
@pytest.mark.parametrize(
    "session",
    [
        {"type": "realtime", "audio": {"input": {"turn_detection": {"type": "magic", "threshold": 3}}}},
        {"type": "realtime", "audio": {"output": {"speed": 10}}},
        {"type": "realtime", "output_modalities": ["smell"]},
    ],
)
def test_a_value_that_the_facts_forbid_may_be_taken_dropped_or_refused(dialect: str, session: Json) -> None:
    update = ("client", {"type": "session.update", "session": session})
    assert _wrong(_judged(dialect, update, _updated())) == set()
    assert _wrong(_judged(dialect, update, _error(None, "invalid_value"))) == set()


def test_a_value_that_both_allow_is_shown() -> None:
    session = {"type": "realtime", "audio": {"output": {"speed": 1.5}}}
    update = ("client", {"type": "session.update", "session": session})
    assert _wrong(_judged("inworld", update, _updated())) == {"session/update/echoes-values"}


def test_what_both_forbid_is_refused_and_either_place_may_be_named() -> None:
    # By the document there must be no `event_id`, by the facts no such session.
    event = {"type": "session.update", "event_id": "mine", "session": {"type": "realtime", "instructions": 3}}
    for param in ("session.instructions", "event_id"):
        assert _wrong(_judged("inworld", ("client", event), _error("mine", "invalid_type", param))) == set()
    assert "errors/invalid-event-refused" in _wrong(_judged("inworld", ("client", event), _updated()))


def _item(dialect: str, item: Json, *answers: tuple[str, Json]) -> set[str]:
    create = {"type": "conversation.item.create", "event_id": "mine", "item": item}
    return _wrong(_judged(dialect, ("client", create), *answers))


def test_what_each_forbids_at_a_place_of_its_own_is_refused_for_either() -> None:
    # By the document the id is too short, by the facts there is no such content.
    message = {"id": "ab", "type": "message", "role": "user", "content": [{"type": "smell"}]}
    for param in ("item.id", "item.content[0].type"):
        assert _item("openai", message, _error("mine", "invalid_value", param)) == set()
    elsewhere = _error("mine", "invalid_value", "item.role")
    assert _item("openai", message, elsewhere) == {"errors/param-points-at-fault"}


def test_openai_may_refuse_a_field_that_the_facts_do_not_name() -> None:
    part = {"type": "input_text", "text": "Hello.", "audio": "AAAA"}
    message = {"id": "item_1", "type": "message", "role": "user", "content": [part]}
    assert _item("openai", message, _error("mine", "unknown_parameter")) == set()
    assert _item("inworld", message, _error("mine", "unknown_parameter")) == {"items/create/acknowledged"}


def test_a_field_of_another_kind_of_item_need_not_be_shown() -> None:
    content = [{"type": "input_text", "text": "Hello."}]
    message = {"id": "item_1", "type": "message", "role": "user", "status": "completed", "content": content}
    added = {"type": "conversation.item.added", "previous_item_id": None, "item": message}
    done = {**added, "type": "conversation.item.done"}
    answers = (("server", added), ("server", done))
    assert _item("inworld", {**message, "call_id": "call_1", "output": "{}"}, *answers) == set()
    assert _item("inworld", {**message, "role": "system"}, *answers) == {"items/added/full-content"}


def test_audio_that_may_have_been_taken_is_not_measured() -> None:
    append = ("client", {"type": "input_audio_buffer.append", "audio": audio(500)})
    started = {"type": "input_audio_buffer.speech_started", "audio_start_ms": 5000, "item_id": "item_1"}
    stopped = {"type": "input_audio_buffer.speech_stopped", "audio_end_ms": 9000, "item_id": "item_1"}
    heard = (append, ("server", started), ("server", stopped))
    assert "turn/times-within-audio" in _wrong(_judged("openai", *heard))
    # What is not Base64 the document allows, and the facts do not.
    disputed = ("client", {"type": "input_audio_buffer.append", "audio": "not Base64!"})
    assert "turn/times-within-audio" not in _wrong(_judged("openai", disputed, *heard))
