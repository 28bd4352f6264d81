"""Each mutant has one fault, proven; together they cover what the protocol can be got wrong by."""

from __future__ import annotations

import dataclasses
import re
from collections import Counter
from typing import Any

import pytest

from generators.events import Events
from generators.frames import FRAMES
from generators.mutants import OPERATORS, Mutant, Unproven, few, proven
from protocol.event_types import Event
from tests.generators.conftest import contracts, events_of
from wire.frames import dump, event_of

DIALECTS = ["openai", "inworld"]


def _all(name: str) -> list[Mutant]:
    events = events_of(name)
    return [mutant for type_ in events.types for mutant in events.mutants(type_)]


def test_each_is_proven_and_its_twin_is_valid(events: Events, type_: str) -> None:
    schema = events.contract.client[type_]
    for mutant in events.mutants(type_):
        assert schema.is_valid(mutant.twin), mutant
        assert events.contract.name_of(mutant.twin, "client") == type_, mutant
        if mutant.basis == "schema":
            same = events.contract.name_of(mutant.event, "client") == type_
            assert not (same and schema.is_valid(mutant.event)), mutant
        else:
            assert schema.is_valid(mutant.event), mutant
        assert mutant.operator in OPERATORS
        assert (mutant.expects == "refusal") <= bool(mutant.basis), mutant
        assert set(mutant.label) == {"path", "operator", "value"}


def _differences(one: Any, other: Any, path: str = "") -> list[str]:
    """Return where two values differ, at the highest place that does."""
    if isinstance(one, dict) and isinstance(other, dict):
        found = []
        for name in dict.fromkeys([*one, *other]):
            here = f"{path}.{name}" if path else name
            if (name in one) != (name in other):
                found.append(here)
            else:
                found += _differences(one.get(name), other.get(name), here)
        return found
    if isinstance(one, list) and isinstance(other, list) and len(one) == len(other):
        pairs = zip(one, other, strict=True)
        return [d for n, (a, b) in enumerate(pairs) for d in _differences(a, b, f"{path}[{n}]")]
    return [] if one == other and type(one) is type(other) else [path]


def test_each_differs_from_its_twin_in_one_place(events: Events, type_: str) -> None:
    for mutant in events.mutants(type_):
        places = _differences(mutant.twin, mutant.event)
        assert places, mutant
        if not mutant.path or mutant.operator in ("beta-name", "content"):
            continue  # the event as a whole, or the part as a whole, is something else
        # Where one object stands for another, all that differs lies below the path.
        assert all(p.startswith(mutant.path) or mutant.path.startswith(p) for p in places), (mutant, places)
        if mutant.value != "object" and not mutant.value.endswith("members"):
            assert len(places) == 1, (mutant, places)


def test_none_stands_twice(events: Events, type_: str) -> None:
    seen = Counter((m.path, dump(m.event)) for m in events.mutants(type_))
    assert [key for key, count in seen.items() if count > 1] == []


@pytest.mark.parametrize("name", DIALECTS)
def test_every_operator_is_used_where_it_applies(name: str) -> None:
    used = {mutant.operator for mutant in _all(name)}
    assert used == set(OPERATORS)


@pytest.mark.parametrize("name", DIALECTS)
def test_each_required_field_is_removed_once(name: str) -> None:
    removed = {(m.type, m.path) for m in _all(name) if m.operator == "remove"}
    assert {
        ("input_audio_buffer.append", "audio"),
        ("conversation.item.truncate", "audio_end_ms"),
        ("conversation.item.create", "item.content[0].text"),
        ("session.update", "session"),
    } <= removed
    assert ("session.update", "session.type") in removed or name == "inworld"


@pytest.mark.parametrize("name", DIALECTS)
def test_the_event_id_is_got_wrong_in_every_way(name: str) -> None:
    ways = {m.value for m in events_of(name).mutants("input_audio_buffer.clear") if m.operator == "event-id"}
    assert {"number", "513 characters", '""', "left out"} <= ways


def test_unknown_fields_are_legal_in_one_dialect_only() -> None:
    known = {name: [m for m in _all(name) if m.operator == "unknown-field"] for name in DIALECTS}
    assert {m.expects for m in known["openai"]} == {"refusal"}
    assert "tolerance" in {m.expects for m in known["inworld"]}


@pytest.mark.parametrize("name", DIALECTS)
def test_names_of_the_beta(name: str) -> None:
    paths = {m.path for m in _all(name) if m.operator == "beta-name"}
    assert {"session.modalities", "session.voice", "session.turn_detection", "type"} <= paths


@pytest.mark.parametrize("name", DIALECTS)
def test_semantic_mutants_name_their_fact(name: str) -> None:
    facts = {m.basis for m in _all(name) if m.operator == "unknown-id"}
    assert {"CI-17", "CI-08", "CB-02", "1.1"} <= facts


@pytest.mark.parametrize("name", DIALECTS)
def test_few_are_few_and_of_every_kind(name: str) -> None:
    events = events_of(name)
    for type_ in events.types:
        found = events.mutants(type_)
        chosen = few(found)
        assert {m.operator for m in chosen} == {m.operator for m in found}
        assert len(chosen) <= 2 * len(OPERATORS)
        assert all(m in found for m in chosen)


def test_a_false_claim_is_not_believed() -> None:
    contract = contracts()["openai"]
    valid: Event = {"type": "input_audio_buffer.clear"}
    claim = Mutant("input_audio_buffer.clear", "type", "remove", "", valid, valid)
    with pytest.raises(Unproven, match="allows it"):
        proven(claim, contract)
    with pytest.raises(Unproven, match="twin"):
        proven(dataclasses.replace(claim, twin={}, event={}), contract)
    with pytest.raises(Unproven, match="does not allow"):
        proven(dataclasses.replace(claim, event={**valid, "event_id": 3}, basis="CI-17"), contract)


# --- frames -------------------------------------------------------------------------------------------------


def test_frames_are_what_they_say() -> None:
    names = [frame.name for frame in FRAMES]
    assert len(names) == len(set(names)) >= 20
    for frame in FRAMES:
        if isinstance(frame.payload, bytes):
            continue
        event = event_of(frame.payload)
        harmless = event is not None and event.get("type") in (
            "input_audio_buffer.clear",
            "input_audio_buffer.append",
            "conformance.deep",
        )
        assert event is None or harmless, frame.name
        if frame.expects == "refusal":
            assert event is None or str(event.get("type")).startswith("conformance."), frame.name
    sizes = {frame.name: frame.size for frame in FRAMES}
    assert sizes["spaces"] == 1_000_000
    assert sizes["large-append"] > 15 * 2**20
    assert sizes["empty"] == 0


def test_one_frame_is_not_utf_8() -> None:
    raw = next(frame.payload for frame in FRAMES if frame.name == "invalid-utf-8")
    assert isinstance(raw, bytes)
    with pytest.raises(UnicodeDecodeError):
        raw.decode()


def test_frames_hurt_nobody_who_reads_them_leniently() -> None:
    for frame in FRAMES:
        payload = frame.payload if isinstance(frame.payload, str) else frame.payload.decode("utf-8", "ignore")
        types = set(re.findall(r"[\"']type[\"']: ?[\"']([\w.]+)", payload))
        assert types <= {
            "input_audio_buffer.clear",
            "input_audio_buffer.append",
            "conformance.deep",
            "conformance.first",
        }, frame.name
