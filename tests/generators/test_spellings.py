"""Fields that have two spellings: an event has each of them once, and what lies together is spelled alike."""

from __future__ import annotations

import functools
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from generators.events import Events
from generators.schema_resolution import ways_to_spell
from schemas.spellings import by_spelling
from tests.generators.conftest import contracts, events_of

CHANNELS = ("tts", "stt")
CLIENT = [(name, type_) for name in CHANNELS for type_ in contracts()[name].client]


def _objects(value: Any) -> Iterator[dict[str, Any]]:
    if isinstance(value, dict):
        yield value
        for each in value.values():
            yield from _objects(each)
    elif isinstance(value, list):
        for each in value:
            yield from _objects(each)


def _styles(event: dict[str, Any]) -> set[str]:
    """Return how the keys are spelled that lie below what names the message: with `_`, or with capitals."""
    keys = [key for each in event.values() for inner in _objects(each) for key in inner]
    return {"_" if "_" in key else "A" for key in keys if key.lower() != key or "_" in key}


def _sound(events: Events, type_: str, event: Any) -> None:
    assert events.contract.client[type_].is_valid(event)
    assert events.contract.name_of(event, "client") == type_
    assert all(len(names) == 1 for each in _objects(event) for names in by_spelling(each).values()), event
    assert len(_styles(event)) < 2, event


@functools.cache
def _strategy(name: str, type_: str) -> Any:
    return events_of(name).strategy(type_)


@pytest.mark.parametrize(("name", "type_"), CLIENT)
def test_whatever_is_drawn_is_valid_and_spelled_in_one_way(name: str, type_: str) -> None:
    @settings(max_examples=60, derandomize=True, database=None, deadline=None)
    @given(st.data())
    def drawn(data: st.DataObject) -> None:
        _sound(events_of(name), type_, data.draw(_strategy(name, type_)))

    drawn()


@pytest.mark.parametrize(("name", "type_"), CLIENT)
def test_so_is_whatever_is_walked(name: str, type_: str) -> None:
    events = events_of(name)
    for event in [*(step.event for step in events.walk(type_)), *events.covering(type_)]:
        _sound(events, type_, event)


@pytest.mark.parametrize(("name", "type_"), CLIENT)
def test_no_mutant_is_valid(name: str, type_: str) -> None:
    events = events_of(name)
    mutants = events.mutants(type_)
    assert mutants
    for mutant in mutants:
        told = events.contract.name_of(mutant.event, "client")
        assert told != type_ or not events.contract.client[type_].is_valid(mutant.event), mutant
        _sound(events, type_, mutant.twin)


def test_both_spellings_are_sent_and_the_names_of_messages_in_each() -> None:
    walked = [step.event for step in events_of("tts").walk("send_text")]
    keys = {tuple(sorted(set(event) - {"text"})) for event in walked}
    assert keys >= {
        ("contextId", "send_text"),
        ("context_id", "send_text"),
        ("contextId", "sendText"),
        ("context_id", "sendText"),
    }
    created = [step.event["create"] for step in events_of("tts").walk("create")]
    assert {tuple(sorted(each))[:2] for each in created if len(each) == 2} == {
        ("modelId", "voiceId"),
        ("model_id", "voice_id"),
    }


def test_an_empty_object_stays_empty() -> None:
    walked = [step.event for step in events_of("tts").walk("flush_context")]
    assert walked
    assert all({} in event.values() for event in walked)


# --- the ways ---------------------------------------------------------------------------------------------


def _ways(*names: str, required: tuple[str, ...] = (), every: bool = False) -> list[list[str]]:
    return ways_to_spell({"properties": {name: {} for name in names}, "required": required}, every=every)


def test_names_of_different_fields_are_left_alone() -> None:
    assert _ways("voice", "model") == []
    assert ways_to_spell({"properties": {"aB": False, "a_b": {}}}, every=False) == []


def test_two_fields_are_spelled_alike_or_in_every_way() -> None:
    names = ("aB", "a_b", "cD", "c_d", "e")
    assert _ways(*names) == [["a_b", "c_d"], ["aB", "cD"]]
    assert len(_ways(*names, every=True)) == 4


def test_many_fields_are_spelled_alike_also_at_the_top() -> None:
    names = [name for n in range(4) for name in (f"aB{n}", f"a_b{n}")]
    assert len(_ways(*names, every=True)) == 2


def test_a_field_with_fewer_spellings_than_another_keeps_its_last() -> None:
    assert _ways("aB", "a_b", "A_b", "cD", "c_d") == [
        ["a_b", "A_b", "c_d"],
        ["aB", "A_b", "cD"],
        ["aB", "a_b", "cD"],
    ]


def test_two_names_that_are_both_required_are_two_fields() -> None:
    assert _ways("aB", "a_b", required=("aB", "a_b")) == []
