"""Fingerprints: the same for one defect in every run, others for other defects."""

from __future__ import annotations

import itertools

import pytest

from reference.alterations import Alteration
from reference.behaviour import Behaviour
from reference.faults import FAULTS
from rules.fingerprints import fingerprint
from rules.rulebook import rulebook
from tests.rules.stage import Stage


def _print(message: str = "", **more: str) -> str:
    given = {"type_": "response.done", "path": "", "expected": "", "actual": "", "message": message}
    return fingerprint(**{**given, **more})


_ONE_DEFECT = [
    ("it came for response resp_sCyO1 after its end", "it came for response resp_9 after its end"),
    ("item ad758f3e-5c77-46e7-a474-7711a8a9c8a4 lost", "item 03399f03-81f1-4fac-b52d-81d0c31af7bf lost"),
    ("response resp_sCyOCRnyDXrIfuVxtIZAn twice", "response resp_mTeXYNSNcWZDkBeFeSzTl twice"),
    ("42 more deltas", "7 more deltas"),
    ('is "one value", a number is required', 'is "another", a number is required'),
    ('is "a long one that was cut of…, a number', 'is "quite another one that was c…, a number'),
    ("shows {'a': 1, 'b': 'c'}", "shows {'z': [2]}"),
    ("shows ['text', 'audio']", "shows ['audio']"),
    ("came at 2026-11-23T12:00:00Z", "came at 2027-01-01T00:30:59Z"),
]

_OTHER_DEFECTS = [
    "the answer did not come",
    "the answer came a second time",
    "response.done does not name its conversation",
    "response.created does not name its conversation",
    "the session's id changed",
    "the server's usage is missing and the client's is not",
]


@pytest.mark.parametrize(("one", "other"), _ONE_DEFECT)
def test_what_changes_from_run_to_run_is_left_out(one: str, other: str) -> None:
    assert _print(one) == _print(other)


def test_other_words_are_another_defect() -> None:
    everything = [*_OTHER_DEFECTS, *(one for one, _ in _ONE_DEFECT)]
    assert len({_print(message) for message in everything}) == len(everything)


def test_field_event_and_expectation_tell_defects_apart() -> None:
    made = [
        _print(kind="schema", path="response.usage", expected="type object"),
        _print(kind="schema", path="response.usage", expected="type number"),
        _print(kind="schema", path="response.status", expected="type object"),
        _print(kind="null-for-optional", path="response.usage", expected="type object"),
        _print(kind="schema", path="response.usage", expected="type object", type_="response.created"),
        _print(kind="order", expected="exactly one response.done"),
    ]
    assert len(set(made)) == len(made)


def test_positions_and_values_do_not() -> None:
    schema = {"kind": "schema", "expected": "type string"}
    one = _print("is 3", path="response.output[0].content[12].text", actual="3", **schema)
    assert one == _print("is 4", path="response.output[7].content[0].text", actual="4", **schema)


def test_what_is_missing_may_be_noticed_at_any_event() -> None:
    missing: dict[str, str] = {
        "kind": "order",
        "expected": "item.done after item.added",
        "actual": "no item.done",
    }
    assert _print(**missing, type_="response.done") == _print(**missing, type_="deadline")
    assert _print("never answered", actual="nothing", type_="close") == _print(
        "never answered", actual="nothing"
    )


def test_what_came_came_in_an_event_of_its_own() -> None:
    for more in ({"actual": "3"}, {"actual": "nothing", "kind": "schema", "expected": "a value"}):
        assert _print("is wrong", **more) != _print("is wrong", **more, type_="response.created")


@pytest.mark.parametrize(
    "value", ["", "\ud800", "x" * 100_000, "{" * 1000, '"' * 999, "1" * 5000 + "x" * 5000]
)
def test_anything_has_a_fingerprint(value: str) -> None:
    made = _print(value, path=value, expected=value, actual=value)
    assert len(made) == 12
    assert int(made, 16) >= 0


# --- of a real judgement -----------------------------------------------------------------------------------

_FAULTS = [
    "response-done-twice",
    "event-id-empty",
    "item-done-twice",
    "session-id-changes",
    "text-never-done",
]


def _found(fault: str, *, turns: int) -> dict[str, set[str]]:
    """Return the fingerprints, by requirement, of a conversation with a server that has the fault."""
    changes = FAULTS[fault].changes
    stage = Stage("openai", Behaviour(alteration=lambda _: Alteration(changes)))
    for number in range(turns):
        stage.update(instructions=f"Say {number}.")
        stage.item(f"Count to {number}.")
        stage.respond(output_modalities=["text"])
    stage.wait(10)
    tallies = rulebook("openai").judge(stage.trace(f"trace-{turns}"))
    return {id_: set(t.fingerprints) for id_, t in tallies.items() if t.violations}


@pytest.mark.parametrize("fault", _FAULTS)
def test_one_defect_has_the_same_fingerprints_in_other_conversations(fault: str) -> None:
    short, long = _found(fault, turns=2), _found(fault, turns=4)
    assert short
    assert short == long


def test_two_defects_have_none_in_common() -> None:
    prints = [{(id_, p) for id_, ps in _found(fault, turns=2).items() for p in ps} for fault in _FAULTS]
    for one, other in itertools.combinations(prints, 2):
        assert one.isdisjoint(other)
