"""What live services really sent: OpenAI and Azure conform; the deviations of others are named."""

from __future__ import annotations

import os
from functools import cache
from pathlib import Path

import pytest

from rules.requirements import registry
from rules.verdicts import Level, Tally
from tests.rules.judged_traces import book
from wire.trace_files import TraceFile

FOLDER = Path(os.environ.get("CONFORMANCE_RECORDINGS") or Path(__file__).parents[3] / "shared" / "recordings")

pytestmark = pytest.mark.skipif(
    not FOLDER.is_dir(), reason="no recordings here; say where they are in CONFORMANCE_RECORDINGS"
)

CONFORMING = sorted(
    path.stem
    for path in FOLDER.glob("*.jsonl")
    if path.stem.startswith(("openai", "azure")) and "beta" not in path.stem
)

XAI = {
    "payload/session.created": "D-48: a flat session, like that of the beta",
    "payload/session.updated": "D-48: a flat session, like that of the beta",
    "session/updated/same-id": "D-48: session.updated without id",
    "session/updated/full-configuration": "D-48: session.updated without object",
    "session/update/echoes-values": "D-48: tools are shown in another form than they were set",
    "envelope/explicit-nulls": "D-43: no metadata in the response",
    "items/previous/appended": "D-22: previous_item_id null although the conversation is not empty",
    "items/added-then-done": "D-25: conversation.item.done is never sent",
    "items/content-fits-role": "5.3: assistant content called audio, as in the beta",
    "payload/response.output_item.added": "D-44: items without content",
    "response/item/content-is-the-parts": "D-44: output_item.done lacks what response.done shows",
    "response/item/indices": "D-26: the second item has output_index 0 again",
    "payload/response.function_call_arguments.delta": "D-26: argument deltas without output_index",
    "response/part/present": "D-27: content_part.done without part",
    "response/order/stream-part-item": "RS-25: output_audio.done after content_part.done",
    "response/done/status-details-shape": "D-42: status_details is a plain string",
    "response/conversation-id/constant": "D-43: no conversation_id",
    "response/usage/present": "D-41: usage beside the response",
}
"""The requirements that the recordings of xAI violate, and the fact that explains each."""

XAI_VIOLATED = {
    "xai-text-in-audio-out": set(XAI)
    - {
        "items/previous/appended",
        "response/item/indices",
        "payload/response.function_call_arguments.delta",
        "session/update/echoes-values",
    },
    "xai-tool-call": set(XAI),
}


@cache
def _judged(name: str, dialect: str = "openai") -> dict[str, Tally]:
    return book(dialect).judge(TraceFile(FOLDER / f"{name}.jsonl"))


def _violated(name: str, *levels: Level) -> set[str]:
    known = registry().by_id
    return {
        id_
        for id_, tally in _judged(name).items()
        if id_ in known and tally.violations and known[id_].level.get("openai") in levels
    }


@pytest.mark.parametrize("name", CONFORMING)
def test_openai_and_azure_conform(name: str) -> None:
    assert _violated(name, Level.MUST, Level.SHOULD) == set()
    assert not [tally.errors for tally in _judged(name).values() if tally.errors]


def test_recordings_exercise_the_registry() -> None:
    examined = {
        id_
        for name in CONFORMING
        for id_, tally in _judged(name).items()
        if tally.subjects and id_ in registry()
    }
    assert len(examined) >= 60


@pytest.mark.parametrize("name", XAI_VIOLATED)
def test_xai_deviates_just_where_the_facts_say(name: str) -> None:
    assert _violated(name, Level.MUST, Level.SHOULD) == XAI_VIOLATED[name]
    assert not [tally.errors for tally in _judged(name).values() if tally.errors]


def test_azure_voice_live_is_named_as_beta_and_nothing_else() -> None:
    name = "azure-voice-live-beta-text-in-audio-out"
    assert _violated(name, Level.MUST, Level.SHOULD) == {"dialect/ga"}
    assert "retired beta dialect" in _judged(name)["dialect/ga"].findings[0].message


def test_what_a_client_of_azure_voice_live_sent_is_legal_there() -> None:
    """Its session.update asks for text and audio together, which GA and the beta do not allow."""
    tallies = _judged("azure-voice-live-beta-text-in-audio-out", "azure-voice-live")
    assert tallies["session/update/acknowledged"].subjects == 1
    assert "errors/invalid-event-refused" not in tallies
