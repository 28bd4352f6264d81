"""What a cell of the impact matrix says, and that the matrix is played, kept, resumed and checked."""

from __future__ import annotations

import asyncio
import sys
import time
from dataclasses import replace
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Any

import pytest

from reference.absence import ABSENCE
from reference.broken_frames import WAYS_TO_BREAK
from reference.faults import FAULTS
from reference.impact_records import IMPACT_OUTCOMES, ImpactCell
from reference.variants import VARIANTS
from tests.interop import impact as matrix
from tests.interop.conclusions import TURNS, Concluded, TurnConcluded
from tests.interop.impact_cells import confirmed, impact
from tests.interop.impact_differences import BELOW_JSON, tried
from tests.interop.realtime_clients import CLIENTS, DRIVERS, NoConclusion, RealtimeClient

CALL = {"name": "get_weather", "arguments": {"city": "example"}}
TURN = TurnConcluded(ended=True, said="Hello.", audio_bytes=50_000, calls=[], interrupted=False, seconds=0.1)
BEFORE = Concluded(
    versions={},
    turns={
        "opening": replace(TURN, said="", audio_bytes=0),
        "text": TURN,
        "speech": TURN,
        "function": replace(TURN, calls=[CALL]),
        "interruption": replace(TURN, interrupted=True, audio_bytes=5_000),
    },
    events={"response.done": 5},
    heard=["audio of 900 milliseconds"],
    errors=[],
    warnings=["a warning of every day"],
    dropped=[],
    unused=[],
    seconds=1,
)


def with_turn(name: str, **members: Any) -> Concluded:
    return replace(BEFORE, turns={**BEFORE.turns, name: replace(BEFORE.turns[name], **members)})


# --- cells ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("after", "what"),
    [
        (with_turn("text", said=""), ["text: no text"]),
        (with_turn("text", said="Hello. Hello."), ["text: other text"]),
        (with_turn("text", audio_bytes=0), ["text: no audio"]),
        (with_turn("text", audio_bytes=25_000), ["text: less audio"]),
        (with_turn("speech", audio_bytes=100_000), ["speech: more audio"]),
        (with_turn("speech", interrupted=True), ["speech: interrupted"]),
        (with_turn("function", calls=[]), ["function: 0 calls for 1"]),
        (with_turn("function", calls=[CALL, CALL]), ["function: 2 calls for 1"]),
        (with_turn("function", calls=[{**CALL, "arguments": {}}]), ["function: other arguments"]),
        (
            with_turn("interruption", interrupted=False, audio_bytes=650_000),
            ["interruption: not interrupted", "interruption: more audio"],
        ),
        (replace(BEFORE, heard=[]), ["the user's words are missing"]),
        (replace(BEFORE, heard=["something else"]), ["the user's words differ"]),
    ],
)
def test_what_differs_is_said_by_turn(after: Concluded, what: list[str]) -> None:
    assert impact(BEFORE, after, acted=True) == ImpactCell("differs", tuple(what))


@pytest.mark.parametrize(
    "after",
    [
        BEFORE,
        with_turn("interruption", said="Hello. How", audio_bytes=9_000),  # cut a little later
        with_turn("text", audio_bytes=50_100, seconds=3.0),
        replace(BEFORE, events={"response.done": 6}, unused=["unhandled event: ping"]),
    ],
)
def test_what_is_a_matter_of_time_is_no_difference(after: Concluded) -> None:
    assert impact(BEFORE, after, acted=True) == ImpactCell("unaffected")
    assert impact(BEFORE, after, acted=False) == ImpactCell("not exercised")


def test_an_error_goes_before_a_warning_and_that_before_a_difference() -> None:
    after = replace(with_turn("text", said=""), dropped=["Failed to parse event_AbCdEfGh12"])
    assert impact(BEFORE, after, acted=True) == ImpactCell("warning", ("Failed to parse …", "text: no text"))
    after = replace(after, errors=["item item_5f3Ab99xQ is unknown"])
    assert impact(BEFORE, after, acted=True) == ImpactCell("error", ("item … is unknown", "text: no text"))


def test_of_a_client_without_a_result_nothing_more_is_said() -> None:
    unended = replace(BEFORE, turns={"opening": replace(TURN, ended=False)})
    assert impact(BEFORE, unended, acted=True) == ImpactCell("no result")
    assert impact(BEFORE, NoConclusion("the driver ended with 1"), acted=True) == ImpactCell("no result")
    told = replace(unended, errors=["a reason that is nobody's business"])
    assert impact(BEFORE, told, acted=True) == ImpactCell("error", ("opening: no end",))


def test_two_outcomes_of_two_conversations_are_none() -> None:
    assert confirmed(ImpactCell("differs", ("a",)), ImpactCell("differs", ("b",))) == ImpactCell(
        "differs", ("b",)
    )
    assert confirmed(ImpactCell("no result"), ImpactCell("unaffected")) == ImpactCell("unsteady")


# --- what is tried ----------------------------------------------------------------------------------------


def test_every_variant_and_fault_of_a_dialect_is_tried_but_those_below_json() -> None:
    assert {*WAYS_TO_BREAK} == BELOW_JSON
    for dialect in ("openai", "inworld"):
        meant = {n for n, each in {**VARIANTS, **FAULTS, **ABSENCE}.items() if dialect in each.dialects}
        assert tried(dialect).keys() == meant - BELOW_JSON


# --- the matrix -------------------------------------------------------------------------------------------


@pytest.fixture
def client(monkeypatch: pytest.MonkeyPatch) -> RealtimeClient:
    """Return a client that needs no installing: OpenAI's SDK is among what the tests need."""
    driver = str(DRIVERS / "openai_python.py")
    monkeypatch.setattr(RealtimeClient, "command", lambda _self: [sys.executable, driver])
    return CLIENTS["openai_python"]


def fill(client: RealtimeClient, file: Path, only: str, at_most: float = 60) -> str:
    until = time.monotonic() + at_most
    names = {name for name in tried(client.dialect) if fnmatchcase(name, only)}
    return asyncio.run(matrix.fill(client, file, names, seconds=5, jobs=2, until=until))


def test_the_matrix_is_played_kept_and_resumed(client: RealtimeClient, tmp_path: Path) -> None:
    file = tmp_path / "openai_python.json"
    said = fill(client, file, "absent:response.output_[ai]*_transcript.delta")
    every = len(tried("openai"))
    assert said == f"openai 3.57.0: 1 of {every} cells: 1 differs"
    lost = ImpactCell("differs", tuple(f"{name}: no text" for name in TURNS[1:]))
    assert matrix.read_cells(file) == {"absent:response.output_audio_transcript.delta": lost}

    assert fill(client, file, "*", at_most=0).startswith(f"openai 3.57.0: 1 of {every} cells")
    said = fill(client, file, "*-left-out")  # among them what this conversation has nothing of
    assert "unaffected" in said
    cells = matrix.read_cells(file)
    assert cells["absent:response.output_audio_transcript.delta"] == lost
    assert cells["event-id-left-out"].outcome == "unaffected"


def test_what_was_unsteady_is_played_again(client: RealtimeClient, tmp_path: Path) -> None:
    file = tmp_path / "openai_python.json"
    fill(client, file, "uuids")
    assert matrix.read_cells(file) == {"uuids": ImpactCell("unaffected")}
    file.write_text(file.read_text("utf-8").replace("unaffected", "unsteady"), encoding="utf-8")
    fill(client, file, "uuids")
    assert matrix.read_cells(file) == {"uuids": ImpactCell("unaffected")}


def test_a_client_that_cannot_be_had_gets_no_cells(
    client: RealtimeClient, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(RealtimeClient, "command", lambda _self: [sys.executable, "-c", "pass"])
    file = tmp_path / "openai_python.json"
    assert fill(client, file, "ping").startswith("openai 3.57.0: the driver ended with 0")
    assert not file.exists()


@pytest.mark.parametrize("file", sorted(matrix.FOLDER.glob("*.json")), ids=lambda file: file.stem)
def test_the_committed_matrix_is_of_differences_that_there_are(file: Path) -> None:
    cells = matrix.read_cells(file)
    assert cells.keys() <= tried(CLIENTS[file.stem].dialect).keys()
    assert {each.outcome for each in cells.values()} <= IMPACT_OUTCOMES.keys()


def test_a_difference_says_whether_it_acts(client: RealtimeClient) -> None:
    def acts(name: str) -> bool:
        difference = tried("openai")[name]
        return asyncio.run(matrix.hold_with(client, difference, 3))[1]

    assert acts("uuids")
    assert acts("anybody-let-in") is False  # this client has a key
    assert acts("retrieve-unanswered") is False  # this client retrieves nothing
