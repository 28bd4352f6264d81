"""Messages that are made up from the documents of the channels: drawn from a seed, proven, and labelled."""

from __future__ import annotations

import json

import pytest

from packs.catalogue import PACKS
from packs.keyed.made_messages import MadeMessage, MessageMaker, camel_case_path
from packs.stt.made_scenarios import STREAM_MESSAGES as OF_RECOGNITION
from packs.tts.made_scenarios import SPEECH_MESSAGES as OF_SYNTHESIS
from suites.depth import QUICK, STANDARD, THOROUGH

MAKERS = {"tts": (OF_SYNTHESIS, "create"), "stt": (OF_RECOGNITION, "transcribeConfig")}


def _lines(messages: list[MadeMessage]) -> list[str]:
    return [json.dumps([each.frame, each.label]) for each in messages]


@pytest.mark.parametrize("name", MAKERS)
def test_the_same_seed_makes_the_same_and_another_others(name: str) -> None:
    maker, type_ = MAKERS[name]
    for made in (maker.mutants, lambda t, d: maker.valid(t, d, ("?",))):
        at = {seed: _lines(made(type_, STANDARD.changed(seed=seed))) for seed in (0, 1)}
        assert at[0] == _lines(made(type_, STANDARD))
        assert at[0] != at[1]


@pytest.mark.parametrize("name", MAKERS)
def test_a_mutant_is_wrong_by_the_document_and_a_valid_one_is_not(name: str) -> None:
    maker, _ = MAKERS[name]
    contract = PACKS[name].contract
    for type_ in contract.client:
        for depth in (QUICK, STANDARD, THOROUGH):
            mutants, valid = maker.mutants(type_, depth), maker.valid(type_, depth, ("?",))
            assert not any(contract.client[type_].is_valid(each.frame) for each in mutants)
            assert all(contract.client[type_].is_valid(each.frame) for each in valid)


@pytest.mark.parametrize("name", MAKERS)
def test_each_depth_has_more_and_the_usual_one_every_place_that_is_to_be_refused(name: str) -> None:
    maker, type_ = MAKERS[name]
    quick, standard, all_ = (maker.mutants(type_, depth) for depth in (QUICK, STANDARD, THOROUGH))
    assert 4 <= len(quick) < len(standard) < len(all_)

    def places(messages: list[MadeMessage]) -> set[tuple[str, str]]:
        refused = [each for each in messages if each.label["expects"] == "refusal"]
        return {(each.label["operator"], camel_case_path(each.path)) for each in refused}

    assert places(standard) == places(all_)
    valid = [maker.valid(type_, depth, ("?",)) for depth in (QUICK, STANDARD, THOROUGH)]
    assert len(valid[0]) == 4
    assert {camel_case_path(each.path) for each in valid[1]} == {camel_case_path(e.path) for e in valid[2]}


def test_texts_of_every_kind_are_sent_once_or_in_every_spelling() -> None:
    few, all_ = (OF_SYNTHESIS.valid_values("send_text", d, ("contextId",)) for d in (STANDARD, THOROUGH))
    kinds = [each.label["value"] for each in few]
    assert len(kinds) == len(set(kinds))
    assert set(kinds) == {each.label["value"] for each in all_}
    assert len(few) < len(all_)


@pytest.mark.parametrize(
    ("path", "operator", "value", "expects"),
    [
        ("create.voiceId", "remove", "", "refusal"),
        ("create.voice_id", "remove", "", "refusal"),
        ("create.voiceId", "type", "number", "refusal"),
        ("create.voiceId", "null", "", "either"),
        ("create.voiceId", "length", "0 characters", "either"),
        ("create.timestampType", "type", "number", "either"),
        ("create.timestampType", "type", "array", "refusal"),
        ("create.timestampType", "enum", '""', "either"),
        ("create.temperature", "type", "digits in a string", "either"),
        ("create.temperature", "range", "2.01", "either"),
        ("create", "remove", "", "either"),
        ("contextId", "type", "number", "refusal"),
    ],
)
def test_only_what_facts_are_firm_of_is_to_be_refused(
    path: str, operator: str, value: str, expects: str
) -> None:
    made = OF_SYNTHESIS.mutants("create", THOROUGH)
    wanted = {"path": path, "operator": operator, "value": value}
    found = {m.label["expects"] for m in made if {k: m.label[k] for k in wanted} == wanted}
    assert found == {expects}


def test_nothing_is_expected_of_settings_of_other_models() -> None:
    made = OF_RECOGNITION.mutants("transcribeConfig", THOROUGH)
    of_others = [each for each in made if "soniox" in each.path]
    assert of_others
    assert {each.label["expects"] for each in of_others} == {"either"}


def test_no_long_text_is_sent_for_its_form_alone() -> None:
    made = MessageMaker("tts", frozenset()).mutants("send_text", THOROUGH)
    costs = PACKS["tts"].costs
    assert max(each.cost(costs).characters for each in made) < 100
    assert any(each.cost(costs).characters for each in made)
