"""Speech synthesis: what is legal violates nothing; each way of being wrong is one finding."""

from __future__ import annotations

import pytest

from packs.tts.pack import TEXT_TO_SPEECH
from tests.packs.spoken import (
    Line,
    chunk,
    conversation,
    create,
    held,
    of_made_up,
    pcm,
    result,
    status,
    text,
    to,
    violated,
    wav,
    words,
)

CREATED, CLOSED, FLUSHED = result("contextCreated"), result("contextClosed"), result("flushCompleted")
CLOSE, FLUSH, CANCEL = to("close_context"), to("flush_context"), to("cancel_context")
WAIT: Line = ("…", 5)
FIVE = [line for n in "abcde" for line in (create(n), result("contextCreated", n))]
TIMES = {"timestampType": "WORD"}

LEGAL: dict[str, list[Line]] = {
    "one context": [create(), CREATED, text(), CLOSE, chunk(), CLOSED],
    "in one burst": [create(), text(), text(), CLOSE, CREATED, chunk(), chunk(), CLOSED, WAIT],
    "a flush by itself": [create(), CREATED, text(), FLUSH, chunk(), FLUSHED, CLOSE, CLOSED],
    "a flush with the text": [create(), text(flush=True), CREATED, chunk(), FLUSHED, CLOSE, CLOSED],
    "flushes that nobody asked for": [create(), CREATED, text(), chunk(), FLUSHED, CLOSE, chunk(), CLOSED],
    "nothing to flush": [create(), CREATED, FLUSH, CLOSE, CLOSED, WAIT],
    "nothing to be spoken": [create(), CREATED, text(" … "), CLOSE, CLOSED, WAIT],
    "a sign of life": [create(), CREATED, text(""), WAIT, CLOSE, CLOSED],
    "interleaved": [
        *(create("a"), create("b"), result("contextCreated", "b"), CREATED),
        *(text(context="a"), text(context="b"), to("close_context", "b"), CLOSE),
        *(chunk("b"), chunk("a"), chunk("b"), result("contextClosed", "b"), chunk("a"), CLOSED),
    ],
    "an id is used again": [
        create(),
        CREATED,
        CLOSE,
        CLOSED,
        create(),
        CREATED,
        text(),
        CLOSE,
        chunk(),
        CLOSED,
    ],
    "closed twice": [create(), CREATED, text(), CLOSE, CLOSE, chunk(), CLOSED, WAIT],
    "cancelled": [create(), CREATED, text(), FLUSH, chunk(), CANCEL, chunk(), WAIT],
    "cancelled behind its close": [create(), CREATED, text(), CLOSE, CANCEL, CLOSED, WAIT],
    "refused": [create(voiceId="nobody"), text(), CLOSE, status(3), CLOSED, WAIT],
    "failed later": [create(), CREATED, text("a" * 1001), CLOSE, status(13), CLOSED, WAIT],
    "no context for an empty text": [
        (">", {"send_text": {"text": ""}}),
        ("<", {"result": {"status": {"code": 3, "message": "a context id is required"}}}),
        *(create(), CREATED, CLOSE, CLOSED),
    ],
    "an error of no context": [
        *(create(voiceId="nobody"), ("<", {"error": {"code": 3, "message": "no"}}), create("b")),
        *(result("contextCreated", "b"), to("close_context", "b"), result("contextClosed", "b"), WAIT),
    ],
    "cut by the server": [
        *(
            create(autoMode=True),
            CREATED,
            text(flush=True),
            chunk(),
            FLUSHED,
            chunk(),
            FLUSHED,
            CLOSE,
            CLOSED,
        ),
    ],
    "fields that nobody knows": [
        *(create(), result("contextCreated", trace={"id": 1}), text(), CLOSE, chunk(), CLOSED),
    ],
    "the sixth": [*FIVE, create("f"), status(8, "f"), text(), CLOSE, chunk(), CLOSED],
    "the sixth, once one is closed": [*FIVE, CLOSE, CLOSED, create("f"), result("contextCreated", "f")],
    "the sixth, while one is being closed": [
        *FIVE,
        CLOSE,
        create("f"),
        result("contextCreated", "f"),
        CLOSED,
    ],
    "an unknown context": [text(context="z"), status(5, "z"), create(), CREATED],
    "a closed context": [create(), CREATED, CLOSE, CLOSED, text(), status(5), WAIT],
    "headers": [create(audioConfig={"audioEncoding": "LINEAR16"}), CREATED, text(), chunk(data=wav())],
    "no headers": [create(audioConfig={"audioEncoding": "PCM"}), CREATED, text(), chunk(data=pcm())],
    "an encoding of its own": [
        create(audioConfig={"audioEncoding": "MP3"}),
        CREATED,
        text(),
        chunk(data=b"\xff"),
    ],
    "snake_case": [
        (">", {"create": {"voice_id": "a", "audio_config": {"audio_encoding": "PCM"}}, "context_id": "a"}),
        CREATED,
        (">", {"send_text": {"text": "Hi"}, "context_id": "a"}),
        (">", {"close_context": {}, "context_id": "a"}),
        *(chunk(), CLOSED, WAIT),
    ],
    "no id where there is one context": [
        create(),
        CREATED,
        (">", {"send_text": {"text": "Hi", "flush_context": {}}}),
        (">", {"close_context": {}}),
        *(chunk(), FLUSHED, CLOSED, WAIT),
    ],
    "words": [
        *(create(**TIMES), CREATED, text(), FLUSH, chunk(**words((0, 0.3), (0.3, 0.9)))),
        *(chunk(**words((0.9, 1.2))), FLUSHED, text(), FLUSH, chunk(**words((0.05, 0.4))), FLUSHED),
    ],
    "words that come after their sound": [
        *(create(**TIMES), CREATED, text(), FLUSH, chunk(), chunk(data="", **words((0, 0.3))), FLUSHED),
    ],
    "success said twice": [
        *(create(), result("contextCreated", body={}, status={"code": 0, "message": ""}), text(), CLOSE),
        *(chunk(status={"code": 0}), CLOSED),
    ],
    "another end": [create(), CREATED, ("<", {"done": True})],
    "cut off": [create(), text(), CLOSE],
}

WRONG: dict[str, tuple[list[Line], dict[str, set[str]]]] = {
    "audio before the context": (
        [create(), text(), CLOSE, chunk(), CREATED, CLOSED],
        {"tts/context/created-first": {"late"}},
    ),
    "never created": (
        [create(), text(), CLOSE, chunk(), CLOSED, WAIT],
        {"tts/context/created-first": {"late"}},
    ),
    "create unanswered": ([create(), WAIT], {"tts/context/acknowledged": {"unanswered"}}),
    "a burst lost": (
        [create(), text(), CLOSE, CREATED, CLOSED, WAIT],
        {"tts/context/burst": {"unspoken"}},
    ),
    "a burst lost, and its close": (
        [create(), text(), CLOSE, CREATED, WAIT],
        {"tts/context/burst": {"unspoken"}},
    ),
    "a flushed burst lost": (
        [create(), text(flush=True), CREATED, FLUSHED, WAIT],
        {"tts/context/burst": {"unspoken"}},
    ),
    "never closed": ([create(), CREATED, text(), CLOSE, chunk(), WAIT], {"tts/context/closed": {"missing"}}),
    "the connection closed instead": (
        [create(), CREATED, text(), CLOSE, chunk(), ("x", 1011)],
        {"tts/context/closed": {"missing"}},
    ),
    "closed again": (
        [create(), CREATED, text(), CLOSE, chunk(), CLOSED, CLOSED],
        {"tts/context/closed": {"again"}},
    ),
    "closed before its last text was spoken": (
        [create(), CREATED, text(), chunk(), text(), CLOSE, CLOSED],
        {"tts/context/spoken-before-closed": {"unspoken"}},
    ),
    "audio behind the close": (
        [create(), CREATED, text(), CLOSE, chunk(), CLOSED, chunk()],
        {"tts/audio/within-context": {"late"}},
    ),
    "a flush completed behind the close": (
        [create(), CREATED, text(), CLOSE, chunk(), CLOSED, FLUSHED],
        {"tts/context/nothing-after-closed": {"late"}},
    ),
    "no id": (
        [create(), CREATED, text(), FLUSH, chunk(None), chunk(), FLUSHED],
        {"tts/context/id-carried": {"missing"}},
    ),
    "an id that nobody has created": (
        [create(), CREATED, text(), CLOSE, chunk(), result("contextClosed", "q"), WAIT],
        {"tts/context/id-carried": {"unknown"}},
    ),
    "the sixth taken": (
        [*FIVE, create("f"), result("contextCreated", "f"), WAIT],
        {"tts/limits/five-contexts": {"unanswered"}},
    ),
    "the sixth ends the connection": (
        [*FIVE, create("f"), ("x", 1008)],
        {"tts/limits/five-contexts": {"unanswered"}},
    ),
    "a header in samples": (
        [create(audioConfig={"audioEncoding": "PCM"}), CREATED, text(), chunk(data=wav())],
        {"tts/audio/header": {"header"}},
    ),
    "no header": (
        [create(audioConfig={"audioEncoding": "LINEAR16"}), CREATED, text(), chunk(data=pcm())],
        {"tts/audio/header": {"missing-header"}},
    ),
    "half a sample": (
        [create(audioConfig={"audioEncoding": "PCM"}), CREATED, text(), chunk(data=pcm() + b"\0")],
        {"tts/audio/whole-samples": {"half-sample"}},
    ),
    "no Base64": (
        [create(), CREATED, text(), chunk(data="%%%")],
        {"tts/audio/whole-samples": {"not-base64"}},
    ),
    "flush never completed": (
        [create(), CREATED, text(), FLUSH, chunk(), WAIT],
        {"tts/flush/completed": {"missing"}},
    ),
    "flush never completed, and closed": (
        [create(), CREATED, text(flush=True), chunk(), CLOSE, CLOSED],
        {"tts/flush/completed": {"missing"}},
    ),
    "flush completed before its audio": (
        [create(), CREATED, text(), FLUSH, FLUSHED, chunk(), CLOSE, CLOSED],
        {"tts/flush/completed": {"early"}},
    ),
    "times that decrease": (
        [create(**TIMES), CREATED, text(), chunk(**words((0.5, 0.6), (0.2, 0.7)))],
        {"tts/times/in-order": {"decreasing"}},
    ),
    "times that decrease from chunk to chunk": (
        [create(**TIMES), CREATED, text(), chunk(**words((0.5, 0.6))), chunk(**words((0.2, 0.7)))],
        {"tts/times/in-order": {"decreasing"}},
    ),
    "an end before its start": (
        [create(**TIMES), CREATED, text(), chunk(**words((0.5, 0.4)))],
        {"tts/times/in-order": {"ends-first"}},
    ),
    "times that go on": (
        [
            *(create(**TIMES), CREATED, text(), FLUSH, chunk(**words((0, 0.8))), FLUSHED),
            *(text(), FLUSH, chunk(**words((0.8, 1.1))), FLUSHED),
        ],
        {"tts/times/restart": {"goes-on"}},
    ),
    "arrays of two lengths": (
        [create(**TIMES), CREATED, text(), chunk(**words((0, 0.5), (0.5, 0.9), starts=1))],
        {"tts/alignment/one-length": {"other"}},
    ),
    "text to nobody unanswered": (
        [text(context="z"), WAIT, create(), CREATED],
        {"tts/errors/unknown-context": {"unanswered"}},
    ),
    "text to nobody refused otherwise": (
        [text(context="z"), status(3, "z")],
        {"tts/errors/unknown-context": {"unanswered"}},
    ),
    "refused, and left open": (
        [create(voiceId="nobody"), text(), status(3), WAIT],
        {"tts/errors/then-closed": {"missing"}},
    ),
    "failed, and never closed": (
        [create(), CREATED, text(), CLOSE, status(13), WAIT],
        {"tts/context/closed": {"missing"}, "tts/text/taken": {"refused"}},
    ),
    "a code in words": (
        [create(), CREATED, text(), status("NOT_FOUND"), CLOSED],
        {"tts/status/integer-code": {"other"}},
    ),
    "an error beside a result": (
        [create(), result("contextCreated", status={"code": 3, "message": "no"}), CLOSED],
        {"tts/errors/alone": {"beside"}},
    ),
    "an error in a chunk": (
        [create(), CREATED, text("a" * 1001), chunk(status={"code": 13, "message": "no"}), CLOSED],
        {"tts/errors/alone": {"beside"}},
    ),
    "an error ends the connection": (
        [text(context="z"), status(5, "z"), ("x", 1011)],
        {"tts/errors/connection-lives": {"ended"}},
    ),
    "a short text refused": (
        [create(), CREATED, text("Hi"), status(3), CLOSED],
        {"tts/text/taken": {"refused"}},
    ),
    "an empty text refused": (
        [create(), CREATED, text(""), status(3), CLOSED],
        {"tts/text/taken": {"empty"}},
    ),
    "refused for want of an id": (
        [create(), CREATED, (">", {"send_text": {"text": ""}}), status(3), text(), chunk()],
        {"tts/text/taken": {"empty"}},
    ),
    "no times though asked for": (
        [create(**TIMES), CREATED, text(), CLOSE, chunk(), CLOSED],
        {"tts/alignment/as-asked": {"missing"}},
    ),
    "times of words in place of characters": (
        [create(timestampType="CHARACTER"), CREATED, text(), chunk(**words((0, 0.5)))],
        {"tts/alignment/as-asked": {"other"}},
    ),
    "no envelope": (
        [create(), ("<", {"contextId": "a", "contextCreated": {}}), text(), CLOSE, chunk(), CLOSED],
        {"tts/frames/enveloped": {"no-envelope"}},
    ),
    "in snake_case": (
        [
            create(),
            ("<", {"result": {"context_id": "a", "context_created": {}}}),
            text(),
            CLOSE,
            chunk(),
            CLOSED,
        ],
        {"tts/frames/enveloped": {"spelling"}},
    ),
    "no object": (
        [create(), CREATED, CLOSE, ("<", {"result": {"contextId": "a", "contextClosed": True}})],
        {"tts/payload/as-documented": {"type"}},
    ),
    "audio behind its flush": (
        [create(), CREATED, text(), FLUSH, chunk(), FLUSHED, chunk(), CLOSE, CLOSED],
        {"tts/flush/completed": {"early"}},
    ),
    "null": ([create(), result("contextCreated", status=None)], {"tts/fields/left-out": {"null"}}),
    "no JSON": ([create(), CREATED, ("b", "hello")], {"tts/frames/json": {"other"}}),
    "too large": (
        [create(), CREATED, text(), chunk(data="A" * (2**20 + 4))],
        {"tts/frames/size": {"larger"}},
    ),
}


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
