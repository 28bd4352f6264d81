"""Conversations in the dialect of the beta, made from the facts (5, FS-02): nothing of it is recorded."""

from __future__ import annotations

from pathlib import Path

import pytest

from rules.requirements import registry
from rules.verdicts import Level, Tally
from tests.rules.judged_traces import book
from wire.transcript import read_transcript

FOLDER = Path(__file__).with_name("conversations_of_beta")
NAMES = sorted(path.stem for path in FOLDER.glob("*.txt"))


def _text(name: str) -> str:
    return (FOLDER / f"{name}.txt").read_text(encoding="utf-8")


def _violated(text: str) -> dict[str, Tally]:
    levels = {e.id: e.level["beta"] for e in registry().judged("beta")}
    found: dict[str, Tally] = {}
    for trace in read_transcript(text, "a conversation"):
        found |= book("beta").judge(trace)
    return {
        id_: tally
        for id_, tally in found.items()
        if tally.violations and levels.get(id_, Level.MAY) is not Level.MAY
    }


@pytest.mark.parametrize("name", NAMES)
def test_what_the_facts_tell_of_conforms(name: str) -> None:
    assert list(_violated(_text(name))) == []


def test_modalities_stand_in_either_order() -> None:
    text = _text("spoken")
    assert text.count("modalities: [text, audio]") == 4
    assert list(_violated(text.replace("modalities: [text, audio]", "modalities: [audio, text]"))) == []


@pytest.mark.parametrize(
    ("name", "was", "becomes", "violated"),
    [
        ("called", "delta: look.}", "delta: see.}", {"response/text/deltas-add-up"}),
        (
            "called",
            "call_1, arguments:",
            'call_1, arguments: "[]", note:',
            {"response/arguments/deltas-add-up"},
        ),
        ("spoken", "< response.audio_transcript.done", "# ", {"response/stream/done-exactly-once"}),
        ("spoken", "< response.audio.delta", "< response.output_audio.delta", {"dialect/not-mixed"}),
    ],
)
def test_a_stream_that_contradicts_itself_is_found(
    name: str, was: str, becomes: str, violated: set[str]
) -> None:
    text = _text(name)
    assert was in text
    assert set(_violated(text.replace(was, becomes))) >= violated


def test_a_server_of_ga_speaks_another_dialect() -> None:
    text = _text("called").replace("response.text.", "response.output_text.")
    found = _violated(text.replace("conversation.item.created", "conversation.item.added"))
    assert list(found) == ["dialect/ga"]
    said = found["dialect/ga"].findings[0].message
    assert said.startswith("speaks another dialect: conversation.item.added, response.output_text.delta")
