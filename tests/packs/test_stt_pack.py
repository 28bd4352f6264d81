"""Speech recognition: what is legal violates nothing; each way of being wrong is one finding."""

from __future__ import annotations

import pytest

from packs.stt.pack import SPEECH_TO_TEXT
from tests.packs.spoken import (
    Line,
    audio,
    config,
    conversation,
    heard,
    held,
    of_made_up,
    sent,
    speech,
    told,
    violated,
)

WAIT: Line = ("…", 5)
END_TURN, CLOSE = sent("endTurn"), sent("closeStream")
STARTED, STOPPED = told("speechStarted", startTimeMs=0), told("speechStopped")
FINAL = heard("good morning to you", final=True)
USAGE = told("usage", transcribedAudioMs=100, modelId="inworld/inworld-stt-1")
REFUSED: Line = ("<", {"error": {"code": 3, "message": "no"}})
SPOKEN = speech(2)
ODD: Line = (">", {"audioChunk": {"content": "AAAA"}})
ENDED: Line = ("x", 1000)
MANUAL = {"inworldSttV1Config": {"vadThreshold": 0}}
WORDS = [
    {"word": "good", "confidence": 0.9, "startTimeMs": 0, "endTimeMs": 200},
    {"word": "morning", "confidence": 0.9, "startTimeMs": 200, "endTimeMs": 500},
]

LEGAL: dict[str, list[Line]] = {
    "a turn": [
        config(),
        audio(),
        STARTED,
        heard("good"),
        heard("good morning"),
        STOPPED,
        FINAL,
        CLOSE,
        USAGE,
    ],
    "no speech events": [
        config(),
        audio(),
        heard("good"),
        heard("good morning"),
        FINAL,
        CLOSE,
        USAGE,
        ENDED,
        WAIT,
    ],
    "stopped behind the final": [
        config(),
        audio(),
        STARTED,
        heard("good"),
        FINAL,
        STOPPED,
        CLOSE,
        USAGE,
        ENDED,
        WAIT,
    ],
    "an interim that is revised": [config(), audio(), heard("good mourning"), heard("good"), FINAL],
    "a final unlike every interim": [config(), audio(), heard("wood"), heard("wood more"), FINAL],
    "an interim that repeats": [config(), audio(), heard("good good"), heard("good good"), FINAL],
    "a repeated word": [config(), audio(), heard("no"), heard("no no"), heard("no no no", final=True)],
    "a false alarm": [config(), audio(), STARTED, STOPPED, heard("", final=True)],
    "closed within a turn": [config(), audio(), heard("good"), CLOSE, FINAL, USAGE, ENDED, WAIT],
    "silence": [config(), audio(), audio(), CLOSE, ENDED, WAIT],
    "two utterances": [
        config(),
        audio(),
        heard("good"),
        FINAL,
        audio(),
        STARTED,
        heard("and"),
        FINAL,
        CLOSE,
        USAGE,
    ],
    "two utterances sent at once": [config(), audio(900), STARTED, FINAL, STOPPED, STARTED, FINAL],
    "a manual turn": [config(**MANUAL), audio(), heard("good"), END_TURN, FINAL, CLOSE, USAGE],
    "nothing to end": [config(**MANUAL), audio(), END_TURN, WAIT],
    "audio first": [audio(), ("<", {"error": {"code": 3, "message": "config first"}}), WAIT],
    "interims that do not say": [
        *(config(), audio(), told("transcription", transcript="good"), FINAL),
    ],
    "words": [
        config(includeWordTimestamps=True),
        audio(500),
        *(heard("good morning", final=True, wordTimestamps=WORDS), CLOSE, USAGE),
    ],
    "a profile": [
        config(voiceProfileConfig={"enableVoiceProfile": True}),
        audio(),
        heard("good", final=True, voiceProfile={"age": []}),
    ],
    "snake_case": [
        (
            ">",
            {
                "transcribe_config": {
                    "model_id": "m",
                    "sample_rate_hertz": 16_000,
                    "audio_encoding": "LINEAR16",
                }
            },
        ),
        audio(),
        heard("good"),
        (">", {"end_turn": {}}),
        FINAL,
        (">", {"close_stream": {}}),
        *(USAGE, ENDED, WAIT),
    ],
    "nobody knows how much": [config(audioEncoding="OGG_OPUS"), audio(1), FINAL, CLOSE, USAGE],
    "no usage asked for": [config(), audio(), FINAL, WAIT],
    "the connection closed in the end": [config(), audio(), FINAL, CLOSE, USAGE, ENDED],
    "refused for its settings": [config(language="xx"), audio(), REFUSED, WAIT],
    "refused after odd chunks": [config(), ODD, REFUSED, WAIT],
    "refused for trouble of the server": [config(), audio(), ("<", {"error": {"code": 13}}), WAIT],
    "the same turn twice": [
        config(),
        SPOKEN,
        STARTED,
        heard("hi"),
        FINAL,
        SPOKEN,
        heard("hi"),
        STOPPED,
        FINAL,
        WAIT,
    ],
    "another turn is not heard": [config(), SPOKEN, FINAL, speech(3), audio(), WAIT],
}

WRONG: dict[str, tuple[list[Line], dict[str, set[str]]]] = {
    "audio first, and taken": ([audio(), FINAL], {"stt/config/first": {"unanswered"}}),
    "audio first, and nothing said": ([audio(), WAIT], {"stt/config/first": {"unanswered"}}),
    "pieces": (
        [config(), audio(), heard("good"), heard("morning"), heard("to you"), FINAL],
        {"stt/interim/cumulative": {"increments"}},
    ),
    "pieces, the last in the final": (
        [config(), audio(), heard("good"), heard("morning"), FINAL],
        {"stt/interim/cumulative": {"increments"}},
    ),
    "two finals": (
        [config(), audio(), heard("good"), FINAL, FINAL],
        {"stt/final/once-per-turn": {"again"}},
    ),
    "a final in words": (
        [config(), audio(), heard("good", final="true")],
        {"stt/final/says-so": {"other"}},
    ),
    "speech that starts late": (
        [config(), audio(), heard("good"), STARTED, FINAL],
        {"stt/speech/started-first": {"late"}},
    ),
    "endTurn ignored": (
        [config(**MANUAL), audio(), heard("good"), END_TURN, WAIT],
        {"stt/turn/end-turn-finalises": {"missing"}},
    ),
    "endTurn and closeStream ignored": (
        [config(**MANUAL), audio(), heard("good"), END_TURN, CLOSE, ("x", 1011)],
        {"stt/turn/end-turn-finalises": {"missing"}},
    ),
    "closeStream loses a turn": (
        [config(), audio(), heard("good"), CLOSE, WAIT],
        {"stt/close/finals-come": {"missing"}},
    ),
    "no usage": ([config(), audio(), FINAL, CLOSE, WAIT], {"stt/usage/once-and-last": {"missing"}}),
    "usage again": ([config(), audio(), FINAL, CLOSE, USAGE, USAGE], {"stt/usage/once-and-last": {"again"}}),
    "usage before the last": (
        [config(), audio(), heard("good"), CLOSE, USAGE, FINAL],
        {"stt/usage/once-and-last": {"early"}},
    ),
    "more than was sent": (
        [config(), audio(50), FINAL, CLOSE, USAGE],
        {"stt/usage/not-more-than-sent": {"more"}},
    ),
    "words unasked": (
        [config(), audio(), heard("good", wordTimestamps=WORDS)],
        {"stt/words/only-if-asked": {"unasked"}},
    ),
    "words that end first": (
        [
            config(includeWordTimestamps=True),
            audio(),
            heard("good", wordTimestamps=[{"word": "good", "startTimeMs": 200, "endTimeMs": 100}]),
        ],
        {"stt/words/in-order": {"ends-first"}},
    ),
    "words missing": (
        [config(includeWordTimestamps=True), audio(), FINAL],
        {"stt/words/as-asked": {"missing"}},
    ),
    "never final": (
        [config(), audio(), STARTED, heard("good"), STOPPED, WAIT],
        {"stt/final/once-per-turn": {"missing"}},
    ),
    "no envelope": (
        [config(), audio(), ("<", {"transcription": {"transcript": "good", "isFinal": True}})],
        {"stt/frames/enveloped": {"no-envelope"}},
    ),
    "a transcript that is no text": (
        [config(), audio(), told("transcription", transcript=["good"], isFinal=True)],
        {"stt/payload/as-documented": {"type"}},
    ),
    "words in another order": (
        [config(includeWordTimestamps=True), audio(), heard("good", wordTimestamps=WORDS[::-1])],
        {"stt/words/in-order": {"decreasing"}},
    ),
    "a profile unasked": (
        [config(), audio(), heard("good", voiceProfile={"age": []})],
        {"stt/profile/only-if-asked": {"unasked"}},
    ),
    "valid messages refused": ([config(), audio(), REFUSED, WAIT], {"stt/messages/taken": {"refused"}}),
    "ended for no reason": (
        [config(), audio(), ("x", 1011)],
        {"stt/connection/goes-on": {"ended"}},
    ),
    "still open": (
        [config(), audio(), FINAL, CLOSE, USAGE, WAIT],
        {"stt/close/connection-closes": {"missing"}},
    ),
    "speechStarted beside a text": (
        [
            config(),
            audio(),
            ("<", {"result": {"speechStarted": {}, "transcription": {"transcript": "good"}}}),
        ],
        {"stt/speech/alone": {"beside"}},
    ),
    "the same turn is not heard again": (
        [config(), SPOKEN, STARTED, heard("hi"), FINAL, SPOKEN, audio(), STARTED, WAIT],
        {"stt/final/once-per-turn": {"unheard"}},
    ),
    "no JSON": ([config(), ("b", "hello")], {"stt/frames/json": {"other"}}),
}


@pytest.mark.parametrize("name", LEGAL)
def test_what_is_legal_violates_nothing(name: str) -> None:
    assert violated(SPEECH_TO_TEXT, conversation(*LEGAL[name])) == {}


@pytest.mark.parametrize("name", WRONG)
def test_each_way_of_being_wrong_is_one_finding(name: str) -> None:
    lines, expected = WRONG[name]
    assert violated(SPEECH_TO_TEXT, conversation(*lines)) == expected


def test_every_requirement_is_seen_to_hold_and_to_be_violated() -> None:
    binding = {e.id for e in SPEECH_TO_TEXT.registry().judged("inworld") if e.level["inworld"] != "MAY"}
    binding -= of_made_up(SPEECH_TO_TEXT)
    assert {id_ for _, found in WRONG.values() for id_ in found} == binding
    holding = set().union(*(held(SPEECH_TO_TEXT, conversation(*lines)) for lines in LEGAL.values()))
    assert holding >= binding


@pytest.mark.parametrize(
    ("lines", "requirement", "way"),
    [
        ([config(), ODD, heard("good")], "stt/audio/any-size", "taken"),
        ([config(), ODD, REFUSED], "stt/audio/any-size", "refused"),
        ([config(), audio(), FINAL], "stt/silence/no-words", "words"),
        ([config(), audio(), heard("", final=True)], "stt/silence/no-words", "an empty text"),
        ([config(**MANUAL), audio(), FINAL], "stt/turn/manual", "ended by itself"),
        (
            [config(**MANUAL), audio(), heard("good"), END_TURN, FINAL],
            "stt/turn/manual",
            "ended by the client",
        ),
        (
            [config(), audio(), heard("good", wordTimestamps=[{"word": "good", "speaker": 1}])],
            "stt/speaker/only-with-diarization",
            "unasked",
        ),
    ],
)
def test_what_rests_on_one_source_is_only_observed(lines: list[Line], requirement: str, way: str) -> None:
    tally = SPEECH_TO_TEXT.judge("inworld").judge(conversation(*lines))[requirement]
    assert dict(tally.observed) == {way: 1}
    assert tally.violations == 0
