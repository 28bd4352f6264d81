"""What every client concludes from the conversation with a server that obeys."""

from __future__ import annotations

import asyncio
import os
from pathlib import Path

import pytest

from reference.server import ReferenceServer, ServerOptions
from tests.interop.conclusions import TURNS, Concluded
from tests.interop.realtime_clients import CLIENTS, NoConclusion, conclude

PACE_S = 0.01
"""Slow enough for a client to interrupt a long answer, which has sixty words."""
_PCM_BYTES_S = 48_000
_WHOLE_STORY_S = 15
_EXAMPLE = {"city": "example"}


def concluded(name: str, folder: Path) -> Concluded:
    """Return what a client concludes with the reference server.

    Skips the test where it cannot be installed; in CI, that is a failure.
    """

    async def run() -> Concluded | NoConclusion:
        async with ReferenceServer(ServerOptions(pace=PACE_S)) as server:
            return await conclude(CLIENTS[name], server, folder)

    return told_by(name, asyncio.run(run()))


def told_by(name: str, told: Concluded | NoConclusion) -> Concluded:
    """Return what a client concluded; skips or fails the test where that is nothing, as `concluded` does."""
    if isinstance(told, NoConclusion):
        if told.reason.startswith("not installed") and not os.environ.get("CI"):
            pytest.skip(told.reason)
        pytest.fail(f"{CLIENTS[name].title}: {told.reason}", pytrace=False)
    return told


def assert_satisfied(told: Concluded) -> None:
    """Every turn has ended with all that belongs to it, and nothing was dropped or complained of."""
    assert [name for name, turn in told.turns.items() if turn.ended] == list(TURNS), told
    assert (told.errors, told.warnings, told.dropped) == ([], [], [])
    text, speech, function, interruption = (told.turns[name] for name in TURNS[1:])
    assert text.said == "Happy to help with that."
    [heard] = {*told.heard} - {""}
    assert speech.said == f"I heard {heard}."
    assert [call["arguments"] for call in function.calls] == [_EXAMPLE]
    assert function.said.replace('"', "") == "The function says: sunny"  # Pipecat's outputs are JSON
    for turn in (text, speech, function):
        assert turn.audio_bytes == pytest.approx(len(turn.said) * 0.06 * _PCM_BYTES_S, rel=0.05)
    assert interruption.interrupted
    assert 0 < interruption.audio_bytes < _WHOLE_STORY_S * _PCM_BYTES_S
