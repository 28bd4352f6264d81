"""What a verdict rests on: a core for every server, whatever it offers."""

from __future__ import annotations

import pytest

from protocol.catalogue import having
from rules.core import core, parts
from rules.requirements import registry
from rules.rulebook import own_contract
from rules.verdicts import Level
from suites.features import ALL, offered

DIALECTS = ("inworld", "openai")
CALLS, AUDIO, TURNS = "calls/arguments-equal", "response/audio/streamed", "turn/stopped-after-started"
RESPONSES = (
    "response/create/acknowledged",
    "response/lifecycle/done-exactly-once",
    "response/item/done-exactly-once",
)


def _core(dialect: str, **features: bool) -> set[str]:
    offers = offered({name.replace("_", "-"): there for name, there in features.items()})
    return {id_ for part in core(dialect, offers) for id_ in part}


@pytest.mark.parametrize("dialect", DIALECTS)
def test_it_is_made_of_requirements_that_can_be_violated(dialect: str) -> None:
    levels = {entry.id: entry.level[dialect] for entry in registry().judged(dialect)}
    for id_ in _core(dialect, **dict.fromkeys((n.replace("-", "_") for n in ALL), True)):
        assert levels[id_] is not Level.MAY


def test_it_asks_for_features_dialects_and_events_that_exist() -> None:
    contract = own_contract("openai")
    for part in parts():
        assert set(part.features) <= set(ALL)
        assert having(part.where)
        assert all(contract.knows("client", type_) for type_ in part.asked)


@pytest.mark.parametrize("dialect", DIALECTS)
def test_every_server_has_one(dialect: str) -> None:
    everything = _core(dialect)
    assert {CALLS, AUDIO, TURNS, *RESPONSES} <= everything
    assert everything - _core(dialect, function_calls=False) == {CALLS}
    only_text = _core(dialect, audio_input=False, audio_output=False)
    assert set(RESPONSES) <= only_text
    assert not {AUDIO, TURNS, "audio/commit/acknowledged"} & only_text
    only_transcribes = _core(dialect, responses=False, transcription_session=True)
    assert {"session/update/acknowledged", "audio/commit/acknowledged"} <= only_transcribes
    assert any(id_.startswith("transcription/") for id_ in only_transcribes)
    assert not {CALLS, AUDIO, *RESPONSES} & only_transcribes


def test_where_only_part_was_to_be_seen_it_is_about_what_was_asked() -> None:
    assert core("openai", offered({}), {"response.create"}) == (RESPONSES,)
    assert core("openai", offered({}), set()) == ()
