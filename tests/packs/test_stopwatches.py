"""How long a server takes: from a text to its first sound, from the end of speech to the final text."""

from __future__ import annotations

from typing import Any

import pytest

from packs.pack import Pack
from packs.stt.pack import SPEECH_TO_TEXT
from packs.tts.pack import TEXT_TO_SPEECH
from packs.tts.speech_times import PACE, SpeechTimes
from reports.statistics import FIRST_AUDIO, TURN
from tests.packs.spoken import (
    STEP_S,
    Line,
    audio,
    chunk,
    config,
    conversation,
    create,
    heard,
    pcm,
    result,
    text,
    to,
    told,
)

CREATED = result("contextCreated")
FINAL = heard("good", final=True)


LINEAR: dict[str, Any] = {"audioConfig": {"audioEncoding": "PCM", "sampleRateHertz": 16_000}}
SECOND = chunk(data=pcm(16_000))
FLUSHED = result("flushCompleted")


@pytest.mark.parametrize(
    ("lines", "pace"),
    [
        ([create(**LINEAR), CREATED, text(), SECOND, SECOND, FLUSHED], 1.0),  # two steps for two seconds
        ([create(**LINEAR), CREATED, text(), SECOND, SECOND, result("contextClosed")], 1.0),
        ([create(**LINEAR), CREATED, text(), text(), text(), SECOND, FLUSHED], 3.0),
        ([create(**LINEAR), CREATED, text(), chunk(data=pcm(160)), FLUSHED], None),  # too short to tell
        ([create(), CREATED, text(), SECOND, FLUSHED], None),  # in what, nobody asked
        ([create(**LINEAR), CREATED, text(), FLUSHED], None),
    ],
)
def test_how_fast_speech_comes(lines: list[Line], pace: float | None) -> None:
    watch = SpeechTimes()
    watch.begin()
    found = [time for m in map(TEXT_TO_SPEECH.read, conversation(*lines)) if m for time in watch.times(m)]
    seconds = [each for kind, each in found if kind == PACE]
    assert seconds == ([] if pace is None else pytest.approx([pace * STEP_S]))


@pytest.mark.parametrize(
    ("pack", "lines", "kind", "steps"),
    [
        (TEXT_TO_SPEECH, [create(), CREATED, text(), chunk(), chunk()], FIRST_AUDIO, [1]),
        (TEXT_TO_SPEECH, [create(), text(), text(), CREATED, chunk(), text(), chunk()], FIRST_AUDIO, [3, 1]),
        (TEXT_TO_SPEECH, [create(), text(" "), CREATED, chunk()], FIRST_AUDIO, []),
        (TEXT_TO_SPEECH, [create(), text(), to("close_context"), result("contextClosed"), chunk()], "", []),
        (SPEECH_TO_TEXT, [config(), audio(), audio(), heard("good"), FINAL], TURN, [2]),
        (SPEECH_TO_TEXT, [config(), audio(), told("speechStopped"), audio(), FINAL, FINAL], TURN, [2, 2]),
        (SPEECH_TO_TEXT, [config(), FINAL], TURN, []),
    ],
)
def test_how_long_it_takes(pack: Pack, lines: list[Line], kind: str, steps: list[int]) -> None:
    assert pack.stopwatch is not None
    watch = pack.stopwatch()
    watch.begin()
    found: list[tuple[str, float]] = []
    for entry in conversation(*lines):
        message = pack.read(entry)
        found += watch.times(message) if message is not None else []
    assert [name for name, _ in found] == [kind] * len(steps)
    assert [seconds for _, seconds in found] == pytest.approx([step * STEP_S for step in steps])
    watch.begin()
    assert watch.times(pack.read(list(conversation(chunk()))[1])) == []  # type: ignore[arg-type]
