"""How long a server takes: from a text to its first sound, from the end of speech to the final text."""

from __future__ import annotations

import pytest

from packs.pack import Pack
from packs.stt.pack import SPEECH_TO_TEXT
from packs.tts.pack import TEXT_TO_SPEECH
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
    result,
    text,
    to,
    told,
)

CREATED = result("contextCreated")
FINAL = heard("good", final=True)


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
