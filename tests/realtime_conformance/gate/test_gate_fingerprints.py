"""Fingerprints: the same for one defect in every run, others for other defects."""

from __future__ import annotations

import itertools
from dataclasses import replace
from typing import Any

import pytest

from reference.alterations import Alteration
from reference.behaviour import Behaviour
from reference.faults import FAULTS
from rules.fingerprints import fingerprint
from rules.rulebook import rulebook
from rules.verdicts import Finding
from tests.rules.scripted_stage import Stage


def _print(
    kind: str = "response/usage/present#missing-field", type_: str = "response.done", path: str = ""
) -> str:
    return fingerprint(kind, type_, path)


def _finding(message: str, **more: str) -> Finding:
    fields: dict[str, Any] = {"type": "response.done", "path": "response.usage", "expected": "", "actual": ""}
    kind = "response/usage/present#absent"
    return Finding("trace", (1,), message=message, kind=kind, **{**fields, **more})


_ONE_PLACE = [
    ("response.output[0].content[12].text", "response.output[7].content[0].text"),
    ("session.tools[3]", "session.tools[12]"),
    ("conversation.resp_sCyO1.id", "conversation.resp_9.id"),
    ("items.ad758f3e-5c77-46e7-a474-7711a8a9c8a4", "items.03399f03-81f1-4fac-b52d-81d0c31af7bf"),
    ("at.2026-11-23T12:00:00Z", "at.2027-01-01T00:30:59Z"),
]


@pytest.mark.parametrize(("one", "other"), _ONE_PLACE)
def test_what_changes_from_run_to_run_is_left_out(one: str, other: str) -> None:
    assert _print(path=one) == _print(path=other)


def test_a_sentence_can_be_improved() -> None:
    before = _finding("the usage is missing")
    assert before.fingerprint == _finding("response.usage is missing; it must count tokens").fingerprint
    assert before.fingerprint == _finding("", expected="an object", actual="nothing at all").fingerprint
    assert before.fingerprint == before.with_more(3).fingerprint


def test_kind_event_and_field_tell_defects_apart() -> None:
    made = [
        _print(),
        _print(kind="response/usage/present#unequal"),
        _print(kind="response/usage/other#missing-field"),
        _print(path="response.usage"),
        _print(path="response.status"),
        _print(type_="response.created"),
    ]
    assert len(set(made)) == len(made)


@pytest.mark.parametrize("kind", ["missing", "unanswered", "missing:response.done"])
def test_what_did_not_come_may_be_noticed_at_any_event(kind: str) -> None:
    kind = f"response/lifecycle/done-exactly-once#{kind}"
    assert _print(kind, "response.done") == _print(kind, "deadline") == _print(kind, "")


@pytest.mark.parametrize(
    "value", ["", "\ud800", "x" * 100_000, "{" * 1000, '"' * 999, "1" * 5000 + "x" * 5000]
)
def test_anything_has_a_fingerprint(value: str) -> None:
    made = _print(value, value, value)
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


def _talk(fault: str, turns: int) -> Stage:
    changes = FAULTS[fault].changes
    stage = Stage("openai", Behaviour(alteration=lambda _: Alteration(changes)))
    for number in range(turns):
        stage.update(instructions=f"Say {number}.")
        stage.item(f"Count to {number}.")
        stage.respond(output_modalities=["text"])
    stage.wait(10)
    return stage


def _found(fault: str, *, turns: int) -> dict[str, set[str]]:
    """Return the fingerprints, by requirement, of a conversation with a server that has the fault."""
    tallies = rulebook("openai").judge(_talk(fault, turns).trace(f"trace-{turns}"))
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


@pytest.mark.parametrize("fault", _FAULTS)
def test_findings_in_other_words_have_the_same_fingerprints(fault: str) -> None:
    tallies = rulebook("openai").judge(_talk(fault, 2).trace("trace"))
    findings = [f for tally in tallies.values() for f in tally.findings]
    assert findings
    for each in findings:
        assert replace(each, message="else", expected="else", actual="else").fingerprint == each.fingerprint
        assert each.kind.partition("#")[0] in tallies
        assert each.kind.partition("#")[2]
