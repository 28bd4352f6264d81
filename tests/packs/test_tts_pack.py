"""Speech synthesis: what is legal violates nothing; each way of being wrong is one finding."""

from __future__ import annotations

import pytest

from packs.tts.pack import TEXT_TO_SPEECH
from tests.packs.legal_speech import CANCEL, CLOSE, CLOSED, CREATED, LEGAL, NAMELESS, WAIT, used
from tests.packs.spoken import (
    Line,
    chunk,
    conversation,
    create,
    held,
    of_made_up,
    result,
    status,
    text,
    to,
    violated,
)
from tests.packs.wrong_speech import WRONG


@pytest.mark.parametrize("name", LEGAL)
def test_what_is_legal_violates_nothing(name: str) -> None:
    assert violated(TEXT_TO_SPEECH, conversation(*LEGAL[name])) == {}


@pytest.mark.parametrize("name", WRONG)
def test_each_way_of_being_wrong_is_one_finding(name: str) -> None:
    lines, expected = WRONG[name]
    assert violated(TEXT_TO_SPEECH, conversation(*lines)) == expected


def test_every_requirement_is_seen_to_hold_and_to_be_violated() -> None:
    binding = {e.id for e in TEXT_TO_SPEECH.registry().judged("inworld") if e.level["inworld"] != "MAY"}
    binding -= of_made_up(TEXT_TO_SPEECH)
    assert {id_ for _, found in WRONG.values() for id_ in found} == binding
    holding = set().union(*(held(TEXT_TO_SPEECH, conversation(*lines)) for lines in LEGAL.values()))
    assert holding >= binding


def test_what_was_cut_off_is_undecided() -> None:
    tallies = TEXT_TO_SPEECH.judge("inworld").judge(conversation(*LEGAL["cut off"]))
    undecided = {id_ for id_, tally in tallies.items() if tally.undecided}
    assert undecided == {"tts/context/acknowledged", "tts/context/burst", "tts/context/closed"}


def test_connections_in_one_trace_are_judged_by_themselves() -> None:
    lines: list[Line] = [create(), CREATED, CLOSE, ("o", 0), create(), CREATED, CLOSE, CLOSED, WAIT]
    tallies = TEXT_TO_SPEECH.judge("inworld").judge(conversation(*lines))
    assert tallies["tts/context/closed"].violations == 0
    assert tallies["tts/context/closed"].subjects == 1
    assert tallies["tts/context/closed"].undecided.total() == 1


def test_a_connection_may_have_any_number_of_contexts() -> None:
    lines: list[Line] = []
    for number in range(1200):
        name = f"c{number}"
        lines += [create(name), result("contextCreated", name), text(context=name), to("close_context", name)]
        lines += [chunk(name), result("contextClosed", name)]
    lines += [chunk("c0"), text(context="c0"), WAIT]  # so long ago that nobody remembers
    assert violated(TEXT_TO_SPEECH, conversation(*lines)) == {}


def test_the_first_that_holds_is_no_violation() -> None:
    wrong = ("<", {"result": {"contextId": "a", "contextCreated": True}})
    tallies = TEXT_TO_SPEECH.judge("inworld").judge(conversation(create(), wrong, text(), chunk()))
    form = tallies["tts/payload/as-documented"]
    assert (form.subjects, form.violations, form.first) == (2, 1, ("talk", 5))


@pytest.mark.parametrize(
    ("lines", "requirement", "ways"),
    [
        (
            [create(), result("contextCreated", body={"voiceId": "Dennis"})],
            "context/settings-shown",
            "as asked for",
        ),
        (
            [create(), result("contextCreated", body={"voiceId": "Ann"})],
            "context/settings-shown",
            "another voiceId",
        ),
        ([create(), CREATED, text(), CANCEL, chunk()], "context/cancelled", "audio afterwards"),
        ([create(), CREATED, text(), CANCEL, CLOSED], "context/cancelled", "closed"),
        ([create(voiceId="conformance-nobody"), status(5), CLOSED], "errors/unknown-voice", "refused"),
        ([create(modelId="conformance-none"), CREATED], "errors/unknown-voice", "created"),
        ([NAMELESS, status(3, None)], "errors/of-no-context", "answered"),
        ([NAMELESS, create(), CREATED], "errors/of-no-context", "not answered before the next message"),
        ([create(), CREATED, text("a" * 1001), status(3)], "text/longest", "refused"),
        ([create(), CREATED, text("a" * 1001), chunk()], "text/longest", "spoken"),
        (
            [create(), CREATED, text("Hi"), CLOSE, chunk(**used(2)), CLOSED],
            "usage/characters",
            "as many as sent",
        ),
        (
            [create(), CREATED, text("Hi"), CLOSE, chunk(**used(4)), CLOSED],
            "usage/characters",
            "more than sent",
        ),
        ([create(), CREATED, text("Hi"), CLOSE, chunk(**used(1)), CLOSED], "usage/characters", "fewer"),
    ],
)
def test_what_is_left_to_the_server_is_only_observed(lines: list[Line], requirement: str, ways: str) -> None:
    tally = TEXT_TO_SPEECH.judge("inworld").judge(conversation(*lines))[f"tts/{requirement}"]
    assert dict(tally.observed) == {ways: 1}
    assert tally.violations == 0
