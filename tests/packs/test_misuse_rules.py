"""What becomes of messages that the suite makes up: of such with a fault, and of documented settings."""

from __future__ import annotations

import pytest

from packs.pack import Pack
from packs.stt.pack import SPEECH_TO_TEXT
from packs.tts.pack import TEXT_TO_SPEECH
from tests.packs.spoken import (
    Line,
    audio,
    chunk,
    config,
    conversation,
    create,
    heard,
    held,
    made,
    of_made_up,
    result,
    sent,
    status,
    text,
    to,
    told,
    violated,
)

WAIT: Line = ("…", 5)
HUNG_UP: Line = ("x", 1011)
ERROR: Line = ("<", {"error": {"code": 3, "message": "no"}})
BYSTANDER = [create("z"), result("contextCreated", "z")]
STAYED = [text(context="z"), to("close_context", "z"), chunk("z"), result("contextClosed", "z")]
FENCE = [create("f"), result("contextCreated", "f"), to("close_context", "f"), result("contextClosed", "f")]
NUMBER = made(create(voiceId=42), "create.voiceId")
UNSURE = made(create(temperature=9), "create.temperature", "range", "9", expects="either")
FAST = made(create(audioConfig={"speakingRate": 1.5}), "create.speakingRate", "", "1.5", expects="acceptance")
WRONG_ID = made((">", {"create": {}, "contextId": 42}), "contextId")

CONFIG = made(config(modelId=42), "transcribeConfig.modelId")
SLOW = made(config(language=True), "language", "", "x", expects="acceptance")
CLOSE = sent("closeStream")
USAGE = told("usage", transcribedAudioMs=0)

LEGAL: list[tuple[Pack, list[Line]]] = [
    (TEXT_TO_SPEECH, [*BYSTANDER, NUMBER, status(3), result("contextClosed"), *FENCE, *STAYED]),
    (TEXT_TO_SPEECH, [*BYSTANDER, NUMBER, ERROR, *FENCE, *STAYED]),
    (TEXT_TO_SPEECH, [*BYSTANDER, WRONG_ID, ERROR, *FENCE, *STAYED, WAIT]),
    (TEXT_TO_SPEECH, [UNSURE, status(3), *FENCE, WAIT]),
    (TEXT_TO_SPEECH, [UNSURE, result("contextCreated"), *FENCE, to("close_context"), WAIT]),
    (TEXT_TO_SPEECH, [UNSURE, *FENCE, WAIT]),
    (TEXT_TO_SPEECH, [FAST, result("contextCreated"), to("close_context"), result("contextClosed"), WAIT]),
    (TEXT_TO_SPEECH, [FAST, status(12), result("contextClosed"), WAIT]),
    (SPEECH_TO_TEXT, [CONFIG, ERROR, CLOSE, ("x", 1000)]),
    (SPEECH_TO_TEXT, [CONFIG, status(3), CLOSE, WAIT]),
    (SPEECH_TO_TEXT, [CONFIG, HUNG_UP]),
    (SPEECH_TO_TEXT, [CONFIG, CLOSE, ("x", 1000)]),
    (SPEECH_TO_TEXT, [SLOW, CLOSE, USAGE, ("x", 1000)]),
    (SPEECH_TO_TEXT, [SLOW, status(5), CLOSE, ("x", 1000)]),
]


@pytest.mark.parametrize(("pack", "lines"), LEGAL)
def test_what_is_legal_violates_nothing(pack: Pack, lines: list[Line]) -> None:
    assert violated(pack, conversation(*lines)) == {}


WRONG: list[tuple[Pack, list[Line], dict[str, set[str]]]] = [
    (
        TEXT_TO_SPEECH,
        [NUMBER, result("contextCreated"), *FENCE, to("close_context"), result("contextClosed")],
        {"tts/misuse/refused": {"not-refused"}},
    ),
    (TEXT_TO_SPEECH, [NUMBER, *FENCE, WAIT], {"tts/misuse/refused": {"not-refused"}}),
    (TEXT_TO_SPEECH, [UNSURE, HUNG_UP], {"tts/misuse/survived": {"lost"}}),
    (TEXT_TO_SPEECH, [NUMBER, HUNG_UP], {"tts/misuse/survived": {"lost"}}),
    (TEXT_TO_SPEECH, [UNSURE, create("f"), WAIT], {"tts/misuse/survived": {"lost"}}),
    (TEXT_TO_SPEECH, [NUMBER, status(3), HUNG_UP], {"tts/errors/connection-lives": {"ended"}}),
    (
        TEXT_TO_SPEECH,
        [*BYSTANDER, NUMBER, status(3), result("contextClosed", "z"), *FENCE],
        {"tts/misuse/others-live": {"closed"}},
    ),
    (TEXT_TO_SPEECH, [FAST, status(3), result("contextClosed")], {"tts/settings/taken": {"refused"}}),
    (SPEECH_TO_TEXT, [CONFIG, CLOSE, USAGE, ("x", 1000)], {"stt/misuse/refused": {"not-refused"}}),
    (SPEECH_TO_TEXT, [CONFIG, CLOSE, WAIT], {"stt/misuse/refused": {"not-refused"}}),
    (SPEECH_TO_TEXT, [SLOW, ERROR, CLOSE, ("x", 1000)], {"stt/settings/taken": {"refused"}}),
]


@pytest.mark.parametrize(("pack", "lines", "expected"), WRONG)
def test_each_way_of_being_wrong_is_one_finding(
    pack: Pack, lines: list[Line], expected: dict[str, set[str]]
) -> None:
    assert violated(pack, conversation(*lines)) == expected


@pytest.mark.parametrize("pack", [TEXT_TO_SPEECH, SPEECH_TO_TEXT])
def test_every_requirement_of_made_up_messages_is_seen_to_hold_and_to_be_violated(pack: Pack) -> None:
    binding = {e.id for e in pack.registry().judged("inworld") if e.level["inworld"] != "MAY"}
    wanted = binding & of_made_up(pack)
    assert {id_ for of, _, found in WRONG if of is pack for id_ in found} >= wanted
    holding = set().union(*(held(pack, conversation(*lines)) for of, lines in LEGAL if of is pack))
    assert holding >= wanted


def test_a_finding_says_what_was_wrong_with_the_message_and_shows_it() -> None:
    found = TEXT_TO_SPEECH.judge("inworld").judge(conversation(NUMBER, *FENCE, WAIT))
    finding = found["tts/misuse/refused"].findings[0]
    assert finding.message == "create with create.voiceId: type number was not refused"
    assert finding.because == (2,)


def test_only_what_the_suite_made_up_is_judged_so() -> None:
    lines = [create(voiceId=42), result("contextCreated"), to("close_context"), result("contextClosed")]
    tallies = TEXT_TO_SPEECH.judge("inworld").judge(conversation(*lines))
    assert not of_made_up(TEXT_TO_SPEECH) & set(tallies)


@pytest.mark.parametrize(
    ("pack", "lines", "requirement", "way"),
    [
        (TEXT_TO_SPEECH, [UNSURE, status(3), *FENCE], "tts/misuse/choice", "range: refused"),
        (TEXT_TO_SPEECH, [UNSURE, result("contextCreated"), *FENCE], "tts/misuse/choice", "range: taken"),
        (SPEECH_TO_TEXT, [CONFIG, ERROR], "stt/misuse/choice", "type: refused"),
        (SPEECH_TO_TEXT, [config(), CONFIG, HUNG_UP], "stt/misuse/survived", "ended"),
        (SPEECH_TO_TEXT, [config(), CONFIG, ERROR, audio(), heard("a")], "stt/misuse/survived", "goes on"),
    ],
)
def test_what_nobody_knows_is_told_and_no_failure(
    pack: Pack, lines: list[Line], requirement: str, way: str
) -> None:
    tallies = pack.judge("inworld").judge(conversation(*lines))
    assert set(tallies[requirement].observed) == {way}
